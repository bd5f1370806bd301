"""Eight workers over one PostgreSQL, killed with -9 at random: each thing is done once, and nothing is stuck.

    python benchmarks/workers.py [--workers 8] [--feeds 200] [--kills 12] [--every 4] [--scaling 60] [--seed 1]

A PostgreSQL server, a Discord and the feeds are on loopback; every worker is a process of its own, `claimwatch worker`.
Each feed holds five entries, each entry is owed to one of the channels. First the same load is done by one, two and
four workers, undisturbed, `--scaling` feeds for each worker: what they do a second, beside what one does. Then all
workers begin on `--feeds` feeds, and every few seconds one of them is killed and another started in its place. When
nothing is owed any more, every entry must stand once in its channel.

A delivery is in flight from when a worker takes it to when its outcome is written down. The worker that takes it may
die: others hear of that by its missing heartbeat, take its jobs, and settle what it had in flight. `LEASE` is how long
that may take. Exit status 1 where anything was lost, doubled, or in flight for longer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import psycopg
from rich.console import Console
from rich.progress import Progress, TaskID

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "platforms"))

from aiohttp import web
from discord_server import DiscordServer, Fault
from mortal import Bot, prepare
from postgres_server import address, administering, postgres_server

from bot.model import Channel, FeedIntent, Policy, Quotas, Tenant, Watch, WatchMode, stable_id
from bot.scale.schema import prepare as make_queue
from storage import open_store

MARK = re.compile(r"\bE\d{6}\b")
ENTRIES = 5
"""Of each feed."""
CHANNELS = 40
GUILDS = 10
LEASE = 60.0
"""Seconds: a heartbeat is missed after 30 and looked for every 10; the rest is for more processes than cores."""
CALM = 1200.0
"""Seconds that all the work may take."""
SYLLABLES = "ba de ki lo mu ra se ti vo zu na pe gri sto fle mar".split()
Load = dict[str, int]


class Feeds:
    """The feeds' documents, which never change, and how often each was asked for."""

    def __init__(self, count: int, draw: random.Random) -> None:
        self._bodies = [self._document(number, draw) for number in range(count)]
        self.asked: Counter[int] = Counter()

    async def answer(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        self.asked[number] += 1
        return web.Response(body=self._bodies[number], content_type="application/rss+xml")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        """The port."""
        app = web.Application()
        app.router.add_get("/feed/{number}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    def _document(self, number: int, draw: random.Random) -> bytes:
        date = format_datetime(datetime.now(UTC))
        items = "".join(
            f"<item><guid isPermaLink='false'>{mark}</guid><link>https://news.example/{mark}</link>"
            f"<title>{beacon(number, mark)} {mark} {_words(draw, 6)}</title>"
            f"<description>{_words(draw, 30)}</description><pubDate>{date}</pubDate></item>"
            for mark in marks(number)
        )
        return (
            f"<?xml version='1.0'?><rss version='2.0'><channel><title>{number}</title>{items}</channel></rss>".encode()
        )


def marks(feed: int) -> list[str]:
    """What tells the feed's entries from all others."""
    return [f"E{feed * ENTRIES + number:06}" for number in range(ENTRIES)]


def place_of(feed: int, mark: str) -> int:
    """The channel to which the entry is owed: one of the guild that follows the feed."""
    return feed % GUILDS + GUILDS * (int(mark[1:]) * 7 % (CHANNELS // GUILDS))


def beacon(feed: int, mark: str) -> str:
    """The word for which the entry's channel listens."""
    return f"beacon{place_of(feed, mark):03}"


def _words(draw: random.Random, count: int) -> str:
    return " ".join("".join(draw.choices(SYLLABLES, k=4)) for _ in range(count))


@dataclass
class Tally:
    """What came out of the killing."""

    workers: int
    feeds: int
    kills: int = 0
    seconds: float = 0.0
    in_flight: int = 0  # kills while deliveries were in flight
    polls: int = 0
    requests: int = 0
    seen: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    uncertain: int = 0
    longest: float = 0.0  # seconds that a delivery was in flight
    stuck: int = 0
    left: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.uncertain or self.stuck or self.left)

    def __str__(self) -> str:
        rows = {
            "workers": self.workers,
            "feeds": self.feeds,
            "kills with -9": self.kills,
            "  with a delivery in flight": self.in_flight,
            "polls": self.polls,
            "messages owed": self.feeds * ENTRIES,
            "messages seen by Discord": self.seen,
            "requests to post": self.requests,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "uncertain": self.uncertain,
            "stuck past their lease": self.stuck,
        }
        lines = [f"{name:<28} {value:>7,}" for name, value in rows.items()]
        longest = f"longest in flight            {self.longest:>7.1f} s (lease {LEASE:.0f} s)"
        return "\n".join([*lines, longest, *(f"! {one}" for one in [*self.lost, *self.doubled, *self.left][:50])])


class World:
    """An installation over a database of its own, and any number of workers on it."""

    def __init__(self, folder: Path, database: str, workers: int, feeds: int, latency: float, seed: int) -> None:
        self._folder, self._database, self._latency = folder, database, latency
        self._count, self._feeds = feeds, Feeds(feeds, random.Random(seed))
        self._draw = random.Random(f"kills {seed}")
        self._names = iter(f"worker{number}" for number in range(100_000))
        self.tally = Tally(workers, feeds)

    async def run(self, kills: int, every: float, progress: Progress) -> float:
        """All of it. Seconds from when the feeds are due to when nothing is owed."""
        with DiscordServer() as discord:
            if self._latency:
                discord.fail("POST", "/channels/*/messages", Fault.slow(self._latency), times=10**9)
            async with self._feeds.serving() as port:
                places = await asyncio.to_thread(self._settle, discord, port)
                self._workers = [self._worker(discord) for _ in range(self.tally.workers)]
                try:
                    await self._until_up()
                    task = progress.add_task(f"{self.tally.workers} workers", total=self._count * ENTRIES)
                    began = time.monotonic()
                    self._ask("UPDATE feeds SET next_poll = now() - interval '1 minute'")
                    await asyncio.gather(self._watch(began, progress, task), self._rage(discord, kills, every))
                    self.tally.seconds = time.monotonic() - began
                    await self._end()
                finally:
                    await asyncio.gather(*(worker.kill() for worker in self._workers if worker.alive))
            self._add_up(discord, places)
        return self.tally.seconds

    def _settle(self, discord: DiscordServer, port: int) -> list[str]:
        """Write the settings and fill the database. The channels, in the order of their numbers."""
        topic = self._folder / "signals"
        topic.mkdir(parents=True)
        (topic / "claims.toml").write_text('title = "Signals"\n')
        (topic / "watches.toml").write_text("")
        (topic / "feeds.opml").write_text('<opml version="2.0"><body></body></opml>')
        (self._folder / "claimwatch.toml").write_text(
            f'topic = "signals"\ndatabase = "{self._database}"\n[policy]\ndigest = "off"\n[health]\nport = 0\n'
            '[fetch]\nmin_interval = "1d"\nmax_interval = "2d"\nper_host = 32\narticles = false\n'
            'allow_networks = ["127.0.0.0/8"]\n'
        )
        guilds = [discord.add_guild(f"Guild {number}") for number in range(GUILDS)]
        addresses = [discord.add_channel(guilds[number % GUILDS], f"alerts-{number}") for number in range(CHANNELS)]
        make_queue(self._database)
        store, later = open_store(self._database), datetime.now(UTC) + timedelta(days=1)
        for guild in guilds:
            quotas = Quotas(feeds=10**6)
            store.tenants.put(Tenant(f"discord:{guild}", "discord", guild, quotas=quotas))
        for number, place in enumerate(addresses):
            tenant, channel = f"discord:{guilds[number % GUILDS]}", f"discord:{place}"
            store.tenants.put_channel(Channel(channel, tenant, "discord", place, place, Policy()))
            query = f"beacon{number:03}"
            store.watches.add(Watch(stable_id(tenant, query), tenant, channel, query, query, WatchMode.ALERT))
        for number in range(self._count):
            intent = FeedIntent(f"http://127.0.0.1:{port}/feed/{number}", f"feed {number}", announce_existing=True)
            store.feeds.follow(f"discord:{guilds[number % GUILDS]}", intent, later)
        store.close()
        return addresses

    def _worker(self, discord: DiscordServer) -> Bot:
        worker = Bot(self._folder, discord.environment(), "worker", next(self._names))
        worker.start()
        return worker

    async def _until_up(self) -> None:
        """Until each worker has registered for its three queues."""
        await self._until("SELECT count(*) FROM procrastinate_workers", self.tally.workers * 3, 600.0)

    async def _watch(self, began: float, progress: Progress, task: TaskID) -> None:
        """Until everything is sent; meanwhile the ages of what is in flight are noted."""
        due, stuck = self._count * ENTRIES, set[str]()
        while time.monotonic() - began < CALM:
            sent = self._ask("SELECT count(*) FROM deliveries WHERE state = 'sent'")[0][0]
            progress.update(task, completed=sent)
            query = "SELECT id, extract(epoch FROM now() - last_sent) FROM deliveries WHERE state = 'sending'"
            ages = {str(one): float(age) for one, age in self._ask(query)}
            self.tally.longest = max(self.tally.longest, *ages.values(), 0.0)
            stuck |= {one for one, age in ages.items() if age > LEASE}
            self.tally.stuck = len(stuck)
            if sent == due:
                return
            await asyncio.sleep(0.5)
        self.tally.left.append(f"not done within {CALM:.0f} s")

    async def _rage(self, discord: DiscordServer, kills: int, every: float) -> None:
        """Kill a worker every so many seconds, and start another one in its place at once."""
        for _ in range(kills):
            await asyncio.sleep(self._draw.uniform(0.5, 1.5) * every)
            if self._ask("SELECT count(*) FROM deliveries WHERE state = 'sent'")[0][0] >= self._count * ENTRIES:
                return
            self.tally.in_flight += self._ask("SELECT count(*) FROM deliveries WHERE state = 'sending'")[0][0] > 0
            victim = self._draw.randrange(len(self._workers))
            await self._workers[victim].kill()
            self._workers[victim] = self._worker(discord)
            self.tally.kills += 1

    async def _end(self) -> None:
        """SIGTERM: all workers end in order, and nothing is left half done."""
        statuses = await asyncio.gather(*(worker.stop() for worker in self._workers))
        self.tally.left += [f"SIGTERM ended a worker with {status}" for status in statuses if status != 0]
        if self.tally.kills == 0:
            begun = self._ask("SELECT task_name FROM procrastinate_jobs WHERE status = 'doing'")
            self.tally.left += [f"a job of {name} is still being done" for (name,) in begun]
        unpolled = self._ask("SELECT count(*) FROM feeds WHERE last_ok IS NULL")[0][0]
        self.tally.left += [f"{unpolled} feeds were never read"] if unpolled else []

    def _add_up(self, discord: DiscordServer, places: list[str]) -> None:
        tally = self.tally
        tally.polls = sum(self._feeds.asked.values())
        tally.requests = len(discord.requests("POST", "/channels/*/messages"))
        tally.uncertain = self._ask("SELECT count(*) FROM deliveries WHERE state = 'uncertain'")[0][0]
        seen: Counter[tuple[str, str]] = Counter()
        for place in places:
            for message in discord.messages(place):
                seen.update((place, mark) for mark in set(MARK.findall(json.dumps(message))))
        tally.seen = sum(seen.values())
        owed = {(places[place_of(feed, mark)], mark) for feed in range(self._count) for mark in marks(feed)}
        tally.lost = [f"lost: {mark}" for place, mark in sorted(owed) if not seen[place, mark]]
        tally.doubled = [f"{count} times: {one}" for one, count in seen.items() if count > 1 or one not in owed]

    async def _until(self, query: str, wanted: int, patience: float) -> None:
        end = time.monotonic() + patience
        while (found := self._ask(query)[0][0]) < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"{found} of {wanted} within {patience:.0f} s: {query}")
            await asyncio.sleep(0.2)

    def _ask(self, query: str) -> Sequence[tuple[object, ...]]:
        with psycopg.connect(self._database, autocommit=True) as conn:
            found = conn.execute(query)  # type: ignore[arg-type]
            return found.fetchall() if found.description else []


async def compared(given: argparse.Namespace, server: str, folder: Path, progress: Progress) -> list[str]:
    """One, two and four workers with the same load for each: lines of figures."""
    lines, alone = [], 0.0
    for workers in (1, 2, 4):
        world = _world(given, server, folder, workers, given.scaling * workers)
        seconds = await world.run(0, 0.0, progress)
        if not world.tally.good:
            raise SystemExit(f"undisturbed, and yet:\n{world.tally}")
        rate = given.scaling * workers * ENTRIES / seconds
        alone = alone or rate
        lines.append(f"{workers} workers: {rate:6.1f} deliveries/s, {rate / ENTRIES:5.1f} polls/s, ×{rate / alone:.2f}")
    return lines


def _world(given: argparse.Namespace, server: str, folder: Path, workers: int, feeds: int) -> World:
    name = f"world{len(list(folder.iterdir()))}"
    with administering(server) as conn:
        conn.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    place = folder / name
    place.mkdir()
    return World(place, address(server, name), workers, feeds, given.latency, given.seed)


async def measured(given: argparse.Namespace, server: str, folder: Path) -> Tally:
    """Both parts; prints the first one's figures."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        if given.scaling:
            print("\n".join(await compared(given, server, folder, progress)), flush=True)
        world = _world(given, server, folder, given.workers, given.feeds)
        await world.run(given.kills, given.every, progress)
    return world.tally


def main() -> None:
    """Print the figures; exit status 1 where a message was lost or doubled, or anything was stuck."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--feeds", type=int, default=200, help="with five entries each")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--every", type=float, default=4.0, help="seconds between two kills, on average")
    parser.add_argument(
        "--scaling", type=int, default=60, help="feeds a worker for 1, 2 and 4 workers; 0: none of that"
    )
    parser.add_argument("--latency", type=float, default=0.1, help="seconds that Discord takes for a post")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory(prefix="claimwatch-workers-") as folder, postgres_server(400) as server:
        tally = asyncio.run(measured(given, server, Path(folder)))
    print(f"{tally}\nseed {given.seed}, {tally.seconds:.0f} s")
    sys.exit(not tally.good)


if __name__ == "__main__":
    main()
