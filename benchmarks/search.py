"""How long commands take over a large archive, while the bot polls as fast as it can.

    python benchmarks/search.py [--entries 1000000] [--feeds 1000] [--times 40] [--database URL]

A bot with an archive of two years and 37 claims polls feeds of a local server round after round, a part of them changed
each time. Meanwhile, one at a time, its commands are answered as a platform hands them in: searches for rare and for
frequent words, narrowed and not, /claim show, /why, and what autocomplete offers. Without --database the archive is
SQLite in a folder of its own; a PostgreSQL named there must be empty.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from archive import fill
from comparison import made_up
from feed_host import GLUE, NAMES, Host, Shelf
from poll_ours import SETTINGS, STEP, TENANT, Forward, settle

from bot.app import House, opened
from bot.chat.commands import Asker, Place, answer, suggest
from bot.claims.baseline import Baseline
from bot.jobs.poll import Polled
from bot.pack import Pack
from bot.serve import SWITCH
from bot.settings import load_settings

CLAIMS = 37
CHANGED = 20
"""One feed of so many has news each round."""
WITHIN = 3.0
"""Seconds in which Slack and Discord want a command to be answered."""

Try = Callable[[random.Random], Awaitable[None]]


def tries(house: House, feeds: list[str], claims: list[str]) -> dict[str, Try]:
    """What is timed, each with arguments of its own every time."""
    desk = house.desk({}, lambda: None)
    asker = Asker(TENANT, "console", Place("local", "local"), "bench")

    def command(name: str, **made: Callable[[random.Random], str]) -> Try:
        async def ask(draw: random.Random) -> None:
            reply = await answer(desk, asker, name, {key: make(draw) for key, make in made.items()})
            assert reply.pages, name

        return ask

    def offered(name: str, parameter: str) -> Try:
        async def ask(draw: random.Random) -> None:
            await suggest(desk, asker, name, parameter, "")

        return ask

    rare = lambda draw: NAMES[-draw.randrange(1, 20_000)]  # noqa: E731
    frequent = lambda draw: draw.choice(GLUE[40:])  # noqa: E731
    return {
        "/search, a rare word": command("search", words=rare),
        "/search, a frequent word": command("search", words=frequent),
        "/search, two frequent words": command("search", words=lambda draw: f"{frequent(draw)} {frequent(draw)}"),
        "/search, a phrase": command("search", words=lambda draw: f'"{frequent(draw)} {frequent(draw)}"'),
        "/search, frequent, of a week": command("search", words=frequent, since=lambda _: "7d"),
        "/search, frequent, of a feed": command("search", words=frequent, feed=lambda draw: draw.choice(feeds)),
        "/search, frequent, in Polish": command("search", words=frequent, language=lambda _: "pl"),
        "/search, in Polish": command("search", language=lambda _: "pl"),
        "/search, in a language that is not there": command("search", language=lambda _: "fi"),
        "/search, of a claim": command("search", claim=lambda draw: draw.choice(claims)),
        "/search, frequent, of a claim": command("search", words=frequent, claim=lambda draw: draw.choice(claims)),
        "/latest": command("latest"),
        "/claim show": command("claim show", claim=lambda draw: draw.choice(claims)),
        "/why": command("why", url=lambda draw: f"https://archive.example/{draw.randrange(1000)}"),
        "/status": command("status"),
        "autocomplete of claims": offered("claim show", "claim"),
        "autocomplete of feeds": offered("search", "feed"),
        "autocomplete of languages": offered("search", "language"),
        "autocomplete of stories": offered("story", "story"),
    }


async def poll_on(
    poll: Callable[[], Awaitable[None]], clock: Forward, step: Callable[[int], None], enough: asyncio.Event
) -> None:
    """Round after round, until there is enough."""
    for number in count():
        await asyncio.to_thread(step, number)
        await poll()
        clock.ahead += STEP
        if enough.is_set():
            return


async def timed(name: str, work: Try, times: int) -> list[float]:
    draw, took = random.Random(name), []
    for _ in range(times):
        began = time.perf_counter()
        await work(draw)
        took.append(time.perf_counter() - began)
    return sorted(took)


async def bench(folder: Path, host: Host, options: argparse.Namespace) -> bool:
    """Whether every command's p95 is within what platforms wait."""
    shelf = Shelf(host.feeds, 30, datetime.now(UTC))
    for feed in range(options.feeds):
        shelf.publish(feed)

    def publish(number: int) -> None:
        for feed in range(number % CHANGED, options.feeds, CHANGED):
            shelf.publish(feed, number // CHANGED + 1)

    (folder / "topic").mkdir()
    (folder / "claimwatch.toml").write_text(SETTINGS.format(folder=folder))
    environment = {"CLAIMWATCH_DATABASE": options.database} if options.database else {}
    clock, pack = Forward(), Pack(Baseline("bench", {}, {}, ()), (), (), ())
    async with opened(load_settings(folder, environment), clock, pack) as house:
        await asyncio.to_thread(settle, house, [host.url(feed) for feed in range(options.feeds)])
        feeds = [feed.id for feed in house.store.feeds.followed(TENANT)]
        claims = made_up(CLAIMS)
        house.store.claims.put(TENANT, claims, "", clock.now())
        url = options.database or str(folder / "store.sqlite")
        await asyncio.to_thread(fill, url, TENANT, feeds, claims, options.entries, clock.now())
        print(f"{options.entries:,} entries of {len(feeds):,} feeds", flush=True)
        gc.freeze()
        polled: list[Polled] = []
        poll = house.rounds(polled.append)
        await poll()  # the first round, in which all is new
        enough = asyncio.Event()
        polling = asyncio.create_task(poll_on(poll, clock, publish, enough))
        began, before = time.monotonic(), len(polled)
        print(f"{'':<42} {'p50':>9} {'p95':>9} {'most':>9}")
        slow = False
        for name, work in tries(house, feeds, [claim.id for claim in claims]).items():
            took = await timed(name, work, options.times)
            p50, p95 = took[len(took) // 2], took[int(len(took) * 0.95)]
            print(f"{name:<42} {p50 * 1000:>6.0f} ms {p95 * 1000:>6.0f} ms {took[-1] * 1000:>6.0f} ms", flush=True)
            slow = slow or p95 > WITHIN
        rate = (len(polled) - before) / (time.monotonic() - began)
        print(f"meanwhile {rate:.0f} polls a second, {1 / CHANGED:.0%} of them with news")
        enough.set()
        await polling
        return slow


def main() -> None:
    """Print a line for each command; exit status 1 where one takes longer than platforms wait."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--database", default="")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    sys.setswitchinterval(SWITCH)
    with tempfile.TemporaryDirectory() as folder, Host(Path(folder)) as host:
        sys.exit(asyncio.run(bench(Path(folder), host, options)))


if __name__ == "__main__":
    main()
