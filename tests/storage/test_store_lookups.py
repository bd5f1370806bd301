"""Stories, searches through a sieve, lags and troubles: the same over both databases, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
    NOW,
    claim,
    entry,
    entry_plan,
    follow,
    hold,
    poll,
    says,
    settle,
    told,
    watch,
)

from bot.errors import NotFound
from bot.model import Refused, Relation, Sent, Sieve, Unknown
from storage import Store

STORY = "4f2a000000000000"


@pytest.fixture
def archive(store: Store) -> Store:
    """A story in two feeds, one report each; a lone entry; another tenant that follows one of the feeds."""
    settle(store)
    settle(store, AWAY, "far")
    hold(store, claim(), claim("aid"))
    store.watches.add(watch())
    herald, courier = follow(store), follow(store, "courier")
    follow(store, "courier", AWAY)
    first = entry(herald, "1", "Troops to go east", published=NOW - DAY, language="en-GB")
    second = entry(courier, "1", "Żołnierze jadą", published=NOW - MINUTE, language="pl")
    alone = entry(courier, "2", "Troops to go back", published=NOW - 9 * DAY, language="en")
    updates = {HOME: (says(Relation.UPDATES), says(Relation.CONFIRMS, "aid", 0.4))}
    store.commit([poll(herald, entry_plan(first, STORY, [watch()], updates))])
    store.commit([poll(courier, entry_plan(second, STORY, [watch()]), entry_plan(alone, "4f2b" + "0" * 12, [watch()]))])
    return store


def keys(store: Store, words: str = "", tenant: str = HOME, **sieve: object) -> list[str]:
    found = store.entries.search(tenant, words, 10, sieve=Sieve(**sieve))  # type: ignore[arg-type]
    return [f"{one.outlet} {one.key}" for one in found]


@pytest.mark.parametrize(
    ("name", "story"),
    [("4f2a", STORY), (" 4F2A ", STORY), (STORY, STORY), ("4f2b", "4f2b" + "0" * 12), ("4f2", "4f2b" + "0" * 12)],
)
def test_a_story_is_found_by_the_beginning_of_its_id(archive: Store, name: str, story: str) -> None:
    assert archive.stories.find(HOME, name) == story


@pytest.mark.parametrize("name", ["", " ", "beef", "%", "_f2a", "4f2a0000000000001"])
def test_a_story_that_is_not_there(archive: Store, name: str) -> None:
    with pytest.raises(NotFound):
        archive.stories.find(HOME, name)


def test_a_storys_reports_are_those_of_followed_feeds_in_order(archive: Store) -> None:
    reports = archive.stories.reports(HOME, STORY)
    assert [report.entry.outlet for report in reports] == ["Herald", "Courier"]
    assert [verdict.claim for verdict in reports[0].verdicts] == ["troops", "aid"]
    assert [report.entry.outlet for report in archive.stories.reports(AWAY, STORY)] == ["Courier"]
    assert archive.stories.reports(AWAY, STORY)[0].verdicts == ()


def test_recent_stories_are_those_that_matched_newest_first(archive: Store) -> None:
    assert [(head.story[:4], head.title) for head in archive.stories.recent(HOME, 5)] == [
        ("4f2a", "Żołnierze jadą"),
        ("4f2b", "Troops to go back"),
    ]
    assert len(archive.stories.recent(HOME, 1)) == 1
    assert archive.stories.recent(AWAY, 5) == []


@pytest.mark.parametrize(
    ("words", "sieve", "found"),
    [
        ("troops", {}, ["Herald 1", "Courier 2"]),
        ("troops", {"since": NOW - 2 * DAY}, ["Herald 1"]),
        ("", {"since": NOW - DAY}, ["Courier 1", "Herald 1"]),
        ("", {"language": "en"}, ["Herald 1", "Courier 2"]),
        ("", {"language": "PL"}, ["Courier 1"]),
        ("", {"language": "e%"}, []),
        ("", {"claims": frozenset({"aid", "other"})}, ["Herald 1"]),
        ("", {"claims": frozenset()}, []),
        ("troops", {"claims": frozenset({"troops"}), "language": "en"}, ["Herald 1"]),
        ("", {}, []),
        ("...", {"language": "en"}, []),
    ],
)
def test_a_search_goes_through_a_sieve(archive: Store, words: str, sieve: dict[str, object], found: list[str]) -> None:
    assert keys(archive, words, **sieve) == found


def test_a_search_in_one_feed(archive: Store) -> None:
    courier = archive.feeds.find(HOME, "courier").id
    assert keys(archive, "troops", feed=courier) == ["Courier 2"]
    assert keys(archive, tenant=AWAY, feed=archive.feeds.find(HOME, "herald").id) == []
    assert keys(archive, tenant=AWAY, claims=frozenset({"troops"})) == []


def test_lag_is_measured_from_publication_to_post(store: Store) -> None:
    settle(store, HOME, "news", "more")
    settle(store, AWAY, "far")
    feed = follow(store)
    assert store.deliveries.lag(HOME, NOW - DAY) is None
    for number, channel in enumerate(("news", "more")):
        store.commit([told(feed, str(number), channel)])
    late = NOW + timedelta(minutes=10)
    for delivery, at in zip(store.deliveries.claim_due(late, ["console"], 5), (10, 30), strict=True):
        store.deliveries.mark(delivery.id, Sent("1"), NOW + at * MINUTE)
    lag = store.deliveries.lag(HOME, NOW - DAY)
    assert lag is not None
    assert (lag.posts, lag.median, lag.slowest, lag.noticed) == (2, 600.0, 600.0, 0.0)
    assert store.deliveries.lag(HOME, late + MINUTE) is None
    assert store.deliveries.lag(AWAY, NOW - DAY) is None


def test_troubles_are_the_last_that_did_not_arrive(store: Store) -> None:
    settle(store, HOME, "news", "more", "third")
    feed = follow(store)
    for number, channel in enumerate(("news", "more", "third")):
        store.commit([told(feed, str(number), channel)])
    outcomes = (Refused("too long"), Sent("1"), Unknown("no answer"))
    for delivery, outcome in zip(store.deliveries.claim_due(NOW, ["console"], 5), outcomes, strict=True):
        store.deliveries.mark(delivery.id, outcome, NOW)
    assert sorted(one.error for one in store.deliveries.troubles(HOME, 5)) == ["no answer", "too long"]
    assert len(store.deliveries.troubles(HOME, 1)) == 1
    assert store.deliveries.troubles(AWAY, 5) == []
