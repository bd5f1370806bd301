"""What each of the demo's feeds serves on a day. Pure.

Day 3 ends at `now`, the days before it one and two days earlier; a feed lists all that it wrote up to the end of the
day, the newest first. So the news is always fresh, and nothing of it lies in the future.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from urllib.parse import quote

from bot.demo.formats import RENDERERS, Article, Channel
from bot.demo.news import DAYS, EntryForm, Fault, Format, News, OutletForm
from bot.feeds import opml
from bot.model import FeedIntent, stable_id

LIST_PATH = "/demo.opml"
BOMB_SIZE = 64 * 1024 * 1024
_MIDNIGHT = timedelta(hours=24)
_ABOUT = "Invented news for the demo of Claimwatch; none of it happened."
_PAGE = (
    b"<!doctype html><html><head><title>We have moved</title></head><body><h1>We have moved house</h1></body></html>"
)


@dataclass(frozen=True, slots=True)
class Document:
    """What the server answers for a path, and how."""

    body: bytes
    content_type: str
    modified: datetime
    status: int = 200
    encoding: str = ""  # of the body, as in Content-Encoding
    drips: bool = False  # whether it comes a byte a second

    @property
    def etag(self) -> str:
        """The entity tag's value, without quotes."""
        return stable_id(self.body.hex())


def path_of(outlet: OutletForm) -> str:
    """Where the feed is served."""
    return f"/{outlet.id}.{'json' if outlet.format is Format.JSON else 'xml'}"


def end_of(day: int, now: datetime) -> datetime:
    """When a day of the demo ends, `now` being the end of the last one."""
    return now.astimezone(UTC).replace(microsecond=0) - timedelta(days=DAYS - day)


def documents(news: News, day: int, now: datetime) -> dict[str, Document]:
    """For each feed's path its document as of the end of that day (1 to 3)."""
    return {path_of(outlet): _document(news, outlet, day, now) for outlet in news.outlets}


def feed_list(news: News, base: str) -> bytes:
    """The demo's feeds as OPML; `base` is the server's address without a slash at its end."""
    intents = [
        FeedIntent(url=f"{base}{path_of(outlet)}", title=outlet.title, language=outlet.language)
        for outlet in news.outlets
    ]
    return opml.write(intents, "Claimwatch demo")


def _document(news: News, outlet: OutletForm, day: int, now: datetime) -> Document:
    channel = _channel(news, outlet, day, now)
    content_type, render = RENDERERS[outlet.format]
    return _damaged(Document(render(channel), content_type, channel.updated), outlet.fault_on(day))


def _damaged(whole: Document, fault: Fault | None) -> Document:
    match fault:
        case None:
            return whole
        case Fault.TRUNCATED:
            return Document(_cut(whole.body), whole.content_type, whole.modified)
        case Fault.PAGE:
            return Document(_PAGE, "text/html; charset=utf-8", whole.modified)
        case Fault.ERROR:
            return Document(b"Something broke here.\n", "text/plain; charset=utf-8", whole.modified, status=500)
        case Fault.DRIP:
            return Document(whole.body, whole.content_type, whole.modified, drips=True)
        case Fault.BOMB:
            return Document(_bomb(), whole.content_type, whole.modified, encoding="gzip")


def _cut(body: bytes) -> bytes:
    """The document up to somewhere in its last quarter."""
    return body[: len(body) * 3 // 4]


@cache
def _bomb() -> bytes:
    return gzip.compress(b"<rss><channel><title>" + b"a" * BOMB_SIZE, mtime=0)


def _channel(news: News, outlet: OutletForm, day: int, now: datetime) -> Channel:
    written = [
        (end_of(number, now) - _until_midnight(entry.at), number, entry)
        for number, entries in enumerate(news.days[:day], start=1)
        for entry in entries
        if entry.feed == outlet.id
    ]
    newest_first = sorted(written, key=lambda one: one[0], reverse=True)
    return Channel(
        title=outlet.title,
        about=_ABOUT,
        site=f"https://{outlet.host}/",
        language=outlet.language,
        updated=newest_first[0][0] if newest_first else end_of(1, now),
        articles=[_article(entry, outlet, number, moment) for moment, number, entry in newest_first],
    )


def _article(entry: EntryForm, outlet: OutletForm, day: int, moment: datetime) -> Article:
    link = entry.link if entry.link is not None else f"https://{outlet.host}/{day}/{_slug(entry.title)}"
    return Article(
        title=entry.title,
        text=entry.text,
        html=entry.html,
        link=link,
        guid=entry.guid if entry.guid is not None else link,
        language=entry.language,
        date=moment if entry.date is None else entry.date,
    )


def _until_midnight(at: time) -> timedelta:
    return _MIDNIGHT - timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)


def _slug(title: str) -> str:
    return quote(re.sub(r"\W+", "-", title.casefold()).strip("-"))
