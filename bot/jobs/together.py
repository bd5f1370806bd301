"""Writing together what comes at about the same time: one transaction for many polls that brought nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 200
"""Things that one transaction takes."""


class Together(Generic[T]):
    """Hands things to `write`, which blocks and works in a thread; what comes meanwhile goes together the next time.

    Nothing waits for others to come: where little happens each thing is written at once.
    """

    def __init__(self, write: Callable[[Sequence[T]], None]) -> None:
        self._write = write
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, thing: T) -> None:
        """Return when it is written. Raises what `write` raises, as for all that were written with it."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            error: Exception | None = None
            try:
                await asyncio.to_thread(self._write, [thing for thing, _ in batch])
            except Exception as failure:  # each of those who wait is told
                error = failure
            for _, written in batch:
                _tell(written, error)
        self._writing = None


def _tell(written: asyncio.Future[None], error: Exception | None) -> None:
    if written.done():
        return  # whoever waited was cancelled
    if error is None:
        written.set_result(None)
    else:
        written.set_exception(error)
