"""When nothing can be read for long, the admin channel hears it once, and once when that is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.jobs.watchdog import Watchdog
from bot.model import Channel, Delivery, FeedIntent, PollPlan, Sent, Tenant
from storage import Store

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOME = "console:local"


@pytest.fixture
def watched(store: Store) -> Store:
    """A tenant with an admin channel and a feed that was read just now, and is due every ten minutes."""
    store.tenants.put(Tenant(HOME, "console", "Home", admin_channel="console:local"))
    store.tenants.put_channel(Channel("console:local", HOME, "console", "local", "console"))
    feed = store.feeds.follow(HOME, FeedIntent("https://news.example/feed"), NOW)
    store.commit([PollPlan(replace(feed, last_ok=NOW, interval=600.0), NOW)])
    return store


def read_again(store: Store, now: datetime) -> None:
    (feed,) = store.feeds.followed(HOME)
    store.commit([PollPlan(replace(feed, last_ok=now), now)])


def notices(store: Store, now: datetime) -> list[Delivery]:
    """What is owed, and now posted."""
    posted = []
    while claimed := store.deliveries.claim_due(now, ["console"], 10):
        posted += [store.deliveries.mark(one.id, Sent("1"), now) for one in claimed]
    return posted


def test_it_barks_once_and_says_once_that_it_is_over(watched: Store) -> None:
    dog = Watchdog(watched, 6, 300.0, NOW)
    assert dog.look(NOW + 60 * MINUTE) == ""
    for minutes in (61, 62, 300):
        assert dog.look(NOW + minutes * MINUTE) == "no feed could be read since 2026-03-10 12:00 UTC"
    later = NOW + 301 * MINUTE
    (told,) = notices(watched, later)
    assert told.payload.startswith("No feed could be read since 2026-03-10 12:00 UTC")
    read_again(watched, later)
    assert [dog.look(later), dog.look(later + MINUTE)] == ["", ""]
    (over,) = notices(watched, later)
    assert "can be read again" in over.payload


def test_a_restart_neither_repeats_the_notice_nor_forgets_its_end(watched: Store) -> None:
    Watchdog(watched, 6, 300.0, NOW).look(NOW + 61 * MINUTE)
    again = Watchdog(watched, 6, 300.0, NOW + 62 * MINUTE)
    later = NOW + 130 * MINUTE
    assert again.look(NOW + 63 * MINUTE)
    assert again.look(later)
    assert len(notices(watched, later)) == 1
    read_again(watched, later)
    assert again.look(later) == ""
    assert len(notices(watched, later)) == 1


def test_a_second_silence_is_told_anew(watched: Store) -> None:
    dog = Watchdog(watched, 6, 300.0, NOW)
    dog.look(NOW + 61 * MINUTE)
    read_again(watched, NOW + 70 * MINUTE)
    dog.look(NOW + 71 * MINUTE)
    dog.look(NOW + 140 * MINUTE)
    assert len(notices(watched, NOW + 140 * MINUTE)) == 3


def test_a_bot_that_was_off_for_a_night_is_given_time(watched: Store) -> None:
    morning = NOW + timedelta(hours=12)
    dog = Watchdog(watched, 6, 300.0, morning)
    assert dog.look(morning + MINUTE) == ""
    assert dog.look(morning + 61 * MINUTE)


@pytest.mark.parametrize("shortest", [300.0, 3600.0])
def test_its_patience_is_that_of_the_feeds_and_of_the_settings(watched: Store, shortest: float) -> None:
    patient = shortest == 3600.0
    assert bool(Watchdog(watched, 6, shortest, NOW).look(NOW + 90 * MINUTE)) is not patient


def test_who_follows_nothing_hears_nothing(watched: Store) -> None:
    (feed,) = watched.feeds.followed(HOME)
    watched.feeds.unfollow(HOME, feed.id)
    assert Watchdog(watched, 6, 300.0, NOW).look(NOW + 600 * MINUTE) == ""
