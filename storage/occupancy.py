"""Who works on a database: one bot alone, or workers and gateways side by side. Two bots would post the same things."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

from sqlalchemy import Connection, text

from bot.errors import StoreError
from storage.engine import Database, sqlite_path
from storage.failures import DRIVER_ERRORS, explain

_LOCK = 0x434C_4149_4D4F  # "CLAIMO": the key of our advisory lock
_ALIVE = "SET tcp_keepalives_idle = 10", "SET tcp_keepalives_interval = 5", "SET tcp_keepalives_count = 3"
"""A machine that vanishes keeps its place for 25 seconds; by PostgreSQL's defaults it would for two hours."""


class FilePlace:
    """A lock on a file beside the database's: the kernel gives it up with the process, however that ends.

    The database's own file would not do: to close it once more takes SQLite's locks from it.
    """

    def __init__(self, database: Database, alone: bool) -> None:
        self._database, self._alone = database, alone
        self._file: int | None = None

    def take(self) -> bool:
        if self._file is not None:
            return True
        path = sqlite_path(self._database.engine)
        lock = path.with_name(f"{path.name}.lock")
        try:
            file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{lock} cannot be made: {error.strerror}. May we write in that folder?") from error
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if self._alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError as error:
            os.close(file)
            raise StoreError(f"{lock} cannot be locked: {error.strerror}. Is it on a disk of this machine?") from error
        self._file = file
        return True

    def leave(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class ServerPlace:
    """An advisory lock of a connection: PostgreSQL gives it up with the connection."""

    def __init__(self, database: Database, alone: bool) -> None:
        self._database, self._alone = database, alone
        self._connection: Connection | None = None

    def take(self) -> bool:
        try:
            if self._connection is not None and self._lives(self._connection):
                return True
            return self._connect()
        except DRIVER_ERRORS as error:
            raise explain(error) from error

    def leave(self) -> None:
        if self._connection is not None:
            with suppress(*DRIVER_ERRORS):
                self._connection.close()
            self._connection = None

    def _lives(self, connection: Connection) -> bool:
        try:
            connection.execute(text("SELECT 1"))
        except DRIVER_ERRORS:
            self.leave()
            return False
        return True

    def _connect(self) -> bool:
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # not to go back to the others with its lock
        for setting in _ALIVE:
            connection.execute(text(setting))
        how = "pg_try_advisory_lock" if self._alone else "pg_try_advisory_lock_shared"
        if connection.scalar(text(f"SELECT {how}(:key)"), {"key": _LOCK}):
            self._connection = connection
            return True
        connection.close()
        return False


Place = FilePlace | ServerPlace


def place(database: Database, *, alone: bool) -> Place:
    """A place, not taken yet; see `bot.ports.Store.place`."""
    return ServerPlace(database, alone) if database.dialect == "postgresql" else FilePlace(database, alone)
