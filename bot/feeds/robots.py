"""Whether a site lets us read a page: its robots.txt, kept for a day, as RFC 9309 has it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from bot.feeds.fetch import HttpFetcher
from bot.feeds.parse import Parser
from bot.feeds.web import Caps
from bot.model import FetchFailed

AGENT = "Claimwatch"
CAPS = Caps(size=512 * 1024, deadline=10.0)
"""Five hundred kibibytes are what RFC 9309 asks for at least."""
FRESH = timedelta(hours=24)
AGAIN = timedelta(minutes=30)
"""A site that did not answer is asked again after so long; until then nothing of it is read."""
SITES = 100


@dataclass(frozen=True, slots=True)
class _Rules:
    body: bytes | None  # None: the site did not say, so nothing is allowed
    until: datetime


class Robots:
    """Asks each site once a day."""

    def __init__(self, fetcher: HttpFetcher, reader: Parser, now: Callable[[], datetime]) -> None:
        self._fetcher, self._reader, self._now = fetcher, reader, now
        self._known: OrderedDict[str, _Rules] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def allow(self, url: str) -> bool:
        """Whether the URL may be read. Raises `ReaderError` where no worker can be started."""
        rules = await self._rules(site(url))
        if not rules.body:
            return rules.body is not None
        answer = await self._reader.allowed(rules.body, url, AGENT)
        return answer is True  # rules that cannot be read within the worker's limits allow nothing

    async def _rules(self, origin: str) -> _Rules:
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            known = self._known.get(origin)
            if known is None or known.until <= self._now():
                known = self._known[origin] = await self._ask(origin)
                while len(self._known) > SITES:
                    self._known.popitem(last=False)
            self._known.move_to_end(origin)
            return known

    async def _ask(self, origin: str) -> _Rules:
        """A site without the file allows everything, one that fails to answer nothing (RFC 9309, 2.3.1)."""
        page = await self._fetcher.get(f"{origin}/robots.txt", CAPS, "text/plain, */*;q=0.1")
        now = self._now()
        if isinstance(page, FetchFailed) or page.status >= 500 or page.status == 429:
            return _Rules(None, now + AGAIN)
        return _Rules(page.body if 200 <= page.status < 300 else b"", now + FRESH)


def site(url: str) -> str:
    """Scheme, host and port: what one robots.txt is for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
