"""The words that figures are made of: numbers, scales, currencies, durations, counted things, bounds. Data only."""

from __future__ import annotations

from bot.claims.figures.quantity import Bound


def _table(rows: str) -> dict[str, str]:
    """ "class: form form" lines as form → class; an underscore stands for a blank within a form."""
    made = {}
    for row in rows.strip().splitlines():
        name, forms = row.split(":", 1)
        made.update({form.replace("_", " "): name.strip() for form in forms.split()})
    return made


UNITS = {
    word: float(value)
    for value, words in enumerate(
        (
            "zero",
            "one eins eine ein un une uno una jeden",
            "two zwei deux dos dwa",
            "three drei trois tres tre trzy",
            "four vier quatre cuatro quattro cztery",
            "five fünf cinq cinco cinque pięć",
            "six sechs seis sześć",
            "seven sieben sept siete sette siedem",
            "eight acht huit ocho otto osiem",
            "nine neun neuf nueve dziewięć",
            "ten zehn dix diez dieci dziesięć",
            "eleven onze",
            "twelve zwölf douze doce dodici dwanaście",
            "thirteen",
            "fourteen",
            "fifteen fünfzehn quinze quindici piętnaście",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        )
    )
    for word in words.split()
}
TENS = {
    word: float(value)
    for value, words in (
        (20, "twenty zwanzig vingt veinte venti dwadzieścia"),
        (30, "thirty dreißig trente treinta trenta trzydzieści"),
        (40, "forty vierzig quarante cuarenta quaranta"),
        (50, "fifty fünfzig cinquante cincuenta cinquanta"),
        (60, "sixty sechzig soixante"),
        (70, "seventy siebzig"),
        (80, "eighty achtzig"),
        (90, "ninety neunzig"),
    )
    for word in words.split()
}
ARTICLES = frozenset("a an ein eine einer un une uno una".split())
SCALES = {
    word: value
    for value, words in (
        (1e3, "thousand tausend tsd mille mila tysiąc tysiące tysięcy tys"),
        (1e6, "million millions mn mln mio millionen millones milione milioni milion miliony milionów"),
        (1e9, "billion billions bn bln milliard milliards mrd milliarde milliarden miliardo miliardi mld miliard"),
        (1e9, "miliardy miliardów md mds"),
        (1e12, "trillion trillions tn trn tln billionen billones bilione bilioni bilion biliony bilionów"),
    )
    for word in words.split()
}
LETTER_SCALES = {"k": 1e3, "K": 1e3, "m": 1e6, "M": 1e6, "b": 1e9, "B": 1e9, "T": 1e12}
"""Read only where they touch the number and a currency or a counted thing stands with it."""
DOTTED = frozenset("mrd mio mld mln bln tsd tys md".split())
"""Abbreviations whose full stop ends no sentence."""
CONTINENTAL = frozenset(
    "mrd mio mld tsd md millionen millones milione milioni milionów milliard milliards milliarde milliarden "
    "miliardo miliardi miliard miliardy miliardów billionen billones prozent pour per por proc procent tausend "
    "mille mila tysięcy tys mil".split()
)
"""Words after which 3.500 means three thousand five hundred, where after an English one it means three and a half."""

SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₴": "UAH", "₽": "RUB", "₹": "INR", "₺": "TRY", "₩": "KRW", "₪": "ILS"}  # fmt: skip  # noqa: E501
DOLLAR_PREFIXES = {"nt": "TWD", "r": "BRL", "us": "USD", "c": "CAD", "ca": "CAD", "can": "CAD", "a": "AUD", "au": "AUD", "nz": "NZD", "hk": "HKD", "s": "SGD"}  # fmt: skip  # noqa: E501
CODES = frozenset(
    "EUR USD GBP PLN CHF SEK NOK DKK ISK CZK HUF RON BGN UAH RUB JPY CNY CAD AUD NZD INR TRY KRW ILS TWD BRL".split()
)
CURRENCY_WORDS = _table("""
EUR: euro euros eur
USD: dollar dollars usd dólares dollari dolarów dolary dollaro
GBP: pound pounds sterling gbp pfund livres
PLN: zloty zlotys zlotych złoty złote złotych zł zl pln
CHF: franken chf
SEK: kronor krona sek
kroner: kroner krone
HUF: forint forints huf
RON: lei ron
CZK: koruna koruny crowns czk
UAH: hryvnia hryvnias hryvnya uah
RUB: rouble roubles ruble rubles rubel rub
JPY: yen jpy
CNY: yuan renminbi rmb cny
KRW: won krw
INR: rupee rupees inr
TRY: lira liras
ILS: shekel shekels
CAD: cad
AUD: aud
NOK: nok
DKK: dkk
francs: franc francs
""")
ADJECTIVE_CURRENCIES = {
    ("ca", "USD"): "CAD",
    ("au", "USD"): "AUD",
    ("nz", "USD"): "NZD",
    ("tw", "USD"): "TWD",
    ("ch", "francs"): "CHF",
    ("dk", "kroner"): "DKK",
    ("no", "kroner"): "NOK",
    ("se", "kroner"): "SEK",
    ("se", "SEK"): "SEK",
    ("dk", "SEK"): "DKK",
    ("no", "SEK"): "NOK",
    ("cz", "CZK"): "CZK",
}

