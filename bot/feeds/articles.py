"""The articles behind entries whose feeds give only a teaser: read politely, and never waited for long."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakValueDictionary

from bot.errors import ClaimwatchError
from bot.feeds.canonical import canonical
from bot.feeds.fetch import HttpFetcher
from bot.feeds.parse import Parser
from bot.feeds.robots import Robots
from bot.feeds.teaser import is_teaser
from bot.feeds.web import Caps, redacted, status_words
from bot.model import Entry, FetchFailed

log = logging.getLogger(__name__)

ACCEPT = "text/html, application/xhtml+xml;q=0.9"
PAGE = Caps(size=5 * 1024 * 1024, deadline=20.0)
LEAST = 200
"""Characters; less than that is a notice about cookies or subscriptions."""
KEPT = 200
"""Articles that are remembered, so that one which several feeds name is asked for once."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much reading may take; well under a poll's lease."""

    at_once: int = 8  # over all polls
    a_poll: int = 12  # articles
    seconds: float = 60.0  # for all articles of a poll
    page: Caps = PAGE


class Articles:
    """One request an article; what fails or takes too long leaves the entry with its teaser."""

    def __init__(self, fetcher: HttpFetcher, reader: Parser, robots: Robots, bounds: Bounds | None = None) -> None:
        """`reader` is best not the one that reads feeds, so that no article holds those up."""
        self._fetcher, self._reader, self._robots = fetcher, reader, robots
        self._bounds = bounds or Bounds()
        self._turns = asyncio.Semaphore(self._bounds.at_once)
        self._known: OrderedDict[str, str] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, entries: Sequence[Entry]) -> dict[str, str]:
        """By entry id: the texts of the articles behind those that are teasers, as far as they can be had in time."""
        wanted = [entry for entry in entries if entry.url and is_teaser(entry.text)][: self._bounds.a_poll]
        reading = {entry.id: asyncio.create_task(self._article(entry)) for entry in wanted}
        try:
            if reading:
                await asyncio.wait(reading.values(), timeout=self._bounds.seconds)
        finally:
            late = [task for task in reading.values() if not task.done()]
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        done = {entry: task.result() for entry, task in reading.items() if task not in late}
        return {entry: text for entry, text in done.items() if text}

    async def _article(self, entry: Entry) -> str:
        """The article's text; empty where it says no more than the teaser or cannot be had."""
        key = canonical(entry.url) or entry.url
        lock = self._asking.setdefault(key, asyncio.Lock())
        async with lock:  # several feeds may name it at the same time
            if key not in self._known:
                async with self._turns:
                    self._known[key] = await self._asked(entry.url)
            text = self._known[key]
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return text if len(text) > max(len(entry.text), LEAST) else ""

    async def _asked(self, url: str) -> str:
        try:
            return await self._page(url)
        except ClaimwatchError as error:
            log.warning("the article %s is left: %s", redacted(url), error)
        except Exception:
            # The entry has its teaser; whatever is wrong with its article must not keep the poll from being committed.
            log.exception("the article %s cannot be read", redacted(url))
        return ""

    async def _page(self, url: str) -> str:
        page = await self._fetcher.get(url, self._bounds.page, ACCEPT, self._robots.allow)
        if isinstance(page, FetchFailed):
            return _left(url, page.detail)
        if not 200 <= page.status < 300:
            return _left(url, f"it answers {status_words(page.status)}")
        article = await self._reader.article(page.body, page.url)
        return _left(url, article.detail) if isinstance(article, FetchFailed) else article.text


def _left(url: str, reason: str) -> str:
    log.info("the article %s is left: %s", redacted(url), reason)
    return ""
