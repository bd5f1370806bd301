"""Quantities → the few words of a card: "800 → 650 billion EUR", "80,000–100,000 → 65,000 troops", "15.8 → 14.1 %"."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.claims.figures.lexicon import DAYS
from bot.claims.figures.quantity import Kind, Quantity

_SCALE_NAMES = {1e12: " trillion", 1e9: " billion", 1e6: " million"}
_PLURALS = {
    "country": "countries",
    "person": "people",
    "child": "children",
    "aircraft": "aircraft",
    "dead": "dead",
    "wounded": "wounded",
    "staff": "staff",
    "kroner": "kroner",
    "percent": "%",
    "megawatt": "MW",
    "gigawatt": "GW",
    "kilometre": "km",
    "square kilometre": "km²",
}
_SYMBOLS = frozenset({"percent", "megawatt", "gigawatt", "kilometre", "square kilometre"})


def change_text(old: Quantity, new: Quantity) -> str:
    """ "old → new unit", both in one scale where that reads well."""
    if old.kind is Kind.DATE:
        return f"{_date_text(old)} → {_date_text(new)}"
    if old.kind is Kind.DURATION and old.unit != new.unit:
        return _durations(old, new)
    scale = _display_scale(old)
    if _display_scale(new) != scale and not 0.05 <= abs(new.middle) / scale < (10_000 if scale > 1 else 1e8):
        return f"{figure_text(old)} → {figure_text(new)}"
    return f"{_numbers(old, scale)} → {_numbers(new, scale)}{_unit_text(replace(new, unit=old.unit), old, scale)}"


def figure_text(quantity: Quantity) -> str:
    """One figure with its unit: "650 billion EUR", "65,000 troops"."""
    if quantity.kind is Kind.DATE:
        return _date_text(quantity)
    scale = _display_scale(quantity)
    return f"{_numbers(quantity, scale)}{_unit_text(quantity, quantity, scale)}"


def _display_scale(quantity: Quantity) -> float:
    """The largest named scale in which the figure is at least one; the text's own, where it names one."""
    if quantity.scale in _SCALE_NAMES:
        return quantity.scale
    if quantity.kind is not Kind.MONEY and quantity.high < 1e6:
        return 1.0
    return next((scale for scale in _SCALE_NAMES if quantity.high >= scale), 1.0)


def _numbers(quantity: Quantity, scale: float) -> str:
    low, high = number_text(quantity.low / scale), number_text(quantity.high / scale)
    return low if low == high else f"{low}–{high}"


def number_text(value: float) -> str:
    """At most four significant digits behind the point of a small number; thousands are grouped."""
    if abs(value) >= 1000:
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{value:.4g}"


def _unit_text(quantity: Quantity, other: Quantity, scale: float) -> str:
    rate = quantity.per or other.per
    named = quantity.unit if quantity.kind is Kind.MONEY else plural(quantity.unit, quantity.high)
    return f"{_SCALE_NAMES.get(scale, '')} {named}{f' a {rate}' if rate else ''}"


def plural(unit: str, value: float = 2.0) -> str:
    """The unit as it is said of `value`."""
    if unit in _PLURALS:
        return unit if value == 1 and unit not in _SYMBOLS else _PLURALS[unit]
    if value == 1:
        return unit
    return f"{unit[:-1]}ies" if unit.endswith("y") and unit[-2:-1] not in "aeiou" else f"{unit}{_ending(unit)}"


def _ending(unit: str) -> str:
    return "es" if unit.endswith(("ch", "sh", "x", "ss")) else "s"


def _durations(old: Quantity, new: Quantity) -> str:
    """In the claim's unit where the new span is round there ("a decade" among years), else each in its own."""
    factor = DAYS[new.unit] / DAYS[old.unit]
    halves = [value * factor * 2 for value in (new.low, new.high)]
    if any(abs(half - round(half)) > 0.02 or half < 1 for half in halves):
        return f"{figure_text(old)} → {figure_text(new)}"
    low, high = (number_text(round(half) / 2) for half in halves)
    told = low if low == high else f"{low}–{high}"
    return f"{_numbers(old, 1.0)} → {told} {plural(old.unit, new.high * factor)}"


def _date_text(quantity: Quantity) -> str:
    first = date.fromordinal(int(quantity.low))
    return (
        f"{first:%Y}"
        if quantity.unit == "year"
        else f"{first:%B %Y}"
        if quantity.unit == "month"
        else first.isoformat()
    )
