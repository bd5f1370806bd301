"""Self-contained, check-worthy statements out of a text: the start of a baseline, for a person to accept. Pure.

English. Check-worthy is what reports a figure, a plan, a position or an event of somebody who is named; opinions,
questions and what addresses the reader are left out. Pronouns and relative dates are resolved where that is certain;
a sentence in which it is not is left out, too, since nobody could tell later what it said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.claims.figures import Kind, read
from bot.claims.figures.phrases import NATIONS
from bot.claims.resolving import dated, named
from bot.claims.sentences import sentence_spans
from bot.claims.wording import is_position, kind_of
from bot.model import Claim, ClaimKind, Item

MOST = 10
LONGEST_TEXT = 60_000
"""Characters of a text that are read."""
WORDS = range(6, 46)
_SAME = 0.6
"""Share of words that two statements have in common from which they are taken for one."""
_WITHIN = 0.85
"""Share of the shorter one's words that the longer one has, from which it says no more."""
_LEAST = 4.0
_FIGURES = frozenset({Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.DURATION})
_TELLING = frozenset({ClaimKind.FIGURE, ClaimKind.PLAN, ClaimKind.POSITION, ClaimKind.EVENT, ClaimKind.TREND})

_DATELINE = re.compile(r"^[A-Z][A-Z ./]{2,30}(?:, \w+\.? \d{1,2})?(?: \([^)]{1,30}\))?\s*[–—-]+\s+")
_LEAD_IN = re.compile(
    r"^(?:But|And|However|Meanwhile|Still|Yet|Moreover|Furthermore|In addition|Also|Instead|Overall|Indeed|For example|"
    r"For instance|According to the report|Nevertheless|At the same time|Now),?\s+"
)
_BULLET = re.compile(r"^(?:[-•*–—]|\(?\d{1,2}[.)])\s+")
_QUOTED = re.compile(r"[“\"„«][^”\"“»]*[”\"“»]")
_POINTS_ELSEWHERE = re.compile(
    r"^(?:this|that|these|those|such|here|both|others?|another|the (?:same|latter|former|other)|so|then|there it|which|"
    r"who|what|why|how|because|if|when|while|although|though|unless|not only|as (?:a result|such)|in this|in that|"
    r"at this|with this|for this|all this|nor)\b",
    re.IGNORECASE,
)
_MENTIONED_BEFORE = re.compile(
    r"^(?:The (?:move|decision|announcement|comments?|remarks?|reports?|letter|proposals?|plans?|measures?|progress|"
    r"statement|news|step|changes?|visit|deal|agreement|attacks?|incident|funding|figures?|study|survey|minister|"
    r"spokes\w+|official|company|document)\b(?! (?:of|to|for|that|which|by|on|from|in|between)\b)|"
    r"[^,]{1,60}, (?:it|they|he|she)\b)"
)
_ADDRESSES = re.compile(
    r"^(?:read|sign up|subscribe|click|follow|share|photo|image|picture|advertisement|copyright|watch|see|listen|"
    r"download|register|join us|source|editor|note|please|let us|let's|imagine|consider)\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:I|[Ww]e|[Oo]ur|[Uu]s|[Mm]y|[Mm]e|[Yy]ou|[Yy]our)\b(?!\.)")
