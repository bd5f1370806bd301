"""Claims that the news moves, and moves back where what moved them was marked wrong."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, true, update

from bot.model import MOVES, ClaimState, EntryPlan, Relation
from storage.refuted import refuted_of
from storage.schema import claims, entries, verdicts
from storage.standing import WINDOW, Telling, moved, replayed

_OUTLET = func.coalesce(func.nullif(entries.c.outlet, ""), entries.c.feed)


def move_claims(conn: Connection, plans: Iterable[EntryPlan], now: datetime) -> None:
    """Bring the states of the claims that these entries contradict or update up to date."""
    touched = {
        (tenant, verdict.claim)
        for one in plans
        for tenant, found in one.verdicts.items()
        for verdict in found
        if verdict.relation in MOVES
    }
    for tenant, claim in sorted(touched):
        state, _ = _held(conn, tenant, claim)
        contradicting, updating = _outlets(conn, tenant, claim, now)
        _write(conn, tenant, claim, state, moved(state, contradicting, updating))


def reconsider(conn: Connection, tenant: str, claim: str) -> ClaimState:
    """Give the claim the state that it would have if what is marked wrong had never come; that state."""
    state, revision = _held(conn, tenant, claim)
    if state is ClaimState.RETIRED:
        return state
    worded = ClaimState.REVISED if revision > 1 else ClaimState.STANDING
    query = _bearing(conn, tenant, claim, select(entries.c.seen, entries.c.published, _OUTLET, verdicts.c.relation))
    if revision > 1:
        query = query.where(entries.c.seen >= claims.c.changed)
    after = replayed(worded, [Telling(*row) for row in conn.execute(query)])
    _write(conn, tenant, claim, state, after)
    return after


def _is(tenant: str, claim: str) -> ColumnElement[bool]:
    return and_(claims.c.tenant == tenant, claims.c.id == claim)


def _held(conn: Connection, tenant: str, claim: str) -> tuple[ClaimState, int]:
    """The claim's state and revision, held against others until the transaction ends."""
    query = select(claims.c.state, claims.c.revision).where(_is(tenant, claim)).with_for_update(key_share=True)
    state, revision = conn.execute(query).one()
    return state, revision


def _write(conn: Connection, tenant: str, claim: str, before: ClaimState, after: ClaimState) -> None:
    if after is not before:
        conn.execute(update(claims).where(_is(tenant, claim)).values(state=after))


def _outlets(conn: Connection, tenant: str, claim: str, now: datetime) -> tuple[int, int]:
    """How many distinct outlets lately contradicted and updated the claim as it is worded now."""
    of_present_wording = or_(claims.c.state != ClaimState.REVISED, entries.c.seen >= claims.c.changed)

    def saying(relation: Relation) -> Any:
        return func.count(case((verdicts.c.relation == relation, _OUTLET)).distinct())

    query = _bearing(conn, tenant, claim, select(saying(Relation.CONTRADICTS), saying(Relation.UPDATES)))
    contradicting, updating = conn.execute(query.where(entries.c.published >= now - WINDOW, of_present_wording)).one()
    return contradicting, updating


def _bearing(conn: Connection, tenant: str, claim: str, query: Select[Any]) -> Select[Any]:
    """The query over what bears on the claim, but for what is marked wrong."""
    return (
        query.select_from(verdicts)
        .join(entries, entries.c.id == verdicts.c.entry)
        .join(claims, (claims.c.tenant == verdicts.c.tenant) & (claims.c.id == verdicts.c.claim))
        .where(verdicts.c.tenant == tenant, verdicts.c.claim == claim, _believed(conn, tenant, claim))
    )


def _believed(conn: Connection, tenant: str, claim: str) -> ColumnElement[bool]:
    wrong = refuted_of(conn, tenant, claim)
    stories = {relation: sorted({story for story, _, of in wrong if of is relation}) for relation in MOVES}
    bars = [or_(verdicts.c.relation != of, entries.c.story.not_in(some)) for of, some in stories.items() if some]
    return and_(true(), *bars)
