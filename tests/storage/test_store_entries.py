"""Entries, and what became of them, for those who follow their feeds."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
    NOW,
    alert,
    channel_id,
    entry,
    entry_plan,
    follow,
    hold,
    owe,
    poll,
    says,
    settle,
    told,
    watch,
)

from bot.errors import NotFound
from bot.model import (
    Relation,
)
from storage import Store, open_store


def test_entries_belong_to_those_who_follow_their_feed(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    herald, courier = follow(store), follow(store, "courier", AWAY)
    mine, theirs = entry(herald), entry(courier)
    store.commit([poll(herald, entry_plan(mine, "story"))])
    store.commit([poll(courier, entry_plan(theirs, "story"))])
    assert store.entries.latest(HOME, 10) == store.entries.search(HOME, "troops", 10) == [mine]
    assert [report.entry for report in store.entries.reports(AWAY, "story")] == [theirs.id]
    with pytest.raises(NotFound):
        store.entries.by_url(HOME, theirs.url)
    with pytest.raises(NotFound):
        store.entries.trail(HOME, theirs.id)
    store.feeds.unfollow(HOME, herald.id)
    assert store.entries.latest(HOME, 10) == []


def test_entries_by_url_as_given_or_canonical(store: Store) -> None:
    settle(store)
    feed = follow(store)
    old, new = entry(feed, "1"), entry(feed, "2", url="https://herald.example/1?utm_source=rss")
    plans = entry_plan(old), entry_plan(new)
    store.commit([poll(feed, plans[0], replace(plans[1], sketch=replace(plans[1].sketch, url_key="herald.example/1")))])
    assert store.entries.by_url(HOME, old.url) == old
    assert store.entries.by_url(HOME, new.url) == new
    assert store.entries.by_url(HOME, "herald.example/1") == new
    assert store.entries.by_url(HOME, "https://herald.example/1?ref=x", "herald.example/1") == new
    store.commit([poll(feed, entry_plan(entry(feed, "3", url="")))])
    with pytest.raises(NotFound):
        store.entries.by_url(HOME, "")


def test_the_latest_page_by_page(store: Store) -> None:
    settle(store)
    feed = follow(store)
    store.commit([poll(feed, *(entry_plan(entry(feed, str(n), published=NOW - n * MINUTE)) for n in range(5)))])
    first = store.entries.latest(HOME, 3)
    assert [one.key for one in first] == ["0", "1", "2"]
    assert [one.key for one in store.entries.latest(HOME, 3, before=first[-1].published)] == ["3", "4"]


def test_aliases_are_known_like_keys(store: Store) -> None:
    settle(store)
    feed, other = follow(store), follow(store, "courier")
    store.commit([poll(feed, entry_plan(entry(feed, "guid", aliases=("link", "hash"))))])
    keys = ["guid", "link", "hash", "new", *map(str, range(4000))]
    assert store.entries.known(feed.id, keys) == {"guid", "link", "hash"}
    assert store.entries.known(other.id, keys) == frozenset()
    assert store.entries.known(feed.id, []) == frozenset()


def test_sketches_in_the_order_of_writing(store: Store) -> None:
    settle(store)
    feed = follow(store)
    old, new, newest = entry(feed, "1", published=NOW - 9 * DAY), entry(feed, "2"), entry(feed, "3")
    store.commit([poll(feed, entry_plan(old), entry_plan(new, "story"))])
    sketches, last = store.entries.sketches(0, NOW - DAY)
    assert sketches == [entry_plan(new, "story").sketch]
    assert store.entries.sketches(last, NOW - DAY) == ([], last)
    store.commit([poll(feed, entry_plan(newest))])
    sketches, further = store.entries.sketches(last, NOW - DAY)
    assert [sketch.entry for sketch in sketches] == [newest.id]
    assert further > last
    store.prune(NOW + DAY)
    assert store.entries.sketches(further, NOW - DAY) == ([], further), "numbers never go back"


def test_what_channels_were_told(store: Store) -> None:
    settle(store, HOME, "news", "other")
    feed = follow(store)
    one, two = entry(feed, "1"), entry(feed, "2")
    made = [alert(one), alert(one, "other"), alert(two)]
    store.commit([poll(feed, entry_plan(one), entry_plan(two), alerts=made)])
    here, there = channel_id("news"), channel_id("other")
    assert {one.id for one in store.alerts.told([here, there], [one.id])} == {made[0].id, made[1].id}
    assert store.alerts.told([here], [two.id, "unknown"]) == [made[2]]
    assert store.alerts.told([], [one.id]) == store.alerts.told([here], []) == []
    many = [f"story{number}" for number in range(3000)]
    assert store.alerts.told([here], [*many, one.id]) == [made[0]]


def test_a_trail_shows_its_own_tenants_part(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    feed = follow(store)
    follow(store, tenant=AWAY)
    hold(store)
    hold(store, tenant=AWAY)
    store.watches.add(watch())
    store.watches.add(watch("troops", AWAY, "far"))
    one = entry(feed)
    verdicts = {HOME: (says(Relation.CONFIRMS),), AWAY: (says(Relation.CONTRADICTS),)}
    made = alert(one, "far", AWAY)
    plan = told(feed)
    both = [watch(), watch("troops", AWAY, "far")]
    store.commit(
        [
            poll(
                feed,
                entry_plan(one, watches=both, verdicts=verdicts, decisions=plan.entries[0].decisions),
                alerts=[made],
                owed=[owe(made.id, "far")],
            )
        ]
    )
    mine, theirs = store.entries.trail(HOME, one.id), store.entries.trail(AWAY, one.id)
    assert [seen.tenant for seen, _ in mine.matches] == [HOME]
    assert (mine.verdicts, theirs.verdicts) == (verdicts[HOME], verdicts[AWAY])
    assert (len(mine.decisions), len(theirs.decisions)) == (1, 0)
    assert (len(mine.deliveries), len(theirs.deliveries)) == (0, 1)


def test_all_reads_of_a_view_see_one_state(store: Store, url: str) -> None:
    settle(store)
    with closing(open_store(url)) as other:

        def reads() -> tuple[int, int, int]:
            before = len(store.feeds.followed(HOME))
            follow(other)
            return before, len(store.feeds.followed(HOME)), store.view(lambda: len(store.feeds.followed(HOME)))

        assert store.view(reads) == (0, 0, 0)
    assert len(store.feeds.followed(HOME)) == 1


def test_a_view_that_fails_leaves_nothing_behind(store: Store) -> None:
    settle(store)

    def fails() -> None:
        store.feeds.followed(HOME)
        raise LookupError

    with pytest.raises(LookupError):
        store.view(fails)
    follow(store)
    assert len(store.feeds.followed(HOME)) == 1
