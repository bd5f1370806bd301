"""Doing together, in a thread, what comes at about the same time: one transaction for many polls."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 500
"""What the things that are written together may weigh in all."""


class Together(Generic[T, R]):
    """Hands things to `write`, which blocks and works in a thread; what comes meanwhile goes together the next time.

    Nothing waits for others to come: where little happens each thing is written at once. All are written in the order
    in which they came. What cannot be written together is tried one by one: what is wrong with one stops no other.
    """

    def __init__(
        self,
        write: Callable[[Sequence[T]], Sequence[R]],
        weigh: Callable[[T], int] = lambda thing: 1,
        lane: asyncio.Lock | None = None,
    ) -> None:
        """`write` returns what became of each thing. What weighs `MOST` or more is written alone.

        Those that share a `lane` work one at a time: threads that are busy in Python slow each other down.
        """
        self._write, self._weigh, self._lane = write, weigh, lane or asyncio.Lock()
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, thing: T) -> R:
        """What became of it, once it is written. Raises what `write` raises for it alone."""
        written: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((thing, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        return await written

    async def _write_all(self) -> None:
        while self._waiting:
            batch = self._next()
            if not await self._wrote(batch):
                for one in batch:
                    await self._wrote([one])
        self._writing = None

    def _next(self) -> list[tuple[T, asyncio.Future[R]]]:
        """The first that wait, as many as one transaction takes; one at least."""
        weight = taken = 0
        for thing, _ in self._waiting:
            weight += self._weigh(thing)
            if taken and weight > MOST:
                break
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batch

    async def _wrote(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> bool:
        """Whether those who wait were told; where several fail together nobody is."""
        try:
            async with self._lane:
                results = await asyncio.to_thread(self._write, [thing for thing, _ in batch])
        except Exception as error:
            if len(batch) > 1:
                return False
            if not batch[0][1].done():  # else whoever waited was cancelled
                batch[0][1].set_exception(error)
            return True
        for (_, written), result in zip(batch, results, strict=True):
            if not written.done():
                written.set_result(result)
        return True
