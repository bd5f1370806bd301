"""Running: the loops, the ticks that wake them, the platforms and the health port, until told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

import storage
from bot.app import House, opened
from bot.chat.commands import Desk
from bot.connections import Connections
from bot.errors import Conflict, StoreError
from bot.jobs.loop import Loop
from bot.jobs.poll import Polled
from bot.ops import heeding_signals
from bot.reports import Reports
from bot.settings import Settings
from storage import Place, Queue

TICK = 2.0
"""Seconds between looks at what is due."""
UPKEEP = 60.0
LOST_AFTER = timedelta(minutes=10)
"""A delivery that is still `sending` after so long was lost by whoever sent it: longer than any send takes."""
SWITCH = 0.0005
"""Seconds that a busy thread keeps the interpreter from the event loop, which lets go of it at each read and write:
with Python's own 5 ms a poll that brings a thousand entries makes the loop wait for tenths of a second."""
DRAIN = 20.0
"""Seconds that polls and deliveries have to end when the program is told to stop."""
PATIENCE = 2 * DRAIN + 10
"""Seconds for which a start waits for another process to leave the database: longer than an orderly end takes."""
LOOK = 30.0
"""Seconds between looks whether the place on the database is still ours."""

log = logging.getLogger(__name__)


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises `PlatformError` where no platform is left to post on."""
    async with lasting(settings) as house:
        await Server(house).run()


@asynccontextmanager
async def lasting(settings: Settings, queue: Queue | None = None) -> AsyncIterator[House]:
    """The house opened for a process that is to run long, whose event loop is never to wait.

    It is the only one on its database, but with a `queue` one of several. Raises as `opened`, and `Conflict` where it
    cannot be that.
    """
    sys.setswitchinterval(SWITCH)
    async with occupying(settings.database, alone=queue is None), opened(settings, queue=queue) as house:
        gc.freeze()  # what is there by now stays: looking through it at each collection would hold up the loop
        yield house


@asynccontextmanager
async def occupying(database: str, *, alone: bool) -> AsyncIterator[None]:
    """A place on the database while the block runs; one that is lost with the database's server is taken again.

    It is taken before the database is brought forward or anything is installed in it.
    """
    place = storage.place(database, alone=alone)
    try:
        await _take(place, alone)
        holding = asyncio.create_task(_hold(place))
        try:
            yield
        finally:
            holding.cancel()
    finally:
        place.leave()


async def _take(place: Place, alone: bool) -> None:
    """Whoever is there may be ending just now: wait for that, but not for ever."""
    for look in range(int(PATIENCE)):
        if await asyncio.to_thread(place.take):
            return
        if not look:
            log.info("another process works on the database; waiting %d s for it to end", PATIENCE)
        await asyncio.sleep(1.0)
    raise Conflict(
        "Another Claimwatch works on this database, and two would post everything twice: stop it first. "
        "For several processes on one database there are `claimwatch worker` and `claimwatch gateway`."
        if alone
        else "A `claimwatch run` works on this database, and does everything alone: stop it first."
    )


async def _hold(place: Place) -> None:
    while True:
        await asyncio.sleep(LOOK)
        try:
            if not await asyncio.to_thread(place.take):
                log.error("another Claimwatch works on our database now: stop one of the two, or both will post")
        except StoreError as error:
            log.warning("whether we are still alone on the database is not known: %s", error)


class Server:
    """One process that does everything."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = asyncio.Event()
        self._connections = Connections(self._stop.set)
        self._digests = Loop("digest", self._make_digests, house.pulse)
        self._deliveries = Loop("deliver", self._deliver, house.pulse)
        self._polls = Loop("poll", self._poll, house.pulse)
        self._upkeep = Loop("upkeep", self._keep_up, house.pulse)
        self._recovered = False
        self._reports = Reports(house.store, house.clock)
        self._watchdog = house.watchdog()

    async def run(self) -> None:
        """Until told to stop by a signal, or until no platform is left."""
        connections = self._connections
        connections.answer(self._house.settings, self._desk)
        connections.print_else()
        self._deliverer = self._house.deliverer(connections.platforms, self._deliveries.wake, self._reports.delivered)
        self._poller = self._house.poller(self._polled, self._polls.wake)
        async with AsyncExitStack() as stack:
            stack.enter_context(heeding_signals(self._stop.set))
            await stack.enter_async_context(self._house.health(self._reports.text))
            await self._work()
        connections.check()

    def _desk(self) -> Desk:
        return self._house.desk(self._connections.platforms, self._wake_all)

    async def _work(self) -> None:
        """The loops, the connections and the ticks, until told to stop; then what was begun is brought to an end."""
        loops = (self._polls, self._deliveries, self._digests, self._upkeep)
        running = [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
        self._connections.begin(self._deliverer.drop)
        scheduler = self._scheduler()
        scheduler.start()
        self._wake_all()
        try:
            await self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            for loop in loops:
                loop.stop()
            await asyncio.wait(running, timeout=DRAIN)
            await asyncio.gather(self._poller.drain(DRAIN), self._deliverer.drain(DRAIN))
            for task in running:
                task.cancel()
            await asyncio.gather(*running, self._connections.end(), return_exceptions=True)

    def _scheduler(self) -> AsyncIOScheduler:
        """Ticks in UTC that only wake loops: what is due is a column, so a late or lost tick loses nothing."""
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        scheduler.add_job(self._tick, "interval", seconds=TICK)
        scheduler.add_job(self._tick_upkeep, "interval", seconds=UPKEEP)
        return scheduler

    async def _tick(self) -> None:
        """A coroutine, since APScheduler runs plain functions in threads, from which no event may be set."""
        self._wake_all()

    async def _tick_upkeep(self) -> None:
        self._upkeep.wake()

    async def _poll(self) -> int:
        return await self._poller.begin_due()

    async def _deliver(self) -> int:
        """First of all, what a process before us left: the platforms, which may have to be asked, connect meanwhile."""
        if not self._recovered:
            await self._deliverer.recover()
            self._recovered = True
        return await self._deliverer.begin_due()

    async def _make_digests(self) -> int:
        if made := await self._house.digester(self._connections.platforms).make_due():
            self._deliveries.wake()
        return made

    async def _keep_up(self) -> int:
        """Settle lost deliveries, and what else is to be done once in a while."""
        if self._recovered:
            await self._deliverer.recover(before=self._house.clock.now() - LOST_AFTER)
        await self._house.keep_up(self._watchdog)
        return 0

    def _polled(self, polled: Polled) -> None:
        self._reports.polled(polled)
        self._deliveries.wake()

    def _wake_all(self) -> None:
        for loop in (self._polls, self._deliveries, self._digests):
            loop.wake()
