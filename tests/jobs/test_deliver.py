"""Every outcome that a send can have, and what the store says afterwards."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from jobs_world import NOW, HandClock, ScriptedPlatform, settle

from bot.alerts.decide import owe
from bot.alerts.render import Labels
from bot.blocks import Limits, Message
from bot.errors import StoreBusy
from bot.jobs.compose import Composer
from bot.jobs.deliver import ATTEMPTS_OF_EDITS, GIVE_UP, UNSURE, Deliverer
from bot.model import (
    Alert,
    AlertKind,
    Channel,
    ChannelState,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Denied,
    Entry,
    EntryPlan,
    FeedIntent,
    Later,
    Owed,
    PollPlan,
    Refused,
    Sent,
    Sketch,
    Unknown,
    stable_id,
)
from storage import Store, open_store

WINDOW = timedelta(seconds=120)
NEWS, WIRE = "console:news", "console:wire"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def platform() -> ScriptedPlatform:
    return ScriptedPlatform()


@pytest.fixture
def deliverer(store: Store, platform: ScriptedPlatform, clock: HandClock) -> Deliverer:
    """Over a store with the channels "news", which is the admin channel, and "wire"."""
    settle(store)
    store.tenants.put_channel(Channel(WIRE, "console:home", "console", "wire", "wire"))
    return deliverer_of(store, platform, clock)


def deliverer_of(store: Store, platform: ScriptedPlatform, clock: HandClock) -> Deliverer:
    return Deliverer(store, {platform.name: platform}, Composer(store, Labels()), clock, lambda: None)


def notice(store: Store, text: str = "hello", channel: str = NEWS, clock: HandClock | None = None) -> str:
    """Owe a notice; its delivery's id."""
    owed = owe(channel, DeliveryKind.NOTICE, stable_id(text), clock.now() if clock else NOW, payload=text)
    store.deliveries.owe([owed])
    return owed.id


def alert(store: Store, channel: str = NEWS) -> tuple[Alert, Owed]:
    """An alert of a stored entry, and its delivery, which is owed."""
    feed = store.feeds.follow("console:home", FeedIntent("https://herald.example/feed", "Herald"), NOW)
    entry = Entry(
        stable_id(feed.id, "1"), feed.id, "1", "https://herald.example/1", "It happens", "", NOW, NOW, outlet="Herald"
    )
    made = Alert(stable_id(entry.id), "console:home", channel, entry.id, entry.id, AlertKind.NEW, NOW)
    owed = owe(channel, DeliveryKind.ALERT, made.id, NOW)
    plan = EntryPlan(entry, Sketch(entry.id, entry.id, "herald.example/1", b"", NOW))
    store.commit([PollPlan(feed, NOW, (plan,), (made,), (owed,))])
    return made, owed


async def run(deliverer: Deliverer) -> None:
    """Deliver until nothing is due."""
    for _ in range(50):
        if not await deliverer.begin_due():
            return
        await deliverer.drain(30)
    raise AssertionError("there is no end to what is due")


def state(store: Store, delivery: str) -> DeliveryState:
    return store.deliveries.get(delivery).state


# --- what simply works -------------------------------------------------------------------------------------------


