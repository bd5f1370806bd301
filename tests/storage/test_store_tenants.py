"""Tenants, channels and feeds: what was put is what is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
    NOW,
    channel_id,
    follow,
    poll,
    settle,
)

from bot.errors import Conflict, NotFound, QuotaExceeded
from bot.model import (
    Channel,
    DigestRhythm,
    FeedIntent,
    FeedState,
    Policy,
    QuietHours,
    Quotas,
    Relation,
    Tenant,
)
from storage import Store


def test_tenants_and_channels_come_back_as_they_were(store: Store) -> None:
    tenant = Tenant(HOME, "console", "Home", channel_id("admin"), Quotas(feeds=1, watches=2, claims=3))
    policy = Policy(
        alert_on=frozenset({Relation.CONFIRMS}),
        min_confidence=0.9,
        timezone="Europe/Brussels",
        quiet=QuietHours(time(22), time(6, 30)),
        digest=DigestRhythm.WEEKLY,
        digest_at=time(6, 30),
        digest_weekday=4,
        languages=frozenset({"en", "pl"}),
    )
    channel = Channel(channel_id("news"), HOME, "console", "news", "News", policy)
    store.tenants.put(tenant)
    store.tenants.put_channel(channel)
    assert store.tenants.get(HOME) == tenant
    assert store.tenants.channel(channel.id) == channel
    renamed = replace(tenant, name="Hearth", admin_channel=None)
    store.tenants.put(renamed)
    store.tenants.put_channel(replace(channel, policy=Policy()))
    assert store.tenants.all() == [renamed]
    assert store.tenants.channels() == store.tenants.channels(HOME) == [replace(channel, policy=Policy())]
    assert store.tenants.channels(AWAY) == []


def test_a_channel_cannot_be_taken_over(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    with pytest.raises(Conflict):
        store.tenants.put_channel(Channel(channel_id("news"), AWAY, "console", "news", "News"))
    assert store.tenants.channel(channel_id("news")).tenant == HOME


def test_unknown_ids_say_so(store: Store) -> None:
    settle(store)
    for lookup in (
        store.tenants.get,
        store.tenants.channel,
        store.feeds.get,
        store.entries.get,
        store.alerts.get,
        store.deliveries.get,
        store.digests.get,
        lambda name: store.tenants.pause_channel(name, "why"),
        lambda name: store.entries.trail(HOME, name),
        lambda name: store.entries.by_url(HOME, name),
        lambda name: store.claims.get(HOME, name),
        lambda name: store.claims.versions(HOME, name),
        lambda name: store.claims.evidence(HOME, name, 5),
        lambda name: store.claims.retire(HOME, name),
        lambda name: store.watches.remove(HOME, name),
        lambda name: store.watches.find(HOME, name),
        lambda name: store.feeds.unfollow(HOME, name),
    ):
        with pytest.raises(NotFound, match="no-such"):
            lookup("no-such")


def test_following_and_unfollowing(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    feed = follow(store)
    assert (feed.title, feed.next_poll, feed.last_ok) == ("Herald", NOW, None)
    with pytest.raises(Conflict, match="Herald is followed already"):
        follow(store)
    assert follow(store, tenant=AWAY) == feed
    assert store.feeds.followers(feed.id) == {HOME, AWAY}
    assert store.feeds.unfollow(HOME, "HERALD") == feed
    assert (store.feeds.followed(HOME), store.feeds.followed(AWAY)) == ([], [feed])


def test_feeds_are_found_by_id_url_and_title(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    feed, other = follow(store), follow(store, "abendblatt")
    assert store.feeds.followed(HOME) == [other, feed]
    assert [store.feeds.find(HOME, name) for name in (feed.id, feed.url, "herald")] == [feed] * 3
    with pytest.raises(NotFound, match="Nearest: Herald"):
        store.feeds.find(HOME, "heralt")
    with pytest.raises(NotFound):
        store.feeds.find(AWAY, feed.id)


def test_quota_of_feeds(store: Store) -> None:
    settle(store)
    store.tenants.put(Tenant(HOME, "console", "Home", quotas=Quotas(feeds=1)))
    follow(store)
    with pytest.raises(QuotaExceeded, match="1 of 1 feeds"):
        follow(store, "courier")
    store.feeds.unfollow(HOME, "Herald")
    assert follow(store, "courier").title == "Courier"


def test_a_feed_is_leased_for_one_poll(store: Store) -> None:
    settle(store)
    feed = follow(store)
    follow(store, "courier")
    assert len(store.feeds.claim_due(NOW, 60, 1)) == 1
    assert len(store.feeds.claim_due(NOW, 60, 10)) == 1
    assert store.feeds.claim_due(NOW + MINUTE / 2, 60, 10) == []
    assert len(store.feeds.claim_due(NOW + MINUTE, 60, 10)) == 2, "whoever held them is gone"
    store.commit([poll(replace(feed, next_poll=NOW + DAY))])
    assert [one.title for one in store.feeds.claim_due(NOW + 2 * MINUTE, 60, 10)] == ["Courier"]


def test_the_most_overdue_come_first(store: Store) -> None:
    settle(store)
    for name, late in (("a", 1), ("b", 3), ("c", 2)):
        store.feeds.follow(HOME, FeedIntent(f"https://{name}.example/", title=name), NOW - late * MINUTE)
    assert [feed.title for feed in store.feeds.claim_due(NOW, 60, 2)] == ["b", "c"]


def test_gone_and_unfollowed_feeds_are_not_polled(store: Store) -> None:
    settle(store)
    store.commit([poll(replace(follow(store), state=FeedState.GONE))])
    follow(store, "courier")
    store.feeds.unfollow(HOME, "Courier")
    assert store.feeds.claim_due(NOW + DAY, 60, 10) == []


def test_a_feed_that_nobody_followed_starts_afresh(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    feed = follow(store)
    store.commit([poll(replace(feed, state=FeedState.GONE, last_ok=NOW, etag="e", failures=3))])
    gone = follow(store, tenant=AWAY)
    assert (gone.state, gone.last_ok) == (FeedState.GONE, NOW)
    store.feeds.unfollow(HOME, feed.id)
    store.feeds.unfollow(AWAY, feed.id)
    later = NOW + 30 * DAY
    again = store.feeds.follow(HOME, FeedIntent(feed.url, title="Herald"), later)
    assert again == replace(feed, next_poll=later)
