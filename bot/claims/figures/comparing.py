"""A claim's figures against its evidence's: like with like, and what moved.

Two figures are like when kind, unit, base and period agree, neither is a change where the other is a level, and what
stands around them does not speak of different nations' things. The farther apart their values lie, the more words
around them must agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from bot.claims.figures.lexicon import DAYS
from bot.claims.figures.quantity import Bound, FigureChange, FigureSigns, Kind, Movement, Quantity
from bot.claims.figures.reading import read_loosely
from bot.claims.figures.rendering import change_text, figure_text

MOST_CLAIMED = 40
MOST_TOLD = 400
"""Figures of a claim and of an evidence that are compared; a text with more is a table, and its rest is not read."""
_WEIGHT = {Kind.MONEY: 4, Kind.PERCENT: 4, Kind.COUNT: 4, Kind.DURATION: 2, Kind.DATE: 1}
_TIMES = frozenset({Kind.DURATION, Kind.DATE})
_SURE = 0.5
"""Likeness from which a moved figure is shown although another figure of the claim stands unchanged."""
_SAME = 0.003  # relative; two writings of one figure
_ROUNDED = 0.02  # relative; how far rounding may carry
_ABOUT = 0.05  # relative; what "about" covers
_JUST_OVER = 0.08  # relative; "more than 30" is said of 31 and 32, and of 33 no longer
_KIN = frozenset(
    frozenset(pair.split()) for pair in ("member country", "person troop", "kroner NOK", "kroner DKK", "francs CHF")
)
"""Units of which a text may use one where another uses the other."""

Figures = Sequence[Quantity]


def compare(claim: str, evidence: str) -> FigureChange | None:
    """The most telling like figure: one that moved before one that stayed; None where none can be compared."""
    return _most_telling(comparisons(claim, evidence))


def comparisons(claim: str, evidence: str) -> tuple[FigureChange, ...]:
    """For each figure of the claim its best counterpart among the figures that hold by the evidence."""
    return _counterparts(_claimed(claim), read_loosely(evidence, MOST_TOLD))


def signs(claim: str, evidence: str) -> FigureSigns:
    """What the figures of both say, as numbers."""
    claimed, told = _claimed(claim), read_loosely(evidence, MOST_TOLD)
    found = _counterparts(claimed, told)
    best = _most_telling(found)
    return FigureSigns(
        claimed=bool(claimed),
        told=any(one.kind is not Kind.NUMBER for one in told),
        comparable=best is not None,
        kept=any(not one.moved for one in found),
        moved=best is not None and best.moved,
        denied=any(_is_denied(old, told) for old in claimed),
        difference=_log_ratio(best.old, best.new) if best is not None and best.moved else 0.0,
        likeness=best.likeness if best is not None else 0.0,
    )


def _claimed(claim: str) -> list[Quantity]:
    return [one for one in read_loosely(claim, MOST_CLAIMED) if one.kind is not Kind.NUMBER]


def _counterparts(claimed: Figures, told: Figures) -> tuple[FigureChange, ...]:
    pairs = (_best(old, told) for old in claimed)
    return tuple(pair for pair in pairs if pair is not None)


def _most_telling(found: Sequence[FigureChange]) -> FigureChange | None:
    kept = any(not one.moved and one.old.kind not in _TIMES for one in found)
    moved = [one for one in found if one.moved and (not kept or one.likeness >= _SURE)]
    if moved:
        return max(moved, key=_telling)
    return max((one for one in found if not one.moved), key=_telling, default=None)


def _telling(change: FigureChange) -> tuple[int, float]:
    return _WEIGHT[change.old.kind], change.likeness


# --- which figures are alike -------------------------------------------------------------------------------------


def _best(old: Quantity, told: Figures) -> FigureChange | None:
    denied = _is_denied(old, told)
    now = [new for new in told if not new.former]
    pairs = [_pair(old, new, denied) for new in _alike(old, now)]
    likely = [pair for pair in pairs if pair.likeness > 0]
    return max(likely, key=lambda pair: (not pair.moved, pair.likeness), default=None)


def _is_denied(old: Quantity, told: Figures) -> bool:
    """Whether the evidence names the claim's figure as what holds no longer: "from 30 to …", "instead of 30"."""
    return any(_movement(old, new) is Movement.EQUAL for new in _alike(old, [one for one in told if one.former]))


def _alike(old: Quantity, told: Figures) -> list[Quantity]:
    lent = (_lend_unit(old, new) if new.kind is Kind.NUMBER else new for new in told)
    return [new for new in lent if _comparable(old, new)]


def _lend_unit(old: Quantity, new: Quantity) -> Quantity:
    """A number without a unit, read as if the claim's stood with it: "raised to 16", "not 800"."""
    factor = old.scale if new.scale == 1.0 and new.high < 1000 <= old.scale else 1.0
    return replace(
        new,
        kind=Kind.NUMBER if old.kind is Kind.DATE else old.kind,
        unit=old.unit,
        low=new.low * factor,
        high=new.high * factor,
        scale=max(new.scale, factor),
        step=new.step * factor,
        lent=True,
    )


def _comparable(old: Quantity, new: Quantity) -> bool:
    if old.kind is not new.kind or old.delta != new.delta:
        return False
    if old.kind is Kind.DATE:
        return old.bound is new.bound or Bound.AT_LEAST not in {old.bound, new.bound}
    if old.kind is not Kind.DURATION and not _same_unit(old.unit, new.unit):
        return False
    if (old.base and new.base and old.base != new.base) or (new.per and old.per != new.per):
        return False
    return not old.owners or not new.owners or bool((old.owners & new.owners) - {"eu"}) or old.owners == new.owners


