"""Reads what a number counts: currency, percent, a span of time, or things of a class."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.claims.figures.amounts import Amount, amount_at
from bot.claims.figures.lexicon import (
    ADJECTIVE_CURRENCIES,
    BODIES,
    CODES,
    COUNTED,
    CURRENCY_WORDS,
    DIRECT,
    DOLLAR_PREFIXES,
    DURATIONS,
    GDP_WORDS,
    PERCENT_PAIRS,
    PERCENT_WORDS,
    POINT_WORDS,
    SIGNS,
    SINGULARS,
)
from bot.claims.figures.phrases import NATIONS, STOPS
from bot.claims.figures.quantity import Kind
from bot.claims.figures.tokens import Tokens

_FARTHEST = 6  # tokens between a number and the noun that it counts
_CONNECTORS = frozenset({"d", "'", "’", "de", "di", "of"})
MEASURES = frozenset({"square kilometre", *"kilometre mile metre tonne hectare megawatt gigawatt barrel".split()})
"""What is measured rather than counted, so that it need not come in whole numbers."""
CLASSES = frozenset({*COUNTED.values(), *SINGULARS.values()})
"""The classes of things that we know, as against plurals that we take as they come."""
_PAIRS = {
    "service members": "troop",
    "military personnel": "troop",
    "fighter jets": "aircraft",
    "diplomatic missions": "embassy",
    "member states": "country",
    "member countries": "country",
    "square kilometres": "square kilometre",
    "square kilometers": "square kilometre",
    "square km": "square kilometre",
}
_NO_PLURALS = frozenset(
    "has says wants makes takes gives goes does this thus less across perhaps always series".split()
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that ends before token `end`."""

    kind: Kind
    name: str
    end: int
    base: str = ""
    owners: frozenset[str] = frozenset()


def unit_at(tokens: Tokens, at: int, amount: Amount) -> Unit | None:
    """The unit that stands after a number which ends before token `at`."""
    linked = tokens[at].kind == "hyphen" and tokens.joined(at) and tokens.joined(at + 1)
    start = at + 1 if linked else at
    if not linked and tokens.joined(at) and tokens[at].kind == "word" and not _may_touch(tokens.low(at)):
        return None  # "5G", "12th", "400M" without a currency
    found = _percent(tokens, start) or _currency(tokens, start)
    if found or (amount.letter and amount.scale > 1e6):
        return found
    return _duration(tokens, start, amount) or _counted(tokens, start, amount, linked)


def _may_touch(word: str) -> bool:
    return (
        word in CURRENCY_WORDS or word in DURATIONS or word in PERCENT_WORDS or word in COUNTED or word in POINT_WORDS
    )


# --- percent -----------------------------------------------------------------------------------------------------


def _percent(tokens: Tokens, at: int) -> Unit | None:
    if tokens.low(at) in POINT_WORDS:
        return Unit(Kind.PERCENT, "point", at + 1)
    if tokens.low(at) in {"percentage", "basis"}:
        after = at + 2 if tokens[at + 1].kind == "hyphen" else at + 1
        points = tokens.low(at) == "percentage" and tokens.low(after) in {"point", "points"}
        return Unit(Kind.PERCENT, "point", after + 1) if points else None
    end = at + 1 if tokens.low(at) in PERCENT_WORDS else at + 2 if tokens.words(at, 2) in PERCENT_PAIRS else 0
    if not end:
        return None
    end += tokens.low(at) == "proc" and tokens[end].text == "." and tokens.joined(end)
    return Unit(Kind.PERCENT, "percent", end, base=share_base(tokens, end))


def share_base(tokens: Tokens, at: int) -> str:
    """ "gdp" where a share of the economy is meant: "of GDP", "des BIP", "of gross domestic product"."""
    near = tokens.words(at, 5)
    if any(word in {".", ",", ";"} for word in near[:1]):
        return ""
    return "gdp" if GDP_WORDS & set(near) or "domestic" in near else ""


# --- money -------------------------------------------------------------------------------------------------------


def currency_before(tokens: Tokens, at: int) -> tuple[str, int] | None:
    """(ISO code, token after it) of a currency that leads an amount: "€", "US$", "PLN"."""
    text, low = tokens[at].text, tokens.low(at)
    if text in SIGNS:
        foreign = text == "$" and tokens[at - 1].kind == "word" and tokens.joined(at)
        return None if foreign else (SIGNS[text], at + 1)  # a dollar of some country that we do not know
    if low in DOLLAR_PREFIXES and tokens[at + 1].text == "$" and tokens.joined(at + 1):
        return DOLLAR_PREFIXES[low], at + 2
    return (text, at + 1) if text in CODES else None


def _currency(tokens: Tokens, at: int) -> Unit | None:
    start = at
    while start < at + 2 and tokens.low(start) in _CONNECTORS:
        start += 1
    if tokens[start].kind == "hyphen" and tokens.joined(start):
        start += 1
    if tokens[start].text in SIGNS:
        return Unit(Kind.MONEY, SIGNS[tokens[start].text], start + 1)
    if tokens[start + 1].text == "$" and tokens.low(start) in DOLLAR_PREFIXES and tokens.joined(start + 1):
        return Unit(Kind.MONEY, DOLLAR_PREFIXES[tokens.low(start)], start + 2)
    if tokens.low(start) in CURRENCY_WORDS:
        return Unit(Kind.MONEY, CURRENCY_WORDS[tokens.low(start)], start + 1)
    nation = "nz" if tokens.low(start) == "new" else NATIONS.get(tokens.low(start), "")
    last = start + 2 if tokens.low(start) == "new" else start + 1
    money = CURRENCY_WORDS.get(tokens.low(last), "")
    return Unit(Kind.MONEY, ADJECTIVE_CURRENCIES.get((nation, money), money), last + 1) if nation and money else None


