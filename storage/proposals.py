"""Proposals: claims that wait for somebody to accept them, or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.errors import NotFound
from bot.model import Claim, stable_id
from storage.dialect import put
from storage.engine import Database
from storage.schema import proposals

KEPT = timedelta(days=30)


class Proposals:
    """Implements `bot.ports.ProposalStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, tenant: str, claims: Sequence[Claim], now: datetime) -> str:
        return self._db.write(lambda conn: _put(conn, tenant, tuple(claims), now))

    def get(self, tenant: str, proposal: str) -> tuple[Claim, ...]:
        return self._db.read(lambda conn: _get(conn, tenant, proposal))


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
