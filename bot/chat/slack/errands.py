"""Work that goes on after Slack was told that its request arrived: bounded, and once a request.

Slack wants its answer within three seconds and sends a request again, over any connection, where it saw none.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from bot.chat.slack.failures import FAILURES, error_code
from bot.errors import ClaimwatchError

T = TypeVar("T")

AT_ONCE = 32
WAITING = 400
REMEMBERED = 1000

log = logging.getLogger(__name__)


class Errands(Generic[T]):
    """Tasks by the key of the request that asked for them."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._running: set[asyncio.Task[T | None]] = set()
        self._begun: OrderedDict[str, asyncio.Task[T | None]] = OrderedDict()

    @property
    def full(self) -> bool:
        return len(self._running) >= self._most

    def start(self, key: str, work: Callable[[], Awaitable[T]]) -> asyncio.Task[T | None] | None:
        """Begin the work, or hand out the task that a request of that key began; None where there is no room.

        The task's result is None where the work failed; why is in the log.
        """
        if key in self._begun:
            return self._begun[key]
        if self.full:
            log.warning("too much is asked at once; a request was turned away")
            return None
        task = asyncio.create_task(self._run(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        self._begun[key] = task
        while len(self._begun) > REMEMBERED:
            self._begun.popitem(last=False)
        return task

    async def close(self, patience: float) -> None:
        """Let what was begun end within so many seconds, then give the rest up."""
        running = list(self._running)
        if running:
            await asyncio.wait(running, timeout=patience)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, work: Callable[[], Awaitable[T]]) -> T | None:
        async with self._room:
            try:
                return await work()
            except ClaimwatchError as error:
                log.info("a request came to nothing: %s", error)
            except FAILURES as error:
                log.warning("Slack did not take an answer: %s %s", type(error).__name__, error_code(error))
            except Exception:
                log.exception("a request failed in Slack's layer")
            return None