# --- time --------------------------------------------------------------------------------------------------------


def _duration(tokens: Tokens, at: int, amount: Amount) -> Unit | None:
    start = at
    while start < at + 2 and tokens.low(start) in {"more", "full", "consecutive", "straight", "further", "additional"}:
        start += 1
    unit = DURATIONS.get(tokens.low(start), "")
    after = start + 2 if tokens[start + 1].kind == "hyphen" else start + 1
    aged = tokens.low(after) in {"old", "olds"}
    if not unit or aged or tokens.low(start + 1) in {"ago", "earlier", "old"} or amount.letter:
        return None
    return Unit(Kind.DURATION, unit, start + 1)


# --- things ------------------------------------------------------------------------------------------------------


def _counted(tokens: Tokens, at: int, amount: Amount, linked: bool) -> Unit | None:
    if tokens.low(at) == "strong":
        return _strong(tokens, at + 1)
    if tokens.low(at) in DIRECT:
        return Unit(Kind.COUNT, DIRECT[tokens.low(at)], at + 1)
    return _of_group(tokens, at) or _noun(tokens, at, amount, linked)


def _noun(tokens: Tokens, at: int, amount: Amount, linked: bool) -> Unit | None:
    """The first noun behind the number that we know; else the first plural."""
    owners: set[str] = set()
    plural = None
    for here in range(_over_of(tokens, at), at + _FARTHEST):
        word = tokens.low(here)
        if _ends_search(tokens, here, word):
            break
        if word in NATIONS:
            owners.add(NATIONS[word])
        known = _known(tokens, here, amount, linked and here == at)
        if known:
            return Unit(Kind.COUNT, known[0], known[1], owners=frozenset(owners))
        if plural is None and here <= at + 3 and _is_plural(word) and word not in COUNTED and word not in DURATIONS:
            plural = Unit(Kind.COUNT, singular(word), here + 1, owners=frozenset(owners))
    usable = plural and amount.value >= 2 and not amount.letter and tokens.low(at) != "of" and not linked
    return plural if usable else None


def _ends_search(tokens: Tokens, at: int, word: str) -> bool:
    kind = tokens[at].kind
    return kind not in {"word", "hyphen"} or word in STOPS or "\n" in tokens.text[tokens[at - 1].end : tokens[at].start]


def _over_of(tokens: Tokens, at: int) -> int:
    """Over "of the" in "five of the countries"."""
    if tokens.low(at) != "of":
        return at
    return at + 2 if tokens.low(at + 1) in {"the", "its", "their", "our", "these", "those"} else at + 1


def _of_group(tokens: Tokens, at: int) -> Unit | None:
    """The unit of the first number in "22 of its 32 members"; it ends where it begins."""
    start = _over_of(tokens, at)
    whole = amount_at(tokens, start) if start > at else None
    counted = _noun(tokens, whole.end, whole, False) if whole and whole.value > 1 else None
    return replace(counted, end=at) if counted and counted.name in CLASSES else None


def _known(tokens: Tokens, at: int, amount: Amount, linked: bool) -> tuple[str, int] | None:
    """(class, token after the noun), where a noun that we know is the head here."""
    two = " ".join(tokens.words(at, 2))
    if two in _PAIRS:
        return _PAIRS[two], at + 2
    word = tokens.low(at)
    if word in COUNTED and not _is_plural(tokens.low(at + 1)):
        return _in_uniform(tokens, at, COUNTED[word])
    if word in SINGULARS and (linked or (amount.value == 1 and not _is_plural(tokens.low(at + 1)))):
        return SINGULARS[word], at + 1
    return None


def _in_uniform(tokens: Tokens, at: int, name: str) -> tuple[str, int]:
    """ "men and women in US uniform" are troops; "members of parliament" are lawmakers."""
    near = tokens.words(at + 1, 6)
    if name == "person" and {"uniform", "uniformed", "arms"} & set(near):
        return "troop", at + 1
    if name == "member" and near[0] == "of" and {"parliament", "congress"} & set(near[:4]):
        return "lawmaker", at + 1
    return name, at + 1


def _strong(tokens: Tokens, at: int) -> Unit:
    for here in range(at, at + 4):
        if tokens.low(here) in BODIES:
            return Unit(Kind.COUNT, BODIES[tokens.low(here)], here + 1)
    return Unit(Kind.COUNT, "member", at)


def _is_plural(word: str) -> bool:
    known = word in COUNTED or word in {"positions", "systems"}
    regular = len(word) > 3 and word[-1:] == "s" and word[-2:] not in {"ss", "us", "is"}
    return (known or regular) and word not in STOPS and word not in _NO_PLURALS and word not in NATIONS


def singular(word: str) -> str:
    """The singular of a regular English plural."""
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    return word[:-1]
