"""A channel's local time: which day it is there, when a wall clock shows a time, when its quiet hours end. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model import Policy

DAY = timedelta(days=1)


def local_day(now: datetime, timezone: str) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()


def instant(day: date, at: time, timezone: str) -> datetime:
    """The moment, in UTC, at which a wall clock there shows `at` on that day.

    A time that comes twice means the first one; one that is skipped is read with the offset from before the gap
    (RFC 5545, 3.3.5), so that 02:30 in spring's missing hour is 03:30.
    """
    return datetime.combine(day, at, ZoneInfo(timezone)).astimezone(UTC)


def quiet_until(policy: Policy, now: datetime) -> datetime | None:
    """The end of the quiet hours that `now` lies in; None outside of them."""
    quiet = policy.quiet
    if quiet is None or quiet.start == quiet.end:
        return None
    nights = DAY if quiet.end < quiet.start else timedelta(0)
    today = local_day(now, policy.timezone)
    for day in (today - DAY, today):
        end = instant(day + nights, quiet.end, policy.timezone)
        if instant(day, quiet.start, policy.timezone) <= now < end:
            return end
    return None
