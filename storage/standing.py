"""When the news moves a claim. Pure."""

from __future__ import annotations

from datetime import timedelta

from bot.model import ClaimState

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
