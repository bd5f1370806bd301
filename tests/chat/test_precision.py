"""How often verdicts were right, counted from marks."""

from __future__ import annotations

import pytest
from chat_world import NOW

from bot.chat.commands.precision import Tally, by_threshold, tallies, tally
from bot.model import Mark, Relation, Review


def review(confidence: float, mark: Mark = Mark.RIGHT, claim: str = "a") -> Review:
    return Review("t", "alert", "story", claim, Relation.UPDATES, confidence, mark, "ana", NOW)


MARKED = [review(0.6, Mark.WRONG), review(0.7, Mark.WRONG, "b"), review(0.7), review(0.8), review(0.95)]


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (Tally(0, 0), "0 of 0 right"),
        (Tally(1, 4), "1 of 4 right"),
        (Tally(4, 5), "4 of 5 right (80%)"),
        (Tally(0, 12), "0 of 12 right (0%)"),
    ],
)
def test_few_marks_make_no_share(counted: Tally, words: str) -> None:
    assert str(counted) == words


def test_a_threshold_shows_what_lies_at_or_above_it() -> None:
    found = by_threshold(MARKED, 0.75)
    assert list(found) == [0.5, 0.6, 0.7, 0.75, 0.8, 0.9]
    assert [(counts.shown, counts.right) for counts in found.values()] == [
        (5, 3),
        (5, 3),
        (4, 3),
        (2, 2),
        (2, 2),
        (1, 1),
    ]
    assert list(by_threshold(MARKED, 0.6)) == [0.5, 0.6, 0.7, 0.8, 0.9]


def test_what_was_wrong_most_often_comes_first() -> None:
    more = [*MARKED, review(0.9, Mark.WRONG, "b"), review(0.9, claim="c")]
    assert tallies(more, lambda one: one.claim) == {"b": Tally(0, 2), "a": Tally(3, 4), "c": Tally(1, 1)}
    assert list(tallies(more, lambda one: one.claim)) == ["b", "a", "c"]
    assert tally(more) == Tally(4, 7)
