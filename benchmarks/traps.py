"""What bombs and traps do to a bot that polls them over and over: its memory, its event loop, its other feeds.

    python benchmarks/traps.py [--seconds 8]

One bot on loopback follows twenty ordinary feeds, first alone and then beside feeds that are bombs and traps, one more
every so many seconds, until it polls all of them over and over, side by side. Measured from
outside: the resident memory of the bot's own process, the longest time in which /healthz did not answer (a bound on the
event loop's longest gap, shown beside what an idle process is late by on a busy machine), how far apart ordinary feeds
were asked for, and how long a slash command took. Exit status 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import socket
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.model import FeedIntent
from storage import open_store

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "platforms"))

from bombs import rss, traps
from discord_server import DiscordServer
from mortal import FORKS, Bot, prepare

ORDINARY = 20
MEMORY_MIB, GAP_S, ANSWER_S = 50.0, 0.1, 3.0
"""What hostile feeds may cost at most, all of them together: memory in the bot's process, a gap of its event loop, a
command's answer."""
LOOK_S = 0.02
ALONE, ALL = "ordinary feeds alone", "all at once"
TICK_S = 5.0
"""Between looks at what is due: no feed is asked for more often."""


@dataclass
class Watch:
    """What was seen of a bot during a span of time."""

    memory: float = 0.0  # MiB, the most
    gap: float = 0.0  # seconds without an answer, the longest
    idle: float = 0.0  # seconds that an idle process overslept, the most: what the machine itself is late by
    answers: list[float] = field(default_factory=list)  # seconds for a command
    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # ordinary feeds, when

    @property
    def late(self) -> float:
        """The longest time between two requests of one ordinary feed."""
        return max((after - before for times in self.asked.values() for before, after in pairwise(times)), default=0.0)


