"""The program as a process of its own: its folder, its feeds, and what it says."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.feeds.guard import Guard
from bot.model import PollPlan
from bot.newcomers import install
from bot.pack import load_pack
from bot.settings import load_settings
from storage import open_store

T = TypeVar("T")
PATIENCE = 60.0  # seconds; a machine may be busy
ROOT = Path(__file__).parents[2]

SETTINGS = """
topic = "topic"
database = "sqlite:///{database}"
[fetch]
max_interval = "{interval}"
allow_networks = ["127.0.0.1/32"]
[health]
port = {port}
[policy]
digest = "off"
[[channels]]
platform = "{platform}"
address = "{address}"
guild = "{guild}"
name = "alerts"
"""
CLAIMS = """
[[claims]]
id = "arms"
theme = "nuclear"
kind = "position"
as_of = "2025-03"
statement = "Poland asks for nuclear arms."
"""
WATCHES = """
[[watches]]
name = "Arms"
query = "nuclear"
mode = "alert"
"""


@dataclass(frozen=True)
class Place:
    """The folder of an installation."""

    folder: Path
    port: int = 0

    @property
    def database(self) -> Path:
        return self.folder / "store.sqlite"

    @classmethod
    def made(
        cls,
        folder: Path,
        *feeds: str,
        platform: str = "console",
        address: str = "local",
        guild: str = "",
        port: int = 0,
        interval: str = "1s",
    ) -> Place:
        """With these feeds, each of which was polled an hour ago and is due again, and then after each `interval`."""
        place = cls(folder, port)
        (folder / "topic").mkdir()
        (folder / "topic" / "claims.toml").write_text(CLAIMS)
        (folder / "topic" / "watches.toml").write_text(WATCHES)
        listed = "".join(f'<outline text="feed {number}" xmlUrl="{url}"/>' for number, url in enumerate(feeds))
        (folder / "topic" / "feeds.opml").write_text(f'<opml version="2.0"><body>{listed}</body></opml>')
        text = SETTINGS.format(
            database=place.database, port=port, platform=platform, address=address, guild=guild, interval=interval
        )
        (folder / "claimwatch.toml").write_text(text)
        place._poll_an_hour_ago()
        return place

    def _poll_an_hour_ago(self) -> None:
        now = datetime.now(UTC)
        settings = load_settings(self.folder, {})
        guard = Guard(allow=settings.file.fetch.allow_networks)
        with closing(open_store(settings.database)) as store:
            install(store, load_pack(settings.topic_folder, guard.check_url), settings.channels(), now)
            for feed in store.feeds.claim_due(now, 1.0, 100):
                store.commit([PollPlan(replace(feed, last_ok=now - timedelta(hours=1), next_poll=now), now)])

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as database:
            return database.execute(query).fetchall()

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.database, timeout=10)) as database, database:
            database.execute(statement)

    def states(self) -> list[str]:
        """Of the deliveries, in the order in which they were owed."""
        return [state for (state,) in self.rows("SELECT state FROM deliveries ORDER BY seq")]


@dataclass
class Program:
    """`python -m bot ...` in a place; killed at the end of the block, if it still runs."""

    place: Place
    environment: Mapping[str, str] = field(default_factory=dict)
    level: str = "INFO"

    def __enter__(self) -> Self:
        number = len(list(self.place.folder.glob("out.*")))
        self._out, self._err = (self.place.folder / f"{name}.{number}" for name in ("out", "err"))
        command = [sys.executable, "-m", "bot", "run", "--config", self.place.folder, "--log-level", self.level]
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, cwd=ROOT, stdout=out, stderr=err, env={**kept, "COLUMNS": "200", **self.environment}
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            sys.stderr.write(f"\n{self.printed}\n{self.logged}\n")
        self.kill()

    @property
    def printed(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def logged(self) -> str:
        return self._err.read_text(encoding="utf-8")

    def wait_for(self, ask: Callable[[], T]) -> T:
        """What `ask` gives as soon as it gives something true, while the program runs."""
        end = time.monotonic() + PATIENCE
        while not (found := ask()):
            assert self.process.poll() is None, f"it ended with {self.process.returncode}"
            assert time.monotonic() < end, f"not within {PATIENCE} s"
            time.sleep(0.02)
        return found

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """As a service manager does it. The exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        return self.process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
