"""A crew: no more than so many at once, and an end to all of them."""

from __future__ import annotations

import asyncio

from bot.jobs.crew import Crew


async def test_it_counts_who_is_free_and_says_when_one_is() -> None:
    freed, gate = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    crew = Crew(2, freed.set)
    assert (crew.free, crew.busy) == (2, False)
    crew.start(wait())
    crew.start(wait())
    assert (crew.free, crew.busy) == (0, True)
    gate.set()
    await asyncio.wait_for(freed.wait(), 10)
    await crew.drain()
    assert (crew.free, crew.busy) == (2, False)


async def test_one_that_hangs_is_cancelled_when_patience_ends() -> None:
    ended: list[str] = []

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("hang")

    async def quick() -> None:
        ended.append("quick")

    crew = Crew(2, lambda: None)
    crew.start(hang())
    crew.start(quick())
    await asyncio.wait_for(crew.drain(0.05), 10)
    assert ended == ["quick", "hang"]
    assert not crew.busy


async def test_to_drain_an_idle_crew_takes_no_time() -> None:
    crew = Crew(1, lambda: None)
    await asyncio.wait_for(crew.drain(), 10)
    assert (crew.free, crew.busy) == (1, False)