class Scene:
    """The feeds, the bot and who watches it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._watch = Watch()
        self._draw = random.Random(1)
        self._traps = traps()
        self._overslept = FORKS.Value("d", 0.0)
        self.errors: dict[str, str] = {}  # what each trap's feed shows in the end

    async def run(self, seconds: float) -> dict[str, Watch]:
        """Without traps, and with one more each time."""
        with DiscordServer() as discord:
            async with self._serving() as port:
                channel = discord.add_channel(guild := discord.add_guild("Analysts"), "alerts")
                self._health = free_port()
                self._settle(port, guild, channel)
                bot = Bot(self._folder, discord.environment())
                bot.start()
                idler = FORKS.Process(target=idle, args=(self._overslept,), daemon=True)
                idler.start()
                try:
                    assert await bot.until_said("connected to Discord"), bot.said()
                    await self._look(bot, discord, channel, 3 * seconds)  # until all is warm
                    seen = {ALONE: await self._look(bot, discord, channel, 3 * seconds)}
                    for name in self._traps:
                        self._follow(name, port)
                        seen[name] = await self._look(bot, discord, channel, seconds)
                    seen[ALL] = await self._look(bot, discord, channel, 4 * seconds)
                finally:
                    idler.kill()
                    assert await bot.stop() == 0, bot.said()
                self.errors = self._told()
                return seen

    def _settle(self, port: int, guild: str, channel: str) -> None:
        topic = self._folder / "signals"
        topic.mkdir()
        (topic / "claims.toml").write_text('title = "Signals"\n')
        (topic / "watches.toml").write_text('[[watches]]\nname = "Beacons"\nquery = "beacon"\n')
        listed = "".join(f'<outline xmlUrl="http://127.0.0.1:{port}/ordinary/{n}"/>' for n in range(ORDINARY))
        (topic / "feeds.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>')
        (self._folder / "claimwatch.toml").write_text(
            f'topic = "signals"\ndatabase = "sqlite:///{self._folder}/store.sqlite"\n[policy]\ndigest = "off"\n'
            '[fetch]\nmin_interval = "1s"\nmax_interval = "2s"\nper_host = 32\nallow_networks = ["127.0.0.0/8"]\n'
            f'[health]\nport = {self._health}\n[[channels]]\nplatform = "discord"\nguild = "{guild}"\n'
            f'address = "{channel}"\n'
        )

    def _follow(self, name: str, port: int) -> None:
        with closing(open_store(f"sqlite:///{self._folder}/store.sqlite")) as store:
            (tenant,) = store.tenants.all()
            url = f"http://127.0.0.1:{port}/trap/{name.replace(' ', '+')}"
            store.feeds.follow(tenant.id, FeedIntent(url, title=name), datetime.now(UTC))

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[int]:
        app = web.Application()
        app.router.add_get("/ordinary/{number}", self._ordinary)
        app.router.add_get("/trap/{name}", self._trap)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    async def _ordinary(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        self._watch.asked[number].append(time.monotonic())
        items = "".join(
            f"<item><guid>{number}-{self._draw.random()}</guid><title>Item {self._draw.random()}</title></item>"
            for _ in range(3)
        )
        return web.Response(body=rss(items, f"Ordinary {number}"))

    async def _trap(self, request: web.Request) -> web.StreamResponse:
        return await self._traps[request.match_info["name"].replace("+", " ")](request)

    # --- looking on ---

    async def _look(self, bot: Bot, discord: DiscordServer, channel: str, seconds: float) -> Watch:
        self._watch = watch = Watch()
        self._overslept.value = 0.0
        end = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            group.create_task(self._weigh(bot, watch, end))
            group.create_task(self._knock(watch, end))
            group.create_task(self._command(discord, channel, watch, end))
        watch.idle = self._overslept.value
        return watch

    async def _weigh(self, bot: Bot, watch: Watch, end: float) -> None:
        while time.monotonic() < end:
            watch.memory = max(watch.memory, resident(bot.pid))
            await asyncio.sleep(LOOK_S)

    async def _knock(self, watch: Watch, end: float) -> None:
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < end:
                began = time.monotonic()
                async with session.get(f"http://127.0.0.1:{self._health}/healthz") as answer:
                    await answer.read()
                watch.gap = max(watch.gap, time.monotonic() - began)
                await asyncio.sleep(LOOK_S)

    async def _command(self, discord: DiscordServer, channel: str, watch: Watch, end: float) -> None:
        while time.monotonic() < end:
            began = time.monotonic()
            token = await asyncio.to_thread(discord.slash, channel, "feed list")
            await asyncio.to_thread(discord.answer, token, 30.0)
            watch.answers.append(time.monotonic() - began)
            await asyncio.sleep(1)

    def _told(self) -> dict[str, str]:
        with closing(sqlite3.connect(self._folder / "store.sqlite")) as database:
            rows = database.execute("SELECT title, last_error FROM feeds WHERE url LIKE '%/trap/%' ORDER BY title")
            return dict(rows.fetchall())


def resident(process: int) -> float:
    """MiB of memory that the process holds."""
    rows = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(row for row in rows if row.startswith("VmRSS")).split()[1]) / 1024


def idle(overslept: Any) -> None:
    """Sleep, and note the longest that it took too long to wake up."""
    while True:
        began = time.monotonic()
        time.sleep(LOOK_S)
        overslept.value = max(overslept.value, time.monotonic() - began - LOOK_S)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def broken(seen: dict[str, Watch]) -> list[str]:
    """The bounds that did not hold."""
    alone = seen[ALONE]
    slowest = max(max(watch.answers, default=0.0) for watch in seen.values())
    late = max(watch.late for watch in seen.values())
    found = {
        f"the traps made memory grow by more than {MEMORY_MIB:g} MiB": sum(growth(seen).values()) > MEMORY_MIB,
        f"the event loop was away for more than {GAP_S:g} s, and the machine was not that late": any(
            watch.gap > max(GAP_S, 2 * watch.idle) for watch in seen.values()
        ),
        f"a command took more than {ANSWER_S:g} s": slowest > ANSWER_S,
        f"an ordinary feed came more than {TICK_S:g} s later than without traps": late > alone.late + TICK_S,
    }
    return [words for words, holds in found.items() if holds]


def growth(seen: dict[str, Watch]) -> dict[str, float]:
    """MiB by which each step went beyond the most of all steps before."""
    grown, most = {}, 0.0
    for name, watch in seen.items():
        grown[name] = max(watch.memory - most, 0.0) if most else 0.0
        most = max(most, watch.memory)
    return grown


def table(seen: dict[str, Watch], errors: dict[str, str]) -> str:
    """A row for each step, and what the trap's feed shows in the end."""
    grown = growth(seen)
    rows = [f"{'':<22} {'memory':>11} {'longest gap':>12} {'(an idle one)':>13} {'feeds apart':>12} {'a command':>10}"]
    for name, watch in seen.items():
        memory, gap, late = f"+{grown[name]:.1f} MiB", f"{watch.gap * 1000:.0f} ms", f"{watch.late:.1f} s"
        idle_gap, answer = f"({watch.idle * 1000:.0f} ms)", f"{max(watch.answers, default=0.0):.2f} s"
        row = f"{name:<22} {memory:>11} {gap:>12} {idle_gap:>13} {late:>12} {answer:>10}  {errors.get(name, '')}"
        rows.append(row.rstrip())
    most = max(watch.memory for watch in seen.values())
    return "\n".join([*rows, f"memory in all: {seen[ALONE].memory:.0f} MiB alone, {most:.0f} MiB at most"])


def main() -> None:
    """Print the figures; exit status 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds = parser.parse_args().seconds
    prepare()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # that the bot hangs up on traps is as it should be
    with tempfile.TemporaryDirectory(prefix="claimwatch-traps-") as folder:
        scene = Scene(Path(folder))
        seen = asyncio.run(scene.run(seconds))
    print(table(seen, scene.errors))
    problems = broken(seen)
    for problem in problems:
        print(f"! {problem}")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
