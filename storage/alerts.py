"""Alerts: what channels were told, or are about to be."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from bot.model import Alert
from storage.engine import Database
from storage.rows import batches, columns, made, missing
from storage.schema import alerts


class Alerts:
    """Implements `bot.ports.AlertStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, alert: str) -> Alert:
        return self._db.read(lambda conn: _get(conn, alert))

    def told(self, channels: Iterable[str], stories: Iterable[str]) -> list[Alert]:
        return self._db.read(lambda conn: _told(conn, list(channels), stories))

    def headed(self, entries: Iterable[str]) -> list[Alert]:
        return self._db.read(lambda conn: _headed(conn, entries))


def _headed(conn: Connection, entries: Iterable[str]) -> list[Alert]:
    found: list[Alert] = []
    for some in batches(entries):
        found += made(Alert, conn.execute(select(*columns(alerts, Alert)).where(alerts.c.entry.in_(some))))
    return sorted(found, key=lambda alert: (alert.created, alert.id))


def _get(conn: Connection, alert: str) -> Alert:
    row = conn.execute(select(*columns(alerts, Alert)).where(alerts.c.id == alert)).first()
    if row is None:
        raise missing("alert", alert, [])
    return Alert(*row)


def _told(conn: Connection, channels: list[str], stories: Iterable[str]) -> list[Alert]:
    found: list[Alert] = []
    for some in batches(stories):
        for where in batches(channels):
            query = select(*columns(alerts, Alert)).where(alerts.c.channel.in_(where), alerts.c.story.in_(some))
            found += made(Alert, conn.execute(query))
    return sorted(found, key=lambda alert: (alert.created, alert.id))
