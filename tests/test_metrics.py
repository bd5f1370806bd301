"""What Prometheus reads: every count by its name, in a text that its own parser takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from bot.model import (
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Denied,
    FailureKind,
    Later,
    QueueStats,
    Refused,
    Relation,
    SendOutcome,
    Sent,
    Unknown,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
QUEUE = QueueStats(owed=3, sending=1, sent=20, failed=2, uncertain=1, oldest_due=NOW)
CHANNEL = Channel("discord:1", "discord:g", "discord", "1", "alerts")
DELIVERY = Delivery("d", CHANNEL.id, DeliveryKind.ALERT, "a", 0, "", DeliveryState.SENDING, NOW, 1, NOW)


def read(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """(name, values of its labels by their names' order …) → value."""
    families = text_string_to_metric_families(metrics.text(QUEUE).decode())
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
    }


def test_what_has_not_happened_yet_is_nought() -> None:
    found = read(Metrics(NOW))
    assert found["claimwatch_polls_total", "ok"] == 0
    assert found["claimwatch_verdicts_total", "contradicts"] == 0
    assert found["claimwatch_publication_to_post_seconds_count",] == 0


def test_polls_by_outcome() -> None:
    metrics = Metrics(NOW)
    for failure in (None, None, FailureKind.TIMEOUT):
        metrics.polled(failure, NOW)
    found = read(metrics)
    assert found["claimwatch_polls_total", "ok"] == 2
    assert found["claimwatch_polls_total", "timeout"] == 1
    assert found["claimwatch_last_read_timestamp_seconds",] == NOW.timestamp()


def test_what_a_poll_brought() -> None:
    metrics = Metrics(NOW)
    metrics.stored(7, 3, 2, [Relation.UPDATES, Relation.UPDATES, Relation.CONFIRMS])
    found = read(metrics)
    assert found["claimwatch_entries_total",] == 7
    assert found["claimwatch_entries_matched_total",] == 3
    assert found["claimwatch_alerts_total",] == 2
    assert found["claimwatch_verdicts_total", "updates"] == 2


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Sent("1"), "sent"),
        (Later(1, "busy"), "later"),
        (Refused("no"), "refused"),
        (Unknown("?"), "uncertain"),
        (Denied("token"), "denied"),
    ],
)
def test_deliveries_by_outcome(outcome: SendOutcome, name: str) -> None:
    metrics = Metrics(NOW)
    metrics.delivered(DELIVERY, CHANNEL, outcome)
    assert read(metrics)["claimwatch_deliveries_total", "alert", name, "discord"] == 1


def test_how_late_posts_come() -> None:
    metrics = Metrics(NOW)
    for lag in (45.0, 400.0, -5.0):
        metrics.posted(lag)
    found = read(metrics)
    assert found["claimwatch_publication_to_post_seconds_bucket", "60.0"] == 2
    assert found["claimwatch_publication_to_post_seconds_count",] == 3
    assert found["claimwatch_publication_to_post_seconds_sum",] == 445.0


def test_the_queue_as_it_stands() -> None:
    found = read(Metrics(NOW))
    assert {state: found["claimwatch_queue", state.value] for state in DeliveryState} == {
        DeliveryState.OWED: 3,
        DeliveryState.SENDING: 1,
        DeliveryState.SENT: 20,
        DeliveryState.FAILED: 2,
        DeliveryState.UNCERTAIN: 1,
        DeliveryState.WITHDRAWN: 0,
    }
