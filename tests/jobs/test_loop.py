"""A loop: woken, it works until nothing is left; errors end the round, not the loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest
from jobs_world import HandClock

from bot.errors import StoreBusy
from bot.jobs.loop import Loop
from bot.ops import Pulse


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.005)


class Heap:
    """Work to be done, a piece at a time."""

    def __init__(self, *pieces: int | Exception) -> None:
        self.pieces = list(pieces)
        self.calls = 0
        self.inside = 0

    async def work(self) -> int:
        self.calls += 1
        self.inside += 1
        assert self.inside == 1, "twice at once"
        await asyncio.sleep(0)
        self.inside -= 1
        piece = self.pieces.pop(0) if self.pieces else 0
        if isinstance(piece, Exception):
            raise piece
        return piece


async def test_it_works_until_nothing_is_left_and_then_waits() -> None:
    heap, pulse = Heap(3, 2, 1), Pulse(HandClock())
    loop = Loop("poll", heap.work, pulse)
    running = asyncio.create_task(loop.run())
    await asyncio.sleep(0.02)
    assert (heap.calls, pulse.started) == (0, False)
    loop.wake()
    await until(lambda: heap.calls == 4)
    await asyncio.sleep(0.02)
    assert (heap.calls, pulse.started) == (4, True)
    for _ in range(100):
        loop.wake()  # however often before it comes round
    await until(lambda: heap.calls == 5)
    loop.stop()
    await asyncio.wait_for(running, 10)
    assert heap.calls == 5


async def test_what_wakes_it_while_it_works_is_not_lost() -> None:
    gate, calls = asyncio.Event(), 0

    async def work() -> int:
        nonlocal calls
        calls += 1
        await gate.wait()
        return 0

    loop = Loop("poll", work, Pulse(HandClock()))
    running = asyncio.create_task(loop.run())
    loop.wake()
    await until(lambda: calls == 1)
    loop.wake()
    gate.set()
    await until(lambda: calls == 2)
    loop.stop()
    await asyncio.wait_for(running, 10)
    assert calls == 2


@pytest.mark.parametrize(
    ("error", "level"), [(StoreBusy("locked"), logging.WARNING), (ValueError("a bug"), logging.ERROR)], ids=str
)
async def test_an_error_ends_the_round_alone(error: Exception, level: int, caplog: pytest.LogCaptureFixture) -> None:
    heap = Heap(error, 1)
    loop = Loop("poll", heap.work, Pulse(HandClock()))
    running = asyncio.create_task(loop.run())
    loop.wake()
    await until(lambda: bool(caplog.records))
    assert [record.levelno for record in caplog.records] == [level]
    assert heap.calls == 1
    loop.wake()
    await until(lambda: heap.calls == 3)
    loop.stop()
    await asyncio.wait_for(running, 10)


async def test_told_to_stop_it_ends_after_what_it_does_now() -> None:
    gate, calls = asyncio.Event(), 0

    async def endless() -> int:
        nonlocal calls
        calls += 1
        await gate.wait()
        return 1

    loop = Loop("poll", endless, Pulse(HandClock()))
    running = asyncio.create_task(loop.run())
    loop.wake()
    await until(lambda: calls == 1)
    loop.stop()
    assert not running.done()
    gate.set()
    await asyncio.wait_for(running, 10)
    assert calls == 1