async def test_what_is_posted_is_marked_with_its_message(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    platform.outcomes = [Sent("m77")]
    delivery = notice(store)
    await run(deliverer)
    done = store.deliveries.get(delivery)
    assert (done.state, done.message_ref, done.attempts) == (DeliveryState.SENT, "m77", 1)
    (call,) = platform.calls
    assert (call.what, call.channel, call.key, call.text) == ("send", NEWS, delivery, "hello")


async def test_a_channel_keeps_its_order_and_two_channels_have_two_posts(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    for number in range(5):
        notice(store, f"news {number}")
        notice(store, f"wire {number}", WIRE)
    notice(store, "the same")
    notice(store, "the same", WIRE)
    await run(deliverer)
    for channel, name in ((NEWS, "news"), (WIRE, "wire")):
        told = [call.text for call in platform.calls if call.channel == channel]
        assert told == [*(f"{name} {number}" for number in range(5)), "the same"]


async def test_later_waits_for_the_whole_channel_and_longer_each_time(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.outcomes = [Later(0.0, "503")] * 6
    delivery = notice(store)
    notice(store, "behind")
    waits = []
    for _ in range(6):
        await run(deliverer)
        waits.append((store.deliveries.get(delivery).due - clock.now()).total_seconds())
        assert len(platform.calls) == len(waits)
        clock.time = store.deliveries.get(delivery).due
    assert waits == sorted(waits)
    assert waits[-1] >= 16 * waits[0]
    await run(deliverer)
    assert [call.text for call in platform.calls[-2:]] == ["hello", "behind"]


async def test_what_the_platform_asks_for_is_waited_for(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    platform.outcomes = [Later(300.0, "429")]
    delivery = notice(store)
    await run(deliverer)
    notice(store, "elsewhere", WIRE)
    await run(deliverer)
    assert store.deliveries.get(delivery).due == NOW + timedelta(seconds=300)
    assert platform.did("send")[-1].text == "elsewhere"


async def test_a_limit_of_the_whole_platform_survives_a_restart(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock, sqlite_url: str
) -> None:
    platform.outcomes = [Later(3600.0, "429", everywhere=True)]
    notice(store)
    await run(deliverer)
    notice(store, "elsewhere", WIRE)
    store.close()
    again = open_store(sqlite_url)
    clock.forward(timedelta(seconds=3599))
    restarted = deliverer_of(again, platform, clock)
    await run(restarted)
    assert len(platform.calls) == 1
    clock.forward(timedelta(seconds=1))
    await run(restarted)
    assert {call.text for call in platform.calls} == {"hello", "elsewhere"}
    again.close()


async def test_what_cannot_be_posted_for_days_is_given_up(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.outcomes = [Later(0.0, "503"), Later(0.0, "503")]
    delivery = notice(store)
    await run(deliverer)
    clock.forward(GIVE_UP + timedelta(hours=1))
    await run(deliverer)
    assert state(store, delivery) is DeliveryState.FAILED
    assert "503" in store.deliveries.get(delivery).error


# --- what is refused ---------------------------------------------------------------------------------------------


async def test_a_closed_channel_is_paused_and_told_of_once(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    platform.outcomes = [Refused("50001 Missing Access", channel_closed=True)]
    first = notice(store, "one", WIRE)
    second = notice(store, "two", WIRE)
    await run(deliverer)
    await run(deliverer)
    assert state(store, first) is DeliveryState.FAILED
    assert state(store, second) is DeliveryState.OWED  # it waits, and is no further invalid call
    paused = store.tenants.channel(WIRE)
    assert (paused.state, paused.state_reason) == (ChannelState.PAUSED, "50001 Missing Access")
    told = platform.did("send")[1:]
    assert [call.channel for call in told] == [NEWS]
    assert "#wire" in told[0].text


async def test_a_message_that_is_refused_leaves_the_channel_open(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    platform.outcomes = [Refused("400 too long")]
    first, second = notice(store, "one"), notice(store, "two")
    await run(deliverer)
    assert (state(store, first), state(store, second)) == (DeliveryState.FAILED, DeliveryState.SENT)


@pytest.mark.parametrize("trouble", ["no such alert", "the platform's code breaks"])
async def test_what_cannot_be_made_is_set_aside_and_the_queue_moves_on(
    deliverer: Deliverer,
    store: Store,
    platform: ScriptedPlatform,
    caplog: pytest.LogCaptureFixture,
    trouble: str,
) -> None:
    if trouble == "no such alert":
        poison = owe(NEWS, DeliveryKind.ALERT, "nothing", NOW)
        store.deliveries.owe([poison])
        first = poison.id
    else:
        platform.outcomes = [ValueError("a bug")]
        first = notice(store, "one")
    second = notice(store, "two")
    with caplog.at_level(logging.CRITICAL, "bot.jobs.deliver"):
        await run(deliverer)
    assert (state(store, first), state(store, second)) == (DeliveryState.FAILED, DeliveryState.SENT)


async def test_a_busy_database_fails_no_message(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    class Forgetful(Composer):
        busy = True

        async def compose(self, delivery: Delivery, limits: Limits) -> Message:
            if self.busy:
                self.busy = False
                raise StoreBusy("locked")
            return await super().compose(delivery, limits)

    delivery = notice(store)
    busy = Deliverer(store, {"console": platform}, Forgetful(store, Labels()), clock, lambda: None)
    await run(busy)
    assert (state(store, delivery), platform.calls) == (DeliveryState.OWED, [])
    clock.forward(timedelta(minutes=1))
    await run(busy)
    assert state(store, delivery) is DeliveryState.SENT


async def test_a_refused_token_stops_all_sending_and_loses_nothing(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.outcomes = [Denied("401")] * 2
    deliveries = [notice(store), notice(store, "elsewhere", WIRE), notice(store, "behind")]
    await run(deliverer)
    assert len(platform.calls) <= 2  # the channels that were begun side by side, and nothing after them
    assert {state(store, one) for one in deliveries} == {DeliveryState.OWED}
    calls = len(platform.calls)
    clock.forward(timedelta(hours=1))
    await run(deliverer)
    assert len(platform.calls) == calls
    platform.outcomes.clear()
    await run(deliverer_of(store, platform, clock))
    assert {state(store, one) for one in deliveries} == {DeliveryState.SENT}


async def test_what_was_claimed_when_its_platform_stopped_stays_owed(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    delivery = notice(store)
    assert await deliverer.begin_due() == 1
    deliverer.drop("console")  # before the task that was begun has run
    await deliverer.drain(30)
    assert (state(store, delivery), platform.calls) == (DeliveryState.OWED, [])


# --- what is not known -------------------------------------------------------------------------------------------


async def test_within_the_window_the_same_nonce_is_sent_again(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.outcomes = [Unknown("cut off"), Unknown("cut off"), Sent("m1")]
    delivery = notice(store)
    for _ in range(3):
        await run(deliverer)
        clock.time = max(store.deliveries.get(delivery).due, clock.time)
    assert clock.time - NOW < WINDOW
    assert [(call.what, call.key) for call in platform.calls] == [("send", delivery)] * 3
    assert state(store, delivery) is DeliveryState.SENT


@pytest.mark.parametrize(
    ("found", "end", "sends"),
    [
        (Sent("m9"), DeliveryState.SENT, 1),
        (Later(0.0, "not there"), DeliveryState.SENT, 2),
        (None, DeliveryState.UNCERTAIN, 1),
        (Refused("the channel is gone", channel_closed=True), DeliveryState.FAILED, 1),
    ],
    ids=["it is there", "it is not there", "nothing can tell", "its channel is gone"],
)
@pytest.mark.parametrize("asked", ["when it comes out so late", "after a long wait", "after a death and a long wait"])
async def test_beyond_the_window_it_is_looked_for_before_anything_is_repeated(
    deliverer: Deliverer,
    store: Store,
    platform: ScriptedPlatform,
    clock: HandClock,
    found: Sent | Later | Refused | None,
    end: DeliveryState,
    sends: int,
    asked: str,
) -> None:
    platform.found = [found]
    delivery = notice(store)
    if asked == "after a death and a long wait":
        store.deliveries.claim_due(clock.now(), ["console"], 5)
        platform.calls.clear()
        sends -= 1  # the first one was the dead process's
        await deliverer.recover()  # within the window: to be sent again
        await deliverer.drain(30)
        clock.forward(WINDOW * 3)
    elif asked == "after a long wait":
        platform.outcomes = [Unknown("cut off")]
        await run(deliverer)
        clock.forward(WINDOW * 3)  # the process was down, or the channel had to wait
    else:
        platform.outcomes = [Later(WINDOW.total_seconds() * 3, "429"), Unknown("cut off")]
        await run(deliverer)
        clock.forward(WINDOW * 3)
        sends += 1
    await run(deliverer)
    clock.forward(timedelta(minutes=15))
    await run(deliverer)
    assert len(platform.did("find")) == 1
    assert len(platform.did("send")) == sends
    assert state(store, delivery) is end
    stats = store.deliveries.stats()
    assert (stats.uncertain, stats.owed, stats.sending) == (int(end is DeliveryState.UNCERTAIN), 0, 0)


async def test_a_doubt_is_not_forgotten_over_a_clear_refusal_to_wait(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.outcomes = [Unknown("cut off"), Later(3600.0, "429")]
    platform.found = [Sent("m1")]
    delivery = notice(store)
    await run(deliverer)
    clock.forward(timedelta(seconds=30))
    await run(deliverer)
    assert store.deliveries.get(delivery).error == f"{UNSURE}429"
    clock.forward(timedelta(hours=1))
    await run(deliverer)
    assert (len(platform.did("send")), state(store, delivery)) == (2, DeliveryState.SENT)


@pytest.mark.parametrize(
    ("ago", "end", "finds"),
    [(timedelta(seconds=5), DeliveryState.OWED, 0), (WINDOW * 2, DeliveryState.SENT, 1)],
    ids=["within the window", "beyond it"],
)
async def test_what_a_dead_process_left_is_settled_at_the_start(
    deliverer: Deliverer,
    store: Store,
    platform: ScriptedPlatform,
    clock: HandClock,
    ago: timedelta,
    end: DeliveryState,
    finds: int,
) -> None:
    deliveries = [notice(store), notice(store, "elsewhere", WIRE)]
    store.deliveries.claim_due(clock.now(), ["console"], 5)  # and then it died
    platform.found = [Sent("m1"), Sent("m2")]
    clock.forward(ago)
    assert await deliverer.begin_due() == 0
    assert await deliverer.recover() == 2
    await deliverer.drain(30)
    assert [state(store, one) for one in deliveries] == [end, end]
    assert len(platform.did("find")) == 2 * finds
    clock.forward(timedelta(seconds=10))
    await run(deliverer)
    assert {call.key for call in platform.did("send")} == (set() if finds else set(deliveries))


async def test_one_that_cannot_be_settled_does_not_stop_the_others(
    deliverer: Deliverer,
    store: Store,
    platform: ScriptedPlatform,
    clock: HandClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    first, second = notice(store), notice(store, "elsewhere", WIRE)
    store.deliveries.claim_due(clock.now(), ["console"], 5)
    clock.forward(WINDOW * 2)
    platform.found = [Sent("m1")]  # and an IndexError for the second
    with caplog.at_level(logging.CRITICAL, "bot.jobs.deliver"):
        assert await deliverer.recover() == 2
        await deliverer.drain(30)
    assert sorted((state(store, first), state(store, second))) == [DeliveryState.SENDING, DeliveryState.SENT]


async def test_later_recoveries_leave_alone_what_is_being_sent_now(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    platform.found = [Sent("m1")]
    delivery = notice(store)
    store.deliveries.claim_due(clock.now(), ["console"], 5)
    assert await deliverer.recover(before=clock.now() - timedelta(minutes=10)) == 0
    clock.forward(timedelta(minutes=11))
    assert await deliverer.recover(before=clock.now() - timedelta(minutes=10)) == 1
    assert await deliverer.recover(before=clock.now() - timedelta(minutes=10)) == 0, "it is being settled"
    await deliverer.drain(30)
    assert state(store, delivery) is DeliveryState.SENT


# --- edits -------------------------------------------------------------------------------------------------------


async def test_an_edit_waits_for_its_message_and_changes_it(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    made, owed = alert(store)
    edit = owe(NEWS, DeliveryKind.EDIT, made.id, NOW, part=7)
    store.deliveries.owe([edit])
    platform.outcomes = [Sent("m5")]
    await run(deliverer)
    assert [(call.what, call.key) for call in platform.calls] == [("send", owed.id), ("edit", "m5")]
    assert state(store, edit.id) is DeliveryState.SENT


async def test_an_edit_may_be_repeated_but_not_for_ever(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform, clock: HandClock
) -> None:
    made, _ = alert(store)
    await run(deliverer)
    edit = owe(NEWS, DeliveryKind.EDIT, made.id, NOW, part=7)
    store.deliveries.owe([edit])
    platform.outcomes = [Unknown("cut off")] * 20
    for _ in range(20):
        await run(deliverer)
        clock.forward(timedelta(minutes=11))
    assert len(platform.did("edit")) == ATTEMPTS_OF_EDITS
    assert platform.did("find") == []
    assert state(store, edit.id) is DeliveryState.FAILED


async def test_the_edit_of_a_message_that_was_never_posted_fails_with_it(
    deliverer: Deliverer, store: Store, platform: ScriptedPlatform
) -> None:
    made, owed = alert(store)
    edit = owe(NEWS, DeliveryKind.EDIT, made.id, NOW, part=7)
    store.deliveries.owe([edit])
    platform.outcomes = [Refused("400")]
    await run(deliverer)
    assert (state(store, owed.id), state(store, edit.id)) == (DeliveryState.FAILED, DeliveryState.FAILED)
    assert platform.did("edit") == []
