"""A site's URL finds its feeds: by what its page names, else at the usual places."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from urllib.parse import urljoin

from bot.feeds.fetch import ACCEPT, HttpFetcher
from bot.feeds.parse import Parser
from bot.feeds.web import Caps, Page, status_words
from bot.model import FailureKind, Fetched, FetchFailed, ParsedFeed

REQUESTS = 8
"""GETs that one search makes at most."""
CAPS = Caps(size=5 * 1024 * 1024, deadline=10.0)
USUAL_PLACES = ("/feed/", "/rss.xml", "/feed.xml", "/atom.xml", "/rss", "/index.xml", "/feed.json")


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was fetched and read, so that it can be followed as it is."""

    url: str
    title: str
    entries: int


async def discover(url: str, fetcher: HttpFetcher, parser: Parser) -> tuple[Found, ...] | FetchFailed:
    """The feeds behind a URL: itself where it is one, else those that its page names, else one at a usual place.

    A bare host may be given. What comes back was fetched and read; `FetchFailed` says why there is nothing.
    """
    address = url if "://" in url else f"https://{url}"
    page = await fetcher.get(address, CAPS, ACCEPT)
    if isinstance(page, FetchFailed):
        return page
    if not 200 <= page.status < 300:
        return FetchFailed(FailureKind.STATUS, f"the page answers {status_words(page.status)}", page.status)
    itself = await _as_feed(page, parser)
    if itself:
        return (itself,)
    named = await parser.links(page.body, page.url)
    links = [] if isinstance(named, FetchFailed) else [link for link, _ in named][: REQUESTS - 1]
    found = await asyncio.gather(*(_feed_at(link, fetcher, parser) for link in links))
    feeds = tuple(feed for feed in found if feed) or await _at_usual_places(
        page.url, REQUESTS - 1 - len(links), fetcher, parser
    )
    return feeds or FetchFailed(FailureKind.PARSE, "no feed was found there; give the feed's own URL")


async def _at_usual_places(url: str, requests: int, fetcher: HttpFetcher, parser: Parser) -> tuple[Found, ...]:
    """The first that is there; one after the other, since they are guesses."""
    for place in USUAL_PLACES[:requests]:
        if feed := await _feed_at(urljoin(url, place), fetcher, parser):
            return (feed,)
    return ()


async def _feed_at(url: str, fetcher: HttpFetcher, parser: Parser) -> Found | None:
    page = await fetcher.get(url, CAPS, ACCEPT)
    return await _as_feed(page, parser) if isinstance(page, Page) and 200 <= page.status < 300 else None


async def _as_feed(page: Page, parser: Parser) -> Found | None:
    kind = page.headers.get("content-type", "")
    parsed = await parser.parse(Fetched(url=page.url, body=page.body, content_type=kind))
    return Found(page.url, parsed.title, len(parsed.entries)) if isinstance(parsed, ParsedFeed) else None
