"""The line of deliveries in front of each channel: who stands in it, and who is next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, exists, func, or_, select, update

from bot.model import ChannelState, Delivery, DeliveryKind, DeliveryState, Owed
from storage.dialect import insert_new
from storage.engine import tell_owed
from storage.rows import batches, values
from storage.schema import channels, deferrals, deliveries

_line = deliveries.alias("line")

DEPENDENT = (DeliveryKind.EDIT, DeliveryKind.FOLLOWUP)
"""What needs the posted message of an alert."""

UNREACHED = "the message that it would edit was not posted"


def enqueue(conn: Connection, owed: Sequence[Owed]) -> int:
    """Add what is not there yet. Number of new ones."""
    rows = [_row(one) for one in owed]
    new = insert_new(conn, deliveries, rows, "id")
    drop_orphans(conn, [one.subject for one in owed if one.kind in DEPENDENT])
    tell_owed(conn, {one.channel for one in owed if one.id in set(new)})
    return len(new)


def _row(owed: Owed) -> dict[str, Any]:
    return values(owed) | {
        "state": DeliveryState.OWED,
        "queued": owed.due,
        "attempts": 0,
        "first_sent": None,
        "last_sent": None,
        "message_ref": "",
        "error": "",
    }


def drop_orphans(conn: Connection, subjects: Sequence[str]) -> None:
    """End the edits of messages that will never be there, and what was to follow on them."""
    lost = exists().where(
        _line.c.channel == deliveries.c.channel,
        _line.c.subject == deliveries.c.subject,
        _line.c.kind == DeliveryKind.ALERT,
        _line.c.state.in_([DeliveryState.FAILED, DeliveryState.UNCERTAIN, DeliveryState.WITHDRAWN]),
    )
    for batch in batches(subjects):
        orphans = _owed(DEPENDENT, deliveries.c.subject.in_(batch)) & lost
        conn.execute(update(deliveries).where(orphans).values(state=DeliveryState.FAILED, error=UNREACHED))


def settle_older_edits(conn: Connection, newest: Delivery) -> None:
    """An edit shows all that is known: the older ones still owed share its end."""
    seq = select(_line.c.seq).where(_line.c.id == newest.id).scalar_subquery()
    older = _owed(
        [DeliveryKind.EDIT],
        and_(
            deliveries.c.channel == newest.channel,
            deliveries.c.subject == newest.subject,
            deliveries.c.seq < seq,
        ),
    )
    end = {"state": newest.state, "message_ref": newest.message_ref, "error": newest.error}
    conn.execute(update(deliveries).where(older).values(end))


def _owed(kinds: Sequence[DeliveryKind], where: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(deliveries.c.kind.in_(kinds), deliveries.c.state == DeliveryState.OWED, where)


def _ready() -> ColumnElement[bool]:
    """That a delivery waits for nothing but its time and its channel's.

    An edit has a posted message, and no newer edit; what follows on a message has one, too.
    """
    of_same = and_(_line.c.channel == deliveries.c.channel, _line.c.subject == deliveries.c.subject)
    posted = exists().where(of_same, _line.c.kind == DeliveryKind.ALERT, _line.c.state == DeliveryState.SENT)
    newer = exists().where(
        of_same,
        _line.c.kind == DeliveryKind.EDIT,
        _line.c.state == DeliveryState.OWED,
        _line.c.seq > deliveries.c.seq,
    )
    current = and_(posted, or_(deliveries.c.kind != DeliveryKind.EDIT, ~newer))
    return and_(deliveries.c.state == DeliveryState.OWED, or_(deliveries.c.kind.not_in(DEPENDENT), current))


def _open() -> ColumnElement[bool]:
    """That a channel takes messages and has none in flight."""
    in_flight = exists().where(_line.c.channel == channels.c.id, _line.c.state == DeliveryState.SENDING)
    return and_(channels.c.state == ChannelState.ACTIVE, ~in_flight)


def _rested(now: datetime) -> ColumnElement[bool]:
    """That neither the channel nor its platform was asked to wait until later than now."""
    deferred = select(deferrals.c.platform).where(deferrals.c.until > now)
    return and_(
        or_(channels.c.waits_until.is_(None), channels.c.waits_until <= now), channels.c.platform.not_in(deferred)
    )


def _waiting(now: datetime, platforms: Sequence[str], channel: str | None = None) -> Select[tuple[str]]:
    """The channels with something to post, those that have waited longest first; `channel`: that one at most."""
    waiting = (
        select(deliveries.c.channel, func.min(deliveries.c.queued).label("since"))
        .where(_ready(), deliveries.c.due <= now, *([deliveries.c.channel == channel] if channel else []))
        .group_by(deliveries.c.channel)
        .subquery()
    )
    return (
        select(channels.c.id)
        .join(waiting, waiting.c.channel == channels.c.id)
        .where(channels.c.platform.in_(platforms), _open(), _rested(now))
        .order_by(waiting.c.since, channels.c.id)
    )


def lock_channels(
    conn: Connection, now: datetime, platforms: Sequence[str], limit: int, channel: str | None = None
) -> list[str]:
    """The channels that have waited longest with something to post, locked against other processes' claims."""
    query = _waiting(now, platforms, channel).limit(limit)
    return list(conn.scalars(query.with_for_update(of=channels, key_share=True, skip_locked=True)))


def queue_due(conn: Connection, now: datetime, platforms: Sequence[str], before: datetime, limit: int) -> int:
    """Tell the queue of the channels that have something to post, or something in flight since `before`."""
    lost = (
        select(deliveries.c.channel)
        .join(channels, channels.c.id == deliveries.c.channel)
        .where(deliveries.c.state == DeliveryState.SENDING, deliveries.c.last_sent < before)
        .where(channels.c.platform.in_(platforms))
    )
    found = {*conn.scalars(_waiting(now, platforms).limit(limit)), *conn.scalars(lost)}
    tell_owed(conn, found)
    return len(found)


def heads(conn: Connection, now: datetime, of: Sequence[str]) -> list[int]:
    """The first delivery in the line of each of these channels (`seq`), oldest first.

    Run after `lock_channels`, in a statement of its own: it sees what another process wrote before we got the locks.
    """
    place = func.row_number().over(partition_by=deliveries.c.channel, order_by=(deliveries.c.queued, deliveries.c.seq))
    ranked: Subquery = (
        select(deliveries.c.seq, deliveries.c.queued, place.label("place"))
        .join(channels, channels.c.id == deliveries.c.channel)
        .where(deliveries.c.channel.in_(of), _ready(), deliveries.c.due <= now, _open())
        .subquery()
    )
    first = select(ranked.c.seq).where(ranked.c.place == 1).order_by(ranked.c.queued, ranked.c.seq)
    return list(conn.scalars(first))


def next_due(conn: Connection) -> datetime | None:
    """When the next delivery can be claimed, if nothing else happens."""
    query = (
        select(func.min(deliveries.c.due), channels.c.waits_until, deferrals.c.until)
        .join(channels, channels.c.id == deliveries.c.channel)
        .join(deferrals, deferrals.c.platform == channels.c.platform, isouter=True)
        .where(_ready(), _open())
        .group_by(channels.c.id, channels.c.waits_until, deferrals.c.until)
    )
    times = (max(moment for moment in row if moment is not None) for row in conn.execute(query))
    return min(times, default=None)
