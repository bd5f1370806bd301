"""A poll is written whole, once, whatever else happens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_world import (
    DAY,
    HOME,
    MINUTE,
    NOW,
    alert,
    channel_id,
    claim,
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

from bot.errors import NotFound, StoreError
from bot.model import Action, AlertKind, ClaimState, Decision, DeliveryState, FeedState, Match, Relation
from storage import Store


def test_everything_of_a_plan_is_kept(store: Store) -> None:
    settle(store)
    hold(store)
    store.watches.add(watch())
    feed = replace(
        follow(store), etag='W/"1"', last_modified="Tue", next_poll=NOW + MINUTE, last_ok=NOW, interval=600.0
    )
    one = entry(feed, aliases=("https://herald.example/other",))
    verdicts = (says(Relation.UPDATES), says(Relation.CONFIRMS, "aid", 0.7))
    hold(store, claim("aid", "Aid goes on."))
    decision = Decision(one.id, channel_id("news"), Action.ALERT, "a claim moves")
    made = replace(alert(one, story="story"), kind=AlertKind.VERDICT, verdicts=verdicts)
    plan = poll(
        feed,
        entry_plan(one, "story", [watch()], {HOME: verdicts}, [decision]),
        alerts=[made],
        owed=[owe(made.id)],
    )

    assert store.commit([plan]) == [1]

    trail = store.entries.trail(HOME, one.id)
    assert store.feeds.get(feed.id) == feed
    assert store.entries.get(one.id) == trail.entry == one
    assert trail.story == "story"
    assert [report.entry for report in trail.reports] == [one.id]
    assert trail.matches == ((watch(), Match(watch().id, ("troops",))),)
    assert trail.verdicts == verdicts
    assert trail.decisions == (decision,)
    assert [delivery.subject for delivery in trail.deliveries] == [made.id]
    assert store.alerts.get(made.id) == made


def test_the_same_plan_twice_is_written_once(store: Store) -> None:
    settle(store)
    plan = told(follow(store))
    assert [store.commit([plan]), store.commit([plan])] == [[1], [0]]
    assert store.deliveries.stats().owed == 1
    assert len(store.entries.latest(HOME, 10)) == 1


def test_what_is_there_stays_as_it_is(store: Store) -> None:
    settle(store)
    feed = follow(store)
    store.commit([poll(feed, entry_plan(entry(feed)))])
    store.commit([poll(feed, entry_plan(entry(feed, title="Another headline")))])
    assert [one.title for one in store.entries.latest(HOME, 10)] == ["Troops to go east"]


def test_an_identity_that_was_there_under_another_id_tells_of_nothing(store: Store) -> None:
    settle(store)
    feed = follow(store)
    first = entry(feed)
    other = replace(first, id="another")
    store.commit([poll(feed, entry_plan(first))])
    store.commit([poll(feed, entry_plan(other), alerts=[alert(other)], owed=[owe(alert(other).id)])])
    assert [one.id for one in store.entries.latest(HOME, 10)] == [first.id]
    assert store.deliveries.stats().owed == 0


def test_a_plan_that_fails_leaves_nothing(store: Store) -> None:
    settle(store)
    feed = follow(store)
    plan = told(feed)
    broken = replace(plan, feed=replace(feed, etag="new"), owed=(*plan.owed, owe("x", "nowhere")))
    with pytest.raises(StoreError):
        store.commit([broken])
    assert store.feeds.get(feed.id).etag == ""
    assert store.entries.latest(HOME, 10) == []
    assert store.entries.known(feed.id, ["1"]) == frozenset()
    assert store.deliveries.stats().owed == 0


def test_several_polls_are_written_as_each_alone_would_be(store: Store) -> None:
    settle(store)
    herald, courier, echo = follow(store), follow(store, "courier"), follow(store, "echo")
    store.commit([poll(courier, entry_plan(entry(courier)))])
    both = entry_plan(entry(courier)), entry_plan(entry(courier, "2"))
    plans = [poll(replace(echo, etag="e")), told(herald), poll(courier, *both)]
    assert store.commit(plans) == [0, 1, 1]
    assert {one.id for one in store.entries.latest(HOME, 10)} == {
        entry(herald).id,
        entry(courier).id,
        entry(courier, "2").id,
    }
    assert store.feeds.get(echo.id).etag == "e"
    assert store.deliveries.stats().owed == 1


def test_of_several_polls_all_are_written_or_none(store: Store) -> None:
    settle(store)
    herald, courier = follow(store), follow(store, "courier")
    broken = poll(courier, entry_plan(entry(courier)), owed=[owe("x", "nowhere")])
    with pytest.raises(StoreError):
        store.commit([told(herald), broken])
    assert store.entries.latest(HOME, 10) == []
    assert store.deliveries.stats().owed == 0
    assert store.commit([]) == []


def test_a_match_of_a_watch_that_was_just_removed_is_left_out(store: Store) -> None:
    settle(store)
    feed = follow(store)
    store.watches.add(watch("kept"))
    one = entry(feed)
    store.commit([poll(feed, entry_plan(one, watches=[watch("kept"), watch("removed")]))])
    assert [match.words for _, match in store.entries.trail(HOME, one.id).matches] == [("kept",)]


def test_notices_are_owed_without_entries(store: Store) -> None:
    settle(store)
    feed = follow(store)
    assert store.commit([poll(feed, owed=[owe("notice")])]) == [0]
    assert store.deliveries.stats().owed == 1


def test_a_feed_that_is_not_there(store: Store) -> None:
    settle(store)
    feed = replace(follow(store), id="unknown")
    with pytest.raises(NotFound, match="unknown"):
        store.commit([poll(feed)])


def test_a_feed_keeps_its_url_where_the_new_one_is_another_feeds(store: Store) -> None:
    settle(store)
    herald, courier = follow(store), follow(store, "courier")
    store.commit([poll(replace(herald, url=courier.url, etag="e"))])
    assert store.feeds.get(herald.id) == replace(herald, etag="e")
    store.commit([poll(replace(herald, url="https://moved.example/feed"))])
    assert store.feeds.get(herald.id).url == "https://moved.example/feed"


def test_a_flood_is_written_in_one_go(store: Store) -> None:
    settle(store)
    hold(store)
    store.watches.add(watch())
    feed = follow(store)
    verdicts = {HOME: (says(Relation.CONFIRMS),)}
    plans = [entry_plan(entry(feed, str(number)), watches=[watch()], verdicts=verdicts) for number in range(5000)]
    assert store.commit([poll(feed, *plans)]) == [5000]
    assert len(store.entries.known(feed.id, [str(number) for number in range(5001)])) == 5000
    assert len(store.entries.search(HOME, "troops", 6000)) == 5000


def test_two_entries_of_one_identity_in_one_plan_are_one(store: Store) -> None:
    settle(store)
    feed = follow(store)
    twin = replace(entry(feed), id="twin")
    assert store.commit([poll(feed, entry_plan(entry(feed)), entry_plan(twin))]) == [1]


@pytest.mark.parametrize(
    "text", ["a\0b", "half \ud83d of a pair", "😀 emoji", "{0} %s $1 :name ?", "'; DROP TABLE entries; --", "\u202e"]
)
def test_any_text_is_kept(store: Store, text: str) -> None:
    settle(store)
    feed = follow(store)
    one = entry(feed, text, title=text, text=text, url=f"https://herald.example/{text}")
    store.commit([poll(replace(feed, last_error=text), entry_plan(one))])
    kept = text.replace("\0", "\ufffd").replace("\ud83d", "\ufffd")
    assert store.entries.get(one.id).title == kept
    assert store.entries.known(feed.id, [text, "other"]) == {text}
    assert store.commit([poll(feed, entry_plan(one))]) == [0]


def test_long_keys_and_urls_are_kept(store: Store) -> None:
    settle(store)
    feed = follow(store)
    long = "x" * 20_000
    one = entry(feed, long, url=f"https://herald.example/{long}", text=" ".join(f"word{n}" for n in range(200_000)))
    store.commit([poll(replace(feed, url=one.url), entry_plan(one))])
    assert store.entries.known(feed.id, [long]) == {long}
    assert store.entries.by_url(HOME, one.url) == one


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    settle(store)
    feed = follow(store)
    with pytest.raises(StoreError, match="no time zone"):
        store.commit([poll(replace(feed, next_poll=NOW.replace(tzinfo=None)))])


def contradicting(store: Store, name: str, relation: Relation = Relation.CONTRADICTS, **changes: object) -> None:
    """A report by an outlet of its own that moves the claim."""
    feed = follow(store, name)
    one = entry(feed, **changes)
    store.commit([poll(feed, entry_plan(one, verdicts={HOME: (says(relation),)}))])


CONTRADICTS, UPDATES, CONFIRMS = Relation.CONTRADICTS, Relation.UPDATES, Relation.CONFIRMS


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([("a", CONTRADICTS)], ClaimState.STANDING),
        ([("a", CONTRADICTS), ("b", CONTRADICTS)], ClaimState.CHALLENGED),
        ([("a", UPDATES), ("b", UPDATES)], ClaimState.OUTDATED),
        ([("a", CONTRADICTS), ("b", UPDATES)], ClaimState.STANDING),
        ([("a", CONFIRMS), ("b", CONFIRMS)], ClaimState.STANDING),
        ([("a", UPDATES), ("b", UPDATES), ("c", CONTRADICTS), ("d", CONTRADICTS)], ClaimState.OUTDATED),
    ],
)
def test_the_news_moves_a_claim(store: Store, reports: list[tuple[str, Relation]], state: ClaimState) -> None:
    settle(store)
    hold(store)
    for outlet, relation in reports:
        contradicting(store, outlet, relation)
    assert store.claims.get(HOME, "troops").state is state


def test_old_news_and_one_outlet_in_two_feeds_do_not_move_a_claim(store: Store) -> None:
    settle(store)
    hold(store)
    contradicting(store, "a", outlet="The Same")
    contradicting(store, "b", outlet="The Same")
    contradicting(store, "c", published=NOW - 31 * DAY)
    assert store.claims.get(HOME, "troops").state is ClaimState.STANDING


def test_a_revised_claim_is_judged_by_later_news(store: Store) -> None:
    settle(store)
    hold(store)
    contradicting(store, "a")
    contradicting(store, "b")
    store.claims.put(HOME, [claim(statement="Twenty countries send troops.")], "Ada", NOW + MINUTE)
    contradicting(store, "c", seen=NOW + 2 * MINUTE)
    assert store.claims.get(HOME, "troops").state is ClaimState.REVISED
    contradicting(store, "d", seen=NOW + 3 * MINUTE)
    assert store.claims.get(HOME, "troops").state is ClaimState.CHALLENGED


def test_states_of_feeds_and_deliveries_come_back_as_they_were(store: Store) -> None:
    settle(store)
    feed = replace(follow(store), state=FeedState.BROKEN, failures=7, last_error="503", moved_since=NOW, weight=0.5)
    store.commit([poll(feed, owed=[owe("notice")])])
    assert store.feeds.get(feed.id) == feed
    assert store.deliveries.of("notice")[0].state is DeliveryState.OWED


def test_polls_that_brought_nothing_are_written_together(store: Store) -> None:
    settle(store)
    names = ("herald", "courier", "ledger")
    for name in names:
        follow(store, name)
    claimed = store.feeds.claim_due(NOW, 300, 10)
    assert store.feeds.claim_due(NOW, 300, 10) == []
    polled = [
        replace(feed, etag=f'"{feed.id}"', last_ok=NOW, failures=2, url="https://moved.example") for feed in claimed
    ]
    store.feeds.put_polled(polled[:2])
    store.feeds.put_polled([])
    urls = {feed.id: feed.url for feed in claimed}
    for feed in polled[:2]:
        assert store.feeds.get(feed.id) == replace(feed, url=urls[feed.id])
    assert {feed.id for feed in store.feeds.claim_due(NOW, 300, 10)} == {feed.id for feed in polled[:2]}
