"""Readers' marks: the latest word counts, and what was marked wrong had better never come. Proposals wait."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
    NOW,
    alert,
    channel_id,
    claim,
    entry,
    entry_plan,
    follow,
    hold,
    poll,
    says,
    settle,
    watch,
)

from bot.errors import NotFound
from bot.model import Alert, ClaimState, Mark, Relation, Review
from storage import Store
from storage.refuted import refuted
from storage.standing import Telling, replayed

CONTRADICTS, UPDATES, CONFIRMS = Relation.CONTRADICTS, Relation.UPDATES, Relation.CONFIRMS
STANDING, CHALLENGED, OUTDATED = ClaimState.STANDING, ClaimState.CHALLENGED, ClaimState.OUTDATED


@pytest.fixture
def settled(store: Store) -> Store:
    settle(store)
    hold(store)
    store.watches.add(watch())
    return store


def report(store: Store, outlet: str, story: str, relation: Relation, seen: datetime = NOW) -> Alert:
    """An entry of that outlet that says so of the claim, and the alert that told of its story."""
    feed = next((one for one in store.feeds.followed(HOME) if one.title == outlet.title()), None)
    feed = feed or follow(store, outlet)
    one = entry(feed, f"{story} {relation}", published=seen, seen=seen)
    told = alert(one, story=story)
    store.commit([poll(feed, entry_plan(one, story, [watch()], {HOME: (says(relation),)}), alerts=[told])])
    return told


def mark(
    of: Alert,
    which: Mark,
    by: str = "ana",
    at: datetime = NOW,
    relation: Relation = CONTRADICTS,
    confidence: float = 0.9,
) -> Review:
    return Review(of.tenant, of.id, of.story, "troops", relation, confidence, which, by, at)


def test_a_readers_last_mark_replaces_the_one_before(settled: Store) -> None:
    told = report(settled, "herald", "s", CONTRADICTS)
    settled.reviews.put(mark(told, Mark.WRONG))
    settled.reviews.put(mark(told, Mark.RIGHT, at=NOW + MINUTE))
    assert settled.reviews.latest(HOME, NOW - DAY) == [mark(told, Mark.RIGHT, at=NOW + MINUTE)]
    assert settled.reviews.refuted(HOME, ["s"]) == frozenset()


def test_the_latest_word_counts_whoever_it_is_from(settled: Store) -> None:
    told = report(settled, "herald", "s", CONTRADICTS)
    settled.reviews.put(mark(told, Mark.RIGHT, "ana"))
    settled.reviews.put(mark(told, Mark.WRONG, "bob", NOW + MINUTE))
    assert [one.by for one in settled.reviews.latest(HOME, NOW - DAY)] == ["bob"]
    assert ("s", "troops", CONTRADICTS) in settled.reviews.refuted(HOME, ["s", "other"])
    settled.reviews.put(mark(told, Mark.RIGHT, "ana", NOW + 2 * MINUTE))
    assert settled.reviews.refuted(HOME, ["s"]) == frozenset()


def test_marks_are_the_tenants_own_and_of_their_time(settled: Store) -> None:
    told = report(settled, "herald", "s", CONTRADICTS)
    settled.reviews.put(mark(told, Mark.WRONG))
    settle(settled, AWAY, "far")
    assert settled.reviews.latest(AWAY, NOW - DAY) == settled.reviews.latest(HOME, NOW + MINUTE) == []
    assert settled.reviews.refuted(AWAY, ["s"]) == settled.reviews.refuted(HOME, ["other"]) == frozenset()


def test_a_claim_takes_back_what_a_wrong_verdict_moved(settled: Store) -> None:
    first = report(settled, "herald", "s1", CONTRADICTS)
    report(settled, "courier", "s2", CONTRADICTS)
    assert settled.claims.get(HOME, "troops").state is CHALLENGED
    assert settled.reviews.put(mark(first, Mark.WRONG)) is STANDING
    assert settled.claims.get(HOME, "troops").state is STANDING
    assert settled.reviews.put(mark(first, Mark.RIGHT, at=NOW + MINUTE)) is CHALLENGED


def test_what_is_wrong_moves_nothing_later(settled: Store) -> None:
    told = report(settled, "herald", "s1", CONTRADICTS)
    settled.reviews.put(mark(told, Mark.WRONG))
    report(settled, "courier", "s1", CONTRADICTS)  # the same story again
    assert settled.claims.get(HOME, "troops").state is STANDING
    report(settled, "wire", "s2", CONTRADICTS)
    assert settled.claims.get(HOME, "troops").state is STANDING
    report(settled, "gazette", "s3", CONTRADICTS)
    assert settled.claims.get(HOME, "troops").state is CHALLENGED


def test_a_mark_years_later_takes_back_its_own_part_alone(settled: Store) -> None:
    for outlet in ("herald", "courier", "wire"):
        told = report(settled, outlet, f"of {outlet}", CONTRADICTS)
    long_after = NOW + 900 * DAY
    assert settled.reviews.put(mark(told, Mark.WRONG, at=long_after)) is CHALLENGED


@pytest.mark.parametrize("state", [ClaimState.REVISED, ClaimState.RETIRED])
def test_what_people_did_to_a_claim_stays(settled: Store, state: ClaimState) -> None:
    told = report(settled, "herald", "s1", UPDATES)
    report(settled, "courier", "s2", UPDATES)
    if state is ClaimState.RETIRED:
        settled.claims.retire(HOME, "troops")
    else:
        settled.claims.put(HOME, [claim(statement="Forty countries send troops.")], "ana", NOW + MINUTE)
    for each in Mark:
        assert settled.reviews.put(mark(told, each, relation=UPDATES)) is state


def test_digests_and_activity_leave_out_what_is_wrong(settled: Store) -> None:
    told = report(settled, "herald", "s1", CONTRADICTS)
    report(settled, "courier", "s2", UPDATES)
    span = (channel_id("news"), NOW - DAY, NOW + MINUTE)
    said = [fact.verdicts for fact in settled.digests.facts(*span)]
    assert sorted(map(len, said)) == [1, 1]
    settled.reviews.put(mark(told, Mark.WRONG))
    facts = {fact.story: fact.verdicts for fact in settled.digests.facts(*span)}
    assert facts == {"s1": (), "s2": (("Courier", says(UPDATES)),)}
    assert [theme.counts for theme in settled.claims.activity(HOME, [NOW.date()], "UTC")] == [(1,)]


_A, _B = ("s", "troops", CONTRADICTS), ("s", "troops", UPDATES)


def _given(relation: Relation, which: Mark, minute: int, told: str = "a") -> Review:
    return Review(HOME, told, "s", "troops", relation, 0.9, which, "ana", NOW + minute * MINUTE)


@pytest.mark.parametrize(
    ("marks", "wrong"),
    [
        ([], set()),
        ([_given(CONTRADICTS, Mark.RIGHT, 0)], set()),
        ([_given(CONTRADICTS, Mark.WRONG, 0)], {_A, _B, ("s", "troops", CONFIRMS)}),
        ([_given(CONTRADICTS, Mark.WRONG, 0), _given(UPDATES, Mark.RIGHT, 1)], {_A, ("s", "troops", CONFIRMS)}),
        ([_given(CONTRADICTS, Mark.WRONG, 0), _given(CONTRADICTS, Mark.RIGHT, 1, "b")], set()),
        (
            [_given(CONTRADICTS, Mark.WRONG, 1), _given(CONTRADICTS, Mark.RIGHT, 0, "b")],
            {_A, _B, ("s", "troops", CONFIRMS)},
        ),
    ],
)
def test_what_marks_make_wrong(marks: list[Review], wrong: set[tuple[str, str, Relation]]) -> None:
    assert refuted(marks) == wrong
    assert refuted(marks[::-1]) == wrong


def _telling(day: int, outlet: str, relation: Relation = CONTRADICTS, published: int | None = None) -> Telling:
    seen = NOW + day * DAY
    return Telling(seen, seen if published is None else NOW + published * DAY, outlet, relation)


@pytest.mark.parametrize(
    ("tellings", "after"),
    [
        ([], STANDING),
        ([_telling(0, "a"), _telling(1, "a")], STANDING),
        ([_telling(0, "a"), _telling(1, "b")], CHALLENGED),
        ([_telling(0, "a"), _telling(31, "b")], STANDING),
        ([_telling(0, "a", UPDATES), _telling(1, "b", UPDATES), _telling(2, "a"), _telling(2, "b")], OUTDATED),
        ([_telling(0, "a", UPDATES), _telling(0, "b", UPDATES), _telling(0, "a"), _telling(0, "b")], CHALLENGED),
        ([_telling(0, "a", published=-40), _telling(0, "b")], STANDING),
    ],
)
def test_a_claims_past_is_replayed(tellings: list[Telling], after: ClaimState) -> None:
    assert replayed(STANDING, tellings[::-1]) is after


def test_proposals_are_kept_for_a_while_in_their_order(settled: Store) -> None:
    given = [claim("b"), claim("a")]
    made = settled.proposals.put(HOME, given, NOW)
    assert settled.proposals.put(HOME, given, NOW + DAY) == made
    assert settled.proposals.get(HOME, made) == tuple(given)
    assert settled.proposals.put(HOME, [replace(given[0], statement="Another.")], NOW) != made
    with pytest.raises(NotFound, match="anew"):
        settled.proposals.get(AWAY, made)
    settled.proposals.put(HOME, [claim("c")], NOW + timedelta(days=32))
    with pytest.raises(NotFound, match="anew"):
        settled.proposals.get(HOME, made)
