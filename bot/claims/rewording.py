"""The wording that a claim would have if its evidence were taken for true: a proposal for a person to check. Pure."""

from __future__ import annotations

import re

from bot.claims.figures import Bound, FigureChange, Quantity, compare, comparisons

LONGEST = 2000
_SURE = 0.5
"""Likeness from which a second figure of the claim is replaced, too."""
_NUMBER = re.compile(r"^(\D{0,4}?)\d[\d.,]*(?:\s*(?:and|to|or|-|–)\s*\d[\d.,]*)?(?=\D|$)")
_BOUND_BEFORE = re.compile(
    r"\b(?:(?:up to|as many as|as much as|more than|less than|fewer than|at least|at most|no more than|over|under|"
    r"above|below|about|around|roughly|some|nearly|almost|approximately)\s+)+$",
    re.IGNORECASE,
)
_RANGE_BEFORE = re.compile(r"\b(?:between|from)\s+$", re.IGNORECASE)
_BOUND_WORDS = {
    Bound.ABOUT: "about ",
    Bound.AT_LEAST: "at least ",
    Bound.AT_MOST: "at most ",
    Bound.UP_TO: "up to ",
    Bound.EXACT: "",
}


def reworded(statement: str, evidence: str) -> str:
    """The claim's statement with the figures that the evidence moves replaced; else the evidence itself."""
    changes = _moved(statement, evidence)
    if not changes:
        return evidence.strip()[:LONGEST]
    for change in sorted(changes, key=lambda one: -one.old.start):
        before, figure = _led(statement[: change.old.start], change.old, change.new)
        figure += _figure(change)
        statement = (before + figure if before else figure[:1].upper() + figure[1:]) + statement[change.old.end :]
    return statement[:LONGEST]


def _moved(statement: str, evidence: str) -> list[FigureChange]:
    """The figures that moved, the most telling one among them, each of another place in the statement."""
    best = compare(statement, evidence)
    if best is None or not best.moved:
        return []
    return [best, *(one for one in comparisons(statement, evidence) if _further(one, best))]


def _further(one: FigureChange, best: FigureChange) -> bool:
    apart = one.old.end <= best.old.start or best.old.end <= one.old.start
    return one.moved and one.likeness >= _SURE and apart


def _led(before: str, old: Quantity, new: Quantity) -> tuple[str, str]:
    """What stands before the new figure, and the words that say how sharp it is, where the claim's own do not."""
    if old.low != old.high:
        before = _RANGE_BEFORE.sub("", before)
    if old.bound is new.bound:
        return before, ""
    return _BOUND_BEFORE.sub("", before), _BOUND_WORDS[new.bound]


def _figure(change: FigureChange) -> str:
    """The new figure in the claim's own notation where that reads well, else as cards show it."""
    old, new = change.old, change.new
    shown = change.change.partition(" → ")[2]
    number = _NUMBER.match(old.text)
    same = (old.kind, old.unit) == (new.kind, new.unit) or new.lent
    if number is None or not same or not 0.05 <= new.middle / old.scale < 1e6 or old.kind.value == "date":
        return shown
    return f"{number[1]}{_scaled(new, old.scale)}{old.text[number.end() :]}"


def _scaled(quantity: Quantity, scale: float) -> str:
    low, high = _number(quantity.low / scale), _number(quantity.high / scale)
    return low if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"
