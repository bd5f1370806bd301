"""Nothing lost, nothing twice: the bot as a process of its own, killed with -9 at random points again and again.

    python benchmarks/faults.py [--kills 500] [--worlds 5] [--seed 1]

In each world there is a Discord with two servers, a Slack, three feeds and one bot with a database of its own, all on
loopback. The feeds and both platforms misbehave at random (`weather.py`), the bot lives for some moments, is killed,
and is started again; half of the kills wait until a message is on its way. When all kills are done, the weather clears
and the last bot runs until nothing is owed. Then every entry must stand once in every channel.

So that a start takes a fraction of a second, bots are forked from a process that has imported the program and nothing
else. A kill in the middle of a poll leaves the feed leased for some minutes: between two lives the bench lets them pass
by taking the lease back. Exit status 1 where anything was lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "platforms"))

from aiohttp import web
from discord_server import DiscordServer
from mortal import PATIENCE, Bot, prepare
from slack_server import APP_TOKEN, BOT_TOKEN, TEAM, SlackServer, slack_server
from weather import FEEDS, Feeds, discord_fault, look_fault, slack_fault

MARK = re.compile(r"\bE\d{5}\b")
SLACK_CHANNEL = "C0NEWS"
LAST_LIFE = 600.0
"""Seconds that the last bot has to deliver what is owed."""
WEATHER = 20_000
"""Requests of each kind that may meet a fault; there are never so many."""
Place = tuple[str, str]
"""A platform and a channel there."""


@dataclass
class Tally:
    """What came out, over all worlds."""

    kills: int = 0
    published: int = 0
    channels: int = 0
    owed: int = 0
    in_flight: int = 0  # kills while a message was on its way
    seen: Counter[str] = field(default_factory=Counter)  # messages by platform
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    uncertain: int = 0
    requests: int = 0
    unclean: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        rows = {
            "kills with -9": self.kills,
            "  with a message on its way": self.in_flight,
            "entries published": self.published,
            "messages owed": self.owed,
            **{f"messages seen by {platform}": count for platform, count in sorted(self.seen.items())},
            "requests to post": self.requests,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "uncertain": self.uncertain,
        }
        lines = [f"{name:<28} {value:>7,}" for name, value in rows.items()]
        return "\n".join([*lines, *(f"! {one}" for one in [*self.lost, *self.doubled, *self.unclean][:50])])


class World:
    """One bot, its feeds and its platforms."""

    def __init__(self, number: int, seed: int, folder: Path) -> None:
        self._folder, self._name = folder / f"world{number}", f"world {number}"
        self._draw = random.Random(f"{seed}-{number}")
        self._feeds = Feeds(self._draw)

    async def run(self, kills: int, tally: Tally, killed: asyncio.Queue[None]) -> None:
        """Live and die `kills` times, live once more, and add up."""
        with DiscordServer() as discord:
            async with slack_server() as slack, self._serving() as port:
                places = self._settle(discord, slack, port)
                bot = Bot(self._folder, discord.environment() | slack_environment(slack))
                await self._first_life(bot)
                self._worsen(discord, slack)
                for _ in range(kills):
                    await self._life(bot)
                    tally.in_flight += self._in_flight() > 0
                    killed.put_nowait(None)
                self._feeds.calm = True
                discord.calm()
                slack.faults.clear()
                tally.unclean += await self._last_life(bot, len(places))
                tally.kills += kills
                self._add_up(tally, places, discord, slack)

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[int]:
        app = web.Application()
        app.router.add_get("/feed/{number}", self._feeds.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    def _settle(self, discord: DiscordServer, slack: SlackServer, port: int) -> list[Place]:
        """Write the configuration. The channels that it names."""
        slack.add_channel(SLACK_CHANNEL, "news")
        guilds = [discord.add_guild(name) for name in ("Analysts", "Editors")]
        rooms = [(guild, discord.add_channel(guild, "alerts")) for guild in guilds]
        places = [*(("discord", *room) for room in rooms), ("slack", TEAM, SLACK_CHANNEL)]
        channels = "".join(
            f'[[channels]]\nplatform = "{platform}"\nguild = "{guild}"\naddress = "{address}"\n'
            for platform, guild, address in places
        )
        topic = self._folder / "signals"
        topic.mkdir(parents=True)
        (topic / "claims.toml").write_text('title = "Signals"\n')
        (topic / "watches.toml").write_text('[[watches]]\nname = "Beacons"\nquery = "beacon"\nmode = "alert"\n')
        outlines = "".join(f'<outline type="rss" xmlUrl="http://127.0.0.1:{port}/feed/{n}"/>' for n in range(FEEDS))
        (topic / "feeds.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
        (self._folder / "claimwatch.toml").write_text(
            f'topic = "signals"\ndatabase = "sqlite:///{self._folder}/store.sqlite"\n[policy]\ndigest = "off"\n'
            '[fetch]\nmin_interval = "1s"\nmax_interval = "2s"\nallow_networks = ["127.0.0.0/8"]\n'
            f"[slack]\nsockets = 1\n[health]\nport = 0\n{channels}"
        )
        return [(platform, address) for platform, _, address in places]

    def _worsen(self, discord: DiscordServer, slack: SlackServer) -> None:
        for _ in range(WEATHER):
            discord.fail("POST", "/channels/*/messages", discord_fault(self._draw))
        slack.fault("chat.postMessage", *(slack_fault(self._draw) for _ in range(WEATHER)))  # type: ignore[arg-type]
        slack.fault("conversations.history", *(look_fault(self._draw) for _ in range(WEATHER)))  # type: ignore[arg-type]

    # --- lives ---

    async def _first_life(self, bot: Bot) -> None:
        """In calm weather, until each feed was read once: what it held before that is announced to nobody."""
        self._feeds.calm = True
        bot.start()
        end = time.monotonic() + PATIENCE
        while not self._primed() and time.monotonic() < end:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.2)
        await bot.kill()
        self._feeds.calm = False

    async def _life(self, bot: Bot) -> None:
        """From a start to a death."""
        for _ in range(self._draw.choice([0, 0, 1, 1, 2, 3])):
            self._feeds.publish()
        bot.start()
        if self._draw.random() < 0.5:
            await bot.until_said(" goes to ", self._draw.uniform(4.0, 15.0))
            await asyncio.sleep(self._draw.choice([0.0, self._draw.uniform(0.0, 0.1), self._draw.uniform(0.0, 1.0)]))
        else:
            await asyncio.sleep(self._draw.choice([self._draw.uniform(0.0, 1.5), self._draw.uniform(1.0, 8.0)]))
        await bot.kill()
        with closing(self._database()) as database, database:
            database.execute("UPDATE feeds SET leased_until = NULL")

    async def _last_life(self, bot: Bot, channels: int) -> list[str]:
        """In calm weather, until every entry is there and nothing is owed. What went wrong with that."""
        bot.start()
        await bot.until_said("connected to Discord")
        end = time.monotonic() + LAST_LIFE
        while self._undone(channels) and bot.alive and time.monotonic() < end:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.5)
        status = await bot.stop()
        problems = [] if status == 0 else [f"{self._name}: SIGTERM ended with {status}"]
        with closing(self._database()) as database:
            found = database.execute("PRAGMA integrity_check").fetchone()[0]
        return problems if found == "ok" else [*problems, f"{self._name}: the database is damaged: {found}"]

    def _undone(self, channels: int) -> bool:
        with closing(self._database()) as database:
            alerts = database.execute("SELECT count(*) FROM deliveries WHERE kind = 'alert'").fetchone()[0]
            query = "SELECT count(*) FROM deliveries WHERE state IN ('owed', 'sending')"
            return bool(alerts < len(self._feeds.marks) * channels or database.execute(query).fetchone()[0])

    def _primed(self) -> bool:
        """Whether each feed was read once."""
        if not (self._folder / "store.sqlite").exists():
            return False
        with closing(self._database()) as database:
            try:
                read = database.execute("SELECT count(*) FROM feeds WHERE last_ok IS NOT NULL").fetchone()[0]
            except sqlite3.OperationalError:  # killed before its first table was made
                return False
        return bool(read == FEEDS)

    def _in_flight(self) -> int:
        with closing(self._database()) as database:
            return int(database.execute("SELECT count(*) FROM deliveries WHERE state = 'sending'").fetchone()[0])

    def _database(self) -> sqlite3.Connection:
        return sqlite3.connect(self._folder / "store.sqlite", timeout=30)

    # --- the count ---

    def _add_up(self, tally: Tally, places: list[Place], discord: DiscordServer, slack: SlackServer) -> None:
        tally.published += len(self._feeds.marks)
        tally.owed += len(self._feeds.marks) * len(places)
        tally.requests += len(discord.requests("POST", "/channels/*/messages")) + len(slack.called("chat.postMessage"))
        unsure = self._uncertain()
        tally.uncertain += len(unsure)
        for platform, address in places:
            messages = discord.messages(address) if platform == "discord" else slack.messages[address]
            seen = Counter(mark for message in messages for mark in set(MARK.findall(json.dumps(message))))
            tally.seen[platform] += sum(seen.values())
            where = f"{self._name}, {platform} {address}"
            tally.lost += [
                f"lost in {where}: {mark}"
                for mark in self._feeds.marks
                if not seen[mark] and (f"{platform}:{address}", mark) not in unsure
            ]
            tally.doubled += [f"{count} times in {where}: {mark}" for mark, count in seen.items() if count > 1]

    def _uncertain(self) -> set[Place]:
        """(channel, mark) of the deliveries that nobody can tell of."""
        query = (
            "SELECT deliveries.channel, entries.title FROM deliveries JOIN alerts ON alerts.id = deliveries.subject "
            "JOIN entries ON entries.id = alerts.entry WHERE deliveries.state = 'uncertain'"
        )
        with closing(self._database()) as database:
            return {(channel, MARK.findall(title)[0]) for channel, title in database.execute(query)}


def slack_environment(slack: SlackServer) -> dict[str, str]:
    """What makes the bot talk to this Slack."""
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "CLAIMWATCH_SLACK_API": f"{slack.base}/api",
    }


async def rage(kills: int, worlds: int, seed: int, folder: Path) -> Tally:
    """All worlds side by side."""
    tally, killed = Tally(), asyncio.Queue[None]()
    shares = [kills // worlds + (number < kills % worlds) for number in range(worlds)]

    async def count() -> None:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("killing", total=kills)
            while True:
                await killed.get()
                progress.advance(task)

    counting = asyncio.create_task(count())
    try:
        async with asyncio.TaskGroup() as group:
            for number, share in enumerate(shares):
                group.create_task(World(number, seed, folder).run(share, tally, killed))
    finally:
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
    return tally


def main() -> None:
    """Print the figures; exit status 1 where a message was lost or doubled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--worlds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    prepare()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="claimwatch-faults-") as folder:
        tally = asyncio.run(rage(given.kills, given.worlds, given.seed, Path(folder)))
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"{tally}\nseed {given.seed}, {given.worlds} worlds, {minutes} min {seconds} s")
    sys.exit(bool(tally.lost or tally.doubled or tally.unclean))


if __name__ == "__main__":
    main()
