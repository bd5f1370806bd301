"""What comes at about the same time is written together, and who waits hears what became of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.jobs.together import MOST, Together


async def test_one_alone_is_written_at_once() -> None:
    written: list[list[int]] = []
    await asyncio.wait_for(Together[int](lambda batch: written.append(list(batch))).put(1), 10)
    assert written == [[1]]


async def test_what_comes_while_others_are_written_goes_together() -> None:
    written: list[list[int]] = []
    begun, gate = threading.Event(), threading.Event()

    def write(batch: Sequence[int]) -> None:
        begun.set()
        assert gate.wait(10)
        written.append(list(batch))

    together = Together[int](write)
    first = asyncio.create_task(together.put(0))
    await asyncio.to_thread(begun.wait, 10)
    rest = [asyncio.create_task(together.put(number)) for number in range(1, MOST + 2)]
    await asyncio.sleep(0.05)
    gate.set()
    await asyncio.wait_for(asyncio.gather(first, *rest), 10)
    assert [len(batch) for batch in written] == [1, MOST, 1]
    assert [number for batch in written for number in batch] == list(range(MOST + 2))


async def test_a_failure_is_told_to_all_who_wait_and_ends_nothing() -> None:
    broken = True

    def write(batch: Sequence[int]) -> None:
        if broken:
            raise OSError("full")

    together = Together[int](write)
    outcomes = await asyncio.gather(*(together.put(number) for number in range(3)), return_exceptions=True)
    assert [str(one) for one in outcomes] == ["full"] * 3
    broken = False
    await asyncio.wait_for(together.put(4), 10)


async def test_one_who_no_longer_waits_holds_up_nobody() -> None:
    gate = threading.Event()
    together = Together[int](lambda batch: gate.wait(10))
    leaving, staying = (asyncio.create_task(together.put(number)) for number in range(2))
    await asyncio.sleep(0.05)
    leaving.cancel()
    gate.set()
    await asyncio.wait_for(staying, 10)
    with pytest.raises(asyncio.CancelledError):
        await leaving
