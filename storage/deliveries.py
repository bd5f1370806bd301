"""Deliveries: `owed → sending → sent | failed | uncertain`, and back to owed where nothing was posted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, desc, func, select, update

from bot.errors import StoreError
from bot.model import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Denied,
    Lag,
    Later,
    Owed,
    QueueStats,
    Refused,
    SendOutcome,
    Sent,
    Unknown,
    Withdrawn,
)
from storage import queue
from storage.dialect import put
from storage.engine import Database
from storage.lags import lag
from storage.rows import columns, made, missing
from storage.schema import channels, deferrals, deliveries


class Deliveries:
    """Implements `bot.ports.DeliveryStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def claim_due(
        self, now: datetime, platforms: Iterable[str], limit: int, channel: str | None = None
    ) -> list[Delivery]:
        names = list(platforms)
        return self._db.write(lambda conn: _claim_due(conn, now, names, limit, channel))

    def interrupted(
        self, platforms: Iterable[str], before: datetime | None = None, channel: str | None = None
    ) -> list[Delivery]:
        names = list(platforms)
        return self._db.read(lambda conn: _interrupted(conn, names, before, channel))

    def queue_due(self, now: datetime, platforms: Iterable[str], before: datetime, limit: int) -> int:
        names = list(platforms)
        return self._db.write(lambda conn: queue.queue_due(conn, now, names, before, limit))

    def mark(self, delivery: str, outcome: SendOutcome, now: datetime) -> Delivery:
        return self._db.write(lambda conn: _mark(conn, delivery, outcome, now))

    def owe(self, owed: Sequence[Owed]) -> int:
        return self._db.write(lambda conn: queue.enqueue(conn, owed))

    def get(self, delivery: str) -> Delivery:
        return self._db.read(lambda conn: _get(conn, delivery))

    def posted(self, channel: str, subject: str) -> Delivery | None:
        return self._db.read(lambda conn: _posted(conn, channel, subject))

    def of(self, subject: str) -> list[Delivery]:
        query = _SELECT.where(deliveries.c.subject == subject).order_by(deliveries.c.seq)
        return self._db.read(lambda conn: made(Delivery, conn.execute(query)))

    def stats(self, tenant: str | None = None) -> QueueStats:
        return self._db.read(lambda conn: _stats(conn, tenant))

    def lag(self, tenant: str, since: datetime) -> Lag | None:
        return self._db.read(lambda conn: lag(conn, tenant, since))

    def troubles(self, tenant: str, limit: int) -> list[Delivery]:
        return self._db.read(lambda conn: _troubles(conn, tenant, limit))

    def next_due(self) -> datetime | None:
        return self._db.read(queue.next_due)


_SELECT = select(*columns(deliveries, Delivery))


def _claim_due(
    conn: Connection, now: datetime, platforms: list[str], limit: int, channel: str | None
) -> list[Delivery]:
    locked = queue.lock_channels(conn, now, platforms, limit, channel)
    heads = queue.heads(conn, now, locked)
    if not heads:
        return []
    these = deliveries.c.seq.in_(heads)
    begin = {
        "state": DeliveryState.SENDING,
        "attempts": deliveries.c.attempts + 1,
        "first_sent": func.coalesce(deliveries.c.first_sent, now),
        "last_sent": now,
    }
    conn.execute(update(deliveries).where(these).values(begin))
    return made(Delivery, conn.execute(_SELECT.where(these).order_by(deliveries.c.queued, deliveries.c.seq)))


def _interrupted(
    conn: Connection, platforms: list[str], before: datetime | None, channel: str | None
) -> list[Delivery]:
    query = (
        _SELECT.join(channels, channels.c.id == deliveries.c.channel)
        .where(deliveries.c.state == DeliveryState.SENDING, channels.c.platform.in_(platforms))
        .order_by(deliveries.c.seq)
    )
    if before is not None:
        query = query.where(deliveries.c.last_sent < before)
    if channel is not None:
        query = query.where(channels.c.id == channel)
    return made(Delivery, conn.execute(query))


def _get(conn: Connection, delivery: str) -> Delivery:
    row = conn.execute(_SELECT.where(deliveries.c.id == delivery)).first()
    if row is None:
        raise missing("delivery", delivery, [])
    return Delivery(*row)


def _mark(conn: Connection, delivery: str, outcome: SendOutcome, now: datetime) -> Delivery:
    here = deliveries.c.id == delivery
    change = update(deliveries).where(here, deliveries.c.state == DeliveryState.SENDING)
    if not conn.execute(change.values(_end(outcome, now))).rowcount:
        state = _get(conn, delivery).state
        raise StoreError(f"The delivery {delivery} is {state}, not being sent: its outcome cannot be marked.")
    marked = _get(conn, delivery)
    if isinstance(outcome, Later):
        _wait(conn, marked, outcome, now)
    else:
        _settle(conn, marked)
    return marked


def _end(outcome: SendOutcome, now: datetime) -> dict[str, Any]:
    match outcome:
        case Sent(ref):
            return {"state": DeliveryState.SENT, "message_ref": ref, "error": ""}
        case Later(seconds, reason):
            return {"state": DeliveryState.OWED, "due": now + timedelta(seconds=seconds), "error": reason}
        case Denied(reason):
            return {"state": DeliveryState.OWED, "due": now, "error": reason}
        case Refused(reason):
            return {"state": DeliveryState.FAILED, "error": reason}
        case Withdrawn(reason):
            return {"state": DeliveryState.WITHDRAWN, "error": reason}
        case Unknown(reason):
            return {"state": DeliveryState.UNCERTAIN, "error": reason}


def _wait(conn: Connection, marked: Delivery, outcome: Later, now: datetime) -> None:
    """What comes behind in the line waits, too: it would meet the same limit and overtake."""
    conn.execute(update(channels).where(channels.c.id == marked.channel).values(waits_until=marked.due))
    if outcome.everywhere:
        platform = conn.scalar(select(channels.c.platform).where(channels.c.id == marked.channel)) or ""
        defer(conn, platform, now + timedelta(seconds=outcome.seconds))


def _settle(conn: Connection, marked: Delivery) -> None:
    if marked.state == DeliveryState.OWED:
        return
    if marked.kind == DeliveryKind.EDIT:
        queue.settle_older_edits(conn, marked)
    elif marked.kind == DeliveryKind.ALERT and marked.state != DeliveryState.SENT:
        queue.drop_orphans(conn, [marked.subject])


def defer(conn: Connection, platform: str, until: datetime) -> None:
    """No delivery to the platform before then; a later moment that was asked for before stays."""
    before = conn.scalar(select(deferrals.c.until).where(deferrals.c.platform == platform).with_for_update())
    latest = until if before is None else max(before, until)
    put(conn, deferrals, {"platform": platform, "until": latest})


def _posted(conn: Connection, channel: str, subject: str) -> Delivery | None:
    query = _SELECT.where(
        deliveries.c.channel == channel,
        deliveries.c.subject == subject,
        deliveries.c.kind.not_in(queue.DEPENDENT),
        deliveries.c.state == DeliveryState.SENT,
    ).order_by(deliveries.c.part)
    row = conn.execute(query).first()
    return Delivery(*row) if row else None


def _troubles(conn: Connection, tenant: str, limit: int) -> list[Delivery]:
    query = (
        _SELECT.join(channels, channels.c.id == deliveries.c.channel)
        .where(channels.c.tenant == tenant)
        .where(deliveries.c.state.in_([DeliveryState.FAILED, DeliveryState.UNCERTAIN]))
        .order_by(desc(deliveries.c.seq))
        .limit(limit)
    )
    return made(Delivery, conn.execute(query))


def _stats(conn: Connection, tenant: str | None) -> QueueStats:
    query = select(deliveries.c.state, func.count(), func.min(deliveries.c.due)).group_by(deliveries.c.state)
    if tenant is not None:
        query = query.join(channels, channels.c.id == deliveries.c.channel).where(channels.c.tenant == tenant)
    rows = {state: (count, due) for state, count, due in conn.execute(query)}
    counts = {state.value: rows[state][0] if state in rows else 0 for state in DeliveryState}
    return QueueStats(**counts, oldest_due=rows.get(DeliveryState.OWED, (0, None))[1])
