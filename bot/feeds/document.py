"""A feed's document → what we keep of it. Runs in the parsing worker only: feedparser can be made to eat all memory.

RSS 0.9x/1.0/2.0, RDF and Atom by `swift.scan` where it is sure, else through feedparser, which is handed a stream (it
would open a path); JSON Feed by the small mapping here (jsonfeed.org/version/1.1).
"""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import feedparser

from bot.feeds.dates import moment_of
from bot.feeds.elements import Text
from bot.feeds.frame import Unsure
from bot.feeds.plain import cut, one_line, paragraphs, text_of, web_link
from bot.feeds.swift import Document, Item, scan
from bot.model import ParsedEntry, ParsedFeed

Raw = TypeVar("Raw", bound=Mapping[str, Any])

XML = "application/xml"
ENTRIES = 1_000
TITLE = 500
TEXT = 100_000
TEXTS = 5_000_000
"""Characters of all entries' texts together; where they are used up, later entries keep their titles."""
GUID = 1_000

_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")


class NoFeed(Exception):
    """The document is no feed; `str()` says what it is instead."""


def read(body: bytes, url: str, content_type: str) -> ParsedFeed:
    """Raises `NoFeed`. Of more than `ENTRIES` entries the newest are kept, or the first where some are undated."""
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    parsed = _json_feed(body, url) if start.startswith(b"{") else _xml_feed(body, url, content_type)
    return replace(parsed, entries=tuple(_within_texts(parsed.entries)))


def _newest(entries: Sequence[Raw], date: Callable[[Raw], datetime | None]) -> Sequence[Raw]:
    """At most `ENTRIES` of them, still in document order."""
    if len(entries) <= ENTRIES:
        return entries
    dates = [date(entry) for entry in entries]
    if None in dates:
        return entries[:ENTRIES]
    kept = sorted(range(len(entries)), key=lambda position: (dates[position], -position), reverse=True)[:ENTRIES]
    return [entries[position] for position in sorted(kept)]


def _within_texts(entries: Sequence[ParsedEntry]) -> Iterator[ParsedEntry]:
    left = TEXTS
    for entry in entries:
        yield entry if len(entry.text) <= left else replace(entry, text=cut(entry.text, left) if left else "")
        left = max(left - len(entry.text), 0)


# --- RSS, RDF and Atom -------------------------------------------------------------------------------------------


def _xml_feed(body: bytes, url: str, content_type: str) -> ParsedFeed:
    """By the fast way, where that is sure of what feedparser would say."""
    body = _REFERENCE.sub(_possible, body)
    try:
        return _swift_feed(scan(body, url, content_type or XML), url)
    except Unsure:
        return _feedparsers_feed(body, url, content_type or XML)


def _possible(reference: re.Match[bytes]) -> bytes:
    """The character reference, or U+FFFD where no document may hold that character and feedparser would refuse it."""
    digits = (reference[1] or reference[2]).lstrip(b"0")
    code = int(digits or b"0", 16 if reference[1] else 10) if len(digits) <= len("1114111") else sys.maxunicode + 1
    allowed = code in (0x9, 0xA, 0xD) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
    return reference[0] if allowed and code <= sys.maxunicode else b"&#xFFFD;"


def _swift_feed(document: Document, url: str) -> ParsedFeed:
    return ParsedFeed(
        title=_swift_title(document.title),
        site=_link(document.links[0], url),
        language=_language(document.language),
        entries=tuple(_swift_entry(item, url) for item in document.items),
        interval=_interval(document.ttl, document.period, document.frequency),
    )


def _swift_entry(item: Item, url: str) -> ParsedEntry:
    stated = (item.language, item.title.language, *(text.language for text in item.texts))
    return ParsedEntry(
        guid=item.guid.strip()[:GUID],
        link=next((link for link in (_link(one, url) for one in item.links) if link), ""),
        title=_swift_title(item.title),
        text=cut(max(map(_swift_text, item.texts), key=len, default=""), TEXT),
        published=item.published,
        updated=item.updated,
        language=next((found for found in map(_language, stated) if found), ""),
    )


def _swift_title(text: Text) -> str:
    return cut(one_line(_swift_text(text)), TITLE)


def _swift_text(text: Text) -> str:
    return paragraphs(text.value) if text.literal else text_of(text.value)


def _feedparsers_feed(body: bytes, url: str, content_type: str) -> ParsedFeed:
    headers = {"content-type": content_type, "content-location": url}
    found = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        raise NoFeed(_what_it_is(body, found))
    feed, atom = found.feed, str(found.version).startswith("atom")
    entries = _newest(found.entries, lambda entry: moment_of(entry.get("published_parsed")))
    return ParsedFeed(
        title=_title(feed.get("title_detail"), atom),
        site=_link(feed.get("link"), url),
        language=_language(feed.get("language")),
        entries=tuple(_xml_entry(entry, url, atom) for entry in entries),
        interval=_interval(feed.get("ttl"), feed.get("sy_updateperiod"), feed.get("sy_updatefrequency")),
    )


