"""What SQLite alone takes for a first round: the floor under any bot that keeps what ours keeps.

    python benchmarks/floor.py [--feeds 600] [--entries 30]

The bot polls feeds of a local server once. The rows of entries and identities that it wrote are then written again by
bare SQL, from memory, into an empty copy of its database, a feed to a transaction and twenty: as they are, and without
the full-text index. What is printed is CPU of this process alone.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feed_host import Host, Shelf
from polling import HERE, Contestant

TABLES = {"entries": "seq", "identities": None}
"""What is written, and the column that the database numbers."""
DEPENDENT = ("matches", "decisions", "verdicts")

Rows = dict[str, dict[str, list[tuple[Any, ...]]]]
"""By table and feed."""


def polled(folder: Path, feeds: int, entries: int) -> Path:
    """The bot's database after its first round."""
    with Host(folder / "host") as host:
        shelf = Shelf(host.feeds, entries, datetime.now(UTC))
        for feed in range(feeds):
            shelf.publish(feed)
        urls = [host.url(feed) for feed in range(feeds)]
        ours = Contestant("ours", [sys.executable, str(HERE / "poll_ours.py"), *urls], folder / "ours")
        ours.lap()
        ours.end()
    return folder / "ours" / "store.sqlite"


def taken_out(database: Path) -> tuple[dict[str, str], Rows]:
    """For each table the statement that inserts a row, and the rows, which are dropped."""
    inserts: dict[str, str] = {}
    rows: Rows = {table: defaultdict(list) for table in TABLES}
    with closing(sqlite3.connect(database, isolation_level=None)) as conn:
        for table, numbered in TABLES.items():
            names = [name for _, name, *_ in conn.execute(f"PRAGMA table_info({table})") if name != numbered]
            places = ", ".join("?" * len(names))
            inserts[table] = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
            for row in conn.execute(f"SELECT {', '.join(names)} FROM {table}"):
                rows[table][row[names.index("feed")]].append(row)
        for table in (*DEPENDENT, *TABLES):
            conn.execute(f"DELETE FROM {table}")
        conn.execute("VACUUM")
    return inserts, rows


def written(empty: Path, inserts: dict[str, str], rows: Rows, at_once: int, indexed: bool) -> float:
    """CPU seconds that it took to write all rows into a copy, so many feeds to a transaction."""
    copy = empty.with_name("copy.sqlite")
    shutil.copy(empty, copy)
    with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            conn.execute(f"PRAGMA {pragma}")
        if not indexed:
            conn.execute("DROP TRIGGER entries_search_insert")
        feeds, began = list(rows["entries"]), time.process_time()
        for start in range(0, len(feeds), at_once):
            conn.execute("BEGIN IMMEDIATE")
            for feed in feeds[start : start + at_once]:
                for table, insert in inserts.items():
                    conn.executemany(insert, rows[table][feed])
            conn.execute("COMMIT")
        return time.process_time() - began


def main() -> None:
    """Print a line for each way."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--feeds", type=int, default=600)
    parser.add_argument("--entries", type=int, default=30)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "host").mkdir()
        database = polled(folder, options.feeds, options.entries)
        inserts, rows = taken_out(database)
        print(f"{options.feeds:,} feeds of {options.entries} entries, written by bare SQL: ms CPU a feed")
        for indexed in (True, False):
            for at_once in (1, 20):
                took = written(database, inserts, rows, at_once, indexed) * 1000 / options.feeds
                index = "with its full-text index" if indexed else "without the index"
                print(f"  {index:<26} {at_once:>2} feeds a transaction {took:>6.2f}", flush=True)


if __name__ == "__main__":
    main()
