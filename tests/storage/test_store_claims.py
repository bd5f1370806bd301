"""Claims and watches, each tenant's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from store_world import (
    AWAY,
    DAY,
    HOME,
    MINUTE,
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

from bot.errors import Conflict, NotFound, QuotaExceeded
from bot.model import (
    ClaimState,
    Quotas,
    Relation,
    Tenant,
    ThemeActivity,
    WatchMode,
)
from storage import Store


def test_claims_by_theme_and_id(store: Store) -> None:
    settle(store)
    held = [claim("b"), claim("a"), replace(claim("z"), theme="Aid")]
    assert hold(store, *held) == 3
    assert hold(store, *held) == 0
    assert [one.id for one in store.claims.all(HOME)] == ["z", "a", "b"]
    store.claims.retire(HOME, "a")
    assert [one.id for one in store.claims.all(HOME)] == ["z", "b"]
    assert store.claims.get(HOME, "a").state is ClaimState.RETIRED
    assert store.claims.counts(HOME) == {ClaimState.STANDING: 2, ClaimState.RETIRED: 1}
    with pytest.raises(NotFound, match="Nearest: b"):
        store.claims.get(HOME, "B")


def test_a_revision_keeps_the_old_wording(store: Store) -> None:
    settle(store)
    hold(store)
    new = replace(claim(), statement="Twenty countries send troops.", as_of="2026-03")
    assert store.claims.put(HOME, [new], "Ada", NOW + DAY) == 1
    held = store.claims.get(HOME, "troops")
    assert (held.statement, held.state, held.revision) == (new.statement, ClaimState.REVISED, 2)
    versions = store.claims.versions(HOME, "troops")
    assert [(one.revision, one.as_of, one.by, one.changed) for one in versions] == [
        (1, "2025-03", "", NOW),
        (2, "2026-03", "Ada", NOW + DAY),
    ]
    assert [one.statement for one in versions] == [claim().statement, new.statement]


def test_the_pack_does_not_undo_what_people_did(store: Store) -> None:
    settle(store)
    hold(store, claim("kept"), claim("retired"))
    hold(store, claim("kept", "Another wording."), by="Ada")
    store.claims.retire(HOME, "retired")
    assert hold(store, claim("kept"), claim("retired"), claim("retired", "New wording.")) == 0
    assert [one.statement for one in store.claims.all(HOME)] == ["Another wording."]
    assert hold(store, claim("kept", "A release later.")) == 1
    assert store.claims.get(HOME, "kept").revision == 3
    assert hold(store, claim("retired"), by="Ada") == 1
    assert store.claims.get(HOME, "retired").state is ClaimState.STANDING


def test_a_claim_is_filed_anew_without_a_revision(store: Store) -> None:
    settle(store)
    hold(store)
    assert hold(store, replace(claim(), theme="Presence")) == 1
    held = store.claims.get(HOME, "troops")
    assert (held.theme, held.revision, held.state) == ("Presence", 1, ClaimState.STANDING)


def test_quota_of_claims(store: Store) -> None:
    settle(store)
    store.tenants.put(Tenant(HOME, "console", "Home", quotas=Quotas(claims=2)))
    with pytest.raises(QuotaExceeded, match="3 claims"):
        hold(store, claim("a"), claim("b"), claim("c"))
    assert store.claims.all(HOME) == []
    hold(store, claim("a"), claim("b"))
    store.claims.retire(HOME, "a")
    hold(store, claim("c"))


def test_evidence_newest_first(store: Store) -> None:
    settle(store)
    hold(store)
    feed = follow(store)
    for number in range(3):
        one = entry(feed, str(number), published=NOW - number * MINUTE)
        store.commit([poll(feed, entry_plan(one, f"story{number}", verdicts={HOME: (says(Relation.CONFIRMS),)}))])
    found = store.claims.evidence(HOME, "troops", 2)
    assert [(one.story, one.report.outlet, one.verdict) for one in found] == [
        ("story0", "Herald", says(Relation.CONFIRMS)),
        ("story1", "Herald", says(Relation.CONFIRMS)),
    ]


def test_activity_counts_local_days(store: Store) -> None:
    settle(store)
    hold(store, claim(), replace(claim("aid"), theme="Aid"), replace(claim("idle"), theme="Idle"))
    feed = follow(store)
    late_evening = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)  # the 10th in Brussels
    verdicts = {HOME: (says(Relation.CONFIRMS),)}
    both = {HOME: (says(Relation.CONFIRMS), says(Relation.UPDATES, "aid"))}
    store.commit(
        [
            poll(
                feed,
                entry_plan(entry(feed, "1", published=late_evening), verdicts=both),
                entry_plan(entry(feed, "2", published=late_evening - DAY), verdicts=verdicts),
                entry_plan(entry(feed, "3", published=late_evening - 9 * DAY), verdicts=verdicts),
            )
        ]
    )
    days = [date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 10)]
    expected = [ThemeActivity("Troops", (0, 1, 1)), ThemeActivity("Aid", (0, 0, 1))]
    assert store.claims.activity(HOME, days, "Europe/Brussels") == expected
    assert store.claims.activity(HOME, days, "UTC")[0] == ThemeActivity("Troops", (1, 1, 0))
    assert store.claims.activity(HOME, [], "UTC") == store.claims.activity(AWAY, days, "UTC") == []


def test_watches_change_their_version(store: Store) -> None:
    settle(store)
    versions = [store.watches.version()]
    for change in (
        lambda: store.watches.add(watch()),
        lambda: store.watches.replace(replace(watch(), query="other", mode=WatchMode.BOTH, paused=True)),
        lambda: store.watches.remove(HOME, "TROOPS"),
    ):
        change()
        versions.append(store.watches.version())
    assert versions == sorted(set(versions))
    assert store.watches.all() == []


def test_names_of_watches_are_unique_within_a_tenant(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    store.watches.add(watch("troops"))
    store.watches.add(watch("troops", AWAY, "far"))
    with pytest.raises(Conflict, match="there already"):
        store.watches.add(watch("Troops"))
    with pytest.raises(Conflict, match="there already"):
        store.watches.add(watch("troops"))
    store.watches.add(watch("aid"))
    with pytest.raises(Conflict, match="called 'Troops'"):
        store.watches.replace(replace(watch("aid"), name="Troops"))
    assert store.watches.all(HOME) == [watch("aid"), watch("troops")]
    assert store.watches.find(HOME, "AID") == watch("aid")
    with pytest.raises(NotFound, match="Nearest: troops"):
        store.watches.remove(HOME, "trops")
    with pytest.raises(NotFound):
        store.watches.replace(watch("unknown"))


def test_a_watch_needs_a_channel_of_its_tenant(store: Store) -> None:
    settle(store)
    settle(store, AWAY, "far")
    with pytest.raises(NotFound, match="channel"):
        store.watches.add(watch("spy", HOME, "far"))
    store.watches.add(watch("troops", AWAY, "far"))
    stolen = replace(watch("troops", AWAY, "far"), tenant=HOME, channel=channel_id("news"))
    with pytest.raises(NotFound):
        store.watches.replace(stolen)
    with pytest.raises(NotFound):
        store.watches.remove(HOME, "troops")


def test_quota_of_watches(store: Store) -> None:
    settle(store)
    store.tenants.put(Tenant(HOME, "console", "Home", quotas=Quotas(watches=1)))
    store.watches.add(watch("a"))
    with pytest.raises(QuotaExceeded, match="1 of 1 watches"):
        store.watches.add(watch("b"))
