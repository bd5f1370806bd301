"""Digests: made of the channel's own matches, committed once a local day, and kept as they were made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
    NOW,
    channel_id,
    digest_of,
    entry,
    entry_plan,
    follow,
    hold,
    owe,
    poll,
    says,
    settle,
    watch,
)

from bot.model import (
    Action,
    Decision,
    DeliveryKind,
    Digest,
    FeedState,
    Relation,
    Report,
    WatchMode,
)
from storage import Store

SPAN = (NOW - DAY, NOW + MINUTE)
NEWS = channel_id("news")


def test_a_story_is_one_fact(store: Store) -> None:
    settle(store)
    hold(store)
    store.watches.add(watch("b", mode=WatchMode.BOTH))
    store.watches.add(watch("a"))
    herald, courier = follow(store), follow(store, "courier")
    late = entry(herald)
    early = entry(courier, published=NOW - MINUTE)
    updates, confirms = says(Relation.UPDATES), says(Relation.CONFIRMS)
    store.commit([poll(herald, entry_plan(late, "story", [watch("a"), watch("b")], {HOME: (updates,)}))])
    store.commit([poll(courier, entry_plan(early, "story", [watch("b")], {HOME: (confirms,)}))])

    (fact,) = store.digests.facts(NEWS, *SPAN)

    assert fact.story == "story"
    assert fact.lead == Report(early.id, "Courier", early.title, early.url, early.published)
    assert fact.outlets == ("Courier", "Herald")
    assert fact.entries == 2
    assert set(fact.matched) == {"a", "b"}
    assert fact.modes == {WatchMode.MOVED, WatchMode.BOTH}
    assert fact.verdicts == (("Courier", confirms), ("Herald", updates))
    assert store.digests.counts(NEWS, *SPAN) == (2, 2, 0)


def test_facts_are_the_channels_own(store: Store) -> None:
    settle(store, HOME, "news", "other")
    settle(store, AWAY, "far")
    for one in (watch(), watch("elsewhere", HOME, "other"), watch("troops", AWAY, "far")):
        store.watches.add(one)
    mine, theirs = follow(store), follow(store, "courier", AWAY)
    hold(store)
    hold(store, tenant=AWAY)
    both = {HOME: (says(Relation.CONFIRMS),), AWAY: (says(Relation.CONTRADICTS),)}
    everybody = [watch(), watch("elsewhere", HOME, "other"), watch("troops", AWAY, "far")]
    store.commit([poll(theirs, entry_plan(entry(theirs), "story", everybody, both))])
    store.commit(
        [
            poll(
                mine,
                entry_plan(entry(mine, "1"), "story", [watch()], both),
                entry_plan(entry(mine, "2"), "another", [watch("elsewhere", HOME, "other")]),
                entry_plan(entry(mine, "3"), "none"),
            )
        ]
    )
    (fact,) = store.digests.facts(NEWS, *SPAN)
    assert (fact.story, fact.outlets, fact.matched) == ("story", ("Herald",), ("troops",))
    assert fact.verdicts == (("Herald", says(Relation.CONFIRMS)),)
    assert store.digests.counts(NEWS, *SPAN) == (1, 1, 0)
    (far,) = store.digests.facts(channel_id("far"), *SPAN)
    assert far.verdicts == (("Courier", says(Relation.CONTRADICTS)),)


@pytest.mark.parametrize("action", list(Action))
def test_what_was_decided_to_be_nothing_is_no_fact(store: Store, action: Action) -> None:
    settle(store, HOME, "news", "other")
    store.watches.add(watch())
    feed = follow(store)
    one = entry(feed)
    decided = [
        Decision(one.id, NEWS, action, "why"),
        Decision(one.id, channel_id("other"), Action.NOTHING, "of no concern here"),
    ]
    store.commit([poll(feed, entry_plan(one, watches=[watch()], decisions=decided))])
    told = 0 if action is Action.NOTHING else 1
    assert len(store.digests.facts(NEWS, *SPAN)) == told
    assert store.digests.counts(NEWS, *SPAN) == (told, 1, 0)


def test_the_span_is_half_open_and_by_when_entries_were_seen(store: Store) -> None:
    settle(store)
    store.watches.add(watch())
    feed = follow(store)
    old = entry(feed, "old", published=NOW - 30 * DAY)
    store.commit([poll(feed, entry_plan(old, watches=[watch()]))])
    assert len(store.digests.facts(NEWS, NOW, NOW + MINUTE)) == 1
    assert store.digests.facts(NEWS, NOW - DAY, NOW) == []
    assert store.digests.counts(NEWS, NOW - DAY, NOW) == (0, 1, 0)


def test_feeds_that_fail_are_counted(store: Store) -> None:
    settle(store)
    store.commit([poll(replace(follow(store), state=FeedState.BROKEN))])
    store.commit([poll(replace(follow(store, "courier"), state=FeedState.GONE))])
    follow(store, "abendblatt")
    assert store.digests.counts(NEWS, *SPAN) == (0, 3, 2)


def test_a_digest_comes_back_as_it_was_made(store: Store) -> None:
    settle(store)
    assert store.digests.last(NEWS) is None
    assert store.digests.commit(digest_of(), [owe("d1", kind=DeliveryKind.DIGEST)], scheduled=True) is True
    assert store.digests.get("d1") == store.digests.last(NEWS) == digest_of()
    assert store.deliveries.stats().owed == 1


@pytest.mark.parametrize(
    ("second", "scheduled", "written"),
    [
        (digest_of("d2"), True, False),
        (digest_of("d1"), True, False),
        (digest_of("d2", date(2026, 3, 11)), True, True),
        (digest_of("d2"), False, True),
        (digest_of("d1"), False, False),
    ],
)
def test_one_scheduled_digest_a_local_day(store: Store, second: Digest, scheduled: bool, written: bool) -> None:
    settle(store)
    store.digests.commit(digest_of(), [owe("d1", kind=DeliveryKind.DIGEST)], scheduled=True)
    assert store.digests.commit(second, [owe("more", kind=DeliveryKind.DIGEST)], scheduled) is written
    assert store.deliveries.stats().owed == (2 if written else 1)


def test_the_last_one_is_the_last_scheduled_one(store: Store) -> None:
    settle(store, HOME, "news", "other")
    first, asked = digest_of(), replace(digest_of("asked"), made=NOW + MINUTE)
    second = replace(digest_of("d2", date(2026, 3, 11)), made=NOW + DAY)
    for one, scheduled in ((second, True), (first, True), (asked, False)):
        store.digests.commit(one, [], scheduled)
    assert store.digests.last(NEWS) == second
    assert store.digests.last(channel_id("other")) is None
