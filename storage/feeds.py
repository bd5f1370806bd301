"""Feeds, who follows them, and which are to be polled next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, exists, func, or_, select, update

from bot.errors import Conflict, QuotaExceeded
from bot.model import Feed, FeedIntent, FeedState, stable_id
from storage.audit import note
from storage.dialect import add, insert_new
from storage.engine import Database, tell_due
from storage.rows import columns, made, missing, values
from storage.schema import feeds, follows
from storage.tenants import tenant_of


class Feeds:
    """Implements `bot.ports.FeedStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def follow(self, tenant: str, intent: FeedIntent, now: datetime) -> Feed:
        return self._db.write(lambda conn: _follow(conn, tenant, intent, now))

    def unfollow(self, tenant: str, feed: str) -> Feed:
        return self._db.write(lambda conn: _unfollow(conn, tenant, feed))

    def get(self, feed: str) -> Feed:
        return self._db.read(lambda conn: _get(conn, feed))

    def find(self, tenant: str, name: str) -> Feed:
        return self._db.read(lambda conn: _find(conn, tenant, name))

    def followed(self, tenant: str) -> list[Feed]:
        return self._db.read(lambda conn: _followed(conn, tenant))

    def followers(self, feed: str) -> frozenset[str]:
        return self._db.read(lambda conn: frozenset(conn.scalars(_FOLLOWERS, {"feed": feed})))

    def readers(self, feed: str) -> frozenset[str]:
        query = select(follows.c.tenant).where(follows.c.feed == feed, follows.c.articles)
        return self._db.read(lambda conn: frozenset(conn.scalars(query)))

    def read_articles(self, tenant: str, feed: str, wanted: bool) -> Feed:
        return self._db.write(lambda conn: _read_articles(conn, tenant, feed, wanted))

    def claim_due(self, now: datetime, lease: float, limit: int) -> list[Feed]:
        # a power cut ends whoever holds the leases, too
        return self._db.write(lambda conn: _claim_due(conn, now, lease, limit), synced=False)

    def put_polled(self, feeds: Sequence[Feed]) -> None:
        # A power cut may take polls that brought nothing: they are done again. When a feed that fails may be asked
        # again is kept.
        self._db.write(lambda conn: _put_polled(conn, feeds), synced=any(feed.failures for feed in feeds))


def visible(tenant: str, feed: ColumnElement[str]) -> ColumnElement[bool]:
    """That the tenant follows the feed."""
    return feed.in_(select(follows.c.feed).where(follows.c.tenant == tenant))


_others = feeds.alias("others")
_moved = bindparam("moved", type_=feeds.c.url.type)
_taken = exists().where(_others.c.url == _moved, _others.c.id != bindparam("feed"))
# made once: a statement is not cheap to put together, and these are what is done most
_WRITE = update(feeds).where(feeds.c.id == bindparam("feed"))
_FOLLOWERS = select(follows.c.tenant).where(follows.c.feed == bindparam("feed"))
_WRITE_MOVED = _WRITE.values(url=case((_taken, feeds.c.url), else_=_moved))


def write_polled(conn: Connection, feed: Feed) -> None:
    """The feed as a poll leaves it, its lease given back.

    Where its new URL is that of another feed already, it keeps the old one: the redirect goes on working.
    """
    row = _polled_row(feed) | {"moved": feed.url}
    if not conn.execute(_WRITE_MOVED, row).rowcount:
        raise missing("feed", feed.id, [])


def _put_polled(conn: Connection, polled: Sequence[Feed]) -> None:
    if polled:
        conn.execute(_WRITE, [_polled_row(feed) for feed in sorted(polled, key=lambda one: one.id)])


def _polled_row(feed: Feed) -> dict[str, Any]:
    """What a poll changes, and `feed`, which it is."""
    row = values(feed) | {"feed": feed.id, "leased_until": None}
    del row["id"], row["url"]
    return row


def _follow(conn: Connection, tenant: str, intent: FeedIntent, now: datetime) -> Feed:
    quota = tenant_of(conn, tenant, lock=True).quotas.feeds
    feed = conn.scalar(select(feeds.c.id).where(feeds.c.url == intent.url)) or stable_id("feed", intent.url)
    mine = list(conn.scalars(select(follows.c.feed).where(follows.c.tenant == tenant)))
    if feed in mine:
        raise Conflict(f"{_get(conn, feed).title or intent.url} is followed already.")
    if len(mine) >= quota:
        raise QuotaExceeded(f"{len(mine)} of {quota} feeds are followed already; remove one first.")
    _start(conn, feed, intent, now)
    add(conn, follows, [{"tenant": tenant, "feed": feed}])
    followed = _get(conn, feed)
    note(conn, "feed", None, _called(followed))
    return followed


def _start(conn: Connection, feed: str, intent: FeedIntent, now: datetime) -> None:
    """A feed that nobody follows starts afresh: what came while nobody looked is no news."""
    new = Feed(feed, intent.url, intent.title, intent.language, intent.weight, now, intent.announce_existing)
    row = values(new) | {"leased_until": None}
    if insert_new(conn, feeds, [row], "id"):
        return
    if conn.scalar(select(func.count()).select_from(follows).where(follows.c.feed == feed)) == 0:
        conn.execute(update(feeds).where(feeds.c.id == feed).values(row))


def _unfollow(conn: Connection, tenant: str, feed: str) -> Feed:
    found = _find(conn, tenant, feed)
    conn.execute(delete(follows).where(follows.c.tenant == tenant, follows.c.feed == found.id))
    note(conn, "feed", _called(found), None)
    return found


def _read_articles(conn: Connection, tenant: str, feed: str, wanted: bool) -> Feed:
    found = _find(conn, tenant, feed)
    here = (follows.c.tenant == tenant, follows.c.feed == found.id)
    before = conn.scalar(select(follows.c.articles).where(*here))
    conn.execute(update(follows).where(*here).values(articles=wanted))
    note(conn, f"articles of {_called(found)}", before, wanted)
    return found


def _get(conn: Connection, feed: str) -> Feed:
    row = conn.execute(select(*columns(feeds, Feed)).where(feeds.c.id == feed)).first()
    if row is None:
        raise missing("feed", feed, [])
    return Feed(*row)


def _called(feed: Feed) -> str:
    """Its title, else its host: a URL's other parts may be secrets."""
    return feed.title or urlsplit(feed.url).hostname or feed.id


def _find(conn: Connection, tenant: str, name: str) -> Feed:
    mine = _followed(conn, tenant)
    for attribute in ("id", "url", "title"):
        for feed in mine:
            if getattr(feed, attribute).casefold() == name.casefold():
                return feed
    raise missing("feed", name, [name for feed in mine for name in (feed.title, feed.url)])


def _followed(conn: Connection, tenant: str) -> list[Feed]:
    query = select(*columns(feeds, Feed)).where(visible(tenant, feeds.c.id))
    return sorted(made(Feed, conn.execute(query)), key=lambda feed: (feed.title.casefold(), feed.url))


def _polled() -> tuple[ColumnElement[bool], ...]:
    # asked of each feed in the order of what is due; an IN would have SQLite look through all that are followed
    return exists().where(follows.c.feed == feeds.c.id), feeds.c.state != FeedState.GONE


def _claim_due(conn: Connection, now: datetime, lease: float, limit: int) -> list[Feed]:
    free = or_(feeds.c.leased_until.is_(None), feeds.c.leased_until <= now)
    query = (
        select(*columns(feeds, Feed))
        .where(*_polled(), feeds.c.next_poll <= now, free)
        .order_by(feeds.c.next_poll, feeds.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    due = made(Feed, conn.execute(query))
    if not due:
        return []
    lease_them = update(feeds).where(feeds.c.id.in_([feed.id for feed in due]))
    conn.execute(lease_them.values(leased_until=now + timedelta(seconds=lease)))
    tell_due(conn, [feed.id for feed in due])
    return due
