"""The demo: three days of invented news go through the real bot, feed server and all, in less than a minute."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from rich.console import Console

from bot.app import House, SystemClock, opened
from bot.chat.console import ConsolePlatform, Posted
from bot.chat.preview import page
from bot.demo.news import DAYS, load_news
from bot.demo.publish import end_of
from bot.demo.server import FeedServer
from bot.feeds import opml
from bot.feeds.guard import Guard
from bot.jobs.digests import Digester
from bot.jobs.poll import Polled
from bot.model import Channel, DigestRhythm, QueueStats
from bot.pack import load_pack
from bot.settings import ChannelForm, FetchForm, PolicyForm, Settings

LOOKS = (timedelta(0), timedelta(hours=4), timedelta(hours=8))
"""When each day's feeds are polled, from the day's end on."""
LOOPBACK = (ip_network("127.0.0.1/32"),)
CHANNEL = ChannelForm(
    platform="console",
    address="demo",
    name="european-defence",
    policy=PolicyForm(timezone="Europe/Brussels", digest=DigestRhythm.WEEKLY),
)


class DemoClock:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """The time that was set."""
        return self.time


def run_demo(settings: Settings, folder: Path, console: Console) -> Path:
    """Show it on `console`, leave database and HTML preview in `folder`, and return the preview's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("claimwatch.sqlite*"):
        old.unlink()
    posted = asyncio.run(played(demo_settings(settings, folder), console))
    preview = folder / "preview.html"
    preview.write_text(page(posted, "Claimwatch: the demo"), encoding="utf-8")
    return preview


async def played(settings: Settings, console: Console) -> tuple[Posted, ...]:
    news = load_news()
    last = SystemClock().now() - LOOKS[-1]
    clock = DemoClock(end_of(1, last))
    async with FeedServer(news, last) as server:
        pack = replace(
            load_pack(settings.topic_folder, Guard().check_url),
            feeds=opml.read(server.feed_list(), Guard(allow=LOOPBACK).check_url).feeds,
        )
        async with opened(settings, clock, pack) as house:
            show = _Show(house, server, clock, console)
            await show.run(last)
            return show.platform.outbox


def demo_settings(settings: Settings, folder: Path) -> Settings:
    """The user's topic and model; a database, a channel and patience of the demo's own."""
    file = settings.file.model_copy(
        update={
            "database": f"sqlite:///{(folder / 'claimwatch.sqlite').resolve()}",
            "channels": (CHANNEL,),
            "fetch": FetchForm(deadline=2.0, parse_deadline=10.0, per_host=16, articles=False, allow_networks=LOOPBACK),
        }
    )
    return settings.model_copy(update={"file": file})


class _Show:
    """Plays the days, one after the other."""

    def __init__(self, house: House, server: FeedServer, clock: DemoClock, console: Console) -> None:
        self._house, self._server, self._clock, self._console = house, server, clock, console
        self.platform = ConsolePlatform(console)
        self._platforms = {self.platform.name: self.platform}
        self._polled: list[Polled] = []

    async def run(self, last: datetime) -> None:
        """Day by day: poll and alert; in the end a digest of it all, and the sums."""
        poll = self._house.rounds(self._polled.append)
        for day in range(1, DAYS + 1):
            self._server.turn_to(day)
            self._title(day)
            for later in LOOKS:
                self._clock.time = end_of(day, last) + later
                await poll()
                await self._deliver()
        await self._digester().make_now(await asyncio.to_thread(self._channel))
        await self._deliver()
        self._sums(await asyncio.to_thread(self._house.store.deliveries.stats))

    def _digester(self) -> Digester:
        return self._house.digester(self._platforms)

    def _channel(self) -> Channel:
        return self._house.store.tenants.channel(CHANNEL.channel(PolicyForm()).id)

    async def _deliver(self) -> None:
        """Deliver until nothing is due: a channel's messages go out one at a time."""
        freed = asyncio.Event()
        deliverer = self._house.deliverer(self._platforms, freed.set)
        while await deliverer.begin_due():
            await deliverer.drain()

    def _title(self, day: int) -> None:
        about = ": what is there already is stored and announced to nobody" if day == 1 else ""
        self._console.rule(f"Day {day} of {DAYS}{about}")

    def _sums(self, queue: QueueStats) -> None:
        feeds = {one.feed.id for one in self._polled}
        failing = {one.feed.title: one.failure.detail for one in self._polled if one.failure}
        new, matched, alerts = (
            sum(getattr(one, name) for one in self._polled) for name in ("new", "matched", "alerts")
        )
        self._console.rule("What happened")
        self._console.print(
            f"{len(self._polled)} polls of {len(feeds)} feeds: {new} entries, {matched} matched, {alerts} alerts.\n"
            f"{queue.sent} messages posted, {queue.owed + queue.sending} still owed, {queue.failed} failed.\n"
            f"Compared by: {self._house.assessor.name}.",
            highlight=False,
        )
        for title, detail in failing.items():
            self._console.print(f"✗ {title}: {detail}", markup=False, highlight=False, soft_wrap=True)
