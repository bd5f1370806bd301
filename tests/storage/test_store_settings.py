"""Lists of keywords, mutes, and the log of who changed what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    NOW,
    channel_id,
    claim,
    entry,
    entry_plan,
    follow,
    hold,
    poll,
    says,
    settle,
    watch,
)

from bot.errors import NotFound, QuotaExceeded
from bot.model import (
    Actor,
    Change,
    FeedIntent,
    KeywordList,
    Mute,
    MuteKind,
    Quotas,
    Relation,
    Tenant,
)
from storage import Store
from storage.audit import difference
from storage.lists import MOST_LISTS

ANA = Actor(HOME, "ana", "/watch add", NOW)
SHIPS = KeywordList(HOME, "ships", ("frigate", "aircraft carrier"))


def mute(
    kind: MuteKind = MuteKind.STORY, subject: str = "s", until: datetime | None = None, tenant: str = HOME
) -> Mute:
    return Mute(tenant, kind, subject, f"the {subject}", until, "ana", NOW)


# --- lists -------------------------------------------------------------------------------------------------------


def test_a_list_is_kept_changed_and_removed(store: Store) -> None:
    settle(store)
    store.lists.put(SHIPS)
    assert store.lists.get(HOME, "@Ships") == SHIPS
    store.lists.put(replace(SHIPS, words=("corvette",)))
    assert store.lists.all(HOME) == [replace(SHIPS, words=("corvette",))]
    assert store.lists.remove(HOME, "SHIPS").words == ("corvette",)
    with pytest.raises(NotFound):
        store.lists.get(HOME, "ships")


def test_watches_have_a_new_version_with_every_change_of_a_list(store: Store) -> None:
    settle(store)
    versions = [store.watches.version()]
    store.lists.put(SHIPS)
    versions.append(store.watches.version())
    store.lists.remove(HOME, "ships")
    versions.append(store.watches.version())
    assert versions == sorted(set(versions))


def test_lists_of_two_tenants_are_apart(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    store.lists.put(SHIPS)
    store.lists.put(replace(SHIPS, tenant=AWAY, words=("kayak",)))
    assert store.lists.get(HOME, "ships").words == ("frigate", "aircraft carrier")
    with pytest.raises(NotFound, match="Nearest: ships"):
        store.lists.get(AWAY, "shipz")


def test_so_many_lists_and_no_more(store: Store) -> None:
    settle(store)
    for number in range(MOST_LISTS):
        store.lists.put(KeywordList(HOME, f"l{number}", ("a",)))
    store.lists.put(KeywordList(HOME, "l0", ("b",)))
    with pytest.raises(QuotaExceeded, match=f"{MOST_LISTS} of {MOST_LISTS} lists"):
        store.lists.put(KeywordList(HOME, "another", ("a",)))


# --- mutes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "later", "holds"),
    [
        (NOW + DAY, timedelta(0), True),
        (NOW + DAY, DAY - timedelta(seconds=1), True),
        (NOW + DAY, DAY, False),
        (None, 4000 * DAY, True),
    ],
)
def test_a_mute_holds_until_it_is_over(store: Store, until: datetime | None, later: timedelta, holds: bool) -> None:
    settle(store)
    store.mutes.put(mute(until=until))
    assert store.mutes.active(HOME, NOW + later) == ([mute(until=until)] if holds else [])


def test_a_mute_is_replaced_and_removed_by_its_own_tenant_alone(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    store.mutes.put(mute(until=NOW + DAY))
    store.mutes.put(mute())
    assert store.mutes.active(HOME, NOW) == [mute()]
    assert store.mutes.active(AWAY, NOW) == []
    with pytest.raises(NotFound):
        store.mutes.remove(AWAY, MuteKind.STORY, "s")
    assert store.mutes.remove(HOME, MuteKind.STORY, "s") == mute()
    assert store.mutes.active(HOME, NOW) == []


@pytest.mark.parametrize(
    ("kind", "subject", "left"),
    [
        (None, "", ["s1", "s2"]),
        (MuteKind.STORY, "s1", ["s2"]),
        (MuteKind.FEED, "feed", []),
        (MuteKind.WATCH, "watch", []),
        (MuteKind.CLAIM, "troops", ["s2"]),  # the other story touches no claim
        (MuteKind.CLAIM, "another", ["s1", "s2"]),
    ],
)
def test_a_digest_leaves_out_what_is_muted(store: Store, kind: MuteKind | None, subject: str, left: list[str]) -> None:
    settle(store)
    feed, troops = follow(store), watch()
    hold(store)
    store.watches.add(troops)
    told, untouched = entry(feed, "1"), entry(feed, "2")
    verdicts = {HOME: (says(Relation.CONTRADICTS),)}
    plans = [entry_plan(told, "s1", [troops], verdicts), entry_plan(untouched, "s2", [troops])]
    store.commit([poll(feed, *plans)])
    ids = {"feed": feed.id, "watch": troops.id}
    if kind:
        store.mutes.put(mute(kind, ids.get(subject, subject), NOW + 2 * DAY))
    until = NOW + DAY
    facts = store.digests.facts(channel_id("news"), NOW, until)
    assert sorted(fact.story for fact in facts) == left
    assert store.digests.counts(channel_id("news"), NOW, until)[0] == len(left)


def test_a_story_that_touches_another_claim_too_is_told_without_the_muted_one(store: Store) -> None:
    settle(store)
    feed, troops = follow(store), watch()
    hold(store, claim(), claim("aid", "Aid goes on."))
    store.watches.add(troops)
    verdicts = {HOME: (says(Relation.CONTRADICTS), says(Relation.UPDATES, "aid"))}
    store.commit([poll(feed, entry_plan(entry(feed), "s1", [troops], verdicts))])
    store.mutes.put(mute(MuteKind.CLAIM, "troops"))
    (fact,) = store.digests.facts(channel_id("news"), NOW, NOW + DAY)
    assert [verdict.claim for _, verdict in fact.verdicts] == ["aid"]


def test_mutes_that_are_over_go_with_old_entries(store: Store) -> None:
    settle(store)
    store.mutes.put(mute(until=NOW))
    store.mutes.put(mute(subject="kept"))
    store.prune(NOW + DAY)
    assert [one.subject for one in store.mutes.active(HOME, NOW - DAY)] == ["kept"]


# --- the log -----------------------------------------------------------------------------------------------------


def lines(store: Store, tenant: str = HOME) -> list[tuple[str, str, str]]:
    return [(one.what, one.before, one.after) for one in store.audit.latest(tenant, 50)]


def test_a_change_is_noted_with_who_when_and_from_what_to_what(store: Store) -> None:
    settle(store)
    store.watches.add(watch())
    store.acting(ANA).watches.replace(replace(watch(), paused=True, query="troops AND east"))
    (change,) = store.audit.latest(HOME, 10)
    assert change == Change(ANA, "watch troops", "query troops, paused no", "query troops AND east, paused yes")


def test_what_is_done_without_an_actor_and_what_changes_nothing_is_not_noted(store: Store) -> None:
    settle(store)
    store.watches.add(watch())
    store.acting(ANA).watches.replace(watch())
    assert lines(store) == []


def test_a_change_that_fails_leaves_no_line(store: Store) -> None:
    settle(store)
    with pytest.raises(NotFound):
        store.acting(ANA).watches.replace(watch("gone"))
    assert lines(store) == []


def test_everything_that_people_change_is_noted(store: Store) -> None:
    settle(store)
    acting = store.acting(ANA)
    feed = acting.feeds.follow(HOME, FeedIntent("https://u:secret@herald.example/feed?key=secret"), NOW)
    acting.feeds.unfollow(HOME, feed.id)
    acting.watches.add(watch())
    acting.watches.remove(HOME, "troops")
    acting.claims.put(HOME, [claim()], "ana", NOW)
    acting.claims.put(HOME, [claim(statement="Forty.")], "ana", NOW)
    acting.claims.retire(HOME, "troops")
    acting.lists.put(SHIPS)
    acting.lists.remove(HOME, "ships")
    acting.mutes.put(mute())
    acting.mutes.remove(HOME, MuteKind.STORY, "s")
    acting.tenants.put(replace(store.tenants.get(HOME), admin_channel="console:news"))
    place = store.tenants.channel("console:news")
    acting.tenants.put_channel(replace(place, policy=replace(place.policy, digest_at=time(6, 30))))
    assert [what for what, _, _ in lines(store)[::-1]] == [
        "feed",
        "feed",
        "watch troops",
        "watch troops",
        "claim troops",
        "claim troops",
        "claim troops",
        "list @ships",
        "list @ships",
        "mute of story the s",
        "mute of story the s",
        "settings",
        "channel news",
    ]
    assert lines(store)[0] == ("channel news", "digest at 07:00", "digest at 06:30")
    assert lines(store)[1] == ("settings", "", "admin channel console:news")
    assert lines(store)[-1] == ("feed", "", "herald.example")
    assert not any("secret" in part for row in lines(store) for part in row)


def test_two_tenants_have_logs_of_their_own(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    store.acting(ANA).lists.put(SHIPS)
    refused = Change(replace(ANA, tenant=AWAY), "needs Manage Server", refused=True)
    store.audit.put(refused)
    assert [what for what, _, _ in lines(store)] == ["list @ships"]
    assert store.audit.latest(AWAY, 10) == [refused]


def test_knocking_again_and_again_is_one_line(store: Store) -> None:
    settle(store)
    for minute in range(5):
        actor = replace(ANA, at=NOW + timedelta(minutes=minute))
        store.audit.put(Change(actor, "needs Manage Server", refused=True))
    (line,) = store.audit.latest(HOME, 10)
    assert line.actor.at == NOW + timedelta(minutes=4)


def test_the_log_is_kept_a_year_longer_than_entries(store: Store) -> None:
    settle(store)
    store.acting(ANA).lists.put(SHIPS)
    store.prune(NOW + 300 * DAY)
    assert len(lines(store)) == 1
    store.prune(NOW + 400 * DAY)
    assert lines(store) == []


def test_a_role_that_may_configure_is_kept(store: Store) -> None:
    store.tenants.put(Tenant(HOME, "console", "Home", configurers="4711"))
    assert store.tenants.get(HOME).configurers == "4711"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, "Herald", ("", "Herald")),
        ("Herald", None, ("Herald", "")),
        (Quotas(), Quotas(feeds=5), ("feeds 300", "feeds 5")),
        (SHIPS, replace(SHIPS, words=()), ("words aircraft carrier, frigate", "")),
        (None, SHIPS, ("", "name ships, words aircraft carrier, frigate")),
    ],
)
def test_only_what_differs_is_said(before: object, after: object, said: tuple[str, str]) -> None:
    assert difference(before, after) == said
