"""Text → quantities, from left to right; every look ahead and behind is of bounded length."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from bot.claims.figures.amounts import Amount, amount_at
from bot.claims.figures.dates import When, date_at
from bot.claims.figures.lexicon import (
    ARTICLES,
    BOUNDS,
    CONTEXT_NOISE,
    COUNTED,
    DURATIONS,
    FRACTIONS,
    MOVERS,
    NAMED,
    NATIONS,
    UNITS,
)
from bot.claims.figures.quantity import Bound, Kind, Quantity
from bot.claims.figures.tokens import Tokens
from bot.claims.figures.units import Unit, currency_before, share_base, unit_at

STEM = 6
"""Words are compared by their first letters, so that plurals and tenses fall together."""
_AROUND = 24  # tokens on either side whose words tell what a figure is about
_JOINTS = frozenset("to bis à or oder ou o a - ‐ ‑ – — −".split())
_FORMER = frozenset({("instead", "of"), ("rather", "than"), ("down", "from"), ("up", "from"), ("compared", "with")})
_FORMER_AFTER = frozenset("previously formerly originally earlier assumed".split())
_MORE = frozenset("another further additional extra".split())
_PERIODS = {
    "year": "year",
    "month": "month",
    "week": "week",
    "day": "day",
    "annum": "year",
    "jahr": "year",
    "an": "year",
}
_PERIODS |= {"anno": "year", "año": "year", "rok": "year", "yr": "year"}
_BEFORE_SPAN = frozenset("within in after for over another takes take least about".split())


def read(text: str) -> tuple[Quantity, ...]:
    """All quantities of `text`, in the order in which they stand there. Never raises."""
    return _read_cached(text) if len(text) <= 2_000 else _read(text)


@lru_cache(maxsize=2_048)
def _read_cached(text: str) -> tuple[Quantity, ...]:
    return _read(text)


def _read(text: str) -> tuple[Quantity, ...]:
    tokens = Tokens(text)
    stems = [_stem(tokens.low(at)) if tokens[at].kind == "word" else "" for at in range(len(tokens))]
    found: list[Quantity] = []
    at = 0
    while at < len(tokens):
        here = _quantities_at(tokens, at)
        if here is None:
            at = _next(tokens, at)
            continue
        made, end = here
        around = _context(stems, at, end)
        found += [replace(quantity, context=around) for quantity in made]
        at = end
    return tuple(found)


def _next(tokens: Tokens, at: int) -> int:
    """Over a number that counts nothing, its scale and its spaced groups included; else the next token."""
    if tokens[at].kind != "number":
        return at + 1
    amount = amount_at(tokens, at)
    return amount.end if amount else at + 1


Found = tuple[list[Quantity], int]


def _quantities_at(tokens: Tokens, at: int) -> Found | None:
    """The quantities that begin at token `at` (two for "from 30 to 33"), and the token after them."""
    if tokens[at].kind not in {"number", "glyph", "word"} and not currency_before(tokens, at):
        return None
    if _is_name_part(tokens, at):
        return None
    counted = _measure_of_year(tokens, at)
    if not counted and (when := date_at(tokens, at)):
        return [_dated(tokens, at, when)], when.end
    return _share(tokens, at) or _span_word(tokens, at) or _measured(tokens, at)


# --- what is no quantity -----------------------------------------------------------------------------------------


def _is_name_part(tokens: Tokens, at: int) -> bool:
    """ "F-35", "G7", "Article 5", "Leopard 2", "24/7", "12:17", "#3"."""
    token, before = tokens[at], tokens[at - 1]
    if token.kind != "number":
        return False
    if tokens.joined(at) and (
        before.kind == "word" or before.text in {"/", "#", "_", "@", "=", "&", ":", "+", "№", "§"}
    ):
        return True
    if before.kind == "hyphen" and tokens.joined(at) and tokens.joined(at - 1):
        linked = tokens[at - 2]
        return (
            linked.kind == "word"
            and linked.low not in {"mid", "pre", "post", "early", "late"}
            and linked.low not in UNITS
        )
    return before.low in NAMED or _abbreviated_name(tokens, at) or _is_clock(tokens, at) or _is_model(tokens, at)


def _abbreviated_name(tokens: Tokens, at: int) -> bool:
    return tokens.low(at - 1) == "." and tokens.low(at - 2) in {"no", "nr", "art", "vol", "p", "fig", "para", "ch"}


def _is_clock(tokens: Tokens, at: int) -> bool:
    after = tokens[at + 1]
    if tokens.joined(at + 1) and after.text in {":", "/", "_", "@", "=", "°"}:
        return True
    return after.low in {"am", "pm", "uhr", "°", "degrees", "degree", "celsius", "fahrenheit", "grad"}


def _is_model(tokens: Tokens, at: int) -> bool:
    """A bare digit after a capitalised word within a sentence is a model's: newspapers spell small numbers out."""
    before = tokens[at - 1]
    bare = len(tokens[at].text) == 1 and before.kind == "word" and before.text[0].isupper() and len(before.text) > 1
    return (
        bare and before.low not in CONTEXT_NOISE and not tokens[at + 1].text[:1].isupper() and before.low not in NATIONS
    )


