"""deliver(owed): claim (committed as `sending`) → render → send → mark.

A send whose outcome is not known is never simply repeated: within the platform's nonce window the same nonce goes out
again and the platform drops a repeat; after it, however long the delivery waited in between, the platform is asked
whether the message is there; where it cannot tell, the delivery is marked uncertain and counted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.alerts.decide import muted
from bot.alerts.notices import paused_notices
from bot.alerts.silence import silencing
from bot.errors import StoreError
from bot.jobs.compose import Composer
from bot.jobs.crew import Crew
from bot.model import (
    Channel,
    Delivery,
    DeliveryKind,
    Denied,
    Later,
    Refused,
    SendOutcome,
    Sent,
    Unknown,
    Withdrawn,
)
from bot.ports import Clock, Platform, Store

log = logging.getLogger(__name__)

GIVE_UP = timedelta(days=2)
"""A delivery that could not be posted for so long after its first send fails; it is counted and stays in the store."""
LONGEST_WAIT = 600.0
AT_ONCE = 32
"""Channels that are posted to side by side."""
ATTEMPTS_OF_EDITS = 5
UNSURE = "it may be there already: "
"""How the reason of a delivery begins that waits after a send without an answer; the store keeps it with the delivery.

Such a delivery may be sent again only while the platform drops a repeat; later, it is looked for first.
"""


Told = Callable[[Delivery, Channel, SendOutcome], Awaitable[None]]
"""Hears what became of a send, once that is written down."""


async def nobody(delivery: Delivery, channel: Channel, outcome: SendOutcome) -> None:
    """Hears it where nobody else does."""


class Deliverer:
    """Delivers what is owed on the platforms that run here."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        composer: Composer,
        clock: Clock,
        freed: Callable[[], None],
        told: Told = nobody,
    ) -> None:
        """`freed` is called whenever another delivery may begin, `told` with the outcome of each."""
        self._store, self._composer, self._clock, self._told = store, composer, clock, told
        self._platforms = dict(platforms)
        self._crew = Crew(AT_ONCE, freed)
        self._settlers = Crew(AT_ONCE, freed)
        self._in_doubt: set[str] = set()

    async def recover(self, before: datetime | None = None) -> int:
        """Begin to settle what a process that is gone left in `sending`. Called once before the first `begin_due`.

        Its channels wait until it is settled, for minutes where a platform that must be asked is away; all others go
        on. Called again later with `before`, it takes up only what began to be sent before then: the outcomes that
        could not be written down, and what other processes left. The number begun.
        """
        left = await asyncio.to_thread(self._store.deliveries.interrupted, list(self._platforms), before)
        fresh = [delivery for delivery in left if delivery.id not in self._in_doubt]
        for delivery in fresh:
            self._in_doubt.add(delivery.id)
            self._settlers.start(self._settle_safely(delivery))
        return len(fresh)

    async def begin_due(self) -> int:
        """Begin to deliver what is due, one at a time in each channel, channels side by side. The number begun."""
        room = self._crew.free
        if not room:
            return 0
        claimed = await asyncio.to_thread(
            self._store.deliveries.claim_due, self._clock.now(), list(self._platforms), room
        )
        for delivery in claimed:
            self._crew.start(self._safely(self._deliver(delivery), delivery))
        return len(claimed)

    async def deliver_all(self, channel: str, most: int, go_on: Callable[[], bool]) -> int:
        """Deliver what is due in one channel, in its order: `most` at most, and while it may go on. The number.

        First of all, what is left in `sending` there is settled: the caller sees to it that nobody else delivers there.
        That lasts until the platform's spacing is over, so that it holds whoever delivers there next.
        """
        names = list(self._platforms)
        for left in await asyncio.to_thread(self._store.deliveries.interrupted, names, None, channel):
            await self._safely(self._settle(left), left)
        done = 0
        while done < most and go_on():
            now = self._clock.now()
            claimed = await asyncio.to_thread(self._store.deliveries.claim_due, now, names, 1, channel)
            if not claimed:
                break
            await self._safely(self._deliver(claimed[0]), claimed[0])
            done += 1
        if done:
            place = await asyncio.to_thread(self._store.tenants.channel, channel)
            platform = self._platforms.get(place.platform)
            await asyncio.sleep(platform.spacing if platform else 0.0)
        return done

    async def drain(self, patience: float | None = None) -> None:
        """Wait for the deliveries that were begun, and for what is being settled."""
        await asyncio.gather(self._crew.drain(patience), self._settlers.drain(patience))

    def drop(self, platform: str) -> None:
        """Send nothing more to that platform; what is owed there waits for the next start."""
        self._platforms.pop(platform, None)

    async def _safely(self, work: Awaitable[None], delivery: Delivery) -> None:
        try:
            await work
        except Exception:
            # It stays in `sending`, and is settled by `recover` some minutes from now.
            log.exception("the outcome of delivery %s could not be written down", delivery.id)

    async def _settle_safely(self, delivery: Delivery) -> None:
        try:
            await self._safely(self._settle(delivery), delivery)
        finally:
            self._in_doubt.discard(delivery.id)

    async def _settle(self, delivery: Delivery) -> None:
        """What was sent by a process that is gone."""
        channel = await asyncio.to_thread(self._store.tenants.channel, delivery.channel)
        if platform := self._platforms.get(channel.platform):
            await self._mark(delivery, channel, await self._unknown(delivery, channel, platform, "interrupted"))

    async def _deliver(self, delivery: Delivery) -> None:
        channel = await asyncio.to_thread(self._store.tenants.channel, delivery.channel)
        platform = self._platforms.get(channel.platform)
        if platform is None:  # dropped since this was claimed
            await self._mark(delivery, channel, Denied("all sending there has stopped"))
            return
        if _unsure(delivery) and not self._repeatable(delivery, platform):
            found = await self._found(delivery, channel, platform, delivery.error.removeprefix(UNSURE))
            if not isinstance(found, Later):
                await self._mark(delivery, channel, found)
                return
            delivery = replace(delivery, error="")  # certainly not there: it may be sent as if for the first time
        await self._mark(delivery, channel, await self._sent(delivery, channel, platform))

    async def _sent(self, delivery: Delivery, channel: Channel, platform: Platform) -> SendOutcome:
        try:
            outcome = await self._send(delivery, channel, platform)
        except StoreError as error:
            return Later(self._wait(delivery), f"the database did not say what to post: {error}")
        except Exception as error:
            # One message that cannot be made or sent is set aside; the queue moves on.
            log.exception("delivery %s to %s cannot be sent", delivery.id, channel.id)
            return Refused(f"cannot be sent: {type(error).__name__}: {error}")
        if isinstance(outcome, Unknown):
            return await self._unknown(delivery, channel, platform, outcome.reason)
        return outcome

    async def _send(self, delivery: Delivery, channel: Channel, platform: Platform) -> SendOutcome:
        if reason := await asyncio.to_thread(self._silenced, delivery, channel):
            return Withdrawn(reason)
        message = await self._composer.compose(delivery, platform.limits)
        log.info("delivery %s (%s) goes to %s", delivery.id, delivery.kind, channel.id)
        if delivery.kind is not DeliveryKind.EDIT:
            return await platform.send(channel, message, delivery.id)
        posted = await asyncio.to_thread(self._store.deliveries.posted, channel.id, delivery.subject)
        return await platform.edit(channel, posted.message_ref, message) if posted else Refused("was never posted")

    def _silenced(self, delivery: Delivery, channel: Channel) -> str:
        """Why an alert is not told after all: it may have been muted while it was held back. Empty where it is."""
        if delivery.kind is not DeliveryKind.ALERT or _unsure(delivery):
            return ""
        now = self._clock.now()
        mutes = self._store.mutes.active(channel.tenant, now)
        if not mutes:
            return ""
        alert = self._store.alerts.get(delivery.subject)
        trail = self._store.entries.trail(alert.tenant, alert.entry)
        watches = [watch.id for watch, _ in trail.matches if watch.channel == channel.id and not watch.paused]
        mute = silencing(alert, trail.entry, watches, mutes)
        return muted(mute, channel.policy.timezone, now) if mute else ""

    async def _unknown(self, delivery: Delivery, channel: Channel, platform: Platform, reason: str) -> SendOutcome:
        """What to make of a send whose answer never came."""
        if delivery.kind is DeliveryKind.EDIT:  # the same edit twice is one edit
            return Later(self._wait(delivery), reason) if delivery.attempts < ATTEMPTS_OF_EDITS else Refused(reason)
        if self._repeatable(delivery, platform):
            return Later(self._wait(delivery), UNSURE + reason)
        return await self._found(delivery, channel, platform, reason)

    def _repeatable(self, delivery: Delivery, platform: Platform) -> bool:
        """Whether the platform still drops a repeat of the delivery's nonce."""
        now = self._clock.now()
        return now - (delivery.first_sent or now) < timedelta(seconds=platform.repeat_safe)

    async def _found(self, delivery: Delivery, channel: Channel, platform: Platform, reason: str) -> SendOutcome:
        """What the platform says of a message that may be there: `Later` where it certainly is not."""
        posted = None
        if delivery.kind is DeliveryKind.FOLLOWUP:
            posted = await asyncio.to_thread(self._store.deliveries.posted, channel.id, delivery.subject)
        since = delivery.first_sent or self._clock.now()
        found = await platform.find(channel, delivery.id, since, posted.message_ref if posted else "")
        return found or Unknown(f"{reason}; the platform cannot tell whether it was posted")

    async def _mark(self, delivery: Delivery, channel: Channel, outcome: SendOutcome) -> None:
        outcome = self._patient(delivery, outcome)
        now = self._clock.now()
        await asyncio.to_thread(self._store.deliveries.mark, delivery.id, outcome, now)
        match outcome:
            case Withdrawn():
                log.info("delivery %s is not sent: %s", delivery.id, outcome.reason)
            case Sent():
                log.info("delivery %s was posted as %s", delivery.id, outcome.ref)
            case Denied() if channel.platform in self._platforms:
                self.drop(channel.platform)
                log.error("%s accepts our token no more, all sending there stops: %s", channel.platform, outcome.reason)
            case Refused(channel_closed=True):
                log.warning("delivery %s failed: %s", delivery.id, outcome.reason)
                await asyncio.to_thread(self._pause, channel, outcome.reason, now)
            case _:
                log.warning("delivery %s: %s", delivery.id, outcome)
        await self._told(delivery, channel, outcome)

    def _patient(self, delivery: Delivery, outcome: SendOutcome) -> SendOutcome:
        """Waits grow with the attempts; after `GIVE_UP` there are no more. What was unsure before stays so."""
        if isinstance(outcome, Later | Denied) and _unsure(delivery):
            outcome = replace(outcome, reason=UNSURE + outcome.reason.removeprefix(UNSURE))
        if not isinstance(outcome, Later):
            return outcome
        if self._clock.now() - (delivery.first_sent or delivery.due) > GIVE_UP:
            return Refused(f"given up after {GIVE_UP.days} days: {outcome.reason}")
        return Later(max(outcome.seconds, self._wait(delivery)), outcome.reason, outcome.everywhere)

    @staticmethod
    def _wait(delivery: Delivery) -> float:
        return min(2.0 ** min(delivery.attempts, 20) / 2, LONGEST_WAIT)

    def _pause(self, channel: Channel, reason: str, now: datetime) -> None:
        """Nothing can be posted there: pause it and tell its owner once."""
        if self._store.tenants.pause_channel(channel.id, reason):
            tenant = self._store.tenants.get(channel.tenant)
            self._store.deliveries.owe(paused_notices(channel, reason, tenant, now))


def _unsure(delivery: Delivery) -> bool:
    """Whether an earlier send of it had no answer. Edits may always be repeated."""
    return delivery.error.startswith(UNSURE)
