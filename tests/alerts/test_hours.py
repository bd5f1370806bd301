"""Local time: quiet hours and wall clocks, on days when clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from bot.alerts.hours import instant, local_day, quiet_until
from bot.model import Policy, QuietHours

BRUSSELS, NEW_YORK, KATHMANDU = "Europe/Brussels", "America/New_York", "Asia/Kathmandu"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("timezone", "day", "at", "expected"),
    [
        (BRUSSELS, date(2026, 3, 18), time(6, 30), "2026-03-18 05:30"),
        (BRUSSELS, date(2026, 7, 18), time(6, 30), "2026-07-18 04:30"),
        (BRUSSELS, date(2026, 3, 29), time(2, 30), "2026-03-29 01:30"),  # skipped: read as 03:30
        (BRUSSELS, date(2026, 10, 25), time(2, 30), "2026-10-25 00:30"),  # comes twice: the first
        (NEW_YORK, date(2026, 3, 8), time(2, 30), "2026-03-08 07:30"),
        (NEW_YORK, date(2026, 11, 1), time(1, 30), "2026-11-01 05:30"),
        (KATHMANDU, date(2026, 3, 18), time(6, 30), "2026-03-18 00:45"),
    ],
)
def test_a_wall_clock_shows_a_time_at_one_moment(timezone: str, day: date, at: time, expected: str) -> None:
    assert instant(day, at, timezone) == utc(expected)


@pytest.mark.parametrize(
    ("timezone", "now", "expected"),
    [
        (BRUSSELS, "2026-03-18 22:59", date(2026, 3, 18)),
        (BRUSSELS, "2026-03-18 23:00", date(2026, 3, 19)),
        (NEW_YORK, "2026-03-18 03:59", date(2026, 3, 17)),
        (KATHMANDU, "2026-03-18 18:15", date(2026, 3, 19)),
    ],
)
def test_a_moment_lies_on_a_local_day(timezone: str, now: str, expected: date) -> None:
    assert local_day(utc(now), timezone) == expected


NIGHT, NOON, ODD = QuietHours(time(22), time(7)), QuietHours(time(12), time(14)), QuietHours(time(1), time(2, 30))
TO_MIDNIGHT = QuietHours(time(20), time(0))


@pytest.mark.parametrize(
    ("timezone", "quiet", "now", "end"),
    [
        (BRUSSELS, None, "2026-03-18 23:00", None),
        (BRUSSELS, QuietHours(time(7), time(7)), "2026-03-18 06:00", None),
        (BRUSSELS, NIGHT, "2026-03-18 20:59", None),
        (BRUSSELS, NIGHT, "2026-03-18 21:00", "2026-03-19 06:00"),
        (BRUSSELS, NIGHT, "2026-03-19 05:59", "2026-03-19 06:00"),
        (BRUSSELS, NIGHT, "2026-03-19 06:00", None),
        (BRUSSELS, NOON, "2026-03-18 10:59", None),
        (BRUSSELS, NOON, "2026-03-18 11:00", "2026-03-18 13:00"),
        (BRUSSELS, NOON, "2026-03-18 13:00", None),
        (BRUSSELS, TO_MIDNIGHT, "2026-03-18 22:59", "2026-03-18 23:00"),
        (BRUSSELS, TO_MIDNIGHT, "2026-03-18 23:00", None),
        # the night of spring is an hour shorter, that of autumn an hour longer
        (BRUSSELS, NIGHT, "2026-03-28 21:00", "2026-03-29 05:00"),
        (BRUSSELS, NIGHT, "2026-10-24 20:00", "2026-10-25 06:00"),
        (BRUSSELS, NIGHT, "2026-10-25 05:59", "2026-10-25 06:00"),
        # an end that is skipped, and one that comes twice
        (BRUSSELS, ODD, "2026-03-29 01:29", "2026-03-29 01:30"),
        (BRUSSELS, ODD, "2026-03-29 01:30", None),
        (BRUSSELS, ODD, "2026-10-25 00:29", "2026-10-25 00:30"),
        (BRUSSELS, ODD, "2026-10-25 00:30", None),
        (BRUSSELS, ODD, "2026-10-25 01:10", None),
        (NEW_YORK, NIGHT, "2026-03-08 03:00", "2026-03-08 11:00"),
        (NEW_YORK, NIGHT, "2026-11-01 02:00", "2026-11-01 12:00"),
        (KATHMANDU, NIGHT, "2026-03-18 16:15", "2026-03-19 01:15"),
        (KATHMANDU, NIGHT, "2026-03-18 16:14", None),
    ],
)
def test_quiet_hours_end(timezone: str, quiet: QuietHours | None, now: str, end: str | None) -> None:
    policy = Policy(timezone=timezone, quiet=quiet)
    assert quiet_until(policy, utc(now)) == (utc(end) if end else None)