def _measure_of_year(tokens: Tokens, at: int) -> bool:
    """Whether "2000 troops" is meant: a thing that we know stands right behind what looks like a year."""
    after = tokens.low(at + 1)
    return after in COUNTED and tokens.low(at - 1) not in {
        "in",
        "by",
        "since",
        "until",
        "before",
        "after",
        "from",
        "of",
    }


# --- shares in words ---------------------------------------------------------------------------------------------


def _share(tokens: Tokens, at: int) -> Found | None:
    """ "two thirds", "a quarter of", "half the", "one in three", "three out of four"."""
    word = tokens.low(at)
    if word in {"half", "halb"} and tokens.low(at + 1) in {"of", "the", "its", "their", "all", "as"}:
        return _one(tokens, at, at + 1, _percent(tokens, at, 50.0, at + 1)) if tokens.low(at + 1) != "as" else None
    if word not in UNITS and word not in ARTICLES and not word.isdigit():
        return None
    value = 1.0 if word in ARTICLES else UNITS.get(word) or (float(word) if len(word) < 4 else 0.0)
    return _fraction(tokens, at, value) or _one_in(tokens, at, value)


def _fraction(tokens: Tokens, at: int, value: float) -> Found | None:
    part = at + 2 if tokens[at + 1].kind == "hyphen" else at + 1
    divisor = FRACTIONS.get(tokens.low(part), 0.0)
    after = tokens.low(part + 1)
    telling = value > 1 or after in {"of", "less", "more", "fewer"} or tokens.low(at - 1) in {"by", "than", "to"}
    if not divisor or value >= divisor or not telling:
        return None
    if after == "of" and (tokens.low(part + 2) in ARTICLES or tokens.low(part + 2) in DURATIONS):
        return None  # "a quarter of an hour"
    return _one(tokens, at, part + 1, _percent(tokens, at, 100 * value / divisor, part + 1))


def _one_in(tokens: Tokens, at: int, value: float) -> Found | None:
    last = at + 3 if tokens.words(at + 1, 2) == ("out", "of") else at + 2 if tokens.low(at + 1) == "in" else 0
    if not last or (tokens.low(last) not in UNITS and not tokens.low(last).isdigit()):
        return None
    whole = amount_at(tokens, last)
    if whole is None or value < 1 or not value < whole.value <= 1000 or tokens.low(whole.end) in COUNTED:
        return None
    if last == at + 2 and (whole.value > 20 or tokens.low(whole.end) in DURATIONS):
        return None
    return _one(tokens, at, whole.end, _percent(tokens, at, 100 * value / whole.value, whole.end))


def _percent(tokens: Tokens, at: int, value: float, end: int) -> Quantity:
    base = share_base(tokens, end)
    return _plain(tokens, at, end, Amount(value, 1.0, 0.0, end), Unit(Kind.PERCENT, "percent", end, base))


# --- spans of time in a word --------------------------------------------------------------------------------------


