"""`claimwatch gateway`: answers on Discord and Slack; what it makes to do is done by workers."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, suppress

from bot.app import House
from bot.chat.commands import Desk
from bot.chat.discord import Shards
from bot.connections import Connections
from bot.errors import ConfigError, StoreError
from bot.ops import heeding_signals
from bot.reports import Reports
from bot.scale.queue import ProcrastinateQueue
from bot.scale.schema import prepare
from bot.serve import lasting
from bot.settings import Settings

log = logging.getLogger(__name__)

BEAT = 10.0
"""Seconds between looks at the database."""


async def answer(settings: Settings, address: str, shards: Shards) -> None:
    """Run until SIGTERM or SIGINT, with the queue at that address.

    Raises `ConfigError`, `StoreError`, and `PlatformError` where no platform is left to answer on.
    """
    if not (settings.secrets.discord_token or settings.secrets.slack_bot_token):
        raise ConfigError("`claimwatch gateway` answers on Discord and Slack: set DISCORD_TOKEN or SLACK_BOT_TOKEN")
    await asyncio.to_thread(prepare, address)
    async with lasting(settings, ProcrastinateQueue()) as house:
        await Gateway(house, shards).run()


class Gateway:
    """Holds connections, and posts nothing."""

    def __init__(self, house: House, shards: Shards) -> None:
        self._house, self._shards = house, shards
        self._stop = asyncio.Event()
        self._connections = Connections(self._stop.set)

    async def run(self) -> None:
        """Until told to stop by a signal, or until no platform is left."""
        connections = self._connections
        connections.answer(self._house.settings, self._desk, self._shards)
        async with AsyncExitStack() as stack:
            stack.enter_context(heeding_signals(self._stop.set))
            await stack.enter_async_context(self._house.health(Reports(self._house.store, self._house.clock).text))
            stack.push_async_callback(connections.end)
            connections.begin(lambda name: None)
            while not self._stop.is_set():
                await self._beat()
        connections.check()

    async def _beat(self) -> None:
        """See whether the database is there; then wait, but not longer than until told to stop."""
        try:
            await asyncio.to_thread(self._house.store.meta.installation)
        except StoreError as error:
            log.warning("the database cannot be reached: %s", error)
        else:
            self._house.pulse.beat("store")
        with suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._stop.wait()

    def _desk(self) -> Desk:
        return self._house.desk(self._connections.platforms, lambda: None)
