"""What tenants want to hear nothing of for a while. One that is over simply holds no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, delete, or_, select

from bot.model import Mute, MuteKind
from storage.audit import note
from storage.dialect import put
from storage.engine import Database
from storage.rows import columns, made, missing, values
from storage.schema import mutes


class Mutes:
    """Implements `bot.ports.MuteStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def active(self, tenant: str, now: datetime) -> list[Mute]:
        query = (
            select(*columns(mutes, Mute))
            .where(mutes.c.tenant == tenant, _holds(now))
            .order_by(mutes.c.kind, mutes.c.name)
        )
        return self._db.read(lambda conn: made(Mute, conn.execute(query)))

    def put(self, mute: Mute) -> None:
        self._db.write(lambda conn: _put(conn, mute))

    def remove(self, tenant: str, kind: MuteKind, subject: str) -> Mute:
        return self._db.write(lambda conn: _remove(conn, tenant, kind, subject))


def muted(tenant: str, kind: MuteKind, at: datetime) -> Select[tuple[str]]:
    """The ids of what the tenant has muted at that time."""
    return select(mutes.c.subject).where(mutes.c.tenant == tenant, mutes.c.kind == kind, _holds(at))


def _holds(at: datetime) -> ColumnElement[bool]:
    return or_(mutes.c.until.is_(None), mutes.c.until > at)


def _find(conn: Connection, tenant: str, kind: MuteKind, subject: str) -> Mute | None:
    query = select(*columns(mutes, Mute)).where(
        mutes.c.tenant == tenant, mutes.c.kind == kind, mutes.c.subject == subject
    )
    row = conn.execute(query).first()
    return Mute(*row) if row else None


def _put(conn: Connection, mute: Mute) -> None:
    before = _find(conn, mute.tenant, mute.kind, mute.subject)
    put(conn, mutes, values(mute))
    note(conn, f"mute of {mute.kind} {mute.name}", before, mute)


def _remove(conn: Connection, tenant: str, kind: MuteKind, subject: str) -> Mute:
    found = _find(conn, tenant, kind, subject)
    if found is None:
        raise missing(f"muted {kind}", subject, [])
    conn.execute(delete(mutes).where(mutes.c.tenant == tenant, mutes.c.kind == kind, mutes.c.subject == subject))
    note(conn, f"mute of {kind} {found.name}", found, None)
    return found
