"""Claims: their wordings, their states and what bears on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, desc, func, select, update

from bot.errors import QuotaExceeded
from bot.model import Claim, ClaimEvidence, ClaimState, ClaimVersion, Report, ThemeActivity, Verdict
from storage.activity import activity
from storage.audit import note
from storage.dialect import add
from storage.engine import Database
from storage.entries import REPORT
from storage.rows import columns, made, missing, values
from storage.schema import claim_versions, claims, entries, verdicts
from storage.tenants import tenant_of


class Claims:
    """Implements `bot.ports.ClaimStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self, tenant: str) -> list[Claim]:
        return self._db.read(lambda conn: [claim for claim in _all(conn, tenant) if claim.state != ClaimState.RETIRED])

    def retired(self, tenant: str) -> list[Claim]:
        return self._db.read(lambda conn: [claim for claim in _all(conn, tenant) if claim.state == ClaimState.RETIRED])

    def get(self, tenant: str, claim: str) -> Claim:
        return self._db.read(lambda conn: _get(conn, tenant, claim))

    def put(self, tenant: str, claims: Sequence[Claim], by: str, now: datetime) -> int:
        return self._db.write(lambda conn: _put(conn, tenant, claims, by, now))

    def retire(self, tenant: str, claim: str) -> None:
        self._db.write(lambda conn: _retire(conn, tenant, claim))

    def versions(self, tenant: str, claim: str) -> list[ClaimVersion]:
        return self._db.read(lambda conn: _versions(conn, tenant, claim))

    def evidence(self, tenant: str, claim: str, limit: int) -> list[ClaimEvidence]:
        return self._db.read(lambda conn: _evidence(conn, tenant, claim, limit))

    def counts(self, tenant: str) -> dict[ClaimState, int]:
        return self._db.read(lambda conn: _counts(conn, tenant))

    def activity(self, tenant: str, days: Sequence[date], timezone: str) -> list[ThemeActivity]:
        return self._db.read(lambda conn: activity(conn, tenant, days, timezone))


def _all(conn: Connection, tenant: str) -> list[Claim]:
    query = select(*columns(claims, Claim)).where(claims.c.tenant == tenant)
    return sorted(made(Claim, conn.execute(query)), key=lambda claim: (claim.theme, claim.id))


def _is(tenant: str, claim: str) -> ColumnElement[bool]:
    return and_(claims.c.tenant == tenant, claims.c.id == claim)


def _get(conn: Connection, tenant: str, claim: str) -> Claim:
    row = conn.execute(select(*columns(claims, Claim)).where(_is(tenant, claim))).first()
    if row is None:
        raise missing("claim", claim, [one.id for one in _all(conn, tenant)])
    return Claim(*row)


def _put(conn: Connection, tenant: str, given: Sequence[Claim], by: str, now: datetime) -> int:
    quota = tenant_of(conn, tenant, lock=True).quotas.claims
    there = {claim.id: claim for claim in _all(conn, tenant)}
    changed = 0
    for claim in given:
        kept = there.get(claim.id)
        new = claim if kept is None else _revised(conn, tenant, kept, claim, by)
        if new != kept:
            _write(conn, tenant, new, kept, by, now)
            there[claim.id] = new
            changed += 1
    living = sum(claim.state != ClaimState.RETIRED for claim in there.values())
    if changed and living > quota:
        raise QuotaExceeded(f"{living} claims would be more than the {quota} allowed here; retire some first.")
    return changed


def _revised(conn: Connection, tenant: str, kept: Claim, given: Claim, by: str) -> Claim:
    """What becomes of a claim that is put again.

    The pack (`by` empty) is put at every start: it brings back neither a wording that was there before nor what a
    tenant retired.
    """
    filed = replace(kept, theme=given.theme, kind=given.kind, source=given.source)
    if (given.statement, given.as_of) == (kept.statement, kept.as_of):
        restored = bool(by) and kept.state == ClaimState.RETIRED
        return replace(filed, state=ClaimState.STANDING) if restored else filed
    if not by and (kept.state == ClaimState.RETIRED or _had(conn, tenant, given)):
        return filed
    revision = kept.revision + 1
    return replace(filed, statement=given.statement, as_of=given.as_of, state=ClaimState.REVISED, revision=revision)


def _had(conn: Connection, tenant: str, claim: Claim) -> bool:
    wordings = ((version.statement, version.as_of) for version in _versions(conn, tenant, claim.id))
    return (claim.statement, claim.as_of) in wordings


def _write(conn: Connection, tenant: str, new: Claim, kept: Claim | None, by: str, now: datetime) -> None:
    if kept is None:
        add(conn, claims, [values(new) | {"tenant": tenant, "changed": now}])
    else:
        conn.execute(update(claims).where(_is(tenant, new.id)).values(values(new)))
    if kept is None or new.revision != kept.revision:
        conn.execute(update(claims).where(_is(tenant, new.id)).values(changed=now))
        version = ClaimVersion(new.revision, new.statement, new.as_of, now, by)
        add(conn, claim_versions, [values(version) | {"tenant": tenant, "claim": new.id}])
    note(conn, f"claim {new.id}", kept, new)


def _retire(conn: Connection, tenant: str, claim: str) -> None:
    held = _get(conn, tenant, claim)
    conn.execute(update(claims).where(_is(tenant, claim)).values(state=ClaimState.RETIRED))
    note(conn, f"claim {claim}", held, replace(held, state=ClaimState.RETIRED))


def _versions(conn: Connection, tenant: str, claim: str) -> list[ClaimVersion]:
    _get(conn, tenant, claim)
    query = (
        select(*columns(claim_versions, ClaimVersion))
        .where(claim_versions.c.tenant == tenant, claim_versions.c.claim == claim)
        .order_by(claim_versions.c.revision)
    )
    return made(ClaimVersion, conn.execute(query))


def _evidence(conn: Connection, tenant: str, claim: str, limit: int) -> list[ClaimEvidence]:
    _get(conn, tenant, claim)
    query = (
        select(*columns(verdicts, Verdict), *REPORT, entries.c.story)
        .join(entries, entries.c.id == verdicts.c.entry)
        .where(verdicts.c.tenant == tenant, verdicts.c.claim == claim)
        .order_by(desc(entries.c.published), desc(entries.c.seq))
        .limit(limit)
    )
    return [ClaimEvidence(Verdict(*row[:5]), Report(*row[5:10]), row[10]) for row in conn.execute(query)]


def _counts(conn: Connection, tenant: str) -> dict[ClaimState, int]:
    count = func.count().label("number")
    query = select(claims.c.state, count).where(claims.c.tenant == tenant).group_by(claims.c.state)
    return {row.state: row.number for row in conn.execute(query)}
