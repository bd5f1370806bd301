"""What comes at about the same time is written together, and who waits hears what became of it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from bot.errors import NotFound, StoreBusy, StoreError, StoreRefused
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


@pytest.mark.parametrize("error", [StoreRefused("one is wrong"), NotFound("one is wrong"), OSError("one is wrong")])
async def test_what_is_wrong_with_one_stops_no_other(error: Exception) -> None:
    def write(batch: Sequence[int]) -> list[str]:
        if 1 in batch:
            raise error
        return echo(batch)

    together = Together(write)
    outcomes = await asyncio.gather(*(together.put(number) for number in range(3)), return_exceptions=True)
    assert [str(one) for one in outcomes] == ["0", "one is wrong", "2"]
    assert await asyncio.wait_for(together.put(4), 10) == "4"


@pytest.mark.parametrize("error", [StoreBusy("away"), StoreError("away")])
async def test_what_ails_the_store_is_told_to_all_after_one_attempt(error: StoreError) -> None:
    """It may have written them all the same: to write them again is for whoever reads first what is there."""
    attempts = 0

    def write(batch: Sequence[int]) -> list[str]:
        nonlocal attempts
        attempts += 1
        time.sleep(0.05)
        raise error

    together = Together(write)
    outcomes = await asyncio.gather(*(together.put(number) for number in range(9)), return_exceptions=True)
    assert [str(one) for one in outcomes] == ["away"] * 9
    assert attempts <= 2, "one for the first, one for those that came meanwhile"


async def test_a_writer_that_answers_nonsense_is_an_error_and_no_wait_for_ever() -> None:
    together = Together(lambda batch: [])
    for _ in range(2):
        with pytest.raises(ValueError, match="zip"):
            await asyncio.wait_for(together.put(1), 10)


async def test_what_nobody_waits_for_is_not_written_and_holds_up_nobody() -> None:
    gate, begun, written = threading.Event(), threading.Event(), list[int]()

    def write(batch: Sequence[int]) -> list[str]:
        begun.set()
        assert gate.wait(10)
        written.extend(batch)
        return echo(batch)

    together = Together(write)
    first = asyncio.create_task(together.put(0))
    await asyncio.to_thread(begun.wait, 10)
    leaving, staying = (asyncio.create_task(together.put(number)) for number in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    leaving.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.wait_for(staying, 10) == "2"
    assert written == [0, 2], "the first was being written already"
