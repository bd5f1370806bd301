"""How often verdicts were right, by the marks that readers gave them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.model import Mark, Review

K = TypeVar("K")

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
ENOUGH = 5
"""Marks from which a share says anything."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Marks counted."""

    right: int
    shown: int

    @property
    def precision(self) -> float:
        return self.right / self.shown if self.shown else 0.0

    def __str__(self) -> str:
        """ "12 of 15 right (80 %)"; without the share where the marks are too few for one."""
        share = f" ({self.precision:.0%})" if self.shown >= ENOUGH else ""
        return f"{self.right} of {self.shown} right{share}"


def tally(reviews: Iterable[Review]) -> Tally:
    """All of them together."""
    marks = [review.mark for review in reviews]
    return Tally(marks.count(Mark.RIGHT), len(marks))


def tallies(reviews: Sequence[Review], of: Callable[[Review], K]) -> dict[K, Tally]:
    """By what `of` says of each; those with most that is wrong first, then those with most marks."""
    groups: dict[K, list[Review]] = {}
    for review in reviews:
        groups.setdefault(of(review), []).append(review)
    counted = {key: tally(group) for key, group in groups.items()}
    return dict(sorted(counted.items(), key=lambda item: (item[1].right - item[1].shown, -item[1].shown)))


def by_threshold(reviews: Sequence[Review], present: float) -> dict[float, Tally]:
    """What each threshold, the present one among them, would have shown of what was marked, lowest first."""
    wanted = sorted({*THRESHOLDS, round(present, 2)})
    return {least: tally(review for review in reviews if review.confidence >= least) for least in wanted}