_OPINION = re.compile(
    r"\b(?:should|ought|must|need(?:s)? to|perhaps|maybe|arguably|seems?|unfortunately|hopefully|clearly|obviously|"
    r"of course|in my view|worst|best|wonderful|shameful|ridiculous|brilliant|disastrous|foolish|tragic|absurd|"
    r"remarkabl[ey]|worr(?:ying|isome)|no doubt|surely|frankly|sadly|inevitabl[ey])\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(r"\b(?:may|might|could|reportedly|possibly|rumou?red|allegedly|likely)\b", re.IGNORECASE)
_NAME = re.compile(r"(?<![.!?“\"]\s)(?<!^)\b[A-Z][\w’'-]+")
_WORD = re.compile(r"[^\W\d_]{3,}|\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Drafted:
    """A statement that may become a claim, and how worth checking it is."""

    statement: str
    kind: ClaimKind
    score: float
    quote: str = ""  # what of the text says so, where the statement is not itself that


def draft(item: Item, published: date | None) -> list[Drafted]:
    """The statements of a text that are most worth checking, the best first; at most `MOST`, none twice.

    `published` is when the text appeared: without it, what says "on Tuesday" is left out.
    """
    text = (item.text or item.title)[:LONGEST_TEXT]
    sentences = [_cleaned(text[start:end]) for start, end in sentence_spans(text)]
    found = [one for at in range(len(sentences)) if (one := _drafted(sentences, at, published))]
    chosen: list[Drafted] = []
    for one in sorted(found, key=lambda one: -one.score):
        if not any(alike(one.statement, other.statement) for other in chosen):
            chosen.append(one)
    return chosen[:MOST]


def alike(one: str, other: str) -> bool:
    """Whether two statements are taken for one; never where each has a figure that the other lacks."""
    mine, theirs = _words(one), _words(other)
    if _numbers(mine - theirs) and _numbers(theirs - mine):
        return False
    common = len(mine & theirs)
    return common >= _SAME * len(mine | theirs) or common >= _WITHIN * min(len(mine), len(theirs))


def nearest_theme(statement: str, claims: Iterable[Claim]) -> str:
    """The theme of the claim that has most words in common with the statement; empty where none has any."""
    mine = _words(statement)
    shares = {claim: len(mine & _words(claim.statement)) / (5 + len(_words(claim.statement))) for claim in claims}
    best = max(shares, key=lambda claim: shares[claim], default=None)
    return best.theme if best and shares[best] else ""


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(text.casefold()) if word not in _COMMON)


def _numbers(words: Iterable[str]) -> list[str]:
    return [word for word in words if word[0].isdigit()]


_COMMON = frozenset(
    "the and for that with from will has have had was were are its his her their this than not but who said says would "
    "into over after also been more about which".split()
)


# --- one sentence ------------------------------------------------------------------------------------------------


def _cleaned(sentence: str) -> str:
    """In one line, without dateline, bullet and lead-in."""
    flat = _BULLET.sub("", " ".join(sentence.split()))
    bare = _LEAD_IN.sub("", _DATELINE.sub("", flat))
    return flat if bare == flat else bare[:1].upper() + bare[1:]


def _drafted(sentences: Sequence[str], at: int, published: date | None) -> Drafted | None:
    sentence = sentences[at]
    if _unfit(sentence):
        return None
    statement = named(sentence, sentences[at - 1] if at else "")
    statement = dated(statement, published) if statement else None
    if not statement or len(statement.split()) not in WORDS:
        return None
    kind = kind_of(statement)
    score = _score(statement, kind) + 1.5 * (1 - at / len(sentences))
    return Drafted(statement, kind, round(score, 2)) if score >= _LEAST and kind in _TELLING else None


def _unfit(sentence: str) -> bool:
    """Whether it is no statement of its own, or says what somebody thinks rather than what is."""
    if len(sentence.split()) not in WORDS or not sentence[0].isupper() or sentence[-1] not in '.”"':
        return True
    own = _QUOTED.sub("", sentence)
    if len(own) < 0.5 * len(sentence) or _PERSONAL.search(own):
        return True
    if any(pattern.match(sentence) for pattern in (_POINTS_ELSEWHERE, _MENTIONED_BEFORE, _ADDRESSES)):
        return True
    return bool(_OPINION.search(own)) and not is_position(own)


def _score(statement: str, kind: ClaimKind) -> float:
    figures = [one for one in read(statement) if one.kind in _FIGURES]
    names = len(_NAME.findall(statement)) + _begins_with_name(statement)
    points = 2.0 * (kind in _TELLING) + 1.5 * min(len(figures), 2) + 0.75 * min(names, 2)
    points += 0.5 * any(one.kind is Kind.DATE for one in read(statement))
    points -= 0.75 * bool(_HEDGED.search(statement)) + 0.75 * (len(statement.split()) > 34)
    return points if names else points - 2.0


def _begins_with_name(statement: str) -> bool:
    first, _, rest = statement.partition(" ")
    return rest[:1].isupper() or first.casefold().rstrip("’s'") in NATIONS or (first.isupper() and len(first) > 1)
