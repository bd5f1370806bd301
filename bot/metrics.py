"""What Prometheus is told: counts since the start, and the queue as it stands when it asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.model import (
    Channel,
    Delivery,
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
    Withdrawn,
)

OUTCOMES: dict[type[SendOutcome], str] = {
    Withdrawn: "withdrawn",
    Sent: "sent",
    Later: "later",
    Refused: "refused",
    Unknown: "uncertain",
    Denied: "denied",
}
LAGS = (30, 60, 120, 300, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 86_400)
"""Bounds of the histogram in seconds; feeds are polled every ten minutes to three hours."""


class Metrics:
    """Counts in a registry of its own, so that several can live in one process."""

    def __init__(self, started: datetime) -> None:
        registry = self._registry = CollectorRegistry()
        self._polls = Counter("claimwatch_polls", "Polls of feeds by outcome", ["outcome"], registry=registry)
        self._last_read = Gauge(
            "claimwatch_last_read_timestamp_seconds",
            "When a feed was last read with success, or when we started",
            registry=registry,
        )
        self._last_read.set(started.timestamp())
        self._entries = Counter("claimwatch_entries", "New entries", registry=registry)
        self._matched = Counter("claimwatch_entries_matched", "New entries that match a watch", registry=registry)
        self._verdicts = Counter("claimwatch_verdicts", "Verdicts by relation", ["relation"], registry=registry)
        self._alerts = Counter("claimwatch_alerts", "Alerts decided", registry=registry)
        self._deliveries = Counter(
            "claimwatch_deliveries", "Sends by outcome", ["platform", "kind", "outcome"], registry=registry
        )
        self._lag = Histogram(
            "claimwatch_publication_to_post_seconds",
            "From an entry's date to its post",
            registry=registry,
            buckets=LAGS,
        )
        self._queue = Gauge("claimwatch_queue", "Deliveries by state", ["state"], registry=registry)
        ProcessCollector(registry=registry)
        self._announce()

    def _announce(self) -> None:
        """Every series is there from the start, so that a rate begins at nothing."""
        for outcome in ("ok", *FailureKind):
            self._polls.labels(str(outcome))
        for relation in Relation:
            self._verdicts.labels(relation.value)

    def polled(self, failure: FailureKind | None, now: datetime) -> None:
        """A poll ended."""
        self._polls.labels(failure.value if failure else "ok").inc()
        if failure is None:
            self._last_read.set(now.timestamp())

    def stored(self, new: int, matched: int, alerts: int, relations: Iterable[Relation]) -> None:
        """What a poll brought was committed."""
        self._entries.inc(new)
        self._matched.inc(matched)
        self._alerts.inc(alerts)
        for relation in relations:
            self._verdicts.labels(relation.value).inc()

    def delivered(self, delivery: Delivery, channel: Channel, outcome: SendOutcome) -> None:
        """A send ended, or what became of an earlier one was found out."""
        self._deliveries.labels(channel.platform, delivery.kind.value, OUTCOMES[type(outcome)]).inc()

    def posted(self, lag: float) -> None:
        """An alert stands in its channel, so many seconds after the date of its entry."""
        self._lag.observe(max(lag, 0.0))

    def text(self, queue: QueueStats) -> bytes:
        """All of it in Prometheus's text format, with the queue as it stands."""
        for state in DeliveryState:
            self._queue.labels(state.value).set(getattr(queue, state.value))
        return generate_latest(self._registry)
