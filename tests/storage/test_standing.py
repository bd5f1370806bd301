from __future__ import annotations

import pytest

from bot.model import ClaimState
from storage.standing import moved

STANDING, CHALLENGED, OUTDATED = ClaimState.STANDING, ClaimState.CHALLENGED, ClaimState.OUTDATED
REVISED, RETIRED = ClaimState.REVISED, ClaimState.RETIRED


@pytest.mark.parametrize(
    ("state", "contradicting", "updating", "after"),
    [
        (STANDING, 0, 0, STANDING),
        (STANDING, 1, 1, STANDING),
        (STANDING, 2, 0, CHALLENGED),
        (STANDING, 0, 2, OUTDATED),
        (STANDING, 3, 2, CHALLENGED),
        (STANDING, 2, 3, OUTDATED),
        (STANDING, 2, 2, CHALLENGED),
        (REVISED, 2, 0, CHALLENGED),
        (REVISED, 1, 2, OUTDATED),
        (CHALLENGED, 0, 9, CHALLENGED),
        (OUTDATED, 9, 0, OUTDATED),
        (RETIRED, 9, 9, RETIRED),
    ],
)
def test_two_outlets_move_what_may_move(
    state: ClaimState, contradicting: int, updating: int, after: ClaimState
) -> None:
    assert moved(state, contradicting, updating) is after
