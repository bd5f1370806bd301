"""Reviews: what readers say of verdicts, and what follows for the claims."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from bot.model import ClaimState, Owed, Relation, Review
from storage import queue
from storage.audit import note
from storage.dialect import put
from storage.engine import Database
from storage.movement import reconsider
from storage.refuted import latest, refuted_in
from storage.rows import columns, made, values
from storage.schema import reviews


class Reviews:
    """Implements `bot.ports.ReviewStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, review: Review, owed: Sequence[Owed] = ()) -> ClaimState:
        return self._db.write(lambda conn: _put(conn, review, owed))

    def of(self, alert: str) -> list[Review]:
        query = select(*columns(reviews, Review)).where(reviews.c.alert == alert)
        return latest(self._db.read(lambda conn: made(Review, conn.execute(query))))

    def refuted(self, tenant: str, stories: Iterable[str]) -> frozenset[tuple[str, str, Relation]]:
        wanted = sorted(set(stories))
        return self._db.read(lambda conn: refuted_in(conn, tenant, wanted))

    def latest(self, tenant: str, since: datetime) -> list[Review]:
        query = select(*columns(reviews, Review)).where(reviews.c.tenant == tenant, reviews.c.at >= since)
        return latest(self._db.read(lambda conn: made(Review, conn.execute(query))))


def _put(conn: Connection, review: Review, owed: Sequence[Owed]) -> ClaimState:
    put(conn, reviews, values(review))
    queue.enqueue(conn, owed)
    note(conn, f"mark on {review.relation} {review.claim}", None, review.mark)
    return reconsider(conn, review.tenant, review.claim)
