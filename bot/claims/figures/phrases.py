"""The words that stand around figures: bounds, dates, nations, names, and where a search ends. Data only."""

from __future__ import annotations

from bot.claims.figures.lexicon import table
from bot.claims.figures.quantity import Bound

_BOUND_PHRASES = {
    Bound.AT_LEAST: """
        at least|more than|over|above|no fewer than|no less than|not less than|not fewer than|upwards of|in excess of
        exceeding|beyond|well over|minimum of|topped|tops|exceeds|mehr als|mindestens|über|wenigstens|plus de|au moins
        oltre|almeno|più di|más de|al menos|ponad|co najmniej
    """,
    Bound.UP_TO: """
        up to|as much as|as many as|maximum of|bis zu|jusqu ' à|jusqu ’ à|fino a|hasta|nawet
    """,
    Bound.AT_MOST: """
        at most|no more than|not more than|fewer than|less than|under|below|within|weniger als|höchstens|moins de
        au plus|meno di|menos de|mniej niż
    """,
    Bound.ABOUT: """
        about|around|some|roughly|approximately|nearly|almost|close to|just under|just over|a little over
        a little under|just shy of|slightly over|slightly under|slightly more than|slightly less than|circa|ca|ca .
        c .|estimated|approx|approx .|perhaps|rund|etwa|knapp|fast|gut|ungefähr|environ|près de|quasi|quelque|unos
        unas|cerca de|casi|około|prawie
    """,
}
BOUNDS = {
    tuple(phrase.split()): bound
    for bound, phrases in _BOUND_PHRASES.items()
    for phrase in phrases.strip().replace("\n", "|").split("|")
}
"""What stands right before a number; phrases of up to three words."""
DEADLINES = {
    **dict.fromkeys("by until before till bis".split(), Bound.AT_MOST),
    **dict.fromkeys("from since after ab seit".split(), Bound.AT_LEAST),
}
_MONTH_NAMES = (
    "january jan januar",
    "february feb februar",
    "march mar märz",
    "april apr",
    "may mai",
    "june jun juni",
    "july jul juli",
    "august aug",
    "september sep sept",
    "october oct oktober",
    "november nov",
    "december dec dezember",
)
MONTHS = {name: at for at, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}

NATIONS = table("""
us: us usa american americans america washington
uk: uk british britain
ru: russia russian russians moscow
ua: ukraine ukrainian ukrainians kyiv
de: germany german germans
fr: france french
it: italy italian italians
pl: poland polish
es: spain spanish
ca: canada canadian canadians
cn: china chinese
nl: netherlands dutch
se: sweden swedish
no: norway norwegian
dk: denmark danish
fi: finland finnish
lt: lithuania lithuanian
lv: latvia latvian
ee: estonia estonian
ch: switzerland swiss
cz: czech czechia
ro: romania romanian
tr: turkey türkiye turkish
jp: japan japanese
tw: taiwan taiwanese
au: australia australian
nz: zealand
be: belgium belgian
gr: greece greek
ir: iran iranian
il: israel israeli
eu: eu european europeans europe
""")

NAMED = frozenset(
    "article articles artikel art section sections chapter paragraph clause annex protocol resolution regulation "
    "directive title room flight route highway page pages no nos nr number day phase stage step level category "
    "class type model version part act episode season group grade pillar order sector tranche block mark mk "
    "leopard abrams challenger patriot ariane vega falcon formula channel agenda vision horizon readiness expo "
    "boeing airbus war covid psalm radio § # № figure table appendix point rule line gate platform terminal zone "
    "area district precinct ward apollo".split()
)
"""A number right after one of these is a name's part, not a quantity."""
STOPS = frozenset(
    "in to from by for on at with and is are was were will would have has had that which who than as or but if "
    "when while where since until after before during over under between into through against because so he she "
    "it they we you i this these those said says told be been being not nor no yet can could should may might "
    "must shall do does did its their his her our your my plus times versus vs per the a an von zu im am und sind "
    "der die das dans et est en con per e sono w na i z dla also now then there here".split()
)
"""Words that end the search for what is counted."""
MOVERS = tuple(
    "ris rose rais incr grow grew climb fall fell drop cut lower reduc trim shrink shrank expand widen swell "
    "swoll slip jump went goes lift boost revis declin halv extend lengthen shorten up down slash chang mov "
    "narrow hik rebound deepen becom".split()
)
"""Beginnings of words by which "from 30 to 33" is a move rather than a range."""
CONTEXT_NOISE = STOPS | frozenset(
    "of more least most about around some roughly nearly almost up down just only still year years month months "
    "percent cent billion million trillion thousand euro euros dollar dollars bn per every each all any new said "
    "two three".split()
)
