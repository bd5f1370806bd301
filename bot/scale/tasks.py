"""The tasks of a worker: poll(feed), deliver(channel), digest(channel, day), and what finds what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from procrastinate import App, BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from bot.app import House
from bot.errors import NotFound
from bot.jobs.deliver import AT_ONCE, Deliverer
from bot.jobs.digests import Digester
from bot.jobs.poll import LEASE, Poller
from bot.jobs.watchdog import Watchdog
from bot.ports import Platform
from bot.scale.queue import DELIVER, POLL, UPKEEP, channel_lock, waiting
from bot.serve import DRAIN, LOST_AFTER

log = logging.getLogger(__name__)

HEARTBEAT = 5.0
STALLED = 30.0
"""Seconds without a heartbeat after which a worker is dead, and others do what it had begun."""
AT_A_TIME = 20
"""Deliveries of one channel before other channels have their turn."""
FEEDS = 500
CHANNELS = 500
"""How many that are due are queued in one go, every `SWEEP`."""
SWEEP, RECOVER, MINUTE = "* * * * * */2", "* * * * * */10", "* * * * *"
"""As cron writes it, the last column being seconds."""
LOOK = 1.0
"""Seconds between looks into a queue that announces nothing."""


@dataclass(frozen=True)
class Tools:
    """What the tasks work with."""

    house: House
    poller: Poller
    deliverer: Deliverer
    digester: Digester
    platforms: Mapping[str, Platform]
    watchdog: Watchdog | None
    going_on: Callable[[], bool]


class Tasks:
    """One worker's tasks. Each may be done twice, and by several at once: the store sees that it counts once."""

    def __init__(self, address: str, tools: Tools) -> None:
        self._tools, self._store = tools, tools.house.store
        connector = PsycopgConnector(conninfo=address, min_size=2, max_size=8, timeout=30.0)
        # An app for each queue, so that slow feeds hold up no delivery, and neither of them holds up the upkeep.
        self._polls, self._deliveries, self._upkeep = (App(connector=connector) for _ in range(3))
        self._polls.task(name=POLL, queue=POLL, retry=_OnceMore())(self.poll)
        self._deliveries.task(name=DELIVER, queue=DELIVER, retry=_OnceMore())(self.deliver)
        self._upkeep.task(name="digest", queue=UPKEEP)(self.digest)
        for cron, work in (
            (SWEEP, self.sweep),
            (RECOVER, self.recover),
            (MINUTE, self.schedule),
            (MINUTE, self.keep_up),
        ):
            name = work.__name__
            task = self._upkeep.task(name=name, queue=UPKEEP, queueing_lock=name)(work)
            self._upkeep.periodic(cron=cron)(task)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The connections to the queue."""
        async with self._polls.open_async():
            yield

    async def reach(self) -> bool:
        """Whether the queue is there."""
        with suppress(ConnectorException):
            return await self._polls.check_connection_async()
        return False

    async def work(self) -> None:
        """Do jobs until cancelled; what was begun is then brought to an end."""
        polls = self._tools.house.settings.file.fetch.concurrency
        async with asyncio.TaskGroup() as queues:
            queues.create_task(self._stay(self._polls, POLL, polls, announced=False))
            queues.create_task(self._stay(self._deliveries, DELIVER, AT_ONCE, announced=True))
            queues.create_task(self._stay(self._upkeep, UPKEEP, 4, announced=False))

    async def _stay(self, app: App, queue: str, concurrency: int, *, announced: bool) -> None:
        """Work on one queue; where the database was away, or took us for dead, begin anew."""
        while True:
            try:
                await app.run_worker_async(
                    queues=[queue],
                    concurrency=concurrency,
                    listen_notify=announced,
                    fetch_job_polling_interval=LOOK,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                    shutdown_graceful_timeout=DRAIN,
                    delete_jobs="always",
                    install_signal_handlers=False,
                )
            except ConnectorException as error:
                log.warning("%s: the queue cannot be reached, again in a moment: %s", queue, error.__cause__ or error)
            await asyncio.sleep(LOOK)

    # --- the work itself ---

    async def poll(self, feed: str) -> None:
        """Poll a feed, unless somebody did meanwhile."""
        try:
            found = await asyncio.to_thread(self._store.feeds.get, feed)
        except NotFound:
            return
        if found.next_poll <= self._tools.house.clock.now():
            await self._tools.poller.poll_safely(found)

    async def deliver(self, channel: str) -> None:
        """Deliver what is due in a channel; where there may be more, another job goes to the end of the line."""
        done = await self._tools.deliverer.deliver_all(channel, AT_A_TIME, self._tools.going_on)
        if done == AT_A_TIME or not self._tools.going_on():
            again = self._deliveries.configure_task(
                DELIVER, queue=DELIVER, lock=channel_lock(channel), queueing_lock=waiting(DELIVER, channel)
            )
            await _unless_queued(again.defer_async(channel=channel))

    async def digest(self, channel: str, day: str) -> None:
        """Make a channel's digest of that day, if it is still due."""
        try:
            place = await asyncio.to_thread(self._store.tenants.channel, channel)
        except NotFound:
            return
        if await self._tools.digester.make(place):
            log.info("the digest of %s for %s is made", channel, day)

    # --- what finds it ---

    async def sweep(self, timestamp: int) -> None:
        """Queue the feeds that are due, and the channels in which something is."""
        now = self._tools.house.clock.now()
        await asyncio.to_thread(self._store.feeds.claim_due, now, LEASE, FEEDS)
        names = list(self._tools.platforms)
        await asyncio.to_thread(self._store.deliveries.queue_due, now, names, now - LOST_AFTER, CHANNELS)

    async def schedule(self, timestamp: int) -> None:
        """Queue the digests that are due."""
        for channel, day in await self._tools.digester.due():
            made = self._upkeep.configure_task(
                "digest", queue=UPKEEP, queueing_lock=waiting("digest", f"{channel.id}:{day}")
            )
            await _unless_queued(made.defer_async(channel=channel.id, day=day.isoformat()))

    async def recover(self, timestamp: int) -> None:
        """Give back what dead workers had begun; where a job for the same waits already, that one stands for it."""
        manager = self._upkeep.job_manager
        await manager.prune_stalled_workers(STALLED)
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            log.warning("%s was left by a worker that is gone", job.call_string)
            try:
                await manager.retry_job(job)
            except UniqueViolation:
                await self._drop(job)
            except ConnectorException as error:
                log.info("%s was taken care of meanwhile: %s", job.call_string, error.__cause__)

    async def _drop(self, job: Job) -> None:
        with suppress(ConnectorException):  # it was ended meanwhile
            await self._upkeep.job_manager.finish_job(job, Status.FAILED, delete_job=True)

    async def keep_up(self, timestamp: int) -> None:
        """What is to be done once in a while, by one worker for all."""
        await self._tools.house.keep_up(self._tools.watchdog)


async def _unless_queued(job: Awaitable[int]) -> None:
    """Queue it, unless one like it waits already."""
    with suppress(AlreadyEnqueued):
        await job


class _OnceMore(BaseRetryStrategy):
    """What a worker that is told to stop could not end in time waits for another one."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision() if isinstance(exception, asyncio.CancelledError) else None
