"""Polling many feeds, beside `reader`: feeds a second, CPU a feed and memory, in rounds that find what rounds find.

    pip install reader sgmllib3k
    python benchmarks/polling.py [--feeds 1000] [--entries 30] [--changed 5] [--repeat 3] [--python PYTHON] [--alone]

A local server (nginx where it is installed) offers feeds in RSS 2.0, Atom and RSS 1.0. Both programs poll all of them,
round by round and in turns, each as a process of its own over a database of its own: all is new; nothing changed, and
the server says so (304); nothing changed, and it sends every document again; some feeds have two new entries. All
rounds but the first are short, so they are made several times, and the figures are of all of them.

Ours is the bot's poll path as it runs: fetched behind the guard, parsed in worker processes, deduplicated, its language
told, matched against 200 watches, grouped into stories, and committed with its full-text index. `reader` stores entries
without an index. CPU is that of a program and all its processes, from the operating system; memory is the most that
they held, added up. `--python` names an interpreter that has `reader`, if this one has not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from itertools import groupby
from operator import add
from pathlib import Path
from typing import Any

from feed_host import Host, Shelf

HERE = Path(__file__).parent
NEWER = 2
"""Entries that a changed feed has more."""
TICK = os.sysconf("SC_CLK_TCK")
TARGETS = {"first": 8, "unchanged (304)": 5, "unchanged (200)": 5, "changed": 8}


@dataclass(frozen=True)
class Lap:
    """What one round took."""

    wall: float  # seconds
    cpu: float  # seconds
    memory: float  # MiB
    said: dict[str, Any]

    def __add__(self, other: Lap) -> Lap:
        said = {name: self.said[name] + other.said[name] for name in ("feeds", "new")}
        return Lap(self.wall + other.wall, self.cpu + other.cpu, max(self.memory, other.memory), said)

    def line(self, who: str) -> str:
        feeds = self.said["feeds"]
        return (
            f"  {who:<7} {feeds / self.wall:>7.0f} feeds/s   {self.cpu * 1000 / feeds:>7.2f} ms CPU a feed   "
            f"{self.memory:>5.0f} MiB   {self.said['new']:>6,} new"
        )


class Contestant:
    """A program that polls when it is told to."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name = name
        folder.mkdir()
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        self._process = subprocess.Popen(
            [command[0], command[1], str(folder), *command[2:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HERE.parent,
            env=environment | {"PYTHONPATH": str(HERE.parent)},
        )
        self._said()

    def lap(self) -> Lap:
        """One round."""
        began, before = time.monotonic(), cpu_of(self._process.pid)
        assert self._process.stdin
        self._process.stdin.write("round\n")
        self._process.stdin.flush()
        said = self._said()
        wall, cpu = time.monotonic() - began, cpu_of(self._process.pid) - before
        if said["failed"]:
            raise SystemExit(f"{self.name}: polls failed: {said['failed']}")
        return Lap(wall, cpu, memory_of(self._process.pid), said)

    def end(self) -> None:
        """Let it close what it has open."""
        self._process.communicate(timeout=60)

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with status {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found


def family(pid: int) -> list[int]:
    """The process and those that it started."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(one for listed in children for child in listed.read_text().split() for one in family(int(child)))]


def cpu_of(pid: int) -> float:
    """Seconds that the process and all that it started have used, those that have ended included."""
    fields = (Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in family(pid))
    return sum(sum(map(int, row[11:15])) for row in fields) / TICK


def memory_of(pid: int) -> float:
    """MiB that they held at most."""
    lines = (line for one in family(pid) for line in Path(f"/proc/{one}/status").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def has_reader(python: str) -> bool:
    return not subprocess.run([python, "-c", "import reader, sgmllib"], capture_output=True, check=False).returncode


def rounds(host: Host, shelf: Shelf, feeds: int, changed: int, repeat: int) -> Iterator[str]:
    """Each round's name; the server is as it says while it is the round's turn."""
    yield "first"
    yield from ["unchanged (304)"] * repeat
    host.validating(False)
    yield from ["unchanged (200)"] * repeat
    host.validating(True)
    for turn in range(1, repeat + 1):
        for feed in range(0, feeds, 100 // changed):
            shelf.publish(feed, NEWER * turn)
        yield "changed"


def main(options: argparse.Namespace) -> None:
    """Print each round's figures, and the ratio of the two programs' CPU."""
    if not options.alone and not has_reader(options.python):
        raise SystemExit(
            f"{options.python} has no `reader`: pip install reader sgmllib3k, or name another with --python"
        )
    with tempfile.TemporaryDirectory() as temporary, Host(Path(temporary)) as host:
        shelf = Shelf(host.feeds, options.entries, datetime.now(UTC))
        for feed in range(options.feeds):
            shelf.publish(feed)
        urls = [host.url(feed) for feed in range(options.feeds)]
        size = sum(path.stat().st_size for path in host.feeds.iterdir()) / options.feeds / 1024
        print(f"{options.feeds:,} feeds of {options.entries} entries ({size:.0f} KiB each) from {host.name}")
        contestants = [Contestant("ours", [sys.executable, str(HERE / "poll_ours.py"), *urls], Path(temporary, "ours"))]
        if not options.alone:
            other = [options.python, str(HERE / "poll_reader.py"), *urls]
            contestants.append(Contestant("reader", other, Path(temporary, "reader")))
        named = rounds(host, shelf, options.feeds, options.changed, options.repeat)
        for name, same in groupby(named):
            turns = [[contestant.lap() for contestant in contestants] for _ in same]
            laps = [reduce(add, of_one) for of_one in zip(*turns, strict=True)]
            print(f"{name}" + (f": {options.changed}% of the feeds have {NEWER} new entries" * (name == "changed")))
            for contestant, lap in zip(contestants, laps, strict=True):
                print(lap.line(contestant.name), flush=True)
            if not options.alone:
                ratio = laps[1].cpu / laps[0].cpu
                print(f"  reader takes {ratio:.1f} times our CPU (target: {TARGETS[name]})", flush=True)
        for contestant in contestants:
            contestant.end()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--changed", type=int, default=5, help="per cent of the feeds")
    parser.add_argument("--repeat", type=int, default=3, help="times that each round but the first is made")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has `reader`")
    parser.add_argument("--alone", action="store_true", help="without `reader`")
    main(parser.parse_args())
