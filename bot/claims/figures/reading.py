"""Text → quantities, from left to right; every look ahead and behind is of bounded length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from bot.claims.figures.amounts import Amount, amount_at
from bot.claims.figures.dates import When, date_at
from bot.claims.figures.lexicon import ARTICLES, COUNTED, SIGNS
from bot.claims.figures.names import after_name, is_name_part
from bot.claims.figures.quantity import Kind, Quantity
from bot.claims.figures.shares import share_at, span_at
from bot.claims.figures.surroundings import context, finished, is_former, led_by, moves, plain, stems
from bot.claims.figures.tokens import Tokens
from bot.claims.figures.units import CLASSES, MEASURES, Unit, currency_before, unit_at

_JOINTS = frozenset("to bis à oder or ou o a - ‐ ‑ – — −".split())
_ANDS = frozenset("and und et y e".split())
_BETWEEN = frozenset("between zwischen entre tra".split())
_SPREADS = ("rang", "any", "var", "estim", "spread")
_REACHING = frozenset("to at now reaches reached totals totalled counts not only numbers".split())
"""After these a number without a unit may be the claim's figure, moved: "has risen to 71,900"."""
_DATE_WORDS = frozenset("in by since until before after from of".split())


Found = tuple[list[Quantity], int]
"""Quantities that begin at a token (two for "from 30 to 33"), and the token after them."""


def read(text: str) -> tuple[Quantity, ...]:
    """All quantities of `text`, in the order in which they stand there. Never raises."""
    return tuple(quantity for quantity in _quantities(text) if quantity.kind is not Kind.NUMBER)


def read_loosely(text: str, most: int) -> tuple[Quantity, ...]:
    """The first of them, and the numbers without a unit that may take it from what was said before ("raised to 16")."""
    return _read_cached(text, most) if len(text) <= 2_000 else tuple(islice(_quantities(text), most))


@lru_cache(maxsize=2_048)
def _read_cached(text: str, most: int) -> tuple[Quantity, ...]:
    return tuple(islice(_quantities(text), most))


def _quantities(text: str) -> Iterator[Quantity]:
    tokens = Tokens(text)
    words = stems(tokens)
    at = 0
    while at < len(tokens):
        found = _quantities_at(tokens, at)
        if found is None:
            at = _next(tokens, at)
            continue
        around = context(words, at, found[1])
        yield from (replace(quantity, context=around) for quantity in found[0])
        at = found[1]


def _next(tokens: Tokens, at: int) -> int:
    """Over a number that counts nothing, its scale and its spaced groups included; else the next token."""
    amount = amount_at(tokens, at) if tokens[at].kind == "number" else None
    return amount.end if amount else at + 1


def _quantities_at(tokens: Tokens, at: int) -> Found | None:
    token = tokens[at]
    if (token.kind not in {"number", "glyph", "word"} and token.text not in SIGNS) or is_name_part(tokens, at):
        return None
    if not _counts_after_year(tokens, at) and (when := date_at(tokens, at)):
        return [_dated(tokens, at, when)], when.end
    told = share_at(tokens, at) or span_at(tokens, at)
    if told:
        return [finished(tokens, at, told[1], told[0])], told[1]
    return _measured(tokens, at)


def _counts_after_year(tokens: Tokens, at: int) -> bool:
    """Whether "2000 troops" is meant: a thing that we know stands right behind what looks like a year."""
    return tokens.low(at + 1) in COUNTED and tokens.low(at - 1) not in _DATE_WORDS


def _dated(tokens: Tokens, at: int, when: When) -> Quantity:
    start, stop = tokens[at].start, tokens[when.end - 1].end
    made = Quantity(Kind.DATE, when.first, when.last, when.precision, tokens.text[start:stop], start, stop)
    return replace(made, bound=when.bound, former=is_former(tokens, _before_in(tokens, at), when.end))


def _before_in(tokens: Tokens, at: int) -> int:
    """The "in" of "instead of in 2032" is passed over."""
    return at - 1 if tokens.low(at - 1) in {"in", "by", "until"} else at


# --- numbers with a unit -----------------------------------------------------------------------------------------


Leg = tuple[Amount, Unit | None, int]
"""A number, its unit where one follows or leads it, and the token after both."""


