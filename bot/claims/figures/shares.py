"""Shares and spans of time that are told without a unit of their own: "two thirds", "one in three", "a decade"."""

from __future__ import annotations

from bot.claims.figures.amounts import Amount, amount_at
from bot.claims.figures.lexicon import ARTICLES, COUNTED, DURATIONS, FRACTIONS, UNITS
from bot.claims.figures.quantity import Kind, Quantity
from bot.claims.figures.surroundings import plain
from bot.claims.figures.tokens import Tokens
from bot.claims.figures.units import Unit, share_base

Told = tuple[Quantity, int]
"""A quantity and the token after it."""
_WHOLES = frozenset("of the its their all".split())
_NAMED_HALVES = frozenset("first second last latter other early late top bottom".split())
_BEFORE_SPAN = frozenset("within in after for over another takes take least about".split())


def share_at(tokens: Tokens, at: int) -> Told | None:
    """ "two thirds", "a quarter of", "half the", "one in three", "three out of four", as percent."""
    word = tokens.low(at)
    if word in {"half", "halb"}:
        timed = tokens.low(at - 1) in _NAMED_HALVES or tokens.low(at + 2) in DURATIONS
        return _percent(tokens, at, 50.0, at + 1) if tokens.low(at + 1) in _WHOLES and not timed else None
    if word in ARTICLES:
        value = 1.0
    else:
        value = UNITS.get(word, 0.0) or (float(word) if word.isascii() and word.isdigit() and len(word) < 4 else 0.0)
    return (_fraction(tokens, at, value) or _one_in(tokens, at, value)) if value else None


def _fraction(tokens: Tokens, at: int, value: float) -> Told | None:
    part = at + 2 if tokens[at + 1].kind == "hyphen" else at + 1
    divisor = FRACTIONS.get(tokens.low(part), 0.0)
    after = tokens.low(part + 1)
    telling = value > 1 or after in {"of", "less", "more", "fewer"} or tokens.low(at - 1) in {"by", "than", "to"}
    if not divisor or value >= divisor or not telling:
        return None
    if after == "of" and (tokens.low(part + 2) in ARTICLES or tokens.low(part + 2) in DURATIONS):
        return None  # "a quarter of an hour"
    return _percent(tokens, at, 100 * value / divisor, part + 1)


def _one_in(tokens: Tokens, at: int, value: float) -> Told | None:
    """ "one in three" and "three out of four", but neither "two in 40 years" nor "one in ten countries"."""
    out_of = tokens.words(at + 1, 2) == ("out", "of")
    last = at + 3 if out_of else at + 2
    if not out_of and tokens.low(at + 1) != "in":
        return None
    whole = amount_at(tokens, last)
    if whole is None or whole.article or not value < whole.value <= (1000 if out_of else 20):
        return None
    if not out_of and (tokens.low(whole.end) in DURATIONS or tokens.low(whole.end) in COUNTED):
        return None
    return _percent(tokens, at, 100 * value / whole.value, whole.end)


def _percent(tokens: Tokens, at: int, value: float, end: int) -> Told:
    unit = Unit(Kind.PERCENT, "percent", end, share_base(tokens, end))
    return plain(tokens, at, end, Amount(value, 1.0, 0.0, end), unit), end


def span_at(tokens: Tokens, at: int) -> Told | None:
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
    return plain(tokens, at, end, Amount(value, 1.0, 0.0, end), Unit(Kind.DURATION, unit, end)), end
