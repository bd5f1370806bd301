"""What the demo's outlets write: the files in `news/`, read into forms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.claims.baseline import slug
from bot.forms import Form, read_form

FOLDER = Path(__file__).parent / "news"
DAYS = 3


class Format(StrEnum):
    """How a feed writes."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    JSON = "json"


class Fault(StrEnum):
    """What is wrong with a feed."""

    TRUNCATED = "truncated"  # the document breaks off in the middle of an entry
    PAGE = "page"  # an HTML page comes in place of the feed
    ERROR = "error"  # the server answers 500
    DRIP = "drip"  # a byte a second
    BOMB = "bomb"  # a few kilobytes of gzip that become many megabytes


class OutletForm(Form):
    """One `[[feeds]]` table of `feeds.toml`."""

    id: Annotated[str, AfterValidator(slug)]
    title: str
    host: str
    format: Format
    language: str = ""
    fault: Fault | None = None
    fault_since: int = Field(default=1, ge=1, le=DAYS)

    def fault_on(self, day: int) -> Fault | None:
        """What is wrong with the feed on that day."""
        return self.fault if day >= self.fault_since else None


class OutletsForm(Form):
    """A `feeds.toml`."""

    feeds: tuple[OutletForm, ...]


class EntryForm(Form):
    """One `[[entries]]` table of a day: what a feed would carry of it, in `text` (plain) or `html`.

    Link and guid are made from the title where they are left out, and are missing where they are "". `date` replaces
    the date made from `at`: it is published as it stands, and "" is no date at all. `expect` is a note for readers
    and tests; nothing here reads it.
    """

    feed: str
    at: time
    title: str
    text: str = ""
    html: str = ""
    link: str | None = None
    guid: str | None = None
    date: str | None = None
    language: str = ""
    expect: tuple[str, ...] = ()


class DayForm(Form):
    """A `day1.toml`, `day2.toml` or `day3.toml`."""

    entries: tuple[EntryForm, ...]


@dataclass(frozen=True, slots=True)
class News:
    """All outlets, and the entries of each day, the first day first."""

    outlets: tuple[OutletForm, ...]
    days: tuple[tuple[EntryForm, ...], ...]


def load_news(folder: Path = FOLDER) -> News:
    """Read the folder. Raises `ConfigError` that names file, line and key."""
    outlets = read_form(folder / "feeds.toml", OutletsForm).feeds
    days = [read_form(folder / f"day{number}.toml", DayForm).entries for number in range(1, DAYS + 1)]
    return News(outlets, tuple(days))
