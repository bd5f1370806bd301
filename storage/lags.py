"""How late alerts are posted."""

from __future__ import annotations

from datetime import datetime
from statistics import median

from sqlalchemy import Connection, desc, select

from bot.model import DeliveryKind, DeliveryState, Lag
from storage.schema import alerts, deliveries, entries

_MOST = 1_000


def lag(conn: Connection, tenant: str, since: datetime) -> Lag | None:
    """From publication to post, of the tenant's alerts posted since then; the last thousand stand for all."""
    query = (
        select(entries.c.published, entries.c.seen, deliveries.c.last_sent)
        .select_from(deliveries)
        .join(alerts, alerts.c.id == deliveries.c.subject)
        .join(entries, entries.c.id == alerts.c.entry)
        .where(alerts.c.tenant == tenant, deliveries.c.kind == DeliveryKind.ALERT)
        .where(deliveries.c.state == DeliveryState.SENT, deliveries.c.last_sent >= since)
        .order_by(desc(deliveries.c.last_sent))
        .limit(_MOST)
    )
    rows = conn.execute(query).all()
    if not rows:
        return None
    posted = [(sent - published).total_seconds() for published, _, sent in rows]
    noticed = [(seen - published).total_seconds() for published, seen, _ in rows]
    return Lag(len(rows), median(posted), max(posted), median(noticed))
