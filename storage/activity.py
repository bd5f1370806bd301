"""How much each theme of a tenant's claims was in the news, a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from bot.model import ThemeActivity
from storage.refuted import refuted_in
from storage.schema import claims, entries, verdicts


def activity(conn: Connection, tenant: str, days: Sequence[date], timezone: str) -> list[ThemeActivity]:
    """Verdicts by theme and by the local day on which their entry was published; themes without any are left out.

    What was marked wrong is not counted.
    """
    if not days:
        return []
    zone = ZoneInfo(timezone)
    touched = (
        select(claims.c.theme, entries.c.published, entries.c.story, verdicts.c.claim, verdicts.c.relation)
        .join_from(verdicts, entries, entries.c.id == verdicts.c.entry)
        .join(claims, (claims.c.tenant == verdicts.c.tenant) & (claims.c.id == verdicts.c.claim))
        .where(
            verdicts.c.tenant == tenant,
            entries.c.published >= datetime.combine(min(days), time.min, zone),
            entries.c.published < datetime.combine(max(days) + timedelta(days=1), time.min, zone),
        )
    )
    rows = conn.execute(touched).all()
    wrong = refuted_in(conn, tenant, {row.story for row in rows})
    counts = Counter(
        (theme, published.astimezone(zone).date()) for theme, published, *said in rows if tuple(said) not in wrong
    )
    themes = {theme: tuple(counts[theme, day] for day in days) for theme, _ in counts}
    busiest = sorted(themes.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [ThemeActivity(theme, numbers) for theme, numbers in busiest if any(numbers)]
