"""An installation over PostgreSQL: its folder, its programs, and what is in its database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from bot.feeds.guard import Guard
from bot.model import PollPlan
from bot.newcomers import install
from bot.pack import load_pack
from bot.scale.queue import ProcrastinateQueue
from bot.scale.schema import prepare
from bot.settings import load_settings
from storage import Store, open_store

T = TypeVar("T")
PATIENCE = 90.0
"""Seconds; a machine may be busy."""
ROOT = Path(__file__).parents[2]
SETTINGS = """
topic = "topic"
database = "{database}"
[fetch]
min_interval = "1h"
articles = false
allow_networks = ["127.0.0.1/32"]
[health]
port = 0
[policy]
digest = "off"
"""
CHANNEL = '[[channels]]\nplatform = "{platform}"\naddress = "{address}"\nguild = "{guild}"\nname = "{address}"\n'
CLAIMS = 'title = "Signals"\n'
WATCHES = '[[watches]]\nname = "Beacons"\nquery = "beacon"\nmode = "alert"\n'


@dataclass
class Installation:
    """One database, and as many programs on it as a test starts."""

    folder: Path
    address: str
    environment: dict[str, str] = field(default_factory=dict)
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def settle(
        self, *feeds: str, platform: str = "console", guild: str = "", channels: tuple[str, ...] = ("news",)
    ) -> None:
        """Write the configuration and fill the database: each feed was polled an hour ago and is due again."""
        (self.folder / "topic").mkdir()
        (self.folder / "topic" / "claims.toml").write_text(CLAIMS)
        (self.folder / "topic" / "watches.toml").write_text(WATCHES)
        listed = "".join(f'<outline text="feed {number}" xmlUrl="{url}"/>' for number, url in enumerate(feeds))
        (self.folder / "topic" / "feeds.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>')
        places = (CHANNEL.format(platform=platform, address=one, guild=guild) for one in channels)
        (self.folder / "claimwatch.toml").write_text(SETTINGS.format(database=self.address) + "".join(places))
        now = datetime.now(UTC)
        settings = load_settings(self.folder, {})
        guard = Guard(allow=settings.file.fetch.allow_networks)
        store = open_store(self.address)
        install(store, load_pack(settings.topic_folder, guard.check_url), settings.channels(), now)
        for feed in store.feeds.claim_due(now, 1.0, 100):
            store.commit([PollPlan(replace(feed, last_ok=now - timedelta(hours=1), next_poll=now), now)])
        store.close()

    def start(self, command: str, *options: str) -> subprocess.Popen[bytes]:
        """`claimwatch COMMAND` as a process of its own."""
        line = [sys.executable, "-m", "bot", command, "--config", str(self.folder), *options]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self.log(len(self.programs)).open("wb") as log:
            program = subprocess.Popen(
                line, cwd=ROOT, stdout=log, stderr=log, env={**kept, "COLUMNS": "200", **self.environment}
            )
        self.programs.append(program)
        return program

    def log(self, number: int = 0) -> Path:
        return self.folder / f"log.{number}"

    def logged(self) -> str:
        return "\n".join(self.log(number).read_text() for number in range(len(self.programs)))

    def rows(self, query: str) -> list[Any]:
        with psycopg.connect(self.address) as conn:
            return conn.execute(query).fetchall()  # type: ignore[arg-type]

    def states(self) -> list[str]:
        """Of the deliveries, in the order in which they were owed."""
        return [state for (state,) in self.rows("SELECT state FROM deliveries ORDER BY seq")]

    def wait_for(self, ask: Callable[[], T]) -> T:
        end = time.monotonic() + PATIENCE
        while not (found := ask()):
            assert time.monotonic() < end, f"not within {PATIENCE} s:\n{self.logged()[-6000:]}"
            time.sleep(0.05)
        return found

    def stop(self, program: subprocess.Popen[bytes]) -> int:
        """As a service manager does it. The exit status."""
        program.send_signal(signal.SIGTERM)
        return program.wait(PATIENCE)

    def kill(self, program: subprocess.Popen[bytes]) -> None:
        program.kill()
        program.wait(PATIENCE)


def queued_store(address: str) -> Store:
    """A store whose writes queue what they make to do."""
    prepare(address)
    return open_store(address, ProcrastinateQueue())
