"""A large archive, written straight into a store's tables: entries with their index, identities and verdicts."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from feed_host import words
from sqlalchemy import Connection, desc, insert, select

from bot.model import Claim, Relation, stable_id
from storage.dialect import index_entries
from storage.engine import open_engine
from storage.entries import identity
from storage.schema import entries, identities, verdicts

YEARS = 2
AT_ONCE = 5_000
CACHE_KIB = 512 * 1024
TOUCHING = 20
"""One entry of so many touches a claim."""
POLISH = 50
"""One of so many is in Polish, all others in English."""
SPAN = timedelta(days=365 * YEARS)
POOL = 20_000
"""Titles and paragraphs of which the entries are put together."""


def fill(url: str, tenant: str, feeds: Sequence[str], claims: Sequence[Claim], count: int, now: datetime) -> None:
    """Add so many entries, spread over the feeds and over two years up to an hour before now, the oldest first."""
    engine, draw = open_engine(url), random.Random(23)
    titles, paragraphs = ([" ".join(words(draw, length)) for _ in range(POOL)] for length in (9, 30))
    try:
        with engine.execution_options(writes=True).begin() as conn, _in_bulk(conn):
            for start in range(0, count, AT_ONCE):
                numbers = range(start, min(start + AT_ONCE, count))
                rows = list(_rows(draw, titles, paragraphs, feeds, numbers, count, now))
                conn.execute(insert(entries), rows)
                conn.execute(insert(identities), [_identity(row) for row in rows])
                conn.execute(insert(verdicts), [_verdict(row, tenant, claims, draw) for row in rows[::TOUCHING]])
                if conn.dialect.name == "postgresql":
                    index_entries(conn, _numbered(conn, rows))
        if engine.dialect.name == "sqlite":
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
                # years of entries in one transaction leave a log that no installation has: not for the bot to take in
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()


@contextmanager
def _in_bulk(conn: Connection) -> Iterator[None]:
    """SQLite's indexes and triggers are put aside meanwhile, and made again over all that is there."""
    if conn.dialect.name == "postgresql":
        yield
        conn.exec_driver_sql("ANALYZE")  # as its autovacuum does in time; SQLite's planner has no figures
        return
    conn.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
    aside = conn.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('index', 'trigger')"
        " AND tbl_name IN ('entries', 'identities', 'verdicts')"
    ).fetchall()
    for kind, name, _ in aside:
        conn.exec_driver_sql(f"DROP {kind} {name}")
    yield
    for _, _, made in aside:
        conn.exec_driver_sql(made)
    conn.exec_driver_sql("INSERT INTO entries_search (entries_search) VALUES ('rebuild')")


def _rows(
    draw: random.Random,
    titles: Sequence[str],
    paragraphs: Sequence[str],
    feeds: Sequence[str],
    numbers: range,
    count: int,
    now: datetime,
) -> Iterator[dict[str, Any]]:
    for number in numbers:
        feed, key = feeds[draw.randrange(len(feeds))], f"archived-{number}"
        published = now - timedelta(hours=1) - SPAN * (1 - number / count)
        yield {
            "id": stable_id(feed, key),
            "feed": feed,
            "key": key,
            "url": f"https://archive.example/{number}",
            "title": draw.choice(titles),
            "text": f"{draw.choice(paragraphs)}. {draw.choice(paragraphs)}.",
            "published": published,
            "seen": published,
            "language": "pl" if number % POLISH == 0 else "en",
            "outlet": f"Outlet {number % len(feeds)}",
            "aliases": (),
            "story": stable_id(feed, key),
            "url_key": f"archive.example/{number}",
            "shape": b"",
        }


def _identity(row: dict[str, Any]) -> dict[str, Any]:
    return {"identity": identity(row["feed"], row["key"]), "feed": row["feed"]}


def _verdict(row: dict[str, Any], tenant: str, claims: Sequence[Claim], draw: random.Random) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "entry": row["id"],
        "claim": draw.choice(claims).id,
        "relation": draw.choice(list(Relation)),
        "confidence": 0.7,
        "evidence": row["title"],
        "change": None,
        "rank": 0,
    }


def _numbered(conn: Connection, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    newest = select(entries.c.id, entries.c.seq).order_by(desc(entries.c.seq)).limit(len(rows))
    numbers = dict(conn.execute(newest).tuples().all())
    return [{**row, "seq": numbers[row["id"]], "article": ""} for row in rows]