def _span_word(tokens: Tokens, at: int) -> Found | None:
    """ "a decade", "within a year", "a year and a half", "half a year"."""
    half = tokens.low(at) == "half" and tokens.low(at + 1) in {"a", "an"}
    here = at + 1 if half else at
    unit = DURATIONS.get(tokens.low(here + 1), "")
    if tokens.low(here) not in {"a", "an"} or not unit:
        return None
    halves = tokens.words(here + 2, 3) == ("and", "a", "half")
    if not (half or halves or unit == "decade" or tokens.low(at - 1) in _BEFORE_SPAN):
        return None
    end = here + 5 if halves else here + 2
    value = 0.5 if half else 1.5 if halves else 1.0
    return _one(tokens, at, end, _plain(tokens, at, end, Amount(value, 1.0, 0.0, end), Unit(Kind.DURATION, unit, end)))


# --- numbers with a unit -----------------------------------------------------------------------------------------


def _measured(tokens: Tokens, at: int) -> Found | None:
    """A number or a range with its unit."""
    first = _leg(tokens, at)
    if first is None:
        return None
    amount, unit, end = first
    second = _second_leg(tokens, at, amount, unit, end)
    if second is not None:
        return _two(tokens, at, first, second)
    if unit is None or (amount.letter and unit.kind not in {Kind.MONEY, Kind.COUNT}):
        return None
    if amount.article and not _is_single(tokens, at, unit):
        return None
    return _one(tokens, at, unit.end, _plain(tokens, at, unit.end, amount, unit))


Leg = tuple[Amount, Unit | None, int]


def _leg(tokens: Tokens, at: int) -> Leg | None:
    """(amount, unit, token after both) of "€3.5bn" or "3,000 troops"; the unit is None where there is none."""
    lead = currency_before(tokens, at)
    amount = amount_at(tokens, lead[1] if lead else at)
    if amount is None:
        return None
    end = _over_suffix(tokens, amount.end)
    if lead:
        return amount, Unit(Kind.MONEY, lead[0], end), end
    unit = unit_at(tokens, end, amount)
    return amount, unit, unit.end if unit else amount.end


def _over_suffix(tokens: Tokens, at: int) -> int:
    """Over "+", "-odd", "-plus", "or so" and "or more"."""
    if tokens[at].text == "+" and tokens.joined(at):
        return at + 1
    if tokens[at].kind == "hyphen" and tokens.low(at + 1) in {"odd", "plus"}:
        return at + 2
    return at + 2 if tokens.words(at, 2) in {("or", "so"), ("or", "more")} else at


def _second_leg(tokens: Tokens, at: int, amount: Amount, unit: Unit | None, end: int) -> Leg | None:
    """The upper end of a range or the second figure of a move."""
    joint = tokens.low(end)
    between = joint in {"and", "und", "et", "y", "e"} and _led_by(tokens, at, {"between", "zwischen", "entre", "tra"})
    if joint not in _JOINTS and not between:
        return None
    second = _leg(tokens, end + 1)
    if second is None or second[0].article:
        return None
    if unit is not None and unit.kind is Kind.MONEY and second[1] is None:
        return second[0], replace(unit, end=second[2]), second[2]  # "€500-600m": one sign for both
    named = second[1] is not None and (unit is None or (unit.kind, unit.name) == (second[1].kind, second[1].name))
    return second if named else None


def _two(tokens: Tokens, at: int, first: Leg, second: Leg) -> Found | None:
    low, high, unit = first[0], second[0], second[1]
    if unit is None:
        return None
    if low.scale == 1.0 and high.scale > 1 and low.value < 1000:
        low = replace(low.scaled(high.scale), end=low.end)
    end = second[2]
    if _led_by(tokens, at, {"from"}) and _moves(tokens, at):
        before = replace(_plain(tokens, at, first[2], low, unit), former=True)
        return [before, _plain(tokens, first[2] + 1, end, high, unit)], end
    if not low.value < high.value or (high.letter and unit.kind is not Kind.MONEY):
        return None
    ranged = replace(_plain(tokens, at, end, low, unit), high=high.value, scale=high.scale)
    return _one(tokens, at, end, ranged)


