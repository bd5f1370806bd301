"""Keeping the database in order: dropping what is old, copying it, and looking whether it is sound."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, select

from bot.errors import StoreError
from bot.model import DeliveryState
from storage import migrate
from storage.engine import Database, sqlite_path
from storage.schema import alerts, audit, deliveries, digests, entries, follows, identities, mutes, verdicts

AUDITED = timedelta(days=365)
"""The audit log is kept for so long after entries of its time were dropped."""

_OPEN = (DeliveryState.OWED, DeliveryState.SENDING)


def prune(conn: Connection, before: datetime) -> int:
    """Drop entries seen before then that no verdict holds as evidence and that no open delivery tells of.

    Their identities stay for as long as somebody follows the feed, so that nothing comes back as new. Finished
    deliveries, alerts of dropped entries and digests of that age go with them, each channel's last digest excepted,
    and so do mutes that were over by then, and much later the audit log.
    """
    dropped = conn.execute(delete(entries).where(_old_entries(before))).rowcount
    used = [identities.c.feed.not_in(select(source.c.feed)) for source in (follows, entries)]
    conn.execute(delete(identities).where(*used))
    conn.execute(delete(deliveries).where(deliveries.c.state.not_in(_OPEN), deliveries.c.due < before))
    conn.execute(delete(alerts).where(alerts.c.created < before, _gone(alerts.c.entry), ~_owed(alerts.c.id)))
    conn.execute(delete(digests).where(digests.c.made < before, ~_owed(digests.c.id), ~_last_scheduled()))
    conn.execute(delete(mutes).where(mutes.c.until < before))
    conn.execute(delete(audit).where(audit.c.at < before - AUDITED))
    return dropped


def _old_entries(before: datetime) -> ColumnElement[bool]:
    held = exists().where(verdicts.c.entry == entries.c.id)
    told = exists().where(
        alerts.c.entry == entries.c.id, deliveries.c.subject == alerts.c.id, deliveries.c.state.in_(_OPEN)
    )
    return and_(entries.c.seen < before, ~held, ~told)


def _gone(entry: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(entries.c.id == entry)


def _owed(subject: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(deliveries.c.subject == subject, deliveries.c.state.in_(_OPEN))


def _last_scheduled() -> ColumnElement[bool]:
    """That the channel's next digest begins where this one ended."""
    later = digests.alias("later")
    newer = exists().where(later.c.channel == digests.c.channel, later.c.scheduled, later.c.made > digests.c.made)
    return and_(digests.c.scheduled, ~newer)


def backup(database: Database, target: Path) -> None:
    """Copy an SQLite database while it is in use. `target` is a file that is not there yet, and is only when whole."""
    if database.dialect != "sqlite":
        raise StoreError("PostgreSQL is not copied by us: use pg_dump --format=custom, and pg_restore to go back.")
    if target.exists():
        raise StoreError(f"{target} is there already; name a new file.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(sqlite_path(database.engine))) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
        part.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"The backup to {target} failed: {error}. Is there room, and may we write there?") from error


def check(conn: Connection) -> list[str]:
    """What is wrong, in words; empty when all is well."""
    found = _check_sqlite(conn) if conn.dialect.name == "sqlite" else _check_postgres(conn)
    revision, head = migrate.revision(conn), migrate.head()
    if revision != head:
        found.append(f"The schema is at revision {revision}, this program needs {head}: restart it to migrate.")
    return found


def _check_sqlite(conn: Connection) -> list[str]:
    damage = [row[0] for row in conn.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    broken = [
        f"a row of {row[0]} refers to a row of {row[2]} that is gone"
        for row in conn.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    mode = conn.exec_driver_sql("PRAGMA journal_mode").scalar()
    odd = [] if mode == "wal" else [f"The journal's mode is {mode}, not wal: is the file on a network drive?"]
    return [f"The file is damaged: {text}. Restore a backup." for text in damage + broken] + odd


def _check_postgres(conn: Connection) -> list[str]:
    encoding = conn.exec_driver_sql("SHOW server_encoding").scalar()
    return [] if encoding == "UTF8" else [f"The database's encoding is {encoding}: create it anew with UTF8."]
