"""The power goes while the store works: what is left of what was acknowledged?

    python benchmarks/powercut.py [--polls 150] [--cuts 1000] [--seed 1]

A store over SQLite takes polls, each of three entries with an alert and a delivery owed for each and after one that
brought nothing, and delivers half of them, while every write and sync that SQLite asks of the disk is noted
(`disk.py`). Then the power is cut at random points of that record, checkpoints included: what was synced by then is
there; of what was not, nothing, all, a beginning that ends in mid-frame, or any sectors in any order, some of them
garbage. Each such disk is opened as the bot opens it. Printed for the store as it is, and for SQLite's next weaker
setting, which shows that the bench can fail and what the promise needs. Exit status 1 where the store as it is lost or
tore anything.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "storage"))

from disk import Call, Done, Recorder, Sync, Torn, disk_after
from store_world import NOW, follow, poll, settle, told

from bot.errors import StoreError
from bot.model import Sent
from storage import engine, open_store

OURS, WEAKER = engine.SYNCED, engine.UNSYNCED
ENTRIES = 3
CHECKPOINT_PAGES = 200
"""Of the log, instead of SQLite's 1,000: more checkpoints in which the power may go."""


@dataclass
class Outcome:
    """What all cuts together left."""

    cuts: int = 0
    in_doubt: int = 0  # cuts at which something was written and not synced
    damaged: int = 0  # databases that do not open, or that SQLite's own check finds unsound
    halved: int = 0  # entries without their delivery, or the other way round
    doubled: int = 0
    lost: int = 0  # acknowledged entries that are not there
    resent: int = 0  # messages that were marked as sent and would be sent again

    @property
    def broken(self) -> bool:
        return bool(self.damaged or self.halved or self.doubled or self.lost or self.resent)


def record(folder: Path, synchronous: str, polls: int) -> Sequence[Call]:
    """What a store asks of the disk while it works."""
    prepare = engine._prepare_sqlite

    def prepared(connection: sqlite3.Connection, about: object) -> None:
        prepare(connection, about)
        connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}").fetchall()

    engine._prepare_sqlite, engine.SYNCED = prepared, synchronous
    try:
        with Recorder(".sqlite") as recorder, closing(open_store(str(folder / "store.sqlite"))) as store:
            settle(store)
            feed = follow(store)
            recorder.done("begun")
            for number in range(polls):
                store.feeds.put_polled(store.feeds.claim_due(NOW, 60, 1))  # which is not synced
                plans = [told(feed, f"{number}-{one}") for one in range(ENTRIES)]
                entries = [plan.entries[0] for plan in plans]
                alerts = [plan.alerts[0] for plan in plans]
                store.commit([poll(feed, *entries, alerts=alerts, owed=[plan.owed[0] for plan in plans])])
                for plan in entries:
                    recorder.done(f"entry {plan.entry.key}")
                for delivery in store.deliveries.claim_due(NOW, ["console"], 1) if number % 2 else []:
                    store.deliveries.mark(delivery.id, Sent(f"message-{number}"), NOW)
                    recorder.done(f"sent {delivery.id}")
            return list(recorder.calls)  # as long as it runs: to close it well is no power cut
    finally:
        engine._prepare_sqlite, engine.SYNCED = prepare, OURS


def cut(calls: Sequence[Call], cuts: int, draw: random.Random) -> Outcome:
    """Cut the power so many times."""
    outcome = Outcome()
    begun = calls.index(Done("begun")) + 1
    for number in range(cuts):
        made = calls[: draw.randrange(begun, len(calls) + 1)]
        outcome.cuts += 1
        outcome.in_doubt += not isinstance(next(call for call in reversed(made) if not isinstance(call, Done)), Sync)
        with tempfile.TemporaryDirectory(prefix="claimwatch-power-") as folder:
            for name, body in disk_after(made, list(Torn)[number % len(Torn)], draw).items():
                Path(folder, name).write_bytes(body)
            _look(Path(folder) / "store.sqlite", {call.what for call in made if isinstance(call, Done)}, outcome)
    return outcome


def _look(path: Path, promised: set[str], outcome: Outcome) -> None:
    try:
        with closing(open_store(str(path))) as store:
            sound = store.check() == []
    except StoreError:
        sound = False
    if not sound:
        outcome.damaged += 1
        return
    with closing(sqlite3.connect(path)) as database:
        there = [key for (key,) in database.execute("SELECT key FROM entries")]
        owed = dict(
            database.execute(
                "SELECT entries.key, deliveries.id FROM entries JOIN alerts ON alerts.entry = entries.id"
                " JOIN deliveries ON deliveries.subject = alerts.id"
            ).fetchall()
        )
        states = dict(database.execute("SELECT id, state FROM deliveries").fetchall())
    outcome.doubled += len(there) - len(set(there))
    outcome.halved += len(set(there) - owed.keys()) + len(states.keys() - set(owed.values()))
    found = {f"entry {key}" for key in there} | {f"sent {one}" for one, state in states.items() if state == "sent"}
    missing = promised - found - {"begun"}
    outcome.lost += sum(one.startswith("entry") for one in missing)
    outcome.resent += sum(one.startswith("sent") for one in missing)


ROWS = {
    "cuts": "power cuts",
    "in_doubt": "  with unsynced writes",
    "damaged": "databases damaged",
    "halved": "entries without delivery",
    "doubled": "entries doubled",
    "lost": "acknowledged entries lost",
    "resent": "sent, and forgotten",
}


def main() -> None:
    """Print the figures; exit status 1 where the store as it is does not keep its promise."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--polls", type=int, default=150)
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    found: dict[str, Outcome] = {}
    syncs: dict[str, int] = {}
    for synchronous in (OURS, WEAKER):
        with tempfile.TemporaryDirectory(prefix="claimwatch-power-") as folder:
            calls = record(Path(folder), synchronous, asked.polls)
        syncs[synchronous] = sum(isinstance(call, Sync) for call in calls)
        found[synchronous] = cut(calls, asked.cuts, random.Random(asked.seed))
    print(f"{'synchronous':<26}{'FULL (ours)':>14}{WEAKER:>14}")
    print(f"{'syncs asked for':<26}{syncs[OURS]:>14,}{syncs[WEAKER]:>14,}")
    for name, words in ROWS.items():
        print(f"{words:<26}{getattr(found[OURS], name):>14,}{getattr(found[WEAKER], name):>14,}")
    sys.exit(found[OURS].broken)


if __name__ == "__main__":
    main()