PERCENT_WORDS = frozenset("% percent pct prozent proc procent".split())
PERCENT_PAIRS = frozenset({("per", "cent"), ("pour", "cent"), ("per", "cento"), ("por", "ciento")})
POINT_WORDS = frozenset("pp prozentpunkt prozentpunkte prozentpunkten".split())
FRACTIONS = {
    "half": 2.0, "halves": 2.0, "third": 3.0, "thirds": 3.0, "quarter": 4.0, "quarters": 4.0, "fifth": 5.0,
    "fifths": 5.0, "sixth": 6.0, "sixths": 6.0, "seventh": 7.0, "sevenths": 7.0, "eighth": 8.0, "eighths": 8.0,
    "tenth": 10.0, "tenths": 10.0, "drittel": 3.0, "viertel": 4.0, "fünftel": 5.0, "tiers": 3.0,
}  # fmt: skip
GDP_WORDS = frozenset("gdp gnp bip pib pil pkb output bruttoinlandsprodukt".split())

DURATIONS = _table("""
hour: hour hours stunde stunden heure heures hora horas godzin
day: day days tag tage tagen jour jours giorno giorni día días dni
week: week weeks woche wochen semaine semaines settimana settimane semana semanas tygodni tygodnie
month: month months monat monate monaten mois mese mesi mes meses miesięcy miesiące
year: year years yr yrs jahr jahre jahren ans année années anni anno año años lat lata
decade: decade decades jahrzehnt jahrzehnte jahrzehnten décennie décennies decennio decenni década décadas
""")
DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25, "decade": 3652.5}

COUNTED = _table("""
country: countries nations capitals governments states allies länder ländern staaten paesi países krajów państw pays
member: members
troop: troops soldiers servicemen servicewomen service_members troopers personnel gis soldaten soldats soldados soldati
troop: żołnierzy reservists conscripts recruits
person: people persons men women residents inhabitants civilians menschen personnes personas persone osób citizens
child: children kids kinder enfants
dead: deaths fatalities tote morts muertos morti
wounded: injuries
missile: missiles rockets raketen misiles missili rakiet
interceptor: interceptors
warhead: warheads
tank: tanks panzer panzern chars czołgów abrams leopards
vehicle: vehicles
aircraft: aircraft planes jets warplanes airplanes fighters fighter_jets bombers flugzeuge avions aerei samolotów
helicopter: helicopters
drone: drones uavs drohnen
ship: ships warships vessels frigates schiffe navires
submarine: submarines
satellite: satellites
shell: shells rounds
gun: guns howitzers
brigade: brigades
battalion: battalions
division: divisions
embassy: embassies botschaften ambassades ambasciate embajadas ambasad
company: companies firms unternehmen entreprises aziende empresas
job: jobs
home: homes households
vote: votes
seat: seats
lawmaker: lawmakers mps meps senators deputies
minister: ministers
refugee: refugees
staff: staff employees workers
kilometre: km kilometres kilometers kilometer kilometern
mile: miles
metre: metres meters
tonne: tonnes tons tonnen
hectare: hectares
megawatt: mw megawatts
gigawatt: gw gigawatts
barrel: barrels
""")
DIRECT = {"dead": "dead", "killed": "dead", "wounded": "wounded", "injured": "wounded"}
"""Counted only right behind the number: "41 dead", but not "41 soldiers killed"."""
SINGULARS = _table("""
country: country nation state government
member: member
missile: missile
tank: tank
vehicle: vehicle
aircraft: plane jet
drone: drone
ship: ship
brigade: brigade
battalion: battalion
seat: seat
kilometre: kilometre kilometer
mile: mile
soldier: soldier
embassy: embassy
""") | {"soldier": "troop"}
"""Forms that count only in "32-member" or after one."""
BODIES = {
    **dict.fromkeys(
        "force army contingent brigade mission unit garrison deployment corps division troop".split(), "troop"
    ),
    **dict.fromkeys("coalition alliance club group circle bloc union".split(), "member"),
}
"""What "5,000-strong" is said of."""

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

NATIONS = _table("""
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
kp: north_korean
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
