"""When the news moves a claim. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from bot.model import ClaimState, Relation

WINDOW = timedelta(days=30)
"""How far back reports count, by when they were published."""

OUTLETS = 2
"""So many distinct outlets must say so: one may err."""

MOVABLE = frozenset({ClaimState.STANDING, ClaimState.REVISED})
"""What has moved already waits for a person; what is retired does not move."""


def moved(state: ClaimState, contradicting: int, updating: int) -> ClaimState:
    """The state of a claim that so many distinct outlets contradict and update.

    A revised claim is judged by what came after its revision alone; the caller counts accordingly.
    """
    if state not in MOVABLE or max(contradicting, updating) < OUTLETS:
        return state
    return ClaimState.CHALLENGED if contradicting >= updating else ClaimState.OUTDATED


class Telling(NamedTuple):
    """One report that contradicts or updates a claim."""

    seen: datetime
    published: datetime
    outlet: str
    relation: Relation


def replayed(state: ClaimState, tellings: Iterable[Telling]) -> ClaimState:
    """The state to which those reports bring a claim, taken in the order in which they were seen."""
    heard: list[Telling] = []
    for seen, together in groupby(sorted(tellings), key=lambda telling: telling.seen):
        heard += together
        lately = [telling for telling in heard if telling.published >= seen - WINDOW]
        state = moved(state, _outlets(lately, Relation.CONTRADICTS), _outlets(lately, Relation.UPDATES))
    return state


def _outlets(tellings: Iterable[Telling], relation: Relation) -> int:
    return len({telling.outlet for telling in tellings if telling.relation is relation})
