"""What the admin channel is told about feeds and channels, and how often."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from alerts_world import NOW, TENANT, channel

from bot.alerts.notices import feed_notices, flood_notices, paused_notices
from bot.model import DeliveryKind, Feed, FeedState, Tenant

ADMIN = "discord:admin"
TOLD, UNTOLD = Tenant(TENANT, "discord", "Guild", ADMIN), Tenant("discord:other", "discord", "Other")
WELL = Feed("f1", "https://user:pw@news.example/rss", "The Courier", "en", 1.0, NOW, last_ok=NOW)
BROKEN = replace(WELL, state=FeedState.BROKEN, last_error="HTTP 503 Service Unavailable", failures=5)
GONE = replace(WELL, state=FeedState.GONE)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (WELL, BROKEN, "The feed “The Courier” (news.example) fails: HTTP 503 Service Unavailable."),
        (BROKEN, WELL, "is well again"),
        (WELL, GONE, "is gone"),
        (BROKEN, GONE, "is gone"),
    ],
)
def test_a_change_of_state_is_told(before: Feed, after: Feed, words: str) -> None:
    (owed,) = feed_notices(before, after, [TOLD, UNTOLD], NOW)
    assert words in owed.payload
    assert (owed.kind, owed.channel, owed.due) == (DeliveryKind.NOTICE, ADMIN, NOW)
    assert "pw" not in owed.payload


@pytest.mark.parametrize("state", [WELL, BROKEN, GONE])
def test_what_stays_is_not_told_again(state: Feed) -> None:
    assert feed_notices(state, replace(state, failures=9), [TOLD], NOW) == []


def test_a_poll_done_twice_tells_once_and_the_next_break_anew() -> None:
    first = feed_notices(WELL, BROKEN, [TOLD], NOW)[0]
    again = feed_notices(WELL, BROKEN, [TOLD], NOW + timedelta(hours=1))[0]
    next_break = feed_notices(replace(WELL, last_ok=NOW + timedelta(days=1)), BROKEN, [TOLD], NOW)[0]
    recovered = feed_notices(BROKEN, WELL, [TOLD], NOW)[0]
    assert first.id == again.id
    assert len({first.id, next_break.id, recovered.id}) == 3


def test_a_flood_is_told_in_one_summary() -> None:
    (owed,) = flood_notices(WELL, 5000, [TOLD, UNTOLD], NOW)
    assert "brought 5,000 new entries at once" in owed.payload
    assert "/latest" in owed.payload
    (again,) = flood_notices(WELL, 5000, [TOLD], NOW + timedelta(hours=1))
    (later,) = flood_notices(replace(WELL, last_ok=NOW + timedelta(hours=1)), 5000, [TOLD], NOW)
    assert again.id == owed.id != later.id, "a poll done twice tells it once"


def test_a_paused_channel_is_told_elsewhere() -> None:
    (owed,) = paused_notices(channel("alerts"), "Missing Access", TOLD, NOW)
    assert "#alerts" in owed.payload
    assert "Missing Access" in owed.payload
    assert paused_notices(replace(channel("admin"), id=ADMIN), "Missing Access", TOLD, NOW) == []
    assert paused_notices(channel("alerts"), "Missing Access", UNTOLD, NOW) == []


@pytest.mark.parametrize(
    ("feed", "name"),
    [
        (replace(GONE, title=""), "The feed news.example is gone"),
        (replace(GONE, title="", url="feed:x"), "The feed f1 is gone"),
        (replace(GONE, title="\u202eevil\x00"), "The feed “evil” (news.example) is gone"),
    ],
)
def test_a_feed_is_named_as_well_as_can_be(feed: Feed, name: str) -> None:
    assert feed_notices(WELL, feed, [TOLD], NOW)[0].payload.startswith(name)
