"""What comes at about the same time is written together, and who waits hears what became of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from bot.jobs.together import MOST, Together


def echo(batch: Sequence[int]) -> list[str]:
    return [str(number) for number in batch]


async def test_each_hears_what_became_of_its_own() -> None:
    together = Together(echo)
    assert await asyncio.wait_for(together.put(7), 10) == "7", "one alone is written at once"
    assert await asyncio.gather(*(together.put(number) for number in range(3))) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("weights", "batches"),
    [
        ([1] * (MOST + 1), [[1] * MOST, [1]]),
        ([1, MOST - 1, 1], [[1, MOST - 1], [1]]),
        ([1, MOST, 1, 1], [[1], [MOST], [1, 1]]),
        ([3 * MOST, MOST, 1], [[3 * MOST], [MOST], [1]]),
    ],
)
async def test_what_comes_while_others_are_written_goes_together(weights: list[int], batches: list[list[int]]) -> None:
    written: list[list[int]] = []
    begun, gate = threading.Event(), threading.Event()

    def write(batch: Sequence[int]) -> Sequence[int]:
        begun.set()
        assert gate.wait(10)
        written.append(list(batch))
        return batch

    together = Together(write, lambda weight: weight)
    first = asyncio.create_task(together.put(0))
    await asyncio.to_thread(begun.wait, 10)
    rest = [asyncio.create_task(together.put(weight)) for weight in weights]
    await asyncio.sleep(0.05)
    gate.set()
    assert await asyncio.wait_for(asyncio.gather(first, *rest), 10) == [0, *weights]
    assert written == [[0], *batches]


async def test_what_is_wrong_with_one_stops_no_other() -> None:
    def write(batch: Sequence[int]) -> list[str]:
        if 1 in batch:
            raise OSError("one is wrong")
        return echo(batch)

    together = Together(write)
    outcomes = await asyncio.gather(*(together.put(number) for number in range(3)), return_exceptions=True)
    assert [str(one) for one in outcomes] == ["0", "one is wrong", "2"]
    assert await asyncio.wait_for(together.put(4), 10) == "4"


async def test_one_who_no_longer_waits_holds_up_nobody() -> None:
    gate = threading.Event()

    def write(batch: Sequence[int]) -> list[str]:
        assert gate.wait(10)
        return echo(batch)

    together = Together(write)
    leaving, staying = (asyncio.create_task(together.put(number)) for number in range(2))
    await asyncio.sleep(0.05)
    leaving.cancel()
    gate.set()
    assert await asyncio.wait_for(staying, 10) == "1"
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_those_of_one_lane_work_one_at_a_time() -> None:
    lane, busy, most = asyncio.Lock(), 0, 0

    def work(batch: Sequence[int]) -> Sequence[int]:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        time.sleep(0.02)
        busy -= 1
        return batch

    pair = [Together(work, lambda number: MOST, lane) for _ in range(2)]
    await asyncio.gather(*(together.put(number) for together in pair for number in range(4)))
    assert most == 1
