"""Who works on a database: one bot alone, or workers and gateways side by side. Two bots would post the same things."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress

from sqlalchemy import Connection, Engine, text

from bot.errors import StoreError
from storage.engine import open_engine, sqlite_path
from storage.failures import DRIVER_ERRORS, explain

_LOCK = 0x434C_4149_4D4F  # "CLAIMO": the key of our advisory lock
_ALIVE = "SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3"
"""A machine that vanishes keeps its place for 25 seconds; by PostgreSQL's defaults it would for two hours."""


class FilePlace:
    """A lock on a file beside the database's: the kernel gives it up with the process, however that ends.

    The database's own file would not do: to close it once more takes SQLite's locks from it.
    """

    def __init__(self, engine: Engine, alone: bool) -> None:
        path = sqlite_path(engine)
        self._path, self._alone = path.with_name(f"{path.name}.lock"), alone
        self._file: int | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be made: {error.strerror}. May we write in that folder?") from error
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if self._alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError as error:
            os.close(file)
            raise StoreError(
                f"{self._path} cannot be locked: {error.strerror}. Is it on a disk of this machine?"
            ) from error
        self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class ServerPlace:
    """An advisory lock of a connection: PostgreSQL gives it up with the connection."""

    def __init__(self, engine: Engine, alone: bool) -> None:
        self._engine, self._alone = engine, alone
        self._connection: Connection | None = None
        self._turn, self._left = threading.Lock(), False

    def take(self) -> bool:
        with self._turn:
            if self._left:
                return False
            try:
                return self._lives() or self._connect()
            except DRIVER_ERRORS as error:
                raise explain(error) from error

    def leave(self) -> None:
        with self._turn:  # a look that is under way is not to take it once more
            self._left = True
            self._close()
            self._engine.dispose()

    def _lives(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except DRIVER_ERRORS:
            self._close()
            return False
        return True

    def _connect(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # to be closed in earnest, and its lock with it
        for setting in _ALIVE:
            connection.execute(text(setting))
        how = "pg_try_advisory_lock" if self._alone else "pg_try_advisory_lock_shared"
        if connection.scalar(text(f"SELECT {how}(:key)"), {"key": _LOCK}):
            self._connection = connection
            return True
        connection.close()
        return False

    def _close(self) -> None:
        if self._connection is not None:
            with suppress(*DRIVER_ERRORS):
                self._connection.close()
            self._connection = None


Place = FilePlace | ServerPlace


def place(url: str, *, alone: bool) -> Place:
    """A place on the database at `url`, not taken yet: as the only one, or beside others of which none is `alone`.

    Nothing is written to the database. Raises `StoreError` where the address cannot be read. `take` tells whether the
    place is ours, now or still (it is lost with a server), and raises `StoreError` where nobody knows; `leave` gives it
    up for good.
    """
    engine = open_engine(url)
    return ServerPlace(engine, alone) if engine.dialect.name == "postgresql" else FilePlace(engine, alone)
