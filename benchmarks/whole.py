"""The whole bot, from a feed's news to the message on Discord, polling as fast as it can.

    python benchmarks/whole.py [--feeds 1000] [--rounds 10] [--stored 100000]

A bot, a process of its own, follows feeds of a local server with the 37 claims of the topic that it comes with, and
posts to twenty channels of a Discord on loopback. First it reads all feeds; then its archive is filled up; then,
whenever it has polled as many feeds as there are, five in a hundred publish an entry, one in five of which a watch of
some channel is looking for: it is compared with the claims, stored, decided on and posted. Every feed is due again a
second after its poll, so that the time from publication to post is mostly that of a round. Exit status 1 where a post
is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "platforms"))

from archive import fill
from comparison import made_up
from discord_server import DiscordServer
from feed_host import Host, Shelf
from mortal import Bot, prepare
from polling import cpu_of, family
from traps import free_port, resident

from bot.demo.formats import Article
from bot.model import Quotas, Tenant, Watch, WatchMode, stable_id
from storage import open_store

TOPIC = Path(__file__).parent.parent / "config" / "european-defence"
CHANNELS = 20
NEWS_OF = 20
"""One feed of so many has news in a round."""
TOLD_OF = 5
"""One entry of so many is looked for by a watch."""
PATIENCE = 600.0
LOOK_S = 0.05


@dataclass(frozen=True)
class Press(Shelf):
    """Feeds whose newest entries are about defence, and dated when they are published."""

    written: dict[tuple[int, int], Article] = field(default_factory=dict)
    released: dict[str, float] = field(default_factory=dict)  # by title: when its document lay on the server
    awaited: set[str] = field(default_factory=set)  # titles that a watch looks for
    claims: tuple[str, ...] = tuple(claim.statement for claim in made_up(2_000))

    def release(self, feed: int, newer: int) -> None:
        """Publish the feed's entry of that number."""
        draw = random.Random(f"fresh {feed} {newer}")
        number, told = self.entries + newer - 1, draw.randrange(TOLD_OF) == 0
        bulletin = f"bulletin{draw.randrange(CHANNELS)}" if told else "note"
        plain = super()._article(feed, number)
        title = f"{draw.choice(self.claims)[:-1]}: {bulletin} {feed}-{newer}"
        text = f"{plain.title}. {draw.choice(self.claims)} {draw.choice(self.claims)}"
        self.written[feed, number] = Article(title, text, "", plain.link, plain.guid, "en", datetime.now(UTC))
        self.publish(feed, newer)
        self.released[title] = time.time()
        if told:
            self.awaited.add(title)

    def _article(self, feed: int, number: int) -> Article:
        return self.written.get((feed, number)) or super()._article(feed, number)


