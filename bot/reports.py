"""What polls and deliveries brought, as it is logged and counted, in whichever process they were done."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from bot.errors import ClaimwatchError
from bot.jobs.poll import Polled
from bot.metrics import Metrics
from bot.model import Channel, Delivery, DeliveryKind, FailureKind, SendOutcome, Sent
from bot.ports import Clock, Store

log = logging.getLogger(__name__)

IN_VAIN = 8
"""Feeds in a row that cannot be reached, from which on it is more likely us than them."""


class Reports:
    """Hears of each poll and each delivery."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._metrics = Metrics(clock.now())
        self._in_vain = 0  # feeds in a row that could not be reached

    def polled(self, polled: Polled) -> None:
        """A poll ended."""
        self._metrics.polled(polled.failure.kind if polled.failure else None, self._clock.now())
        self._metrics.stored(polled.new, polled.matched, polled.alerts, polled.relations)
        if polled.failure:
            log.warning("%s: %s", polled.feed.title or polled.feed.url, polled.failure.detail)
        self._network(polled.failure.kind if polled.failure else None)
        if polled.new:
            log.info("%s: %d new, %d matched, %d alerts", polled.feed.title, polled.new, polled.matched, polled.alerts)
        for owed in polled.owed:
            log.info("delivery %s (%s %s) is owed to %s", owed.id, owed.kind, owed.subject, owed.channel)

    def _network(self, failure: FailureKind | None) -> None:
        """One line that says it, among many that each blame a feed."""
        if failure is FailureKind.NETWORK:
            self._in_vain += 1
            if self._in_vain == IN_VAIN:
                log.error("the last %d feeds could not be reached: does this machine have network?", IN_VAIN)
            return
        if self._in_vain >= IN_VAIN:
            log.info("feeds can be reached again")
        self._in_vain = 0

    async def delivered(self, delivery: Delivery, channel: Channel, outcome: SendOutcome) -> None:
        """A send ended."""
        self._metrics.delivered(delivery, channel, outcome)
        if delivery.kind is not DeliveryKind.ALERT or not isinstance(outcome, Sent):
            return
        try:
            published = await asyncio.to_thread(self._published, delivery.subject)
        except ClaimwatchError as error:  # it is posted all the same
            log.warning("how late delivery %s came is not known: %s", delivery.id, error)
        else:
            self._metrics.posted((self._clock.now() - published).total_seconds())

    async def text(self) -> bytes:
        """All of it in Prometheus's text format."""
        return self._metrics.text(await asyncio.to_thread(self._store.deliveries.stats))

    def _published(self, alert: str) -> datetime:
        return self._store.entries.get(self._store.alerts.get(alert).entry).published