def _what_it_is(body: bytes, found: Mapping[str, Any]) -> str:
    if not body.strip():
        return "the document is empty"
    if re.search(rb"<(?:!doctype\s+html|html)\b", body[:4_096], re.IGNORECASE):
        return "it is a web page, not a feed"
    problem = found.get("bozo_exception")
    return f"it is no feed ({one_line(str(problem))[:120]})" if problem else "it is no feed of a kind that we know"


def _xml_entry(entry: dict[str, Any], url: str, atom: bool) -> ParsedEntry:
    guid = str(entry.get("id") or "").strip()
    return ParsedEntry(
        guid=guid[:GUID],
        link=_xml_link(entry, url),
        title=_title(entry.get("title_detail"), atom),
        text=cut(_xml_text(entry, atom), TEXT),
        published=moment_of(entry.get("published_parsed")),
        updated=moment_of(dict.get(entry, "updated_parsed")),  # feedparser's own `get` would fall back to `published`
        language=_xml_language(entry),
    )


def _xml_link(entry: Mapping[str, Any], url: str) -> str:
    links = (link for link in entry.get("links") or () if link.get("rel", "alternate") == "alternate")
    stated = (entry.get("link"), *(link.get("href") for link in links))
    return next((link for link in (_link(href, url) for href in stated) if link), "")


def _link(stated: object, base: str) -> str:
    return web_link(str(stated), base) if stated else ""


def _xml_text(entry: Mapping[str, Any], atom: bool) -> str:
    """The longest of what the entry has: a summary, or one or more contents."""
    details = [*(entry.get("content") or ()), entry.get("summary_detail")]
    return max((_text(detail, atom) for detail in details), key=len)


def _text(detail: Mapping[str, Any] | None, atom: bool) -> str:
    """Atom says whether a text is markup; RSS does not, and is mostly."""
    value = str((detail or {}).get("value") or "")
    literal = atom and (detail or {}).get("type") == "text/plain"
    return paragraphs(value) if literal else text_of(value)


def _title(detail: Mapping[str, Any] | None, atom: bool) -> str:
    return cut(one_line(_text(detail, atom)), TITLE)


def _xml_language(entry: Mapping[str, Any]) -> str:
    details = (entry, entry.get("title_detail"), *(entry.get("content") or ()), entry.get("summary_detail"))
    return next((found for found in (_language((detail or {}).get("language")) for detail in details) if found), "")


def _language(stated: object) -> str:
    """The primary subtag of a language tag, in lower case; empty where it is none."""
    found = _LANGUAGE.match(str(stated or "").strip().lower())
    return found[0] if found else ""


def _interval(ttl: object, period: object, frequency: object) -> float | None:
    """Seconds between updates by `<ttl>` (minutes) or `sy:updatePeriod` and `sy:updateFrequency`."""
    if minutes := _number(ttl):
        return minutes * 60
    seconds = _PERIODS.get(str(period or "").strip().lower())
    return seconds / (_number(frequency) or 1) if seconds else None


def _number(stated: object) -> float | None:
    text = str(stated or "").strip()
    return float(text) if re.fullmatch(r"\d{1,7}", text, re.ASCII) else None


# --- JSON Feed ---------------------------------------------------------------------------------------------------


def _json_feed(body: bytes, url: str) -> ParsedFeed:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NoFeed(f"it is no valid JSON ({type(error).__name__})") from error
    version = str(feed.get("version"))
    if "jsonfeed.org/version/" not in version or not isinstance(feed.get("items"), list):
        raise NoFeed("it is JSON, but no JSON Feed")
    items = [item for item in feed["items"] if isinstance(item, dict)]
    return ParsedFeed(
        title=cut(one_line(_string(feed, "title")), TITLE),
        site=_link(_string(feed, "home_page_url"), url),
        language=_language(_string(feed, "language")),
        entries=tuple(
            _json_entry(item, url) for item in _newest(items, lambda item: _iso(_string(item, "date_published")))
        ),
    )


def _json_entry(item: Mapping[str, Any], base: str) -> ParsedEntry:
    text = _string(item, "content_text") or text_of(_string(item, "content_html")) or _string(item, "summary")
    return ParsedEntry(
        guid=_string(item, "id")[:GUID],
        link=_link(_string(item, "url") or _string(item, "external_url"), base),
        title=cut(one_line(_string(item, "title")), TITLE),
        text=cut(paragraphs(text), TEXT),
        published=_iso(_string(item, "date_published")),
        updated=_iso(_string(item, "date_modified")),
        language=_language(_string(item, "language")),
    )


def _string(mapping: Mapping[str, Any], name: str) -> str:
    """A member as text; a number is one, too, as version 1 allowed for ids. Anything else is as if it was not there."""
    value = mapping.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value).strip()


def _iso(stated: str) -> datetime | None:
    try:
        date = datetime.fromisoformat(stated)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
