"""How many entries a CPU second are compared with 37, 500 and 5,000 claims, and what each step takes of it.

    python benchmarks/comparison.py [--entries 100] [CLAIMS …]

Claims are made up from words of our own, on the topic of the entries, so that many are alike and few are out of the
question: the hard case. Entries are those of a fortnight of ../shared's news that the shipped topic's watches match,
where CLAIMWATCH_SHARED says where that lies, else the demo's. Each number of claims is compared with the same entries
by the shipped networks, in batches as a poll makes them, by an assessor that has read none of them yet. To read the
claims is told apart: it is done once for each wording, at the first comparison after a start. Time is that of all
processors together, so that what else the machine does matters little.
Exit status 1 where the cost grows as fast as the number of claims.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bot.claims import assess, figures, retrieve
from bot.claims.assess import LocalAssessor
from bot.demo.news import load_news
from bot.feeds.guard import Guard
from bot.model import Claim, ClaimKind, Item
from bot.pack import load_pack
from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document

AT_ONCE = 8
"""Entries that one poll brings."""
SIZES = (37, 500, 5_000)
TOPIC = Path(__file__).parents[1] / "config" / "european-defence"
NEWS = Path("data") / "news" / "lede-2026-08-first-half.jsonl.gz"

WHO = (
    "Germany France Poland Italy Spain Sweden Finland Norway Denmark Estonia Latvia Lithuania Romania Greece Portugal "
    "Belgium Turkey Canada Australia Japan Hungary Slovakia Czechia Austria Ireland Britain Ukraine Netherlands"
).split()
BODIES = (
    "The European Commission",
    "NATO",
    "The United States",
    "The European Council",
    "The coalition of the willing",
)
DOES = (
    "will send {n} {unit} to {who}",
    "plans to spend {n} billion euros on {what} by {year}",
    "rules out {what} without the United States",
    "wants a common fund for {what} of {n} billion euros",
    "has agreed with {who} on {what}",
    "refuses to take part in {what}",
    "will raise its defence budget to {share} percent of its economy by {year}",
    "asks {who} to pay more for {what}",
    "keeps {n} {unit} in {who}",
    "will build {n} {unit} a year from {year}",
    "opposes a loan of {n} billion euros to {who}",
    "leads the talks with {who} on {what}",
)
UNITS = ("soldiers", "tanks", "fighter jets", "drones", "air defence systems", "frigates", "artillery shells")
WHAT = (
    "air defence, nuclear deterrence, military mobility, satellite reconnaissance, ammunition, a ceasefire force, "
    "frozen Russian assets, joint procurement, cyber defence, long-range missiles, submarine cables, military training"
).split(", ")


def made_up(count: int) -> list[Claim]:
    """So many claims, no two alike; the first ones are the same whatever the number."""
    draw = random.Random(11)
    statements: dict[str, None] = {}
    while len(statements) < count:
        who, other = draw.choice((*WHO, *BODIES)), draw.choice(WHO)
        told = draw.choice(DOES).format(
            n=draw.choice((2, 5, 12, 30, 150, 650, 800)) + draw.randrange(20),
            unit=draw.choice(UNITS),
            what=draw.choice(WHAT),
            who=other,
            share=draw.choice(("2", "2.5", "3", "3.5", "5")),
            year=draw.randrange(2025, 2036),
        )
        statements.setdefault(f"{who} {told}.")
    return [
        Claim(f"claim-{number}", "defence", ClaimKind.PLAN, "", "2025-03", statement)
        for number, statement in enumerate(statements)
    ]


def entries(count: int) -> tuple[str, list[Item]]:
    """Where they come from, and so many of them."""
    shared = os.environ.get("CLAIMWATCH_SHARED")
    if shared and (path := Path(shared) / NEWS).exists():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            every = [_item(str(at), json.loads(line)) for at, line in enumerate(lines)]
        pack = load_pack(TOPIC, Guard().check_url)
        watches = WatchIndex((watch.name, parse(watch.query)) for watch in pack.watches)
        chosen = [one for one in every if watches.matches(Document.of(one.title, one.text))][:count]
        return "news of August 2026 that the topic's watches match", chosen
    written = [entry for day in load_news().days for entry in day]
    there = [written[at % len(written)] for at in range(count)]
    return "the demo's news", [Item(str(at), one.title, one.text or one.html) for at, one in enumerate(there)]


class Stopwatch:
    """CPU seconds in each step; a step within another counts for itself alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self._inside: list[float] = []

    def timed(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            self._inside.append(0.0)
            try:
                return work(*given, **named)
            finally:
                took = time.process_time() - began
                self.spent[step] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return run


@contextmanager
def watched(assessor: LocalAssessor) -> Iterator[Stopwatch]:
    """Times the steps of that assessor while the block runs."""
    engine, watch = assessor.engine(), Stopwatch()
    steps: tuple[tuple[Any, str, str], ...] = (
        (assess, "read", "sentences"),
        (engine.retriever._network, "run", "encode"),
        (engine.retriever, "matrix", "retrieve"),
        (retrieve, "rank", "retrieve"),
        (engine.judge, "read", "judge"),
        (figures, "signs", "figures"),
        (figures, "compare", "figures"),
    )
    patches = [patch.object(owner, name, watch.timed(step, getattr(owner, name))) for owner, name, step in steps]
    for one in patches:
        one.start()
    try:
        yield watch
    finally:
        for one in reversed(patches):
            one.stop()


STEPS = ("sentences", "encode", "retrieve", "judge", "figures")


def main() -> None:
    """Print a line for each number of claims, and how the cost of an entry grows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=100)
    parser.add_argument("claims", type=int, nargs="*", default=list(SIZES))
    asked = parser.parse_args()
    source, items = entries(asked.entries)
    words = sum(len(f"{item.title} {item.text}".split()) for item in items) / len(items)
    print(f"{len(items)} entries of {words:.0f} words ({source}), in batches of {AT_ONCE}")
    print(
        f"{'claims':>7} {'entries/CPU s':>13} {'CPU ms an entry':>16}  "
        + "".join(f"{step:>10}" for step in STEPS)
        + "  once"
    )
    costs: dict[int, float] = {}
    for size in asked.claims:
        claims, assessor = made_up(size), LocalAssessor()  # another one remembers what it has read
        assessor.compare_now([Item("warm", "Nothing of this is in the news.", "")], made_up(2))  # loads the networks
        began = time.process_time()
        assessor.engine().retriever.matrix(tuple(claim.statement for claim in claims))
        once = time.process_time() - began
        with watched(assessor) as watch:
            began = time.process_time()
            for start in range(0, len(items), AT_ONCE):
                assessor.compare_now(items[start : start + AT_ONCE], claims)
            took = time.process_time() - began
        costs[size] = took / len(items)
        shares = "".join(f"{watch.spent[step] / took:>10.1%}" for step in STEPS)
        print(f"{size:>7,} {len(items) / took:>13.2f} {costs[size] * 1000:>16.1f}  {shares}  {once:.1f} s", flush=True)
    fewest, most = min(costs), max(costs)
    times, cost = most / fewest, costs[most] / costs[fewest]
    print(f"{times:.0f} times the claims cost {cost:.2f} times as much an entry")
    sys.exit(len(costs) > 1 and cost >= times)


def _item(name: str, row: dict[str, Any]) -> Item:
    return Item(name, str(row.get("title", "")), str(row.get("text") or row.get("summary") or ""))


if __name__ == "__main__":
    main()
