"""What follows on an alert's message, and headlines that were corrected: the same over both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_world import HOME, NOW, alert, entry, entry_plan, follow, owe, poll, settle, told

from bot.model import DeliveryKind, DeliveryState, Owed, Refused, Retitled, Sent, stable_id
from storage import Store


def follow_up(alert_id: str, of: str) -> Owed:
    return replace(owe(alert_id, kind=DeliveryKind.FOLLOWUP, part=int(stable_id(of)[:7], 16)), payload=of)


@pytest.fixture
def alerted(store: Store) -> str:
    """The alert's id; two reports are to follow on it."""
    settle(store)
    plan = told(follow(store))
    (made,) = plan.alerts
    store.commit([replace(plan, owed=(*plan.owed, follow_up(made.id, "e2"), follow_up(made.id, "e3")))])
    return made.id


def claimed(store: Store) -> list[DeliveryKind]:
    return [delivery.kind for delivery in store.deliveries.claim_due(NOW, ["console"], 9)]


def test_what_follows_waits_for_the_message_and_all_of_it_comes(store: Store, alerted: str) -> None:
    for number, kind in enumerate([DeliveryKind.ALERT, DeliveryKind.FOLLOWUP, DeliveryKind.FOLLOWUP]):
        (delivery,) = store.deliveries.claim_due(NOW, ["console"], 9)
        assert delivery.kind is kind
        store.deliveries.mark(delivery.id, Sent(f"m{number}"), NOW)
    assert claimed(store) == []
    posted = store.deliveries.posted("console:news", alerted)
    assert posted is not None
    assert posted.message_ref == "m0"


def test_what_would_follow_on_nothing_ends_with_it(store: Store, alerted: str) -> None:
    (delivery,) = store.deliveries.claim_due(NOW, ["console"], 9)
    store.deliveries.mark(delivery.id, Refused("too long"), NOW)
    assert {one.state for one in store.deliveries.of(alerted)} == {DeliveryState.FAILED}
    store.deliveries.owe([follow_up(alerted, "e4")])
    assert claimed(store) == []


def test_an_edit_is_no_end_of_what_follows(store: Store, alerted: str) -> None:
    (first,) = store.deliveries.claim_due(NOW, ["console"], 9)
    store.deliveries.mark(first.id, Sent("m0"), NOW)
    store.deliveries.owe([owe(alerted, kind=DeliveryKind.EDIT)])
    kinds = []
    for _ in range(3):
        (delivery,) = store.deliveries.claim_due(NOW, ["console"], 9)
        store.deliveries.mark(delivery.id, Sent("m0"), NOW)
        kinds.append(delivery.kind)
    assert sorted(kinds) == [DeliveryKind.EDIT, DeliveryKind.FOLLOWUP, DeliveryKind.FOLLOWUP]


def test_a_corrected_headline_is_kept_and_found(store: Store) -> None:
    settle(store)
    feed = follow(store)
    one, other = entry(feed, "1", "Troops to go east", "The text."), entry(feed, "2", "Another")
    made = alert(one)
    store.commit([poll(feed, entry_plan(one), entry_plan(other), alerts=[made])])
    assert store.entries.titles([one.id, other.id, "nowhere"]) == {one.id: one.title, other.id: other.title}
    store.commit([replace(poll(feed), retitled=(Retitled(one.id, "Troops to stay at home"),))])
    assert store.entries.get(one.id).title == "Troops to stay at home"
    assert [found.id for found in store.entries.search(HOME, "stay home", 5)] == [one.id]
    assert store.entries.search(HOME, "east", 5) == []
    assert [found.id for found in store.entries.search(HOME, "text", 5)] == [one.id]
    assert store.alerts.headed([one.id, other.id]) == [made]
    assert store.check() == []


def test_many_titles_at_once(store: Store) -> None:
    assert store.entries.titles(f"e{number}" for number in range(4000)) == {}
    assert store.alerts.headed(f"e{number}" for number in range(1200)) == []