def _led_by(tokens: Tokens, at: int, words: set[str]) -> bool:
    return tokens.low(at - 1) in words or (tokens.low(at - 2) in words and tokens.low(at - 1) in ARTICLES | {"about"})


def _moves(tokens: Tokens, at: int) -> bool:
    return any(tokens.low(i).startswith(tuple(MOVERS)) for i in range(max(0, at - 8), at))


def _is_single(tokens: Tokens, at: int, unit: Unit) -> bool:
    """Whether "one" before that unit counts: "one year" does, "one of the allies" and "a euro" do not."""
    return tokens.low(at) not in ARTICLES - {"une", "una", "uno"} and tokens.low(at + 1) != "of"


# --- finishing ---------------------------------------------------------------------------------------------------


def _plain(tokens: Tokens, at: int, end: int, amount: Amount, unit: Unit) -> Quantity:
    start, stop = tokens[at].start, tokens[end - 1].end
    return Quantity(
        kind=unit.kind,
        low=amount.value,
        high=amount.value,
        unit=unit.name,
        text=tokens.text[start:stop],
        start=start,
        end=stop,
        scale=amount.scale,
        step=amount.step,
        base=unit.base,
        owners=unit.owners,
    )


def _one(tokens: Tokens, at: int, end: int, quantity: Quantity) -> Found:
    """The quantity with what stands around it: bound, rate, change or level, still or formerly."""
    made = replace(
        quantity,
        bound=_bound(tokens, at, end),
        per=_rate(tokens, end) if quantity.kind is not Kind.DURATION else "",
        delta=_is_delta(tokens, at, end),
        former=_is_former(tokens, at, end),
    )
    return [made], end


def _bound(tokens: Tokens, at: int, end: int) -> Bound:
    for length in (3, 2, 1):
        start = at - length
        if start >= 0 and (bound := BOUNDS.get(tokens.words(start, length))):
            return bound
    inside = tokens.words(at, end - at)
    if "+" in inside or "plus" in inside or "more" in inside[1:3]:
        return Bound.AT_LEAST
    return Bound.ABOUT if "odd" in inside or "so" in inside else Bound.EXACT


def _rate(tokens: Tokens, end: int) -> str:
    """The period of "a year", "per month", "annually"."""
    at = end + 1 if tokens[end].kind == "hyphen" else end
    if tokens.low(at) in {"annually", "yearly", "jährlich"}:
        return "year"
    after = at + 2 if tokens[at + 1].kind == "hyphen" else at + 1
    return (
        _PERIODS.get(tokens.low(after), "")
        if tokens.low(at) in {"a", "per", "each", "every", "pro", "par", "al"}
        else ""
    )


def _is_delta(tokens: Tokens, at: int, end: int) -> bool:
    before = tokens.low(at - 1)
    added = before in _MORE or tokens.low(at - 2) in _MORE or bool(_MORE & set(tokens.words(at + 1, end - at - 1)))
    return added or before == "by" or tokens.low(end) in {"more", "fewer"}


def _is_former(tokens: Tokens, at: int, end: int) -> bool:
    for back in (2, 3):
        if tokens.words(at - back, 2) in _FORMER:
            return True
    denied = {"not", "formerly", "previously", "longer"} & set(tokens.words(max(0, at - 2), min(2, at)))
    return bool(denied) or bool(_FORMER_AFTER & set(tokens.words(end, 2)))


def _dated(tokens: Tokens, at: int, when: When) -> Quantity:
    start, stop = tokens[at].start, tokens[when.end - 1].end
    return Quantity(
        Kind.DATE, when.first, when.last, when.precision, tokens.text[start:stop], start, stop, bound=when.bound
    )


def _context(stems: list[str], at: int, end: int) -> frozenset[str]:
    near = stems[max(0, at - _AROUND) : at] + stems[end : end + _AROUND]
    return frozenset(stem for stem in near if stem)


def _stem(word: str) -> str:
    """What a word is compared by; empty for words that tell nothing."""
    if len(word) < 2 or word in CONTEXT_NOISE:
        return ""
    return f"@{NATIONS[word]}" if word in NATIONS else word[:STEM]
