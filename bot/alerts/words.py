"""The small words that cards, digests and reasons share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.model import Entry, Relation

PAST = {Relation.CONTRADICTS: "contradicted", Relation.UPDATES: "updated", Relation.CONFIRMS: "confirmed"}


def short_story(story: str) -> str:
    """ "story 4f2a": enough of an id to tell stories apart on a screen."""
    return f"story {story[:4]}"


def not_compared(language: str) -> str:
    """What is said of an entry in a language that nothing here reads."""
    return f"not compared ({language})"


def in_article(entry: Entry, evidence: str) -> bool:
    """Whether the evidence stands only on the page behind the entry."""
    return evidence in entry.article and evidence not in entry.title and evidence not in entry.text


def counted(number: int, noun: str, plural: str = "") -> str:
    """ "1 outlet", "4 outlets", "5,000 entries"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(names: Sequence[str], shown: int) -> str:
    """ "DW, Politico Europe +3"."""
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" +{rest}" if rest > 0 else "")


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in the order of its first appearance."""
    return tuple(dict.fromkeys(name for name in names if name))


def clock(moment: datetime, timezone: str, now: datetime | None = None) -> str:
    """ "13:41" there; with the day, where that is not the day of `now`."""
    local = moment.astimezone(ZoneInfo(timezone))
    if now is None or local.date() == now.astimezone(ZoneInfo(timezone)).date():
        return f"{local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def long_day(day: date) -> str:
    """ "Tuesday 18 March"."""
    return f"{day:%A} {day.day} {day:%B}"


def as_of(text: str) -> str:
    """ "2025-03" as "March 2025", "2025-03-20" as "20 March 2025"; anything else as it stands."""
    try:
        day = date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return text
    return f"{day:%B} {day.year}" if len(text) <= 7 else f"{day.day} {day:%B} {day.year}"
