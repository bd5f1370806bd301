"""Many threads and several processes' worth of stores at once: each thing happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from store_world import (
    HOME,
    MINUTE,
    NOW,
    channel_id,
    claim,
    digest_of,
    entry,
    entry_plan,
    follow,
    owe,
    poll,
    settle,
    told,
    watch,
)

from bot.errors import ClaimwatchError, Conflict, QuotaExceeded
from bot.model import FeedIntent, Quotas, Sent, Tenant
from storage import Store, open_store

CROWD = 8
PATIENCE = 120


def together(work: Callable[[int], object], crowd: int = CROWD) -> list[object]:
    """What `crowd` threads that start at the same moment return or raise."""
    gate = Barrier(crowd, timeout=PATIENCE)

    def one(number: int) -> object:
        gate.wait()
        try:
            return work(number)
        except ClaimwatchError as error:
            return error

    with ThreadPoolExecutor(crowd) as pool:
        return [future.result(PATIENCE) for future in [pool.submit(one, number) for number in range(crowd)]]


@pytest.fixture
def stores(url: str, store: Store):
    """As many stores over one database as there are threads: like processes, they share nothing else."""
    opened = [store, *(open_store(url) for _ in range(CROWD - 1))]
    yield opened
    for one in opened[1:]:
        one.close()


def test_eight_claimers_post_each_delivery_once(stores: list[Store]) -> None:
    channels, each = 5, 8
    settle(stores[0], HOME, *(f"c{number}" for number in range(channels)))
    stores[0].deliveries.owe([owe(f"s{n}", f"c{c}") for n in range(each) for c in range(channels)])
    flying: Counter[str] = Counter()
    most: list[int] = []

    def deliver(number: int) -> list[str]:
        mine, idle = [], 0
        while idle < 5 and len(mine) <= channels * each:
            claimed = stores[number].deliveries.claim_due(NOW, ["console"], 2)
            idle = 0 if claimed else idle + 1
            for one in claimed:
                flying[one.channel] += 1
                most.append(flying[one.channel])
            for one in claimed:
                flying[one.channel] -= 1
                stores[number].deliveries.mark(one.id, Sent("1"), NOW)
                mine.append(one.id)
        return mine

    posted = [one for mine in together(deliver) for one in mine]  # type: ignore[attr-defined]
    left = [one.id for one in drain(stores[0], channels * each)]
    counts = Counter(posted + left)
    assert len(counts) == channels * each
    assert set(counts.values()) == {1}
    assert max(most) == 1, "at most one in flight a channel"
    assert stores[0].deliveries.stats().sent == channels * each


def drain(store: Store, limit: int):
    """What the crowd left, because each of them found others at work."""
    for _ in range(limit + 1):
        claimed = store.deliveries.claim_due(NOW, ["console"], limit)
        if not claimed:
            return
        for one in claimed:
            store.deliveries.mark(one.id, Sent("1"), NOW)
            yield one


def test_eight_pollers_lease_each_feed_once(stores: list[Store]) -> None:
    settle(stores[0])
    for number in range(20):
        follow(stores[0], f"feed{number}")
    leased = together(lambda number: [feed.id for _ in range(5) for feed in stores[number].feeds.claim_due(NOW, 60, 2)])
    counts = Counter(feed for mine in leased for feed in mine)  # type: ignore[attr-defined]
    counts.update(feed.id for feed in stores[0].feeds.claim_due(NOW, 60, 20))
    assert len(counts) == 20
    assert set(counts.values()) == {1}


def test_the_same_poll_from_everywhere_is_written_once(stores: list[Store]) -> None:
    settle(stores[0])
    plan = told(follow(stores[0]))
    assert sorted(together(lambda number: stores[number].commit([plan])[0])) == [0] * (CROWD - 1) + [1]  # type: ignore[type-var]
    assert stores[0].deliveries.stats().owed == 1


def test_readers_that_remember_a_number_miss_nothing(stores: list[Store]) -> None:
    settle(stores[0])
    feeds = [follow(stores[0], f"feed{number}") for number in range(CROWD - 1)]

    def read_or_write(number: int) -> set[str]:
        seen: set[str] = set()
        after = 0
        for key in range(12):
            if number:
                feed = feeds[number - 1]
                stores[number].commit([poll(feed, *(entry_plan(entry(feed, f"{key}-{n}")) for n in range(3)))])
            else:
                sketches, after = stores[0].entries.sketches(after, NOW - MINUTE)
                seen |= {sketch.entry for sketch in sketches}
        if not number:
            stores[0].meta.put("after", str(after))
        return seen

    seen = together(read_or_write)[0]
    rest, _ = stores[0].entries.sketches(int(stores[0].meta.get("after") or 0), NOW - MINUTE)
    everything, _ = stores[0].entries.sketches(0, NOW - MINUTE)
    assert isinstance(seen, set)
    assert seen | {sketch.entry for sketch in rest} == {sketch.entry for sketch in everything}
    assert len(everything) == (CROWD - 1) * 12 * 3


def test_quotas_hold_in_a_crowd(stores: list[Store]) -> None:
    settle(stores[0])
    stores[0].tenants.put(Tenant(HOME, "console", "Home", quotas=Quotas(feeds=3, watches=2, claims=4)))

    def configure(number: int) -> int:
        store, refused = stores[number], 0
        for change in (
            lambda: store.feeds.follow(HOME, FeedIntent(f"https://{number}.example/feed"), NOW),
            lambda: store.watches.add(watch(f"watch{number}")),
            lambda: store.claims.put(HOME, [claim(f"claim{number}")], "Ada", NOW),
        ):
            try:
                change()
            except QuotaExceeded:
                refused += 1
        return refused

    assert sum(together(configure)) == 3 * CROWD - 3 - 2 - 4  # type: ignore[arg-type]
    store = stores[0]
    counts = (len(store.feeds.followed(HOME)), len(store.watches.all(HOME)), len(store.claims.all(HOME)))
    assert counts == (3, 2, 4)


def test_one_feed_followed_by_everybody_at_once(stores: list[Store]) -> None:
    for number in range(CROWD):
        settle(stores[0], f"console:t{number}", f"c{number}")
    feeds = together(lambda number: follow(stores[number], tenant=f"console:t{number}"))
    assert len({feed.id for feed in feeds}) == 1  # type: ignore[attr-defined]
    assert len(stores[0].feeds.followers(feeds[0].id)) == CROWD  # type: ignore[attr-defined]


def test_one_name_for_one_watch(stores: list[Store]) -> None:
    settle(stores[0])
    outcomes = together(lambda number: stores[number].watches.add(replace(watch(), id=f"w{number}")))
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == CROWD - 1


def test_one_digest_a_day_from_everywhere(stores: list[Store]) -> None:
    settle(stores[0])
    outcomes = together(lambda number: stores[number].digests.commit(digest_of(f"d{number}"), [owe("d")], True))
    assert outcomes.count(True) == 1
    assert outcomes.count(False) == CROWD - 1


def test_a_channel_is_paused_by_one(stores: list[Store]) -> None:
    settle(stores[0])
    outcomes = together(lambda number: stores[number].tenants.pause_channel(channel_id("news"), "closed"))
    assert outcomes.count(True) == 1


def test_everybody_opens_a_new_database_at_once(tmp_path) -> None:
    path = str(tmp_path / "new.sqlite")
    opened = together(lambda _: open_store(path))
    assert [type(one) for one in opened] == [Store] * CROWD
    for one in opened:
        one.close()  # type: ignore[attr-defined]


def test_threads_share_one_store(store: Store) -> None:
    settle(store)
    feeds = [follow(store, f"feed{number}") for number in range(CROWD)]

    def work(number: int) -> int:
        for key in range(5):
            store.commit([poll(feeds[number], entry_plan(entry(feeds[number], str(key))))])
            store.entries.search(HOME, "troops", 5)
        return len(store.entries.latest(HOME, 1000))

    assert max(together(work)) == 5 * CROWD  # type: ignore[type-var]
