"""Proposals: claims and feeds that wait for somebody to accept them, or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.errors import NotFound
from bot.model import Claim, FeedIntent, stable_id
from storage.dialect import put
from storage.engine import Database
from storage.schema import feed_proposals, proposals

KEPT = timedelta(days=30)


class Proposals:
    """Implements `bot.ports.ProposalStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, tenant: str, claims: Sequence[Claim], now: datetime) -> str:
        return self._db.write(lambda conn: _put(conn, tenant, tuple(claims), now))

    def get(self, tenant: str, proposal: str) -> tuple[Claim, ...]:
        return self._db.read(lambda conn: _get(conn, tenant, proposal))

    def put_feeds(self, tenant: str, feeds: Sequence[FeedIntent], now: datetime) -> str:
        return self._db.write(lambda conn: _put_feeds(conn, tenant, tuple(feeds), now))

    def feeds(self, tenant: str, proposal: str) -> tuple[FeedIntent, ...]:
        return self._db.read(lambda conn: _feeds(conn, tenant, proposal))


def _put_feeds(conn: Connection, tenant: str, feeds: tuple[FeedIntent, ...], now: datetime) -> str:
    conn.execute(delete(feed_proposals).where(feed_proposals.c.tenant == tenant, feed_proposals.c.made < now - KEPT))
    made = stable_id(tenant, *(part for feed in feeds for part in (feed.url, feed.title)))
    put(conn, feed_proposals, {"tenant": tenant, "id": made, "made": now, "feeds": feeds})
    return made


def _feeds(conn: Connection, tenant: str, proposal: str) -> tuple[FeedIntent, ...]:
    query = select(feed_proposals.c.feeds).where(feed_proposals.c.tenant == tenant, feed_proposals.c.id == proposal)
    found: tuple[FeedIntent, ...] | None = conn.scalar(query)
    if found is None:
        raise NotFound("This list of feeds is no longer kept; please send it anew.")
    return found


def _put(conn: Connection, tenant: str, claims: tuple[Claim, ...], now: datetime) -> str:
    conn.execute(delete(proposals).where(proposals.c.tenant == tenant, proposals.c.made < now - KEPT))
    made = stable_id(tenant, *(part for claim in claims for part in _parts(claim)))
    put(conn, proposals, {"tenant": tenant, "id": made, "made": now, "claims": claims})
    return made


def _parts(claim: Claim) -> tuple[str, ...]:
    return claim.id, claim.theme, claim.kind, claim.source, claim.as_of, claim.statement


def _get(conn: Connection, tenant: str, proposal: str) -> tuple[Claim, ...]:
    query = select(proposals.c.claims).where(proposals.c.tenant == tenant, proposals.c.id == proposal)
    found: tuple[Claim, ...] | None = conn.scalar(query)
    if found is None:
        raise NotFound("These proposals are no longer kept; please make them anew.")
    return found
