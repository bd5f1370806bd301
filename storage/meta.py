"""Small facts about the installation, by name."""

from __future__ import annotations

import uuid

from sqlalchemy import Connection, Integer, bindparam, cast, select

from storage.columns import Words
from storage.dialect import add, put
from storage.engine import Database
from storage.schema import meta

_INSTALLATION = "installation"


class Meta:
    """Implements `bot.ports.MetaStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, key: str) -> str | None:
        return self._db.read(lambda conn: _get(conn, key))

    def put(self, key: str, value: str) -> None:
        self._db.write(lambda conn: put(conn, meta, {"key": key, "value": value}))

    def installation(self) -> str:
        return self.get(_INSTALLATION) or self._db.write(_draw_installation)


_VALUE = select(meta.c.value).where(meta.c.key == bindparam("wanted"))
"""Made once: it is asked for the version of the watches whenever polls bring something."""


def _get(conn: Connection, key: str) -> str | None:
    found: str | None = conn.scalar(_VALUE, {"wanted": key})
    return found


def _draw_installation(conn: Connection) -> str:
    add(conn, meta, [{"key": _INSTALLATION, "value": uuid.uuid4().hex}])
    return _get(conn, _INSTALLATION) or ""


def number(conn: Connection, key: str) -> int:
    """A counter's value; 0 before it was ever grown."""
    return int(_get(conn, key) or 0)


def grow(conn: Connection, key: str) -> None:
    """Count one further; two transactions never leave the same value."""
    add(conn, meta, [{"key": key, "value": "0"}])
    one_more = cast(cast(meta.c.value, Integer) + 1, Words)
    conn.execute(meta.update().where(meta.c.key == key).values(value=one_more))