def _same_unit(old: str, new: str) -> bool:
    return old == new or frozenset({old, new}) in _KIN


def _pair(old: Quantity, new: Quantity, denied: bool) -> FigureChange:
    movement = _movement(old, new)
    moved = movement in {Movement.UP, Movement.DOWN}
    return FigureChange(
        old=old,
        new=new,
        movement=movement,
        difference=_difference(old, new),
        likeness=_likeness_moved(old, new, denied) if moved else _likeness_kept(old, new),
        change=change_text(old, new) if moved else figure_text(new),
    )


def _likeness_kept(old: Quantity, new: Quantity) -> float:
    """Equal figures with equal units are hardly ever chance; numbers without a unit may be."""
    shared = len(old.context & new.context)
    if new.lent and (old.high / old.scale < 10 or not shared):
        return 0.0
    return min(1.0, (0.4 if new.lent else 0.6) + 0.1 * shared)


def _likeness_moved(old: Quantity, new: Quantity, denied: bool) -> float:
    """0 where the two are too far apart for what their surroundings share; towards 1 the surer they are one matter."""
    shared = len(old.context & new.context)
    if old.kind is Kind.DATE:
        return min(0.8, 0.2 * shared) if denied or shared >= 2 + (old.bound is not new.bound) else 0.0
    apart = abs(_log_ratio(old, new))
    if shared < _needed(old, new, apart, denied):
        return 0.0
    return min(1.0, max(0.1, 0.35 + 0.15 * shared - 0.1 * apart + 0.3 * denied - 0.15 * new.lent))


def _needed(old: Quantity, new: Quantity, apart: float, denied: bool) -> float:
    """How many words around two figures must agree, by how far apart (as a logarithm) they lie."""
    if new.lent and apart > math.log(3 if denied else 2):
        return math.inf
    needed = sum(apart > math.log(factor) for factor in (2, 4, 12, 12))
    if denied:
        return needed - 1
    return needed + (old.kind is Kind.DURATION or old.unit != new.unit or old.owners != new.owners or new.lent)


# --- what moved --------------------------------------------------------------------------------------------------


def _movement(old: Quantity, new: Quantity) -> Movement:
    before, after = _span(old), _span(new)
    if _close(before[0], after[0], old, new) and _close(before[1], after[1], old, new):
        return Movement.EQUAL
    if _within(old, before, after):
        return Movement.WITHIN
    return Movement.UP if sum(after) > sum(before) else Movement.DOWN


def _span(quantity: Quantity) -> tuple[float, float]:
    """The two ends in units that compare: spans of time in days."""
    factor = DAYS[quantity.unit] if quantity.kind is Kind.DURATION else 1.0
    return quantity.low * factor, quantity.high * factor


def _close(before: float, after: float, old: Quantity, new: Quantity) -> bool:
    if old.kind is Kind.DATE:
        return before == after
    away = abs(after - before) / max(abs(before), 1e-9)
    rough = Bound.ABOUT in {old.bound, new.bound}
    reach, digits = (_ABOUT, 1) if rough else (_ROUNDED, 2)
    rounded = _rounds_to(before, after, old, digits) or _rounds_to(after, before, new, digits)
    spoken = rough and 0.0 in {old.step, new.step}
    return away <= (_ROUNDED if spoken else _SAME) or (away <= reach and rounded)


def _rounds_to(rounded: float, exact: float, written: Quantity, digits: int) -> bool:
    """Whether `exact`, to the last digit written, is `rounded`; for figures of so many digits and more."""
    step = written.step
    if written.kind is Kind.DURATION or step <= 0 or abs(rounded) < 10 ** (digits - 1) * step:
        return False
    return abs(round(exact / step) * step - rounded) < step / 1000


def _within(old: Quantity, before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether the claim's wording allows the new figure: inside its range, or by its bound."""
    if old.kind is Kind.DATE:
        return (before[0] <= after[0] and after[1] <= before[1]) or (after[0] <= before[0] and before[1] <= after[1])
    if before[0] < before[1]:
        slack = _ABOUT * before[1] if old.bound is Bound.ABOUT else 0.0
        return before[0] - slack <= after[0] and after[1] <= before[1] + slack
    if old.bound is Bound.AT_LEAST:
        return before[0] <= after[0] and after[1] <= before[0] * (1 + _JUST_OVER)
    return old.bound is Bound.AT_MOST and before[0] / 2 <= after[0] and after[1] <= before[0]


def _difference(old: Quantity, new: Quantity) -> float:
    before, after = sum(_span(old)) / 2, sum(_span(new)) / 2
    return after - before if old.kind is Kind.DATE else (after - before) / max(abs(before), 1e-9)


def _log_ratio(old: Quantity, new: Quantity) -> float:
    """ln(new / old), within ±3; for dates the years between them, likewise capped."""
    before, after = sum(_span(old)) / 2, sum(_span(new)) / 2
    if old.kind is Kind.DATE:
        return max(-3.0, min(3.0, (after - before) / 365.25))
    if before <= 0 or after <= 0:
        return math.copysign(3.0, after - before) if before != after else 0.0
    return max(-3.0, min(3.0, math.log(after / before)))
