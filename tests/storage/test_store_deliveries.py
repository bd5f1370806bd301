"""Deliveries: each is posted once, in its channel's order, and every way it may end is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from store_world import DAY, HOME, MINUTE, NOW, channel_id, owe, settle

from bot.errors import NotFound, StoreError
from bot.model import (
    ChannelState,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Denied,
    Later,
    QueueStats,
    Refused,
    SendOutcome,
    Sent,
    Unknown,
)
from storage import Store, open_store

ALERT, EDIT, DIGEST = DeliveryKind.ALERT, DeliveryKind.EDIT, DeliveryKind.DIGEST
OWED, SENDING, SENT = DeliveryState.OWED, DeliveryState.SENDING, DeliveryState.SENT
FAILED, UNCERTAIN = DeliveryState.FAILED, DeliveryState.UNCERTAIN
EVERYWHERE = ("console",)


def claim_due(store: Store, now: datetime = NOW, limit: int = 10) -> list[Delivery]:
    return store.deliveries.claim_due(now, EVERYWHERE, limit)


def subjects(deliveries: list[Delivery]) -> list[str]:
    return [delivery.subject for delivery in deliveries]


def post(store: Store, subject: str, now: datetime = NOW, outcome: SendOutcome | None = None) -> Delivery:
    """Claim the one delivery that is due, which is of `subject`, and mark it."""
    (claimed,) = claim_due(store, now)
    assert claimed.subject == subject
    return store.deliveries.mark(claimed.id, outcome or Sent(f"ref-{subject}"), now)


def test_owed_once(store: Store) -> None:
    settle(store)
    assert store.deliveries.owe([owe("a"), owe("b"), owe("a")]) == 2
    assert store.deliveries.owe([replace(owe("a"), due=NOW + DAY)]) == 0
    assert store.deliveries.get(owe("a").id).due == NOW


def test_a_claimed_delivery_is_being_sent(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("a")])
    (claimed,) = claim_due(store)
    assert (claimed.state, claimed.attempts, claimed.first_sent) == (SENDING, 1, NOW)
    assert store.deliveries.get(claimed.id) == claimed
    assert claim_due(store) == []


def test_one_at_a_time_and_in_order(store: Store) -> None:
    settle(store, HOME, "news", "other")
    late, early, also_early = owe("late", due=NOW), owe("early", due=NOW - MINUTE), owe("also", due=NOW - MINUTE)
    store.deliveries.owe([late, early, also_early, owe("future", due=NOW + MINUTE), owe("elsewhere", "other")])
    assert subjects(claim_due(store)) == ["early", "elsewhere"]
    assert claim_due(store) == []
    store.deliveries.mark(early.id, Sent("1"), NOW)
    post(store, "also")
    post(store, "late")
    assert claim_due(store) == []


def test_no_more_than_asked_for_and_the_longest_waiting_first(store: Store) -> None:
    settle(store, HOME, "one", "two", "three")
    store.deliveries.owe([owe("1", "one"), owe("2", "two", due=NOW - MINUTE), owe("3", "three", due=NOW - 2 * MINUTE)])
    assert subjects(claim_due(store, limit=2)) == ["3", "2"]
    assert subjects(claim_due(store, limit=2)) == ["1"]
    assert claim_due(store, limit=0) == []


def test_other_platforms_and_paused_channels_get_nothing(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("a")])
    assert store.deliveries.claim_due(NOW, ["discord"], 10) == []
    assert store.deliveries.claim_due(NOW, [], 10) == []
    assert store.tenants.pause_channel(channel_id("news"), "no access") is True
    assert store.tenants.pause_channel(channel_id("news"), "no access") is False
    assert claim_due(store) == []
    paused = store.tenants.channel(channel_id("news"))
    assert (paused.state, paused.state_reason) == (ChannelState.PAUSED, "no access")
    store.tenants.put_channel(replace(paused, state=ChannelState.ACTIVE, state_reason=""))
    assert subjects(claim_due(store)) == ["a"]


def test_a_deferred_platform_waits_over_a_restart(store: Store, url: str) -> None:
    settle(store)
    store.deliveries.owe([owe("a")])
    store.defer("console", NOW + 2 * MINUTE)
    store.defer("console", NOW + MINUTE)
    store.close()
    again = open_store(url)
    assert again.deferred() == {"console": NOW + 2 * MINUTE}
    assert again.deliveries.next_due() == NOW + 2 * MINUTE
    assert claim_due(again, NOW + MINUTE) == []
    assert subjects(claim_due(again, NOW + 2 * MINUTE)) == ["a"]
    again.close()


@pytest.mark.parametrize(
    ("outcome", "state", "ref", "error"),
    [
        (Sent("42"), SENT, "42", ""),
        (Refused("empty"), FAILED, "", "empty"),
        (Refused("gone", channel_closed=True), FAILED, "", "gone"),
        (Unknown("no answer"), UNCERTAIN, "", "no answer"),
        (Later(60, "slow down"), OWED, "", "slow down"),
        (Denied("token"), OWED, "", "token"),
    ],
)
def test_every_outcome_is_kept(store: Store, outcome: SendOutcome, state: DeliveryState, ref: str, error: str) -> None:
    settle(store)
    store.deliveries.owe([owe("a")])
    marked = post(store, "a", outcome=outcome)
    assert (marked.state, marked.message_ref, marked.error) == (state, ref, error)
    assert store.deliveries.get(marked.id) == marked


@pytest.mark.parametrize("outcome", [Sent("1"), Refused("no"), Unknown("?"), Later(1, "busy"), Denied("token")])
def test_only_what_is_being_sent_can_end(store: Store, outcome: SendOutcome) -> None:
    settle(store)
    store.deliveries.owe([owe("a")])
    with pytest.raises(StoreError, match="is owed, not being sent"):
        store.deliveries.mark(owe("a").id, outcome, NOW)
    post(store, "a")
    with pytest.raises(StoreError, match="is sent, not being sent"):
        store.deliveries.mark(owe("a").id, outcome, NOW)
    assert store.deliveries.get(owe("a").id).message_ref == "ref-a"
    with pytest.raises(NotFound):
        store.deliveries.mark("unknown", outcome, NOW)


def test_later_makes_the_channel_wait_and_keeps_its_order(store: Store) -> None:
    settle(store, HOME, "news", "other")
    store.deliveries.owe([owe("first"), owe("second"), owe("elsewhere", "other")])
    first, _ = claim_due(store)
    marked = store.deliveries.mark(first.id, Later(60, "slow down"), NOW)
    assert (marked.attempts, marked.first_sent, marked.due) == (1, NOW, NOW + MINUTE)
    assert claim_due(store, NOW + MINUTE / 2) == []
    (again,) = claim_due(store, NOW + MINUTE)
    assert (again.subject, again.attempts, again.first_sent) == ("first", 2, NOW)


def test_later_everywhere_makes_the_platform_wait(store: Store) -> None:
    settle(store, HOME, "news", "other")
    store.deliveries.owe([owe("first"), owe("elsewhere", "other", due=NOW + MINUTE / 2)])
    post(store, "first", outcome=Later(60, "global limit", everywhere=True))
    assert store.deferred() == {"console": NOW + MINUTE}
    assert claim_due(store, NOW + MINUTE / 2) == []
    assert subjects(claim_due(store, NOW + MINUTE)) == ["first", "elsewhere"]


def test_a_poisonous_message_is_set_aside(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("poison"), owe("food")])
    assert post(store, "poison", outcome=Refused("invalid")).state is FAILED
    assert post(store, "food").state is SENT
    assert claim_due(store, NOW + DAY) == []


def test_an_edit_waits_for_its_message(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("a", kind=EDIT, part=1), owe("a"), owe("b")])
    assert store.deliveries.next_due() == NOW
    post(store, "a", outcome=Later(60, "busy"))
    assert claim_due(store) == []
    post(store, "a", NOW + MINUTE)
    (edit,) = claim_due(store, NOW + MINUTE)
    assert edit.kind is EDIT
    posted = store.deliveries.posted(channel_id("news"), "a")
    assert posted is not None
    assert posted.message_ref == "ref-a"
    store.deliveries.mark(edit.id, Sent("ref-a"), NOW)
    assert store.deliveries.posted(channel_id("news"), "a") == posted


def test_an_edit_that_waits_makes_nobody_wake(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("a", kind=EDIT, part=1)])
    assert store.deliveries.next_due() is None
    assert claim_due(store) == []


@pytest.mark.parametrize("outcome", [Refused("empty"), Unknown("no answer")])
def test_edits_fail_with_their_message(store: Store, outcome: SendOutcome) -> None:
    settle(store, HOME, "news", "other")
    edit, later = owe("a", kind=EDIT, part=1), owe("a", kind=EDIT, part=2)
    store.deliveries.owe([owe("a"), edit, owe("a", "other"), owe("a", "other", kind=EDIT, part=1)])
    first = next(one for one in claim_due(store) if one.channel == channel_id("news"))
    store.deliveries.mark(first.id, outcome, NOW)
    store.deliveries.owe([later])
    assert [store.deliveries.get(one.id).state for one in (edit, later)] == [FAILED, FAILED]
    assert store.deliveries.get(owe("a", "other", kind=EDIT, part=1).id).state is OWED


def test_the_newest_edit_stands_for_the_older_ones(store: Store) -> None:
    settle(store)
    first, second, third = (owe("a", kind=EDIT, part=part) for part in (1, 2, 3))
    store.deliveries.owe([owe("a"), first, second])
    post(store, "a")
    (claimed,) = claim_due(store)
    assert claimed.id == second.id
    store.deliveries.owe([third])
    store.deliveries.mark(second.id, Sent("ref-a"), NOW)
    assert store.deliveries.get(first.id).state is SENT
    assert store.deliveries.get(third.id).state is OWED
    assert [one.id for one in claim_due(store)] == [third.id]


def test_interrupted_sends_are_found(store: Store) -> None:
    settle(store, HOME, "news", "other")
    store.deliveries.owe([owe("a"), owe("b", "other"), owe("c")])
    claimed = claim_due(store, NOW)
    assert store.deliveries.interrupted(EVERYWHERE) == claimed
    assert store.deliveries.interrupted(["discord"]) == []
    assert store.deliveries.interrupted(EVERYWHERE, before=NOW) == []
    assert store.deliveries.interrupted(EVERYWHERE, before=NOW + MINUTE) == claimed
    store.deliveries.mark(claimed[0].id, Later(0, "certainly not posted"), NOW)
    assert subjects(store.deliveries.interrupted(EVERYWHERE)) == ["b"]


def test_parts_of_a_digest_keep_their_order(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe("d", kind=DIGEST, part=part) for part in range(3)])
    parts = []
    for _ in range(3):
        (claimed,) = claim_due(store)
        parts.append(claimed.part)
        store.deliveries.mark(claimed.id, Sent(f"ref-{claimed.part}"), NOW)
    assert parts == [0, 1, 2]
    posted = store.deliveries.posted(channel_id("news"), "d")
    assert posted is not None
    assert posted.message_ref == "ref-0"
    assert [one.part for one in store.deliveries.of("d")] == [0, 1, 2]


def test_when_the_next_is_due(store: Store) -> None:
    settle(store)
    assert store.deliveries.next_due() is None
    store.deliveries.owe([owe("a", due=NOW + MINUTE), owe("b", due=NOW + DAY)])
    assert store.deliveries.next_due() == NOW + MINUTE
    claim_due(store, NOW + MINUTE)
    assert store.deliveries.next_due() is None, "one is in flight, and its end will tell"
    store.deliveries.mark(owe("a").id, Later(3600, "busy"), NOW)
    assert store.deliveries.next_due() == NOW + timedelta(hours=1)
    store.tenants.pause_channel(channel_id("news"), "closed")
    assert store.deliveries.next_due() is None


def test_counts_of_one_tenant_and_of_all(store: Store) -> None:
    settle(store)
    settle(store, "console:away", "far")
    store.deliveries.owe([owe("a"), owe("b", due=NOW + MINUTE), owe("c", due=NOW + DAY), owe("z", "far")])
    assert store.deliveries.stats("console:nobody") == QueueStats(0, 0, 0, 0, 0, None)
    post_all = claim_due(store)
    assert store.deliveries.stats(HOME) == QueueStats(2, 1, 0, 0, 0, NOW + MINUTE)
    for one in post_all:
        store.deliveries.mark(one.id, Sent("1"), NOW)
    assert store.deliveries.stats() == QueueStats(2, 0, 2, 0, 0, NOW + MINUTE)
