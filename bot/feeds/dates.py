"""A feed's dates: the two spellings that nearly all have are read fast, and feedparser reads all others.

Runs in the parsing worker.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from feedparser.datetimes import _parse_date

_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d\d?) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) (?:GMT|UT|Z|([+-])(\d\d)(\d\d))",
    re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)  # a fraction of a second is cut off
_MONTHS = {
    name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)
}


def read_date(text: str) -> datetime | None:
    """The moment that a date stands for, in UTC; None where it cannot be made out."""
    return quick_date(text) or moment_of(_parse_date(text)) if text else None


def moment_of(stated: Any) -> datetime | None:
    """The moment of a date of feedparser's; None where it gave none or one that does not exist, as for 0000-00-00."""
    try:
        return datetime.fromtimestamp(calendar.timegm(stated), UTC) if stated else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def quick_date(text: str) -> datetime | None:
    """The moment, in UTC, of a date such as “Tue, 10 Mar 2026 12:00:00 +0100” or “2026-03-10T12:00:00Z”.

    None where it is spelled in another way, or no moment has that date.
    """
    try:
        if found := _MAIL.fullmatch(text):
            day, month, year, hour, minute, second, *zone = found.groups()
            return _moment(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), *zone)
        if found := _ISO.fullmatch(text):
            year, month, day, hour, minute, second, *zone = found.groups()
            return _moment(int(year), int(month), int(day), int(hour), int(minute), int(second), *zone)
    except (ValueError, OverflowError):
        pass  # such as 31 February, which feedparser is asked about like every other oddity
    return None


def _moment(
    year: int, month: int, day: int, hour: int, minute: int, second: int, sign: str, hours: str, minutes: str
) -> datetime:
    if not sign:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    zone = timezone(ahead if sign == "+" else -ahead)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
