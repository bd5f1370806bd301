"""Digests: what they are made of, and those that were made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, desc, func, or_, select

from bot.model import Action, Digest, DigestFact, FeedState, MuteKind, Owed, Report, Verdict, WatchMode
from storage import queue
from storage.dialect import insert_new
from storage.engine import Database
from storage.entries import REPORT
from storage.feeds import visible
from storage.mutes import muted
from storage.refuted import Refuted, refuted_in
from storage.rows import batches, columns, made, missing
from storage.schema import decisions, digests, entries, feeds, matches, verdicts, watches
from storage.tenants import channel_of


class Digests:
    """Implements `bot.ports.DigestStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def facts(self, channel: str, since: datetime, until: datetime) -> list[DigestFact]:
        return self._db.read(lambda conn: _facts(conn, channel, since, until))

    def counts(self, channel: str, since: datetime, until: datetime) -> tuple[int, int, int]:
        return self._db.read(lambda conn: _counts(conn, channel, since, until))

    def last(self, channel: str) -> Digest | None:
        return self._db.read(lambda conn: _last(conn, channel))

    def get(self, digest: str) -> Digest:
        return self._db.read(lambda conn: _get(conn, digest))

    def commit(self, digest: Digest, owed: Sequence[Owed], scheduled: bool) -> bool:
        return self._db.write(lambda conn: _commit(conn, digest, owed, scheduled))


def _matched(tenant: str, channel: str, since: datetime, until: datetime) -> ColumnElement[bool]:
    """On entries joined with matches and watches: those that the channel's digest of that span is about.

    What was decided to be nothing for the channel (there before the feed was followed, say) is not among them, and
    neither is what is muted at `until`: a story, a feed, a watch, and an entry that touches muted claims alone.
    """
    barred = select(decisions.c.entry).where(
        decisions.c.entry == entries.c.id, decisions.c.channel == channel, decisions.c.action == Action.NOTHING
    )
    return and_(
        watches.c.channel == channel,
        ~barred.exists(),
        entries.c.story.not_in(muted(tenant, MuteKind.STORY, until)),
        entries.c.feed.not_in(muted(tenant, MuteKind.FEED, until)),
        watches.c.id.not_in(muted(tenant, MuteKind.WATCH, until)),
        _not_only_muted(tenant, until),
        visible(tenant, entries.c.feed),
        entries.c.seen >= since,
        entries.c.seen < until,
    )


def _not_only_muted(tenant: str, at: datetime) -> ColumnElement[bool]:
    """On entries: that they touch no claim, or one that is not muted."""
    mine = select(verdicts.c.entry).where(verdicts.c.entry == entries.c.id, verdicts.c.tenant == tenant)
    heard = mine.where(verdicts.c.claim.not_in(muted(tenant, MuteKind.CLAIM, at)))
    return or_(~mine.exists(), heard.exists())


def _with_matches(query: Select[Any]) -> Select[Any]:
    return query.join(matches, matches.c.entry == entries.c.id).join(watches, watches.c.id == matches.c.watch)


def _facts(conn: Connection, channel: str, since: datetime, until: datetime) -> list[DigestFact]:
    tenant = channel_of(conn, channel).tenant
    query = (
        _with_matches(
            select(*REPORT, entries.c.story, entries.c.unread, watches.c.name, watches.c.mode).select_from(entries)
        )
        .where(_matched(tenant, channel, since, until))
        .order_by(entries.c.published, entries.c.seq, watches.c.name_key)
    )
    stories: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in conn.execute(query):
        stories[row.story].append(row)
    found = _verdicts(conn, tenant, {row.id for rows in stories.values() for row in rows}, until)
    wrong = refuted_in(conn, tenant, stories)
    return [_fact(story, rows, found, wrong) for story, rows in stories.items()]


def _verdicts(conn: Connection, tenant: str, of: set[str], at: datetime) -> dict[str, list[Verdict]]:
    """The tenant's verdicts on these entries, the surest of each first, without those on claims muted then."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for batch in batches(sorted(of)):
        query = (
            select(verdicts.c.entry, *columns(verdicts, Verdict))
            .where(verdicts.c.tenant == tenant, verdicts.c.entry.in_(batch))
            .where(verdicts.c.claim.not_in(muted(tenant, MuteKind.CLAIM, at)))
            .order_by(verdicts.c.rank)
        )
        for entry, *fields in conn.execute(query):
            found[entry].append(Verdict(*fields))
    return found


def _fact(
    story: str, rows: Sequence[Row[Any]], found: dict[str, list[Verdict]], wrong: frozenset[Refuted]
) -> DigestFact:
    """The story with what it says of claims, but for what was marked wrong."""
    reports = list(dict.fromkeys(made(Report, (row[:5] for row in rows))))
    return DigestFact(
        story=story,
        lead=reports[0],
        outlets=tuple(dict.fromkeys(report.outlet for report in reports)),
        entries=len(reports),
        matched=tuple(dict.fromkeys(row.name for row in rows)),
        modes=frozenset(WatchMode(row.mode) for row in rows),
        verdicts=tuple(
            (report.outlet, verdict)
            for report in reports
            for verdict in found.get(report.entry, ())
            if (story, verdict.claim, verdict.relation) not in wrong
        ),
        unread=rows[0].unread if all(row.unread for row in rows) else "",
    )


def _counts(conn: Connection, channel: str, since: datetime, until: datetime) -> tuple[int, int, int]:
    tenant = channel_of(conn, channel).tenant
    matched = _with_matches(select(func.count(entries.c.id.distinct())).select_from(entries))
    followed = select(func.count()).select_from(feeds).where(visible(tenant, feeds.c.id))
    return (
        conn.scalar(matched.where(_matched(tenant, channel, since, until))) or 0,
        conn.scalar(followed) or 0,
        conn.scalar(followed.where(feeds.c.state != FeedState.ACTIVE)) or 0,
    )


def _last(conn: Connection, channel: str) -> Digest | None:
    scheduled = select(digests.c.document).where(digests.c.channel == channel, digests.c.scheduled)
    digest: Digest | None = conn.scalar(scheduled.order_by(desc(digests.c.made)).limit(1))
    return digest


def _get(conn: Connection, digest: str) -> Digest:
    found: Digest | None = conn.scalar(select(digests.c.document).where(digests.c.id == digest))
    if found is None:
        raise missing("digest", digest, [])
    return found


def _commit(conn: Connection, digest: Digest, owed: Sequence[Owed], scheduled: bool) -> bool:
    row = {"id": digest.id, "channel": digest.channel, "day": digest.day, "made": digest.made}
    if not insert_new(conn, digests, [row | {"scheduled": scheduled, "document": digest}], "id"):
        return False
    queue.enqueue(conn, owed)
    return True
