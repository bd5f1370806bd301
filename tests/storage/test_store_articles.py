"""The articles behind entries: whose they are to be read for, and that search finds them."""

from __future__ import annotations

import pytest
from store_world import AWAY, DAY, HOME, NOW, entry, entry_plan, follow, poll, settle, watch

from bot.errors import NotFound
from storage import Store


@pytest.fixture
def shared(store: Store) -> Store:
    settle(store)
    settle(store, AWAY, "far")
    return store


def test_articles_are_read_for_all_who_follow_until_they_say_otherwise(shared: Store) -> None:
    feed = follow(shared)
    follow(shared, tenant=AWAY)
    assert shared.feeds.readers(feed.id) == {HOME, AWAY}
    assert shared.feeds.read_articles(AWAY, "herald", False).id == feed.id
    assert shared.feeds.readers(feed.id) == {HOME}
    assert shared.feeds.followers(feed.id) == {HOME, AWAY}
    shared.feeds.read_articles(AWAY, feed.url, True)
    assert shared.feeds.readers(feed.id) == {HOME, AWAY}


def test_nobody_says_it_of_a_feed_that_they_do_not_follow(shared: Store) -> None:
    feed = follow(shared)
    with pytest.raises(NotFound):
        shared.feeds.read_articles(AWAY, feed.id, False)
    assert shared.feeds.readers(feed.id) == {HOME}


def test_an_article_is_kept_and_found(shared: Store) -> None:
    feed = follow(shared)
    teaser = entry(feed, "1", "Ministers meet", "They met. […]", article="They agreed on a Kraków brigade.", unread="")
    foreign = entry(feed, "2", "Ministrowie", "Brygada", unread="pl", language="pl")
    shared.commit([poll(feed, entry_plan(teaser), entry_plan(foreign))])
    assert shared.entries.get(teaser.id) == teaser
    assert shared.entries.get(foreign.id).unread == "pl"
    assert [one.id for one in shared.entries.search(HOME, "krakow brigade", 5)] == [teaser.id]


def test_a_story_was_not_compared_where_none_of_its_reports_was(shared: Store) -> None:
    feed = follow(shared)
    shared.watches.add(watch())
    first = entry(feed, "1", "Żołnierze jadą na wschód", unread="pl", published=NOW - DAY / 2)
    second = entry(feed, "2", "Troops go east")
    alone = entry(feed, "3", "Tropas al este", unread="es")
    plans = [
        entry_plan(first, "shared", [watch()]),
        entry_plan(second, "shared", [watch()]),
        entry_plan(alone, "", [watch()]),
    ]
    shared.commit([poll(feed, *plans)])
    facts = shared.digests.facts("console:news", NOW - DAY, NOW + DAY)
    assert {fact.lead.entry: fact.unread for fact in facts} == {first.id: "", alone.id: "es"}
