"""`claimwatch worker`: polls, delivers and makes digests, beside as many others as there are."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from bot.app import House
from bot.chat.commands import Desk
from bot.connections import Connections
from bot.jobs.deliver import Deliverer
from bot.ops import heeding_signals
from bot.reports import Reports
from bot.scale.queue import ProcrastinateQueue
from bot.scale.schema import prepare
from bot.scale.tasks import Tasks, Tools
from bot.serve import lasting
from bot.settings import Settings

BEAT = 10.0
"""Seconds between looks whether the queue is there."""


async def work(settings: Settings, address: str) -> None:
    """Run until SIGTERM or SIGINT, with the queue at that address.

    Raises `ConfigError`, `StoreError`, and `PlatformError` where no platform is left to post on.
    """
    await asyncio.to_thread(prepare, address)
    async with lasting(settings, ProcrastinateQueue()) as house:
        await Worker(house, address).run()


class Worker:
    """One of many."""

    def __init__(self, house: House, address: str) -> None:
        self._house, self._address = house, address
        self._stop = asyncio.Event()
        self._connections = Connections(self._stop.set)
        self._reports = Reports(house.store, house.clock)

    async def run(self) -> None:
        """Until told to stop by a signal, or until no platform is left."""
        connections = self._connections
        connections.post(self._house.settings, self._desk)
        connections.print_else()
        deliverer = self._house.deliverer(connections.platforms, _nothing, self._reports.delivered)
        tasks = Tasks(self._address, self._tools(deliverer))
        async with AsyncExitStack() as stack:
            stack.enter_context(heeding_signals(self._stop.set))
            await stack.enter_async_context(self._house.health(self._reports.text))
            await stack.enter_async_context(tasks.opened())
            stack.push_async_callback(connections.end)
            connections.begin(deliverer.drop)
            await self._work(tasks)
        connections.check()

    def _tools(self, deliverer: Deliverer) -> Tools:
        house, platforms = self._house, self._connections.platforms
        return Tools(
            house=house,
            poller=house.poller(self._reports.polled, _nothing),
            deliverer=deliverer,
            digester=house.digester(platforms),
            platforms=platforms,
            watchdog=house.watchdog(),
            going_on=lambda: not self._stop.is_set(),
        )

    async def _work(self, tasks: Tasks) -> None:
        """Until told to stop; then what was begun is brought to an end. Raises what the work ends with by itself."""
        working = asyncio.create_task(tasks.work(), name="work")
        beating = asyncio.create_task(self._beat(tasks), name="beat")
        stopped = asyncio.create_task(self._stop.wait(), name="stop")
        try:
            await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop.set()
            for task in (beating, stopped):
                task.cancel()
            ended = working.done()
            working.cancel()
            await asyncio.gather(working, beating, stopped, return_exceptions=True)
        if ended:
            working.result()

    async def _beat(self, tasks: Tasks) -> None:
        while True:
            if await tasks.reach():
                self._house.pulse.beat("queue")
            await asyncio.sleep(BEAT)

    def _desk(self) -> Desk:
        """For what a platform does when it logs in; nobody asks anything here."""
        return self._house.desk(self._connections.platforms, _nothing)


def _nothing() -> None:
    """The queue tells of what is to be done; nothing here has to be woken."""
