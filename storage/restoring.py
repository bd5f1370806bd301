"""Going back to a backup: looked over first, put in the place of the database whole, and never under a running bot."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path

from bot.errors import StoreError
from storage import migrate
from storage.engine import Database, open_engine, sqlite_path

log = logging.getLogger(__name__)

REPLACED = ".replaced"


def restore(url: str, backup: Path, *, force: bool = False) -> Path | None:
    """Put a copy of `backup` in the place of the database at `url`, and bring it forward to this program's schema.

    A database that holds anything is only replaced with `force`; it is kept beside, and its new place returned. Raises
    `StoreError`, and changes nothing, where the backup is damaged, no database of ours or written by a newer program,
    or where the database is in use.
    """
    target = _place(url)
    _look_over(backup)
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(backup, part)
        _bring_forward(part)
        kept = _moved_aside(target, force=force)
        part.rename(target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{backup} cannot be restored to {target}: {error}.") from error
    finally:
        for leftover in (part, *_beside(part)):
            leftover.unlink(missing_ok=True)
    return kept


def _place(url: str) -> Path:
    engine = open_engine(url)
    engine.dispose()
    if engine.dialect.name != "sqlite":
        raise StoreError("PostgreSQL is not restored by us: use pg_restore with what pg_dump made.")
    return sqlite_path(engine)


def _look_over(backup: Path) -> None:
    try:
        with _reading(backup) as conn:
            damage = [row[0] for row in conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
            ours = conn.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{backup} cannot be read as a backup: {error}.") from error
    if damage:
        raise StoreError(f"{backup} is damaged: {damage[0]}. Take another backup.")
    if not ours:
        raise StoreError(f"{backup} is a database, but not one of Claimwatch.")


def _copy(backup: Path, part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)
    with _reading(backup) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy)


def _bring_forward(part: Path) -> None:
    """Refuses what a newer program wrote, before anything is replaced."""
    database = Database(open_engine(str(part)))
    try:
        migrate.bring_forward(database)
        with database.engine.connect() as conn:
            conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """The file as it is: opened for reading alone, so that nothing is made where there is none."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        yield conn


@contextmanager
def alone(target: Path) -> Iterator[sqlite3.Connection]:
    """The database, one file now and nobody else's while the block runs. Raises `StoreError` where it is in use."""
    with closing(sqlite3.connect(target, timeout=0, isolation_level=None)) as conn:
        try:
            conn.execute("PRAGMA locking_mode=EXCLUSIVE")
            conn.execute("PRAGMA journal_mode=DELETE")  # takes in the log; impossible while anybody else has it open
        except sqlite3.OperationalError as error:
            raise StoreError(f"{target} is in use ({error}): stop the bot first.") from None
        except sqlite3.DatabaseError as error:
            log.warning("%s is damaged (%s)", target, error)  # which is what backups are for
        yield conn


def _moved_aside(target: Path, *, force: bool) -> Path | None:
    """Where what was there lies now."""
    if not target.exists():
        return None
    kept = _free(target)
    with alone(target) as conn:
        if not force and _holds_anything(conn):
            raise StoreError(f"{target} holds data: with --force it is replaced, and kept beside as {kept.name}.")
        for old, new in zip((target, *_beside(target)), (kept, *_beside(kept)), strict=True):
            if old.exists():
                old.rename(new)
    return kept


def _free(target: Path) -> Path:
    """A name that nothing has: what was kept the last time may be what somebody looks for."""
    kept = target.with_name(f"{target.name}{REPLACED}")
    numbered = (kept.with_name(f"{kept.name}-{number}") for number in count(2))
    return next(place for place in chain([kept], numbered) if not place.exists())


def _holds_anything(conn: sqlite3.Connection) -> bool:
    """Whether it may hold what somebody wants to keep; what cannot be read may."""
    try:
        tables = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return bool(tables and conn.execute("SELECT EXISTS (SELECT 1 FROM tenants)").fetchone()[0])
    except sqlite3.Error:
        return True


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")
