"""digest(channel, day): gather → build → commit with its deliveries, exactly once a channel and local day."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import date

from bot.alerts.decide import owe
from bot.alerts.digest import Material, activity_days, build, due_day, span_start
from bot.alerts.digest_view import digest_pages
from bot.alerts.hours import local_day
from bot.blocks import Limits
from bot.model import Channel, ChannelState, DeliveryKind, Digest
from bot.ports import Clock, Store

log = logging.getLogger(__name__)


class Digester:
    """Makes the digests that are due, and those that somebody asks for."""

    def __init__(self, store: Store, limits: Mapping[str, Limits], clock: Clock, topic: str) -> None:
        """`limits` are those of each platform that runs here; channels of others are left alone."""
        self._store, self._limits, self._clock, self._topic = store, limits, clock, topic

    async def make_due(self) -> int:
        """Make every digest that is due. The number made; a channel that fails is logged and does not stop others."""
        made = 0
        for channel in await asyncio.to_thread(self._store.tenants.channels):
            if not self._concerns(channel):
                continue
            try:
                made += await asyncio.to_thread(self._make_scheduled, channel)
            except Exception:
                log.exception("the digest of %s failed; again at the next tick", channel.id)
        return made

    async def due(self) -> list[tuple[Channel, date]]:
        """The channels whose digest is due, and of which day."""
        return await asyncio.to_thread(self._due)

    async def make(self, channel: Channel) -> bool:
        """Make the channel's digest if it is due; False where it is not, or was made meanwhile."""
        return await asyncio.to_thread(self._make_scheduled, channel)

    async def make_now(self, channel: Channel) -> Digest:
        """Make one of what came since the last scheduled one, and owe it to the channel at once."""
        return await asyncio.to_thread(self._make_asked, channel)

    def _due(self) -> list[tuple[Channel, date]]:
        listening = {watch.channel for watch in self._store.watches.all()}
        here = [one for one in self._store.tenants.channels() if self._concerns(one) and one.id in listening]
        days = [(channel, self._day(channel, self._store.digests.last(channel.id))) for channel in here]
        return [(channel, day) for channel, day in days if day is not None]

    def _concerns(self, channel: Channel) -> bool:
        return channel.platform in self._limits and channel.state is ChannelState.ACTIVE

    def _day(self, channel: Channel, last: Digest | None) -> date | None:
        return due_day(channel.policy, self._clock.now(), last.day if last else None)

    def _make_scheduled(self, channel: Channel) -> bool:
        if not any(watch.channel == channel.id for watch in self._store.watches.all(channel.tenant)):
            return False  # it listens for nothing: an admin channel, or one that shows another one's digests
        last = self._store.digests.last(channel.id)
        day = self._day(channel, last)
        return day is not None and self._commit(channel, self._digest(channel, day, last), scheduled=True)

    def _make_asked(self, channel: Channel) -> Digest:
        now = self._clock.now()
        day = local_day(now, channel.policy.timezone)
        digest = self._digest(channel, day, self._store.digests.last(channel.id), request=now.isoformat())
        self._commit(channel, digest, scheduled=False)
        return digest

    def _digest(self, channel: Channel, day: date, last: Digest | None, request: str = "") -> Digest:
        now = self._clock.now()
        since = span_start(channel.policy, now, last)
        watches = [watch for watch in self._store.watches.all(channel.tenant) if watch.channel == channel.id]
        material = Material(
            channel=channel,
            topic=self._topic,
            since=since,
            made=now,
            facts=self._store.digests.facts(channel.id, since, now),
            counts=self._store.digests.counts(channel.id, since, now),
            claims={claim.id: claim for claim in self._store.claims.all(channel.tenant)},
            watched=[watch.name for watch in watches],
            activity=self._store.claims.activity(channel.tenant, activity_days(day), channel.policy.timezone),
        )
        return build(material, day, request)

    def _commit(self, channel: Channel, digest: Digest, *, scheduled: bool) -> bool:
        """Each page is a delivery of its own, so that a page that was posted is not posted again with the others."""
        pages = range(len(digest_pages(digest, self._limits[channel.platform])))
        place = channel.policy.digest_in or channel.id
        owed = [owe(place, DeliveryKind.DIGEST, digest.id, digest.made, part) for part in pages]
        return self._store.digests.commit(digest, owed, scheduled)
