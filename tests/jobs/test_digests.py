"""Digests: one a local day, whatever clocks, restarts and pauses do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from jobs_world import HandClock, ScriptedPlatform, claim, says, settle

from bot.alerts.decide import owe
from bot.alerts.render import Labels
from bot.blocks import Limits
from bot.chat.console import LIMITS
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.jobs.digests import Digester
from bot.model import (
    Action,
    Channel,
    ChannelState,
    Decision,
    DeliveryKind,
    Digest,
    DigestRhythm,
    Entry,
    EntryPlan,
    FeedIntent,
    Match,
    Policy,
    PollPlan,
    Relation,
    Sketch,
    Watch,
    stable_id,
)
from storage import Store, open_store

BRUSSELS = ZoneInfo("Europe/Brussels")
NEWS = "console:news"
QUARTER = timedelta(minutes=15)


def daily(at: time, **changes: object) -> Policy:
    return replace(Policy(timezone="Europe/Brussels", digest_at=at), **changes)  # type: ignore[arg-type]


def digester(store: Store, clock: HandClock, limits: Limits = LIMITS) -> Digester:
    return Digester(store, {"console": limits}, clock, "European defence")


def local(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), BRUSSELS).astimezone(UTC)


def owed(store: Store) -> int:
    return store.deliveries.stats().owed


def bring(store: Store, when: datetime, number: int, title: str = "Poland wants nuclear arms") -> None:
    """An entry seen then that matches the watch and contradicts the claim."""
    name = f"feed{number}"
    followed = {feed.title: feed for feed in store.feeds.followed("console:home")}
    intent = FeedIntent(f"https://{name}.example/feed", name)
    feed = followed.get(name) or store.feeds.follow("console:home", intent, when)
    entry = Entry(
        stable_id(feed.id, title), feed.id, stable_id(title), f"https://{name}.example/1", title, "", when, when
    )
    plan = EntryPlan(
        replace(entry, outlet=name),
        Sketch(entry.id, entry.id, f"{name}.example/1", b"", when),
        (Match(stable_id("console:home", "arms"), ("nuclear",)),),
        {"console:home": (says(Relation.CONTRADICTS),)},
        (Decision(entry.id, NEWS, Action.DIGEST, "waits"),),
    )
    store.commit([PollPlan(replace(feed, last_ok=when), when, (plan,))])


@pytest.mark.parametrize(
    "night", [date(2026, 3, 29), date(2026, 10, 25)], ids=["the hour that is left out", "the hour that comes twice"]
)
@pytest.mark.parametrize("at", [time(2, 30), time(0, 0), time(3, 0)], ids=str)
async def test_one_a_local_day_through_a_change_of_clocks(store: Store, night: date, at: time) -> None:
    settle(store, policy=daily(at))
    clock = HandClock(local(night - timedelta(days=1), 0) - QUARTER)
    until = local(night + timedelta(days=2), 0) - QUARTER
    made: list[tuple[date, datetime]] = []
    while clock.time < until:
        if await digester(store, clock).make_due():
            last = store.digests.last(NEWS)
            assert last is not None
            made.append((last.day, clock.time))
        clock.forward(QUARTER)
    assert [day for day, _ in made] == [night - timedelta(days=1), night, night + timedelta(days=1)]
    for day, moment in made:
        assert timedelta(0) <= moment - local(day, at.hour, at.minute) < QUARTER
    assert owed(store) == 3


async def test_a_tick_that_comes_late_or_twice_makes_one(store: Store) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7) + timedelta(seconds=5))  # the event loop was blocked
    workers = [digester(store, clock) for _ in range(8)]
    assert sum(await asyncio.gather(*(one.make_due() for one in workers))) == 1
    assert owed(store) == 1


async def test_a_restart_makes_no_second_one(store: Store, sqlite_url: str) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    assert await digester(store, clock).make_due() == 1
    store.close()
    again = open_store(sqlite_url)
    for _ in range(5):
        clock.forward(timedelta(minutes=1))
        assert await digester(again, clock).make_due() == 0
    assert owed(again) == 1
    again.close()


async def test_days_down_are_made_up_for_by_one(store: Store) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    await digester(store, clock).make_due()
    for day in range(4):
        bring(store, clock.time + timedelta(days=day, hours=1), day)
    clock.forward(timedelta(days=3, hours=5))
    assert await digester(store, clock).make_due() == 1
    assert await digester(store, clock).make_due() == 0
    last = store.digests.last(NEWS)
    assert last is not None
    assert last.day == date(2026, 3, 13)
    assert last.since == local(date(2026, 3, 10), 7)
    assert (last.entries, last.moved[0].outlets) == (4, 4)


async def test_a_clock_that_goes_back_makes_no_second_one(store: Store) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    assert await digester(store, clock).make_due() == 1
    clock.forward(-timedelta(days=1))
    assert await digester(store, clock).make_due() == 0


async def test_a_weekly_one_comes_on_its_day(store: Store) -> None:
    settle(store, policy=daily(time(7), digest=DigestRhythm.WEEKLY, digest_weekday=4))
    clock = HandClock(local(date(2026, 3, 2), 0))
    days = []
    for _ in range(21 * 24):
        if await digester(store, clock).make_due():
            days.append(clock.time.astimezone(BRUSSELS).date())
        clock.forward(timedelta(hours=1))
    assert days == [date(2026, 3, 6), date(2026, 3, 13), date(2026, 3, 20)]


@pytest.mark.parametrize("why", ["off", "paused", "elsewhere"])
async def test_who_gets_none(store: Store, why: str) -> None:
    rhythm = DigestRhythm.OFF if why == "off" else DigestRhythm.DAILY
    place = settle(store, policy=daily(time(7), digest=rhythm))
    if why == "paused":
        store.tenants.pause_channel(place.id, "no access")
    clock = HandClock(local(date(2026, 3, 10), 7))
    here = Digester(store, {} if why == "elsewhere" else {"console": LIMITS}, clock, "European defence")
    assert await here.make_due() == 0
    if why == "paused":
        store.tenants.put_channel(replace(place, state=ChannelState.ACTIVE))
        assert await here.make_due() == 1


async def test_a_channel_that_fails_does_not_stop_the_others(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    place = settle(store, policy=daily(time(7)))
    broken = Channel("console:a", place.tenant, "console", "a", "a", daily(time(7), timezone="Nowhere/Nothing"))
    store.tenants.put_channel(broken)
    store.watches.add(Watch("w", place.tenant, broken.id, "any", "nato"))
    caplog.set_level("CRITICAL")
    assert await digester(store, HandClock(local(date(2026, 3, 10), 7))).make_due() == 1
    assert store.digests.last(NEWS) is not None


async def test_a_channel_that_listens_for_nothing_has_none(store: Store) -> None:
    place = settle(store, policy=daily(time(7)))
    store.tenants.put_channel(replace(place, id="console:admin", address="admin", name="admin"))
    assert await digester(store, HandClock(local(date(2026, 3, 10), 7))).make_due() == 1
    assert store.digests.last("console:admin") is None


async def test_it_is_posted_where_the_channel_says(store: Store) -> None:
    place = settle(store, policy=daily(time(7), digest_in="console:digests"))
    store.tenants.put_channel(replace(place, id="console:digests", address="digests", name="digests"))
    clock = HandClock(local(date(2026, 3, 10), 7))
    assert await digester(store, clock).make_due() == 1
    assert await digester(store, clock).make_due() == 0
    (due,) = store.deliveries.claim_due(clock.now(), ["console"], 5)
    digest = store.digests.last(NEWS)
    assert digest is not None
    assert (due.channel, due.kind, due.subject) == ("console:digests", DeliveryKind.DIGEST, digest.id)


async def test_what_was_asked_for_comes_at_once_and_takes_nothing_from_the_next(store: Store) -> None:
    place = settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    await digester(store, clock).make_due()
    clock.forward(timedelta(hours=5))
    bring(store, clock.time - timedelta(hours=1), 1)
    asked = [await digester(store, clock).make_now(place)]
    clock.forward(timedelta(minutes=1))
    asked.append(await digester(store, clock).make_now(place))
    assert [one.entries for one in asked] == [1, 1]
    assert owed(store) == 3
    clock.forward(timedelta(hours=19))
    assert await digester(store, clock).make_due() == 1
    last = store.digests.last(NEWS)
    assert last is not None
    assert last.entries == 1


async def shown(store: Store, clock: HandClock) -> str:
    platform = ScriptedPlatform()
    deliverer = Deliverer(store, {"console": platform}, Composer(store, Labels()), clock, lambda: None)
    while await deliverer.begin_due():
        await deliverer.drain(30)
    return "\n---\n".join(call.text for call in platform.calls)


async def test_a_quiet_day_says_so_and_what_was_watched(store: Store) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    await digester(store, clock).make_due()
    text = await shown(store, clock)
    assert "arms" in text
    assert len(text.splitlines()) <= 3


async def test_a_long_one_comes_in_pages_and_nothing_is_lost(store: Store) -> None:
    statements = {f"c{number:02}": f"Statement number {number} of many that are held." for number in range(40)}
    settle(store, policy=daily(time(7)), claims=[claim(name, text) for name, text in statements.items()])
    clock = HandClock(local(date(2026, 3, 10), 7))
    when = clock.time - timedelta(hours=1)
    feed = store.feeds.follow("console:home", FeedIntent("https://herald.example/feed", "Herald"), when)
    plans = []
    for name in statements:
        entry = Entry(stable_id(name), feed.id, name, f"https://herald.example/{name}", name, "", when, when)
        plans.append(
            EntryPlan(
                replace(entry, outlet="Herald"),
                Sketch(entry.id, entry.id, name, b"", when),
                (Match(stable_id("console:home", "arms"), ("x",)),),
                {"console:home": (says(Relation.CONTRADICTS, name),)},
                (Decision(entry.id, NEWS, Action.DIGEST, "waits"),),
            )
        )
    store.commit([PollPlan(replace(feed, last_ok=when), when, tuple(plans))])
    small = replace(LIMITS, text=1200, total=2000)
    assert await digester(store, clock, small).make_due() == 1
    last = store.digests.last(NEWS)
    assert isinstance(last, Digest)
    pages = store.deliveries.of(last.id)
    assert len(pages) > 2
    assert [page.part for page in pages] == list(range(len(pages)))
    platform = ScriptedPlatform()
    platform.limits = small
    deliverer = Deliverer(store, {"console": platform}, Composer(store, Labels()), clock, lambda: None)
    while await deliverer.begin_due():
        await deliverer.drain(30)
    text = "\n".join(call.text for call in platform.calls)
    assert len(platform.calls) == len(pages)
    assert all(statement in text for statement in statements.values())
    assert store.deliveries.stats().failed == 0


async def test_a_page_that_is_not_there_fails_alone(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    settle(store, policy=daily(time(7)))
    clock = HandClock(local(date(2026, 3, 10), 7))
    await digester(store, clock).make_due()
    last = store.digests.last(NEWS)
    assert last is not None
    store.deliveries.owe([owe(NEWS, DeliveryKind.DIGEST, last.id, clock.time, part=7)])
    caplog.set_level("CRITICAL")
    await shown(store, clock)
    stats = store.deliveries.stats()
    assert (stats.sent, stats.failed) == (1, 1)
