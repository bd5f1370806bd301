"""When a digest is due, whatever clocks do, and what stands in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from alerts_world import CONFIRMS, CONTRADICTS, DOUBTFUL, NOW, UPDATES, channel, claim, report

from bot.alerts.digest import Material, activity_days, build, due_day, next_digest, span_start
from bot.model import (
    Channel,
    Digest,
    DigestFact,
    DigestRhythm,
    MovedClaim,
    NewStory,
    Policy,
    Relation,
    Verdict,
    WatchMode,
)

BRUSSELS, NEW_YORK, KATHMANDU = "Europe/Brussels", "America/New_York", "Asia/Kathmandu"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(timezone: str = BRUSSELS, at: time = time(6, 30)) -> Policy:
    return Policy(timezone=timezone, digest_at=at)


def weekly(weekday: int, timezone: str = BRUSSELS) -> Policy:
    return Policy(timezone=timezone, digest=DigestRhythm.WEEKLY, digest_at=time(6, 30), digest_weekday=weekday)


def march(day: int) -> date:
    return date(2026, 3, day)


@pytest.mark.parametrize(
    ("policy", "now", "last", "expected"),
    [
        # an ordinary day
        (daily(), "2026-03-18 05:29:59", march(17), None),
        (daily(), "2026-03-18 05:30", march(17), march(18)),
        (daily(), "2026-03-18 05:30", march(18), None),
        (daily(), "2026-03-18 23:59", march(17), march(18)),
        (daily(KATHMANDU), "2026-03-18 00:44", march(17), None),
        (daily(KATHMANDU), "2026-03-18 00:45", march(17), march(18)),
        (daily(NEW_YORK), "2026-03-18 10:30", march(17), march(18)),
        # down for days: the latest one is made up for, and no other
        (daily(), "2026-03-18 04:00", march(14), march(17)),
        (daily(), "2026-03-18 12:00", march(14), march(18)),
        # a clock that steps back
        (daily(), "2026-03-16 12:00", march(18), None),
        (daily(), "2026-03-18 05:29", march(18), None),
        # the first digest of all
        (daily(), "2026-03-18 05:30", None, march(18)),
        (daily(), "2026-03-18 06:30", None, march(18)),
        (daily(), "2026-03-18 06:31", None, None),
        (daily(), "2026-03-18 05:00", None, None),
        (daily(at=time(23, 30)), "2026-03-18 23:10", None, march(18)),  # a quarter past midnight there
        # weekly
        (weekly(2), "2026-03-18 05:30", march(11), march(18)),
        (weekly(2), "2026-03-18 05:29", march(11), None),
        (weekly(2), "2026-03-20 12:00", march(11), march(18)),
        (weekly(2), "2026-03-20 12:00", march(18), None),
        (weekly(0), "2026-03-18 12:00", march(9), march(16)),
        (weekly(6, NEW_YORK), "2026-03-23 03:00", march(15), march(22)),
        (weekly(2), "2026-03-18 12:00", None, None),
        # off
        (Policy(digest=DigestRhythm.OFF), "2026-03-18 12:00", march(1), None),
    ],
)
def test_a_digest_is_due(policy: Policy, now: str, last: date | None, expected: date | None) -> None:
    assert due_day(policy, utc(now), last) == expected


CLOCK_CHANGES = [
    pytest.param(daily(at=time(2, 30)), "2026-03-27", "2026-03-31", id="Brussels, spring, in the missing hour"),
    pytest.param(daily(at=time(2, 30)), "2026-10-23", "2026-10-28", id="Brussels, autumn, in the doubled hour"),
    pytest.param(daily(at=time(2)), "2026-03-27", "2026-03-31", id="Brussels, spring, at the change"),
    pytest.param(daily(at=time(3)), "2026-10-23", "2026-10-28", id="Brussels, autumn, at the change"),
    pytest.param(daily(), "2026-03-27", "2026-03-31", id="Brussels, spring, in the morning"),
    pytest.param(daily(NEW_YORK, time(2, 30)), "2026-03-06", "2026-03-11", id="New York, spring"),
    pytest.param(daily(NEW_YORK, time(1, 30)), "2026-10-30", "2026-11-04", id="New York, autumn"),
    pytest.param(daily(KATHMANDU, time(0, 0)), "2026-03-27", "2026-03-31", id="Kathmandu, at midnight"),
    pytest.param(daily(BRUSSELS, time(23, 59)), "2026-10-23", "2026-10-28", id="Brussels, a minute before midnight"),
]


@pytest.mark.parametrize(("policy", "start", "end"), CLOCK_CHANGES)
@pytest.mark.parametrize("tick", [7, 20])
@pytest.mark.parametrize("step_back", [0, 90])
def test_every_local_day_has_one_digest(policy: Policy, start: str, end: str, tick: int, step_back: int) -> None:
    """Ticks through the change, and a clock that is set back by `step_back` minutes after every digest."""
    now, stop = utc(f"{start} 12:00"), utc(f"{end} 12:00")
    last = now.date()
    made: list[date] = []
    while now < stop:
        day = due_day(policy, now, last)
        if day is not None:
            made.append(day)
            last = day
            now -= timedelta(minutes=step_back)
        now += timedelta(minutes=tick)
    first = date.fromisoformat(start) + timedelta(days=1)
    until = made[-1] if made else first
    assert until >= date.fromisoformat(end) - timedelta(days=1)
    assert made == [first + timedelta(days=step) for step in range((until - first).days + 1)]


def test_the_span_begins_where_the_last_digest_ended() -> None:
    digest = build(material(), march(15))
    last = replace(digest, made=NOW - timedelta(days=3))
    assert span_start(daily(), NOW, last) == last.made
    assert span_start(daily(), NOW, None) == NOW - timedelta(days=1)
    assert span_start(weekly(0), NOW, None) == NOW - timedelta(days=7)
    assert span_start(daily(), NOW, replace(digest, made=NOW + timedelta(hours=2))) == NOW - timedelta(days=1)


def test_fourteen_days_end_with_the_digests_own() -> None:
    days = activity_days(march(3))
    assert (len(days), days[0], days[-1]) == (14, date(2026, 2, 18), march(3))


@pytest.mark.parametrize(
    ("policy", "now", "last", "expected"),
    [
        (Policy(), "2026-03-10T06:00", None, "2026-03-10T07:00"),
        (Policy(), "2026-03-10T08:30", None, "2026-03-11T07:00"),
        (Policy(), "2026-03-10T07:10", None, "2026-03-10T07:10"),  # due, made at the next tick
        (Policy(), "2026-03-10T08:30", date(2026, 3, 10), "2026-03-11T07:00"),
        (Policy(timezone="Europe/Brussels"), "2026-03-28T12:00", date(2026, 3, 28), "2026-03-29T05:00"),
        (Policy(digest=DigestRhythm.WEEKLY), "2026-03-10T12:00", date(2026, 3, 9), "2026-03-16T07:00"),
        (Policy(digest=DigestRhythm.OFF), "2026-03-10T12:00", None, None),
    ],
)
def test_the_next_digest(policy: Policy, now: str, last: date | None, expected: str | None) -> None:
    assert next_digest(policy, utc(now), last) == (utc(expected) if expected else None)


# --- what stands in it -------------------------------------------------------------------------------------------

MOVED = frozenset({WatchMode.MOVED})


def fact(
    story: str,
    *verdicts: tuple[str, Verdict],
    outlets: tuple[str, ...] = ("Courier",),
    modes: frozenset[WatchMode] = MOVED,
    minute: int = 0,
) -> DigestFact:
    lead = report(outlets[0], f"Headline {story}", NOW + timedelta(minutes=minute))
    return DigestFact(story, lead, outlets, len(outlets), ("nato",), modes, verdicts)


def material(*facts: DigestFact, of: Channel | None = None) -> Material:
    held = {one.id: one for one in (claim("arms-in-poland"), claim("package-800bn"))}
    return Material(of or channel(), "Defence", NOW - timedelta(days=1), NOW, facts, (41, 38, 3), held, ("nato",))


def made(*facts: DigestFact, of: Channel | None = None) -> Digest:
    return build(material(*facts, of=of), march(18))


def by(verdict: Verdict, *outlets: str) -> list[tuple[str, Verdict]]:
    return [(outlet, verdict) for outlet in outlets]


def test_moved_claims_come_with_their_outlets_most_first() -> None:
    digest = made(
        fact("s1", *by(CONTRADICTS, "A", "B", "A")),
        fact("s2", *by(UPDATES, "A", "B", "C")),
        fact("s3", *by(CONTRADICTS, "B", "D")),
    )
    assert [(item.claim, item.relation, item.outlets) for item in digest.moved] == [
        ("arms-in-poland", Relation.CONTRADICTS, 3),
        ("package-800bn", Relation.UPDATES, 3),
    ]
    assert digest.confirmed == ()
    assert digest.fresh == ()


def test_a_moved_claim_quotes_the_first_report_and_the_first_change() -> None:
    late = replace(UPDATES, evidence="Later words.", change="800 → 600 billion EUR")
    first = replace(UPDATES, evidence="First words.", change=None)
    (moved,) = made(fact("s2", ("Late", late), minute=5), fact("s1", ("Early", first), outlets=("Early",))).moved
    assert moved == MovedClaim(
        "package-800bn",
        "What package-800bn says.",
        Relation.UPDATES,
        2,
        "Early",
        "First words.",
        "800 → 600 billion EUR",
        "https://early.example/x",
    )


def test_a_moved_claim_links_only_to_the_report_of_the_outlet_that_it_names() -> None:
    (moved,) = made(fact("s1", ("Later Post", CONTRADICTS), outlets=("Courier", "Later Post"))).moved
    assert (moved.outlet, moved.url) == ("Later Post", "")


def test_a_claim_that_is_held_no_more_goes_by_its_id() -> None:
    (moved,) = made(fact("s1", ("A", replace(CONTRADICTS, claim="retired-since")))).moved
    assert moved.statement == "retired-since"


def test_confirmed_claims_come_with_their_outlets_most_first() -> None:
    other = replace(CONFIRMS, claim="other")
    digest = made(fact("s1", *by(other, "A")), fact("s2", *by(CONFIRMS, "A", "B", "B")))
    assert digest.confirmed == (("troops-100k", 2), ("other", 1))


def test_what_is_doubtful_touches_no_claim() -> None:
    digest = made(fact("s1", ("A", DOUBTFUL)))
    assert (digest.moved, digest.confirmed, [story.story for story in digest.fresh]) == ((), (), ["s1"])
    content = channel(min_confidence=0.4)
    assert made(fact("s1", ("A", DOUBTFUL)), of=content).moved


def test_new_developments_come_by_number_of_outlets_then_the_newest() -> None:
    digest = made(
        fact("old"), fact("new", minute=9), fact("wide", outlets=("A", "B")), fact("touching", ("A", CONFIRMS))
    )
    assert [story.story for story in digest.fresh] == ["wide", "new", "old"]
    assert digest.fresh[0] == NewStory("wide", "Headline wide", "https://a.example/x", ("A", "B"))


@pytest.mark.parametrize(
    ("modes", "listed"),
    [
        ({WatchMode.ALERT}, False),
        ({WatchMode.BOTH}, True),
        ({WatchMode.DIGEST}, True),
        ({WatchMode.MOVED}, True),
        ({WatchMode.ALERT, WatchMode.MOVED}, True),
    ],
)
def test_what_was_told_at_once_is_no_new_development(modes: set[WatchMode], listed: bool) -> None:
    assert bool(made(fact("s1", modes=frozenset(modes))).fresh) is listed


def test_an_eager_watch_hides_no_moved_claim() -> None:
    assert made(fact("s1", ("A", CONTRADICTS), modes=frozenset({WatchMode.ALERT}))).moved


def test_a_digest_has_an_id_a_day_and_one_a_request() -> None:
    ids = {build(material(), day, request).id for day in (march(17), march(18)) for request in ("", "asked")}
    assert len(ids) == 4
    assert build(material(), march(18)).id == build(material(fact("s1")), march(18)).id


def test_a_digest_knows_its_counts_and_its_span() -> None:
    digest = made()
    assert (digest.entries, digest.feeds, digest.failing) == (41, 38, 3)
    assert (digest.day, digest.made, digest.since, digest.timezone) == (
        march(18),
        NOW,
        NOW - timedelta(days=1),
        BRUSSELS,
    )
    assert digest.watched == ("nato",)
    assert digest.activity_days == activity_days(march(18))
