"""The audit log: who changed what, from what to what. Changes are noted in the transaction that makes them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Connection, desc, select

from bot.model import Actor, Change
from storage.engine import Database, actor_of
from storage.schema import audit

LONGEST = 400
"""Characters of a before or after."""


class Audit:
    """Implements `bot.ports.AuditStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, change: Change) -> None:
        self._db.write(lambda conn: _put(conn, change))

    def latest(self, tenant: str, limit: int) -> list[Change]:
        return self._db.read(lambda conn: _latest(conn, tenant, limit))


def note(conn: Connection, what: str, before: object, after: object) -> None:
    """Note that a thing became another one (None: it was not there, or is no more), where somebody asked for it.

    Nothing is noted where the two are the same.
    """
    actor = actor_of(conn)
    if actor is not None and before != after:
        _insert(conn, Change(actor, what, *difference(before, after)))


def difference(before: object, after: object) -> tuple[str, str]:
    """What both say in words; of two values of one dataclass only the fields that differ."""
    if is_dataclass(before) and is_dataclass(after):
        old, new = _told(before), _told(after)
        differing = [name for name in new if old.get(name) != new[name]]
        return _row(old, differing), _row(new, differing)
    return tuple(_row(_told(one), None) if is_dataclass(one) else _word(one) for one in (before, after))  # type: ignore[return-value]


def _told(thing: object) -> dict[str, str]:
    """Field → word, a dataclass inside spread out; ids and tenants are nobody's concern."""
    told: dict[str, str] = {}
    for item in fields(thing):  # type: ignore[arg-type]
        value = getattr(thing, item.name)
        if is_dataclass(value) and item.name in ("policy", "quotas"):
            told |= _told(value)
        elif item.name not in ("id", "tenant", "since", "by"):
            told[item.name.replace("_", " ")] = _word(value)
    return told


def _row(told: dict[str, str], names: list[str] | None) -> str:
    shown = told if names is None else {name: told[name] for name in names}
    return ", ".join(f"{name} {word}" for name, word in shown.items() if word)[:LONGEST]


def _word(value: Any) -> str:
    if value is None or value is False:
        return "no" if value is False else ""
    if value is True:
        return "yes"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(_word, value)))
    if is_dataclass(value) and not isinstance(value, type):
        return "–".join(_word(getattr(value, item.name)) for item in fields(value))
    return str(value)


def _put(conn: Connection, change: Change) -> None:
    """The same refusal again and again is one line, at the time of the last: nobody fills the log by knocking."""
    actor = change.actor
    last = conn.execute(
        select(audit).where(audit.c.tenant == actor.tenant).order_by(desc(audit.c.seq)).limit(1)
    ).first()
    same = (actor.by, actor.command, change.what, change.refused)
    if last is not None and (last.by, last.command, last.what, last.refused) == same:
        conn.execute(audit.update().where(audit.c.seq == last.seq).values(at=actor.at))
    else:
        _insert(conn, change)


def _insert(conn: Connection, change: Change) -> None:
    actor = change.actor
    who = {"tenant": actor.tenant, "by": actor.by, "command": actor.command, "at": actor.at}
    said = {"what": change.what, "before": change.before, "after": change.after, "refused": change.refused}
    conn.execute(audit.insert().values(who | said))


def _latest(conn: Connection, tenant: str, limit: int) -> list[Change]:
    query = select(audit).where(audit.c.tenant == tenant).order_by(desc(audit.c.seq)).limit(limit)
    return [
        Change(Actor(row.tenant, row.by, row.command, row.at), row.what, row.before, row.after, row.refused)
        for row in conn.execute(query)
    ]
