"""Fetching feeds politely: conditional requests byte for byte, and what the server asks of us understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.feeds.web import Admits, Caps, Page, Web, everything, redacted, status_words
from bot.model import FailureKind, Fetched, FetchFailed, FetchOutcome, FetchRequest, NotModified

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")
_UNCACHED = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b")


class HttpFetcher:
    """The port `Fetcher` over HTTP."""

    def __init__(self, web: Web, now: Callable[[], datetime], caps: Caps | None = None) -> None:
        """`now` gives the time, aware, in UTC; it is asked only where an answer carries dates without its own."""
        self._web, self._now, self._caps = web, now, caps or Caps()

    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        page = await self._web.get(request.url, self._caps, _conditions(request))
        return page if isinstance(page, FetchFailed) else understood(page, request, self._now())

    async def get(
        self, url: str, caps: Caps | None = None, accept: str = "*/*", admits: Admits = everything
    ) -> Page | FetchFailed:
        """Any document, unconditionally, behind the same guard; a page of any status."""
        return await self._web.get(url, caps or self._caps, {"Accept": accept}, admits)


def _conditions(request: FetchRequest) -> dict[str, str]:
    headers = {"Accept": ACCEPT}
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    return headers


def understood(page: Page, request: FetchRequest, now: datetime) -> FetchOutcome:
    """What an answer means for a feed."""
    if page.status == HTTPStatus.NOT_MODIFIED and (request.etag or request.last_modified):
        return NotModified(max_age(page.headers, now), page.permanent_url)
    if not 200 <= page.status < 300:
        return _failed(page, now)
    return Fetched(
        url=page.url,
        body=page.body,
        content_type=page.headers.get("content-type", ""),
        etag=page.headers.get("etag", ""),
        last_modified=page.headers.get("last-modified", ""),
        max_age=max_age(page.headers, now),
        permanent_url=page.permanent_url,
    )


def _failed(page: Page, now: datetime) -> FetchFailed:
    detail = f"{redacted(page.url)} answers {status_words(page.status)}"
    kind = FailureKind.GONE if page.status == HTTPStatus.GONE else FailureKind.STATUS
    return FetchFailed(kind, detail, page.status, retry_after(page.headers, now))


def max_age(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which the answer says that it stays fresh; None where it says nothing or that it does not."""
    control = headers.get("cache-control", "").lower()
    if _UNCACHED.search(control):
        return None
    if stated := _MAX_AGE.search(control):
        return _positive(float(stated[1]) - _age(headers))
    expires = _moment(headers.get("expires", ""))
    return _positive((expires - _sent(headers, now)).total_seconds()) if expires else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from a number of seconds or a date; None where nothing readable is said."""
    stated = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", stated, re.ASCII):
        return float(stated)
    until = _moment(stated)
    return max((until - _sent(headers, now)).total_seconds(), 0.0) if until else None


def _age(headers: Mapping[str, str]) -> float:
    stated = headers.get("age", "").strip()
    return float(stated) if re.fullmatch(r"\d{1,9}", stated, re.ASCII) else 0.0


def _sent(headers: Mapping[str, str], now: datetime) -> datetime:
    """When the server sent the answer, by its own clock where it tells it: spans are the server's, too."""
    return _moment(headers.get("date", "")) or now


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _positive(seconds: float) -> float | None:
    return seconds if seconds > 0 else None
