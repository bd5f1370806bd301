"""What readers' marks say of the verdicts on a story: the latest word counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, select

from bot.model import Mark, Relation, Review
from storage.rows import batches, columns, made
from storage.schema import reviews

Refuted = tuple[str, str, Relation]
"""Story, claim and relation of a verdict that is wrong."""


def refuted_in(conn: Connection, tenant: str, stories: Iterable[str]) -> frozenset[Refuted]:
    """What is marked wrong in those stories."""
    found: list[Review] = []
    for batch in batches(stories):
        found += _marks(conn, tenant, reviews.c.story.in_(batch))
    return refuted(found)


def refuted_of(conn: Connection, tenant: str, claim: str) -> frozenset[Refuted]:
    """What is marked wrong of all that was said of that claim."""
    return refuted(_marks(conn, tenant, reviews.c.claim == claim))


def refuted(marks: Sequence[Review]) -> frozenset[Refuted]:
    """What those marks make wrong. A relation without a mark goes with the others of its story and claim."""
    words = {(mark.story, mark.claim, mark.relation): mark.mark for mark in latest(marks)}
    wrong = {(story, claim) for (story, claim, _), mark in words.items() if mark is Mark.WRONG}
    return frozenset(
        (story, claim, relation)
        for story, claim in wrong
        for relation in Relation
        if words.get((story, claim, relation), Mark.WRONG) is Mark.WRONG
    )


def latest(marks: Iterable[Review]) -> list[Review]:
    """The last mark on each story, claim and relation, oldest first."""
    ordered = sorted(marks, key=lambda mark: (mark.at, mark.by, mark.alert))
    last = {(mark.story, mark.claim, mark.relation): mark for mark in ordered}
    return [mark for mark in ordered if last[mark.story, mark.claim, mark.relation] is mark]


def _marks(conn: Connection, tenant: str, which: ColumnElement[bool]) -> list[Review]:
    return made(Review, conn.execute(select(*columns(reviews, Review)).where(reviews.c.tenant == tenant, which)))
