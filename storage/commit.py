"""Polls, written whole: the feeds, their entries and everything that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from bot.model import Entry, EntryPlan, PollPlan, Retitled
from storage import queue
from storage.dialect import add, index_entries, index_new, insert_new, number_in_order
from storage.entries import identity, known_identities
from storage.feeds import write_polled
from storage.movement import move_claims
from storage.rows import batches, values
from storage.schema import alerts, decisions, entries, identities, matches, verdicts, watches


def commit(conn: Connection, plans: Sequence[PollPlan]) -> list[int]:
    """Write the plans, of one feed each; what is there already stays as it is. Numbers of new entries."""
    if not plans:
        return []
    # Here and below rows are locked in one order, whichever polls are written together, or two such commits would wait
    # for each other.
    for plan in sorted(plans, key=lambda one: one.feed.id):
        write_polled(conn, plan.feed)
    planned = [one for plan in plans for one in plan.entries]
    if planned:
        number_in_order(conn)
    new = _write_entries(conn, planned)
    there = new | _there(conn, [one.entry.id for one in planned if one.entry.id not in new])
    stored = [one for one in planned if one.entry.id in there]
    _write_matches(conn, stored)
    _write_verdicts(conn, stored)
    add(conn, decisions, [values(decision) for one in stored for decision in one.decisions])
    move_claims(conn, stored, max(plan.polled for plan in plans))
    _correct(conn, [one for plan in plans for one in plan.retitled])
    _write_told(conn, plans, left_out={one.entry.id for one in planned} - there)
    return [sum(one.entry.id in new for one in plan.entries) for plan in plans]


def _write_entries(conn: Connection, plans: Sequence[EntryPlan]) -> set[str]:
    """The ids of those that were not there."""
    rows = {identity(one.entry.feed, one.entry.key): one for one in plans}
    known = known_identities(conn, rows)
    fresh = {one.entry.id: _entry_row(one) for key, one in rows.items() if key not in known}
    inserted = set(insert_new(conn, entries, list(fresh.values()), "id"))
    _write_identities(conn, [one.entry for one in rows.values() if one.entry.id in inserted])
    for batch in batches(inserted):
        index_new(conn, {entry: fresh[entry] for entry in batch})
    return inserted


def _entry_row(plan: EntryPlan) -> dict[str, Any]:
    sketch = {"story": plan.sketch.story, "url_key": plan.sketch.url_key, "shape": plan.sketch.shape}
    return values(plan.entry) | sketch


def _write_identities(conn: Connection, new: Sequence[Entry]) -> None:
    wanted = {identity(entry.feed, key): entry.feed for entry in new for key in (entry.key, *entry.aliases)}
    add(conn, identities, [{"identity": one, "feed": feed} for one, feed in wanted.items()])


def _there(conn: Connection, wanted: Iterable[str]) -> set[str]:
    """Which of these entries are stored; one whose identity another entry had is not."""
    found: set[str] = set()
    for batch in batches(wanted):
        found.update(conn.scalars(select(entries.c.id).where(entries.c.id.in_(batch))))
    return found


def _write_matches(conn: Connection, plans: Sequence[EntryPlan]) -> None:
    """Those of watches that are still there: one may have been removed since the poll began."""
    wanted = sorted({match.watch for one in plans for match in one.matches})
    there: set[str] = set()
    for batch in batches(wanted):
        query = select(watches.c.id).where(watches.c.id.in_(batch)).order_by(watches.c.id)
        there.update(conn.scalars(query.with_for_update(read=True, key_share=True)))
    rows = [values(match) | {"entry": one.entry.id} for one in plans for match in one.matches if match.watch in there]
    add(conn, matches, rows)


def _write_verdicts(conn: Connection, plans: Sequence[EntryPlan]) -> None:
    rows = [
        values(verdict) | {"tenant": tenant, "entry": one.entry.id, "rank": rank}
        for one in plans
        for tenant, found in one.verdicts.items()
        for rank, verdict in enumerate(found)
    ]
    add(conn, verdicts, rows)


def _correct(conn: Connection, retitled: Sequence[Retitled]) -> None:
    """Write headlines as their feeds give them now, in the search index, too."""
    for one in retitled:
        here = entries.c.id == one.entry
        conn.execute(update(entries).where(here).values(title=one.title))
        row = conn.execute(select(entries.c.seq, entries.c.title, entries.c.text, entries.c.article).where(here))
        index_entries(conn, [dict(found) for found in row.mappings()])


def _write_told(conn: Connection, plans: Sequence[PollPlan], left_out: set[str]) -> None:
    """Alerts and deliveries, without those that tell of an entry which was not stored."""
    made = [alert for plan in plans for alert in plan.alerts]
    told = [alert for alert in made if alert.entry not in left_out]
    untold = {alert.id for alert in made} - {alert.id for alert in told}
    add(conn, alerts, [values(alert) for alert in told])
    queue.enqueue(conn, [owed for plan in plans for owed in plan.owed if owed.subject not in untold])
