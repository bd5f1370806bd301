"""Opening a database, and running one unit of work against it: one transaction, retried where that helps."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from copy import copy
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from bot.errors import StoreBusy, StoreError
from bot.model import Actor
from storage.failures import DRIVER_ERRORS, explain

T = TypeVar("T")

PAUSES = (0.05, 0.2, 0.8)
"""Seconds between attempts; SQLite itself waits up to BUSY_MS for a lock in each."""
BUSY_MS = 5000
SYNCED, UNSYNCED = "FULL", "NORMAL"
"""SQLite's setting for commits that no power cut may undo, and for those that one may, yet never by halves."""
CONNECT_S = 10
IDLE_S = 120
ROWS = 100
"""Rows that one INSERT takes: to build it for a thousand keeps memory, and Python from all other threads, for long."""
_TURN_LOCK = 0x434C_4149_4D54  # "CLAIMT": the key of our advisory lock
EXPECTED = "expected a path, sqlite:///path or postgresql://user:password@host/name"


class Database:
    """Runs reads and writes; each is one transaction over one consistent state. Safe to use from many threads."""

    def __init__(self, engine: Engine, queue: Queue | None = None) -> None:
        """`queue` is told within writes of work that they make; see `Queue`."""
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = engine.execution_options(**_READ_OPTIONS.get(self.dialect, {}))
        self._writer = engine.execution_options(writes=True, queue=queue)
        self._hasty = self._writer.execution_options(synced=False)
        self._view = _View()
        # SQLite has one writer; taking turns here is fairer than its polling for the lock
        self._turn: AbstractContextManager[Any] = threading.Lock() if self.dialect == "sqlite" else nullcontext()

    def acting(self, actor: Actor) -> Database:
        """The same database; `actor_of` tells writes through it on whose word they are done."""
        mine = copy(self)
        mine._writer = self._writer.execution_options(actor=actor)
        mine._hasty = self._hasty.execution_options(actor=actor)
        return mine

    def read(self, work: Callable[[Connection], T]) -> T:
        return self._attempt(self._reader, work) if self._view.conn is None else work(self._view.conn)

    def view(self, work: Callable[[], T]) -> T:
        """Do `work`, all of whose reads, in this thread, are of one transaction. It may be called again."""
        if self._view.conn is not None:
            return work()

        def viewing(conn: Connection) -> T:
            self._view.conn = conn
            try:
                return work()
            finally:
                self._view.conn = None

        return self._attempt(self._reader, viewing)

    def write(self, work: Callable[[Connection], T], *, synced: bool = True) -> T:
        """Do `work` whole or not at all. It may be called again, after everything it did was rolled back.

        Where it is not `synced` a power cut may undo it, as long as nothing that is has been written after it: SQLite
        then does not wait for the disk.
        """
        with self._turn:
            return self._attempt(self._writer if synced else self._hasty, work)

    @contextmanager
    def turn(self) -> Iterator[Callable[[], None]]:
        """Held by one at a time among all processes; an SQLite database has one process that writes anyway.

        What it gives raises `StoreBusy` where the turn was lost, with its connection.
        """
        if self.dialect == "sqlite":
            yield lambda: None
            return
        with ExitStack() as held:
            conn = _asked(self.engine.connect)
            held.callback(_let_go, conn)
            # of a transaction, so that it is given back whatever becomes of us
            _asked(lambda: conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _TURN_LOCK}))
            yield lambda: _asked(lambda: conn.execute(text("SELECT 1")).close())

    def close(self) -> None:
        self.engine.dispose()

    def _attempt(self, engine: Engine, work: Callable[[Connection], T]) -> T:
        for pause in PAUSES:
            try:
                return _once(engine, work)
            except StoreBusy as failure:
                if isinstance(failure, CommitUnclear):
                    raise
            time.sleep(pause)
        return _once(engine, work)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except DRIVER_ERRORS as error:
        raise explain(error) from error


def _let_go(conn: Connection) -> None:
    """A connection that broke has given back what it held."""
    with suppress(*DRIVER_ERRORS):
        conn.close()


class _View(threading.local):
    """The transaction that a thread's reads are of, while it is in a `view`."""

    conn: Connection | None = None


def actor_of(conn: Connection) -> Actor | None:
    """On whose word the transaction is done; None where nobody asked for it."""
    actor: Actor | None = conn.get_execution_options().get("actor")
    return actor


