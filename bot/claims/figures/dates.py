"""Reads dates and years. A date is the ordinals of its first and last day, so that "2032" is a whole year."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from bot.claims.figures.phrases import DEADLINES, MONTHS
from bot.claims.figures.quantity import Bound
from bot.claims.figures.tokens import Tokens

_YEARS = range(1900, 2100)
_NEAR_YEARS = frozenset(
    "in by since until till before after from the of through to during for and or fiscal fy year late early mid "
    "end summer spring autumn fall winter between around about than budget im bis seit ab en jusqu w do roku l".split()
)


@dataclass(frozen=True, slots=True)
class When:
    """A day, month or year at tokens [start, end)."""

    first: int
    last: int
    precision: str  # "day", "month" or "year"
    end: int
    bound: Bound


def date_at(tokens: Tokens, at: int) -> When | None:
    """The date that begins at token `at`, if one does."""
    if tokens[at].kind == "number":
        return _iso(tokens, at) or _dotted(tokens, at) or _day_month(tokens, at) or _year(tokens, at)
    return _month_first(tokens, at) if tokens.low(at) in MONTHS else None


def _iso(tokens: Tokens, at: int) -> When | None:
    hyphens = tokens[at + 1].kind == tokens[at + 3].kind == "hyphen"
    parts = [tokens[at + i].text for i in (0, 2, 4)]
    if hyphens and [len(part) for part in parts] == [4, 2, 2] and all(part.isdigit() for part in parts):
        return _day(tokens, at, at + 5, int(parts[0]), int(parts[1]), int(parts[2]))
    return None


def _dotted(tokens: Tokens, at: int) -> When | None:
    parts = tokens[at].text.split(".")
    if len(parts) != 3 or not all(part.isdigit() for part in parts) or [len(p) for p in parts[1:]] != [2, 4]:
        return None
    return _day(tokens, at, at + 1, int(parts[2]), int(parts[1]), int(parts[0]))


def _day_month(tokens: Tokens, at: int) -> When | None:
    """ "20 March 2025", "20. März 2025", "20th March 2025"; without a year it is no quantity."""
    month = at + 2 if tokens[at + 1].text == "." or tokens.low(at + 1) in {"st", "nd", "rd", "th"} else at + 1
    if tokens.low(month) not in MONTHS or len(tokens[at].text) > 2:
        return None
    after = _over(tokens, month + 1, ".")
    year = _year_number(tokens, after)
    return _day(tokens, at, after + 1, year, MONTHS[tokens.low(month)], int(tokens[at].text)) if year else None


def _month_first(tokens: Tokens, at: int) -> When | None:
    """ "March 2027", "March 20, 2025", "Jan. 19, 2025"."""
    month, after = MONTHS[tokens.low(at)], _over(tokens, at + 1, ".")
    if year := _year_number(tokens, after):
        days = monthrange(year, month)[1]
        first, last = date(year, month, 1), date(year, month, days)
        return When(first.toordinal(), last.toordinal(), "month", after + 1, _bound(tokens, at))
    comma = _over(tokens, after + 1, ",")
    year, day = _year_number(tokens, comma), tokens[after].text
    return _day(tokens, at, comma + 1, year, month, int(day)) if year and day.isdigit() and len(day) <= 2 else None


def _over(tokens: Tokens, at: int, mark: str) -> int:
    return at + 1 if tokens[at].text == mark else at


def _year(tokens: Tokens, at: int) -> When | None:
    year = _year_number(tokens, at)
    if not year or _is_name(tokens, at):
        return None
    return When(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal(), "year", at + 1, _bound(tokens, at))


def _year_number(tokens: Tokens, at: int) -> int:
    """The year that stands there, or 0. "1990s" is none."""
    text = tokens[at].text
    if len(text) != 4 or not text.isascii() or not text.isdigit() or int(text) not in _YEARS:
        return 0
    return 0 if tokens[at + 1].kind == "word" and tokens.joined(at + 1) else int(text)


def _is_name(tokens: Tokens, at: int) -> bool:
    """ "Readiness 2030", "Zapad 2025": a capitalised word right before makes the year a part of a name."""
    before = tokens[at - 1]
    named = before.kind == "word" and before.text[0].isupper() and before.low not in MONTHS
    return named and before.low not in _NEAR_YEARS


def _day(tokens: Tokens, at: int, end: int, year: int, month: int, day: int) -> When | None:
    try:
        ordinal = date(year, month, day).toordinal()
    except ValueError:
        return None
    return When(ordinal, ordinal, "day", end, _bound(tokens, at))


def _bound(tokens: Tokens, at: int) -> Bound:
    """A deadline's: "by", "by the end of", "since"."""
    for before in range(at - 1, max(-1, at - 5), -1):
        word = tokens.low(before)
        if word in DEADLINES:
            return DEADLINES[word]
        if word not in {"the", "end", "of", "early", "late", "mid", "-", "summer", "autumn", "spring", "start"}:
            break
    return Bound.EXACT