def _measured(tokens: Tokens, at: int) -> Found | None:
    """A number, a range or a move, with its unit."""
    first = _leg(tokens, at)
    if first is None:
        return None
    second = _second_leg(tokens, at, first)
    if second is not None:
        return _two(tokens, at, first, second)
    amount, unit, end = first
    if unit is None:
        return _bare(tokens, at, amount)
    if not _plausible(tokens, at, amount, unit):
        return None
    return [finished(tokens, at, end, plain(tokens, at, end, amount, unit))], end


def _leg(tokens: Tokens, at: int) -> Leg | None:
    lead = currency_before(tokens, at)
    amount = amount_at(tokens, lead[1] if lead else at)
    if amount is None:
        return None
    end = _over_suffix(tokens, amount.end)
    unit = Unit(Kind.MONEY, lead[0], end) if lead else unit_at(tokens, end, amount)
    return amount, unit, unit.end if unit else amount.end


def _over_suffix(tokens: Tokens, at: int) -> int:
    """Over "+", "-odd", "-plus", "or so" and "or more"."""
    if tokens[at].text == "+" and tokens.joined(at):
        return at + 1
    if tokens[at].kind == "hyphen" and tokens.low(at + 1) in {"odd", "plus"}:
        return at + 2
    return at + 2 if tokens.words(at, 2) in {("or", "so"), ("or", "more")} else at


def _plausible(tokens: Tokens, at: int, amount: Amount, unit: Unit) -> bool:
    """Whether the number can be said of the unit: no half people, no "75m" of nothing, no "one of the allies"."""
    if amount.letter and unit.kind not in {Kind.MONEY, Kind.COUNT}:
        return False
    if amount.article and (tokens.low(at) in ARTICLES - {"une", "una", "uno"} or tokens.low(at + 1) == "of"):
        return False
    if unit.kind is not Kind.COUNT or unit.name in MEASURES:
        return True
    whole = math.isclose(amount.value, round(amount.value), rel_tol=1e-9)
    return whole and (unit.name in CLASSES or not after_name(tokens, at))


def _bare(tokens: Tokens, at: int, amount: Amount) -> Found | None:
    """A number without a unit, where the words before it say that something has come to it, or is not it."""
    if amount.article or amount.letter or amount.value < 2 or tokens.low(amount.end) == "of":
        return None
    made = plain(tokens, at, amount.end, amount, Unit(Kind.NUMBER, "", amount.end))
    told = finished(tokens, at, amount.end, made)
    return ([told], amount.end) if told.former or led_by(tokens, at, _REACHING) else None


# --- ranges and moves --------------------------------------------------------------------------------------------


def _second_leg(tokens: Tokens, at: int, first: Leg) -> Leg | None:
    """The upper end of a range or the second figure of a move."""
    _, unit, end = first
    joint = tokens.low(end)
    if joint not in _JOINTS and not (joint in _ANDS and led_by(tokens, at, _BETWEEN)):
        return None
    second = _leg(tokens, end + 1)
    if second is None or second[0].article or (is_name_part(tokens, end + 1) and tokens[end].kind == "word"):
        return None
    amount, other, stop = second
    if other is None and unit is not None and unit.kind is Kind.MONEY:
        return amount, replace(unit, end=stop), stop  # "€500-600m": one sign for both
    if other is None and unit is None:
        return (amount, Unit(Kind.NUMBER, "", stop), stop) if _is_move(tokens, at, Kind.NUMBER) else None
    same = other is not None and (unit is None or (unit.kind, unit.name) == (other.kind, other.name))
    return second if same else None


def _two(tokens: Tokens, at: int, first: Leg, second: Leg) -> Found | None:
    low, (high, unit, end) = first[0], second
    if unit is None or not _plausible(tokens, at, high, unit):
        return None
    if low.scale == 1.0 and high.scale > 1 and low.value < 1000:
        low = replace(low.scaled(high.scale), end=low.end)
    if _is_move(tokens, at, unit.kind):
        before = replace(plain(tokens, at, first[2], low, unit), former=True)
        return [before, plain(tokens, first[2] + 1, end, high, unit)], end
    if not low.value < high.value:
        return None
    ranged = replace(plain(tokens, at, end, low, unit), high=high.value, scale=high.scale)
    return [finished(tokens, at, end, ranged)], end


def _is_move(tokens: Tokens, at: int, kind: Kind) -> bool:
    """ "from 30 to 33" tells of a move, but for "ranging from" and for spans of time that nothing moves."""
    if not led_by(tokens, at, {"from"}):
        return False
    return moves(tokens, at) or (kind is not Kind.DURATION and not tokens.low(at - 2).startswith(_SPREADS))
