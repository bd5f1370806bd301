"""How soon commands are answered while a thousand feeds are polled as fast as they can be.

    python benchmarks/commands.py [--feeds 1000] [--rounds 30] [--fresh 20]

The whole program runs as a process of its own with the topic that ships with it, against a Discord on loopback and a
server of feeds that is a process, too. Every feed is due again a second after it was polled, so polling
never rests; each second some feeds bring an entry. Meanwhile somebody uses one command after the other. Measured is
the time until Discord has the bot's first word, which it waits three seconds for: an answer, or that one is to come.
Exit status 1 where any took longer than `LIMIT`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "platforms"))

from discord_server import DiscordServer
from feed_host import Host, Shelf

from bot.model import Quotas, Tenant
from storage import open_store

ROOT = Path(__file__).parent.parent
LIMIT = 1.0
"""Seconds within which each command is to be answered or deferred."""
PAUSE = 0.1
"""Seconds between commands."""
PATIENCE = 600.0
ENTRIES = 20
SETTINGS = """
topic = "topic"
database = "sqlite:///{folder}/store.sqlite"
[fetch]
min_interval = "1s"
max_interval = "1s"
per_host = 32
allow_networks = ["127.0.0.1/32"]
[health]
port = {port}
[[channels]]
platform = "discord"
guild = "{guild}"
address = "{channel}"
name = "alerts"
"""
COMMANDS: tuple[tuple[str, dict[str, str]], ...] = (
    ("status", {}),
    ("latest", {}),
    ("search", {"words": "defence troops"}),
    ("claim show", {"claim": "eu-package-800bn"}),
    ("watch test", {"query": "defence AND budget"}),
)
COMPLETED = ("claim show", "claim", "eu")
"""A command, its option, and what is typed into it."""


def prepare(folder: Path, host: Host, feeds: int, guild: str, channel: str) -> int:
    """Write the installation's folder; the port at which it tells how it is."""
    shutil.copytree(ROOT / "config" / "european-defence", folder / "topic")
    listed = "".join(f'<outline text="Outlet {feed}" xmlUrl="{host.url(feed)}"/>' for feed in range(feeds))
    (folder / "topic" / "feeds.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>')
    port = _free_port()
    (folder / "claimwatch.toml").write_text(SETTINGS.format(folder=folder, port=port, guild=guild, channel=channel))
    tenant = f"discord:{guild}"
    with closing(open_store(f"sqlite:///{folder}/store.sqlite")) as store:
        store.tenants.put(Tenant(tenant, "discord", "Analysts", quotas=replace(Quotas(), feeds=feeds)))
    return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def program(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`claimwatch run`, ended with the block."""
    command = [sys.executable, "-m", "bot", "run", "--config", str(folder), "--log-level", "WARNING"]
    with (folder / "log").open("wb") as log:
        bot = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
        try:
            yield bot
        finally:
            bot.terminate()
            try:
                bot.wait(60)
            except subprocess.TimeoutExpired:
                bot.kill()


@contextmanager
def publishing(shelf: Shelf, feeds: int, fresh: int) -> Iterator[None]:
    """So many feeds a second bring an entry, until the end of the block."""
    over = threading.Event()
    newer = [0] * feeds
    draw = random.Random(1)

    def publish() -> None:
        while not over.wait(1.0):
            for feed in draw.sample(range(feeds), min(fresh, feeds)):
                newer[feed] += 1
                shelf.publish(feed, newer[feed])

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)


def until(ask: Callable[[], bool], bot: subprocess.Popen[bytes], seconds: float = PATIENCE) -> bool:
    """Whether it came true in that time."""
    end = time.monotonic() + seconds
    while not (there := ask()) and time.monotonic() < end:
        if bot.poll() is not None:
            raise SystemExit("the bot has ended")
        time.sleep(0.5)
    return there


def polled(folder: Path) -> int:
    """Feeds that have been read."""
    with closing(sqlite3.connect(f"file:{folder}/store.sqlite?mode=ro", uri=True, timeout=30)) as database:
        return int(database.execute("SELECT count(*) FROM feeds WHERE last_ok IS NOT NULL").fetchone()[0])


def metric(port: int, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE))


def measured(discord: DiscordServer, channel: str, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """By command: seconds until the first word, and until the answer."""
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(rounds):
        for name, options in COMMANDS:
            began = time.monotonic()
            token = discord.slash(channel, name, options)
            first = discord.waited(token, 60)
            discord.answer(token, 120)
            found.setdefault(f"/{name}", []).append((first, time.monotonic() - began))
            time.sleep(PAUSE)
        first = discord.waited(discord.complete(channel, *COMPLETED), 60)
        found.setdefault("autocomplete", []).append((first, first))
        time.sleep(PAUSE)
    return found


def shown(found: dict[str, list[tuple[float, float]]]) -> Table:
    table = Table("", "times", "first word: median", "p95", "longest", "whole answer: median", "longest")
    for name, times in {**found, "all": [one for each in found.values() for one in each]}.items():
        first, whole = [one for one, _ in times], [one for _, one in times]
        p95 = sorted(first)[int(0.95 * (len(first) - 1))]
        cells = (median(first), p95, max(first), median(whole), max(whole))
        table.add_row(name, str(len(times)), *(f"{1000 * seconds:,.0f} ms" for seconds in cells))
    return table


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--warm", type=float, default=600, help="seconds at most for the first poll of all feeds")
    parser.add_argument("--fresh", type=int, default=20, help="feeds a second that bring an entry")
    given = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory() as name, DiscordServer() as discord:
        folder, served = Path(name) / "home", Path(name) / "feeds"
        folder.mkdir()
        served.mkdir()
        guild = discord.add_guild("Analysts")
        channel = discord.add_channel(guild, "alerts")
        host = Host(served)
        shelf = Shelf(host.feeds, ENTRIES, datetime.now(UTC))
        for feed in range(given.feeds):
            shelf.publish(feed)
        port = prepare(folder, host, given.feeds, guild, channel)
        with host, program(folder, discord.environment()) as bot:
            if not until(lambda: discord.connected() and bool(discord.commands()), bot):
                raise SystemExit("the bot does not connect to Discord")
            until(lambda: polled(folder) == given.feeds, bot, given.warm)
            with publishing(shelf, given.feeds, given.fresh):
                time.sleep(5)
                began, before = time.monotonic(), metric(port, "claimwatch_polls_total")
                found = measured(discord, channel, given.rounds)
                polls = metric(port, "claimwatch_polls_total") - before
                seconds = time.monotonic() - began
                read = polled(folder)
    console.print(shown(found))
    console.print(
        f"meanwhile {polls:,.0f} polls in {seconds:.0f} s, {polls / seconds:.0f} a second, served by {host.name}; "
        f"{read:,} of {given.feeds:,} feeds had been read"
    )
    return int(max(first for times in found.values() for first, _ in times) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
