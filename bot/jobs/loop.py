"""One loop of the program: woken by a tick or by other work, it begins what is due until nothing is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import StoreBusy
from bot.ops import Pulse

log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[int]]
"""Begins or does a bounded part of what is due now. The number of things: 0 ends the round."""


class Loop:
    """Runs `work` whenever it was woken, never twice at once. An error ends the round, not the loop."""

    def __init__(self, name: str, work: Work, pulse: Pulse) -> None:
        self.name, self._work, self._pulse = name, work, pulse
        self._woken = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Something may be due. Cheap, and safe to call any number of times."""
        self._woken.set()

    def stop(self) -> None:
        """Let `run` return after what it is doing now."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Until stopped or cancelled."""
        while not self._stopping:
            await self._woken.wait()
            self._woken.clear()
            await self._round()
            self._pulse.beat(self.name)

    async def _round(self) -> None:
        try:
            while not self._stopping and await self._work():
                self._pulse.beat(self.name)
        except StoreBusy as error:
            log.warning("%s: the database is busy; again at the next tick: %s", self.name, error)
        except Exception:
            log.exception("%s: this round failed; again at the next tick", self.name)
