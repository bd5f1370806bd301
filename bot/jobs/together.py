"""Doing together, in a thread, what comes at about the same time: one transaction for many polls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from bot.errors import StoreError, StoreRefused

T = TypeVar("T")
R = TypeVar("R")

MOST = 500
"""What the things that are written together may weigh in all."""

log = logging.getLogger(__name__)


class Together(Generic[T, R]):
    """Hands things to `write`, which blocks and works in a thread; what comes meanwhile goes together the next time.

    Nothing waits for others to come: where little happens each thing is written at once. All are written in the order
    in which they came. What cannot be written together is tried one by one, so that what is wrong with one stops no
    other; but what ails the store itself is told to all at once.
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Sequence[R]], weigh: Callable[[T], int] = lambda thing: 1
    ) -> None:
        """`write` returns what became of each thing. What weighs `MOST` or more is written alone; nothing weighs 0."""
        self._write, self._weigh = write, weigh
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, thing: T) -> R:
        """What became of it, once it is written. Raises what `write` raises for it."""
        written: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await written

    async def _write_all(self) -> None:
        while batch := self._next():
            error = await self._try(batch)
            if error is None:
                continue
            if len(batch) == 1 or (isinstance(error, StoreError) and not isinstance(error, StoreRefused)):
                _fail(batch, error)
                continue
            log.warning("%d polls fail together, so each is tried alone", len(batch), exc_info=error)
            for one in batch:
                if not one[1].done() and (failure := await self._try([one])):
                    _fail([one], failure)

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        """The first of those that still wait, as many as go together; one at least."""
        waiting = [one for one in self._waiting if not one[1].done()]  # some were cancelled
        weight = taken = 0
        for thing, _ in waiting:
            weight += self._weigh(thing)
            if taken and weight > MOST:
                break
            taken += 1
        self._waiting = waiting[taken:]
        return waiting[:taken]

    async def _try(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> Exception | None:
        """Write them and tell those who wait; the error where that failed, and nobody was told."""
        try:
            results = await asyncio.to_thread(self._write, [thing for thing, _ in batch])
            pairs = list(zip(batch, results, strict=True))
        except Exception as error:
            return error
        for (_, written), result in pairs:
            if not written.done():
                written.set_result(result)
        return None


def _fail(batch: Sequence[tuple[T, asyncio.Future[R]]], error: Exception) -> None:
    for _, written in batch:
        if not written.done():
            written.set_exception(error)
