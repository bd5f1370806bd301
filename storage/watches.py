"""Watches, and a number that grows whenever any of them changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from bot.errors import Conflict, QuotaExceeded
from bot.model import Watch
from storage.audit import note
from storage.engine import Database
from storage.meta import grow, number
from storage.rows import columns, made, missing, values
from storage.schema import watches
from storage.tenants import channel_of, tenant_of

VERSION = "watches"
"""The counter that grows whenever what watches mean changes."""


class Watches:
    """Implements `bot.ports.WatchStore`. Names are unique within a tenant, whatever their case."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def version(self) -> int:
        return self._db.read(lambda conn: number(conn, VERSION))

    def all(self, tenant: str | None = None) -> list[Watch]:
        return self._db.read(lambda conn: _all(conn, tenant))

    def find(self, tenant: str, name: str) -> Watch:
        return self._db.read(lambda conn: _find(conn, tenant, name))

    def add(self, watch: Watch) -> None:
        self._db.write(lambda conn: _add(conn, watch))

    def replace(self, watch: Watch) -> None:
        self._db.write(lambda conn: _replace(conn, watch))

    def remove(self, tenant: str, name: str) -> Watch:
        return self._db.write(lambda conn: _remove(conn, tenant, name))


def _all(conn: Connection, tenant: str | None) -> list[Watch]:
    query = select(*columns(watches, Watch))
    if tenant is not None:
        query = query.where(watches.c.tenant == tenant)
    return sorted(made(Watch, conn.execute(query)), key=lambda watch: (watch.tenant, watch.name.casefold(), watch.id))


def _find(conn: Connection, tenant: str, name: str) -> Watch:
    mine = _all(conn, tenant)
    for watch in mine:
        if watch.name.casefold() == name.casefold():
            return watch
    raise missing("watch", name, [watch.name for watch in mine])


def _row(watch: Watch) -> dict[str, Any]:
    return values(watch) | {"name_key": watch.name.casefold()}


def _add(conn: Connection, watch: Watch) -> None:
    quota = tenant_of(conn, watch.tenant, lock=True).quotas.watches
    _check(conn, watch)
    if conn.scalar(select(watches.c.id).where(watches.c.id == watch.id)) is not None:
        raise Conflict(f"The watch {watch.name!r} is there already.")
    count = conn.scalar(select(func.count()).where(watches.c.tenant == watch.tenant)) or 0
    if count >= quota:
        raise QuotaExceeded(f"{count} of {quota} watches are there already; remove one first.")
    conn.execute(watches.insert().values(_row(watch)))
    note(conn, f"watch {watch.name}", None, watch)
    grow(conn, VERSION)


def _check(conn: Connection, watch: Watch) -> None:
    """That the watch's channel is its tenant's own and that no other watch has its name."""
    if channel_of(conn, watch.channel).tenant != watch.tenant:
        raise missing("channel", watch.channel, [])
    same = (watches.c.tenant == watch.tenant, watches.c.name_key == watch.name.casefold(), watches.c.id != watch.id)
    if conn.scalar(select(watches.c.id).where(*same)) is not None:
        raise Conflict(f"A watch called {watch.name!r} is there already; choose another name or edit that one.")


def _replace(conn: Connection, watch: Watch) -> None:
    tenant_of(conn, watch.tenant, lock=True)
    _check(conn, watch)
    mine = _all(conn, watch.tenant)
    before = next((one for one in mine if one.id == watch.id), None)
    if before is None:
        raise missing("watch", watch.name, [one.name for one in mine])
    conn.execute(update(watches).where(watches.c.id == watch.id).values(_row(watch)))
    note(conn, f"watch {before.name}", before, watch)
    grow(conn, VERSION)


def _remove(conn: Connection, tenant: str, name: str) -> Watch:
    watch = _find(conn, tenant, name)
    conn.execute(delete(watches).where(watches.c.id == watch.id))
    note(conn, f"watch {watch.name}", watch, None)
    grow(conn, VERSION)
    return watch
