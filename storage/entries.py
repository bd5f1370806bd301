"""Entries: what is known, found, searched, and what became of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Connection, bindparam, desc, func, or_, select

from bot.model import Decision, Delivery, Entry, Match, Report, Sieve, Sketch, Trail, Verdict, Watch, stable_id
from storage.engine import Database
from storage.feeds import visible
from storage.rows import batches, columns, made, missing
from storage.schema import alerts, channels, decisions, deliveries, entries, identities, matches, verdicts, watches
from storage.search import NO_SIEVE, search


class Entries:
    """Implements `bot.ports.EntryStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self, entry: str) -> Entry:
        return self._db.read(lambda conn: _get(conn, entry))

    def known(self, feed: str, keys: Iterable[str]) -> frozenset[str]:
        by_identity = {identity(feed, key): key for key in keys}
        there = self._db.read(lambda conn: known_identities(conn, by_identity))
        return frozenset(by_identity[one] for one in there)

    def titles(self, entries: Iterable[str]) -> dict[str, str]:
        return self._db.read(lambda conn: _titles(conn, entries))

    def by_url(self, tenant: str, url: str, url_key: str = "") -> Entry:
        return self._db.read(lambda conn: _by_url(conn, tenant, url, url_key))

    def latest(self, tenant: str, limit: int, before: datetime | None = None) -> list[Entry]:
        query = (
            select(*columns(entries, Entry))
            .where(visible(tenant, entries.c.feed))
            .order_by(desc(entries.c.published), desc(entries.c.seq))
            .limit(limit)
        )
        if before is not None:
            query = query.where(entries.c.published < before)
        return self._db.read(lambda conn: made(Entry, conn.execute(query)))

    def search(self, tenant: str, words: str, limit: int, offset: int = 0, sieve: Sieve = NO_SIEVE) -> list[Entry]:
        return self._db.read(lambda conn: search(conn, tenant, words, limit, offset, sieve))

    def sketches(self, after: int, since: datetime) -> tuple[list[Sketch], int]:
        return self._db.read(lambda conn: _sketches(conn, after, since))

    def trail(self, tenant: str, entry: str) -> Trail:
        return self._db.read(lambda conn: _trail(conn, tenant, entry))

    def reports(self, tenant: str, story: str) -> list[Report]:
        return self._db.read(lambda conn: _reports(conn, tenant, story))


REPORT = (entries.c.id, entries.c.outlet, entries.c.title, entries.c.url, entries.c.published)
"""The columns of a `Report`."""

_WANTED: BindParameter[list[str]] = bindparam("wanted", expanding=True)
_KNOWN = select(identities.c.identity).where(identities.c.identity.in_(_WANTED))
_TITLES = select(entries.c.id, entries.c.title).where(entries.c.id.in_(_WANTED))
_SKETCHES = (
    select(entries.c.id, entries.c.story, entries.c.url_key, entries.c.shape, entries.c.published)
    .where(entries.c.seq > bindparam("after"), entries.c.published >= bindparam("since"))
    .order_by(entries.c.seq)
)
_NEWEST = select(func.max(entries.c.seq))


def identity(feed: str, key: str) -> str:
    """One short value for an entry's identity, whatever the length of its key."""
    return stable_id(feed, key)


def known_identities(conn: Connection, wanted: Iterable[str]) -> frozenset[str]:
    """Those that some entry had at any time, dropped ones included."""
    found: set[str] = set()
    for batch in batches(wanted):
        found.update(conn.scalars(_KNOWN, {"wanted": batch}))
    return frozenset(found)


def _get(conn: Connection, entry: str) -> Entry:
    row = conn.execute(select(*columns(entries, Entry)).where(entries.c.id == entry)).first()
    if row is None:
        raise missing("entry", entry, [])
    return Entry(*row)


def _titles(conn: Connection, wanted: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for batch in batches(wanted):
        rows = conn.execute(_TITLES, {"wanted": batch})
        found.update((entry, title) for entry, title in rows)
    return found


def _by_url(conn: Connection, tenant: str, url: str, url_key: str) -> Entry:
    wanted = [one for one in (url, url_key) if one]
    newest = (
        select(*columns(entries, Entry))
        .where(visible(tenant, entries.c.feed), or_(entries.c.url.in_(wanted), entries.c.url_key.in_(wanted)))
        .order_by(desc(entries.c.seq))
    )
    row = conn.execute(newest).first()
    if row is None:
        raise missing("entry with the URL", url, [])
    return Entry(*row)


def _sketches(conn: Connection, after: int, since: datetime) -> tuple[list[Sketch], int]:
    newest = conn.scalar(_NEWEST) or 0
    return made(Sketch, conn.execute(_SKETCHES, {"after": after, "since": since})), max(after, newest)


def _reports(conn: Connection, tenant: str, story: str) -> list[Report]:
    query = (
        select(*REPORT)
        .where(entries.c.story == story, visible(tenant, entries.c.feed))
        .order_by(entries.c.published, entries.c.seq)
    )
    return made(Report, conn.execute(query))


def _trail(conn: Connection, tenant: str, entry: str) -> Trail:
    here: ColumnElement[bool] = entries.c.id == entry
    row = conn.execute(
        select(*columns(entries, Entry), entries.c.story).where(here, visible(tenant, entries.c.feed))
    ).first()
    if row is None:
        raise missing("entry", entry, [])
    *fields, story = row
    return Trail(
        entry=Entry(*fields),
        story=story,
        reports=tuple(_reports(conn, tenant, story)),
        matches=tuple(_matches(conn, tenant, entry)),
        verdicts=tuple(verdicts_on(conn, tenant, entry)),
        decisions=tuple(_decisions(conn, tenant, entry)),
        deliveries=tuple(_deliveries(conn, tenant, story)),
    )


def _matches(conn: Connection, tenant: str, entry: str) -> list[tuple[Watch, Match]]:
    query = (
        select(matches.c.watch, matches.c.words, *columns(watches, Watch))
        .join(watches, watches.c.id == matches.c.watch)
        .where(matches.c.entry == entry, watches.c.tenant == tenant)
        .order_by(watches.c.name_key)
    )
    return [(Watch(*watch), Match(name, words)) for name, words, *watch in conn.execute(query)]


def verdicts_on(conn: Connection, tenant: str, entry: str) -> list[Verdict]:
    """The tenant's verdicts on an entry, the surest first."""
    mine = (verdicts.c.entry == entry, verdicts.c.tenant == tenant)
    return made(Verdict, conn.execute(select(*columns(verdicts, Verdict)).where(*mine).order_by(verdicts.c.rank)))


def _decisions(conn: Connection, tenant: str, entry: str) -> list[Decision]:
    query = (
        select(*columns(decisions, Decision))
        .join(channels, channels.c.id == decisions.c.channel)
        .where(decisions.c.entry == entry, channels.c.tenant == tenant)
        .order_by(decisions.c.channel)
    )
    return made(Decision, conn.execute(query))


def _deliveries(conn: Connection, tenant: str, story: str) -> list[Delivery]:
    """Those of the story's alerts: an entry that joined a story was told of by them."""
    query = (
        select(*columns(deliveries, Delivery))
        .join(alerts, alerts.c.id == deliveries.c.subject)
        .where(alerts.c.story == story, alerts.c.tenant == tenant)
        .order_by(deliveries.c.seq)
    )
    return made(Delivery, conn.execute(query))