class Queue(Protocol):
    """Where workers learn what there is to do.

    A store that was opened with one calls it inside its transactions: what is queued there is queued with the data
    that it speaks of, or not at all. `transaction` is the driver's own connection.
    """

    def owed(self, transaction: Any, channels: Collection[str]) -> None:
        """Something is to be delivered in these channels."""
        ...

    def due(self, transaction: Any, feeds: Collection[str]) -> None:
        """These feeds were leased to be polled."""
        ...


def tell_owed(conn: Connection, channels: Collection[str]) -> None:
    """Queue deliveries in these channels along with the transaction, where the store was opened with a queue."""
    if channels and (queue := conn.get_execution_options().get("queue")):
        queue.owed(conn.connection.driver_connection, channels)


def tell_due(conn: Connection, feeds: Collection[str]) -> None:
    """Queue polls of these feeds along with the transaction, where the store was opened with a queue."""
    if feeds and (queue := conn.get_execution_options().get("queue")):
        queue.due(conn.connection.driver_connection, feeds)


class CommitUnclear(StoreBusy):
    """The connection broke during COMMIT: the change may or may not be there."""


def _once(engine: Engine, work: Callable[[Connection], T]) -> T:
    committing = False
    try:
        with engine.connect() as conn, conn.begin() as transaction:
            result = work(conn)
            committing = True
            transaction.commit()
            return result
    except DRIVER_ERRORS as error:
        failure = explain(error)
        if committing and isinstance(failure, StoreBusy):
            raise CommitUnclear(
                f"{failure} It broke off while a change was written; look whether it is there."
            ) from error
        raise failure from error


def open_engine(url: str, *, make: bool = True) -> Engine:
    """An engine for `url`: a path, sqlite:///path or postgresql://…. It connects when used.

    The folder of a path is made, unless nothing is to be made that is not there.
    """
    parsed = _parse(url)
    if make and parsed.get_backend_name() == "sqlite":
        _make_room(parsed)
    if parsed.get_backend_name() == "postgresql":
        patience = {} if "connect_timeout" in parsed.query else {"connect_timeout": CONNECT_S}
        address = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            address, connect_args=patience, pool_pre_ping=True, hide_parameters=True, insertmanyvalues_page_size=ROWS
        )
        event.listen(engine, "connect", _prepare_postgres)
        return engine
    engine = create_engine(parsed, hide_parameters=True, insertmanyvalues_page_size=ROWS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def postgres_address(url: str) -> str | None:
    """The address of a PostgreSQL database as libpq takes it; None for any other database."""
    parsed = _parse(url)
    if parsed.get_backend_name() != "postgresql":
        return None
    return parsed.set(drivername="postgresql").render_as_string(hide_password=False)


def sqlite_path(engine: Engine) -> Path:
    """Where an SQLite engine's file lies."""
    return Path(engine.url.database or "")


def _parse(url: str) -> URL:
    if url.startswith("postgres://"):  # what libpq and many hosts write
        url = url.replace("postgres", "postgresql", 1)
    try:
        parsed = make_url(url) if "://" in url else URL.create("sqlite", database=url)
    except (ArgumentError, ValueError):
        # without its cause, which may quote the password
        raise StoreError(f"The database's address cannot be read; {EXPECTED}.") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"Databases of the kind {parsed.get_backend_name()!r} are not supported; {EXPECTED}.")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError(f"The database must be a file that outlives the program; {EXPECTED}.")
    return parsed


def _make_room(url: URL) -> None:
    folder = Path(url.database or "").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The database's folder {folder} cannot be made: {error.strerror}.") from error


def _prepare_postgres(connection: psycopg.Connection[Any], _record: object) -> None:
    """A machine that vanishes in the middle of a transaction keeps its locks from all others no longer than that."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_S}s'")
    connection.commit()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see below
    for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", f"synchronous={SYNCED}", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(conn: Connection) -> None:
    options = conn.get_execution_options()
    if not options.get("writes"):
        conn.exec_driver_sql("BEGIN")
        return
    synced = options.get("synced", True)
    if conn.info.get("synced", True) is not synced:
        conn.exec_driver_sql(f"PRAGMA synchronous={SYNCED if synced else UNSYNCED}")
        conn.info["synced"] = synced
    # a deferred transaction that writes later may fail halfway where another one wrote in between
    conn.exec_driver_sql("BEGIN IMMEDIATE")


_READ_OPTIONS: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
}
