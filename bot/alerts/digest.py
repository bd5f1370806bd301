"""When a digest is due, and what stands in it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.alerts.hours import DAY, instant, local_day
from bot.alerts.words import distinct
from bot.model import (
    MOVES,
    Channel,
    Claim,
    Digest,
    DigestFact,
    DigestRhythm,
    MovedClaim,
    NewStory,
    Policy,
    Relation,
    ThemeActivity,
    Verdict,
    WatchMode,
    stable_id,
)

FIRST_GRACE = timedelta(hours=1)
"""A channel that never had a digest gets its first one at its hour, or so much later; else it waits for the next."""

ACTIVITY_DAYS = 14


def due_day(policy: Policy, now: datetime, last: date | None) -> date | None:
    """The local day whose digest is due now, given the day of the last scheduled one; None where none is.

    Every local day (every week) has one digest, however the clocks change. After days down only the latest day is
    made up for. A clock that steps back brings no second digest, since a day up to `last` is never due again.
    """
    if policy.digest is DigestRhythm.OFF:
        return None
    day = _latest_day(policy, now)
    if last is None:
        return day if now - instant(day, policy.digest_at, policy.timezone) <= FIRST_GRACE else None
    return day if day > last else None


def next_digest(policy: Policy, now: datetime, last: date | None) -> datetime | None:
    """When the next scheduled one comes: at once where one is due; None where there are none."""
    if policy.digest is DigestRhythm.OFF:
        return None
    if due_day(policy, now, last) is not None:
        return now
    ahead = timedelta(days=7) if policy.digest is DigestRhythm.WEEKLY else DAY
    return instant(_latest_day(policy, now) + ahead, policy.digest_at, policy.timezone)


def span_start(policy: Policy, now: datetime, last: Digest | None) -> datetime:
    """Where the span of a digest made now begins: at the last scheduled one, else a day or a week ago."""
    if last is not None and last.made <= now:
        return last.made
    return now - (timedelta(days=7) if policy.digest is DigestRhythm.WEEKLY else DAY)


def activity_days(day: date) -> tuple[date, ...]:
    """The days that a digest's picture shows, oldest first, `day` the last."""
    return tuple(day - timedelta(days=back) for back in reversed(range(ACTIVITY_DAYS)))


@dataclass(frozen=True, slots=True)
class Material:
    """All that a digest is made from."""

    channel: Channel
    topic: str
    since: datetime
    made: datetime
    facts: Sequence[DigestFact]
    counts: tuple[int, int, int]  # entries matched, feeds followed, feeds failing
    claims: Mapping[str, Claim]  # by id
    watched: Sequence[str] = ()  # names of the channel's watches
    activity: Sequence[ThemeActivity] = ()  # over `activity_days` of the local day


def build(material: Material, day: date, request: str = "") -> Digest:
    """The digest of a local day; `request` tells apart those that somebody asked for."""
    channel, policy = material.channel, material.channel.policy
    facts = sorted(material.facts, key=lambda fact: (fact.lead.published, fact.story))
    entries, feeds, failing = material.counts
    return Digest(
        id=stable_id(channel.id, day.isoformat(), request),
        channel=channel.id,
        day=day,
        made=material.made,
        since=material.since,
        topic=material.topic,
        timezone=policy.timezone,
        moved=_moved(facts, policy, material.claims),
        confirmed=_confirmed(facts, policy),
        fresh=_fresh(facts, policy),
        entries=entries,
        feeds=feeds,
        failing=failing,
        activity_days=activity_days(day),
        activity=tuple(material.activity),
        watched=tuple(material.watched),
    )


def _latest_day(policy: Policy, now: datetime) -> date:
    """The latest local day whose digest hour has come and, for weekly ones, that is the right weekday."""
    day = local_day(now, policy.timezone)
    if instant(day, policy.digest_at, policy.timezone) > now:
        day -= DAY
    if policy.digest is DigestRhythm.WEEKLY:
        day -= timedelta(days=(day.weekday() - policy.digest_weekday) % 7)
    return day


@dataclass(frozen=True, slots=True)
class _Said:
    """One sure verdict with where it stands."""

    outlet: str
    verdict: Verdict
    url: str  # of that outlet's own report; empty where it is not the story's first


def _sure(facts: Iterable[DigestFact], policy: Policy, wanted: Callable[[Relation], bool]) -> list[_Said]:
    return [
        _Said(outlet, verdict, fact.lead.url if outlet == fact.lead.outlet else "")
        for fact in facts
        for outlet, verdict in fact.verdicts
        if verdict.confidence >= policy.min_confidence and wanted(verdict.relation)
    ]


def _grouped(said: Iterable[_Said]) -> dict[tuple[str, Relation], list[_Said]]:
    groups: dict[tuple[str, Relation], list[_Said]] = {}
    for item in said:
        groups.setdefault((item.verdict.claim, item.verdict.relation), []).append(item)
    return groups


def _outlets(said: Iterable[_Said]) -> int:
    return len({item.outlet for item in said})


def _moved(facts: Sequence[DigestFact], policy: Policy, claims: Mapping[str, Claim]) -> tuple[MovedClaim, ...]:
    """Claims contradicted or updated, those with most outlets first; the evidence is that of the first report."""
    groups = _grouped(_sure(facts, policy, lambda relation: relation in MOVES))
    moved = (_moved_claim(said, claims) for said in groups.values())
    return tuple(sorted(moved, key=lambda item: (-item.outlets, item.relation is not Relation.CONTRADICTS, item.claim)))


def _moved_claim(said: Sequence[_Said], claims: Mapping[str, Claim]) -> MovedClaim:
    first = said[0]
    claim = claims.get(first.verdict.claim)
    return MovedClaim(
        claim=first.verdict.claim,
        statement=claim.statement if claim else first.verdict.claim,
        relation=first.verdict.relation,
        outlets=_outlets(said),
        outlet=first.outlet,
        evidence=first.verdict.evidence,
        change=next((item.verdict.change for item in said if item.verdict.change), None),
        url=first.url,
    )


def _confirmed(facts: Sequence[DigestFact], policy: Policy) -> tuple[tuple[str, int], ...]:
    groups = _grouped(_sure(facts, policy, lambda relation: relation is Relation.CONFIRMS))
    counts = [(claim, _outlets(said)) for (claim, _), said in groups.items()]
    return tuple(sorted(counts, key=lambda pair: (-pair[1], pair[0])))


def _fresh(facts: Sequence[DigestFact], policy: Policy) -> tuple[NewStory, ...]:
    """Stories that touch no claim, most outlets first, then the newest; without those that were told at once anyway."""
    fresh = [fact for fact in facts if fact.modes != {WatchMode.ALERT} and not _touches(fact, policy)]
    fresh.sort(key=lambda fact: (-len(_reported_by(fact)), -fact.lead.published.timestamp(), fact.story))
    return tuple(
        NewStory(fact.story, fact.lead.title, fact.lead.url, _reported_by(fact), fact.unread) for fact in fresh
    )


def _touches(fact: DigestFact, policy: Policy) -> bool:
    return any(verdict.confidence >= policy.min_confidence for _, verdict in fact.verdicts)


def _reported_by(fact: DigestFact) -> tuple[str, ...]:
    return distinct(fact.outlets) or distinct((fact.lead.outlet,))