class Scene:
    """The feeds' server, Discord and the bot."""

    def __init__(self, folder: Path, host: Host, discord: DiscordServer, options: argparse.Namespace) -> None:
        self._folder, self._host, self._discord, self._options = folder, host, discord, options
        self._port = free_port()
        self._database = folder / "store.sqlite"
        self._press = Press(host.feeds, 30, datetime.now(UTC))
        self._guild = discord.add_guild("Analysts")
        self._channels = [discord.add_channel(self._guild, f"channel-{number}") for number in range(CHANNELS)]
        self._bot = Bot(folder, discord.environment())
        self._posted: dict[str, float] = {}  # by title: when it stood in its channel

    async def run(self) -> bool:
        """Whether every post came."""
        feeds, stored = self._options.feeds, self._options.stored
        for feed in range(feeds):
            self._press.publish(feed)
        self._settle()
        began = time.monotonic()
        await self._live()
        await self._until(lambda: self._stored() >= feeds * self._press.entries)
        took = time.monotonic() - began
        print(f"first round: {feeds:,} feeds, {self._stored():,} entries in {took:.0f} s with the start", flush=True)
        assert await self._bot.stop() == 0, self._bot.said()[-2000:]
        self._prepare(stored)
        await self._live()
        await self._until(lambda: self._polls() >= feeds)
        await self._rounds(feeds)
        processes = family(self._bot.pid)
        print(
            f"memory: {resident(self._bot.pid):.0f} MiB, with what reads documents {sum(map(resident, processes)):.0f}"
        )
        assert await self._bot.stop() == 0, self._bot.said()[-2000:]
        count, size = self._stored(), self._database.stat().st_size
        print(
            f"database: {count:,} entries in {size / 2**20:.0f} MiB, {size / count:,.0f} bytes an entry with its index"
        )
        return self._press.awaited <= self._told()

    async def _rounds(self, feeds: int) -> None:
        """News whenever as many feeds were polled as there are; then what came of it."""
        began, start, spent = time.monotonic(), self._polls(), cpu_of(self._bot.pid)
        for number in range(self._options.rounds):
            for feed in range(number % NEWS_OF, feeds, NEWS_OF):
                await asyncio.to_thread(self._press.release, feed, number // NEWS_OF + 1)
            await self._until(lambda wanted=start + (number + 1) * feeds: self._polls() >= wanted)
        took, polled = time.monotonic() - began, self._polls() - start
        cpu = (cpu_of(self._bot.pid) - spent) * 1000 / polled
        rate = f"{polled / feeds / took * 60:.1f} rounds a minute: {polled / took:.0f} polls a second"
        print(f"{rate}, {cpu:.1f} ms CPU a poll with all that follows")
        await self._until(lambda: self._press.awaited <= self._told())
        posted = self._press.awaited & self._posted.keys()
        lags = sorted(self._posted[title] - self._press.released[title] for title in posted)
        p50, p95 = statistics.median(lags), lags[int(len(lags) * 0.95)]
        if joined := len(self._press.awaited - posted):
            print(f"{joined} entries joined a story that had been told: its message was brought up to date")
        print(f"{len(lags)} posts, from publication: p50 {p50:.1f} s, p95 {p95:.1f} s, at most {lags[-1]:.1f} s")
        print(f"  of which until a poll had it: p50 {statistics.median(self._waits()):.1f} s")

    def _settle(self) -> None:
        topic = self._folder / "topic"
        topic.mkdir()
        shutil.copy(TOPIC / "claims.toml", topic)
        (topic / "watches.toml").write_text("")
        listed = "".join(f'<outline xmlUrl="{self._host.url(feed)}"/>' for feed in range(self._options.feeds))
        (topic / "feeds.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>')
        channels = (
            f'[[channels]]\nname = "channel-{name}"\nplatform = "discord"\nguild = "{self._guild}"\naddress = "{place}"'
            for name, place in enumerate(self._channels)
        )
        (self._folder / "claimwatch.toml").write_text(
            f'topic = "topic"\ndatabase = "sqlite:///{self._database}"\n[policy]\ndigest = "off"\n'
            '[fetch]\nmin_interval = "1s"\nmax_interval = "1s"\nper_host = 32\narticles = false\n'
            f'allow_networks = ["127.0.0.1/32"]\n[health]\nport = {self._port}\n{chr(10).join(channels)}\n'
        )
        with closing(open_store(str(self._database))) as store:
            quotas = replace(Quotas(), feeds=self._options.feeds)
            store.tenants.put(Tenant(f"discord:{self._guild}", "discord", "Analysts", quotas=quotas))

    def _prepare(self, wanted: int) -> None:
        """A watch for each channel, and the archive filled up."""
        with closing(open_store(str(self._database))) as store:
            (tenant,) = store.tenants.all()
            feeds = [feed.id for feed in store.feeds.followed(tenant.id)]
            claims = store.claims.all(tenant.id)
            for number, address in enumerate(self._channels):
                word = f"bulletin{number}"
                watch = Watch(stable_id(word), tenant.id, f"discord:{address}", word, word, WatchMode.ALERT)
                store.watches.add(watch)
        if (missing := wanted - self._stored()) > 0:
            fill(str(self._database), tenant.id, feeds, claims, missing, datetime.now(UTC))

    async def _live(self) -> None:
        self._bot.start()
        assert await self._bot.until_said("connected to Discord"), self._bot.said()[-2000:]

    # --- looking on ---

    async def _until(self, holds: object) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():  # type: ignore[operator]
            if time.monotonic() > end or not self._bot.alive:
                raise SystemExit(f"it did not come:\n{self._bot.said()[-2000:]}")
            self._seen()
            await asyncio.sleep(LOOK_S)

    def _seen(self) -> dict[str, float]:
        """The titles posted so far, each with when it was first seen in its channel."""
        now = time.time()
        for channel in self._channels:
            for message in self._discord.messages(channel):
                self._posted.setdefault(message["embeds"][0]["title"], now)
        return self._posted

    def _told(self) -> set[str]:
        """The titles that were posted, or whose story was; told apart by what was decided."""
        query = "SELECT entries.title, '' FROM decisions JOIN entries ON entries.id = decisions.entry WHERE action = ?"
        return {*self._seen(), *(title for title, _ in self._rows(query, "merge"))}

    def _polls(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return int(sum(float(line.split()[-1]) for line in lines if line.startswith("claimwatch_polls_total")))

    def _stored(self) -> int:
        return int(self._rows("SELECT count(*) FROM entries")[0][0])

    def _waits(self) -> list[float]:
        """Seconds from the release of each awaited entry until a poll had it."""
        rows = self._rows("SELECT title, strftime('%s', seen) FROM entries WHERE title LIKE '%bulletin%'")
        return [float(seen) - self._press.released[title] for title, seen in rows if title in self._press.awaited]

    def _rows(self, query: str, *given: str) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)) as database:
            return database.execute(query, given).fetchall()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--stored", type=int, default=100_000)
    options = parser.parse_args()
    prepare()
    with tempfile.TemporaryDirectory(prefix="claimwatch-whole-") as place, DiscordServer() as discord:
        folder = Path(place)
        with Host(folder) as host:
            complete = asyncio.run(Scene(folder, host, discord, options).run())
    sys.exit(not complete)


if __name__ == "__main__":
    main()
