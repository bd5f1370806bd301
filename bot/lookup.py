"""What commands read from the web: an article to be compared on the spot, and the feed behind an address."""

from __future__ import annotations

import asyncio

from bot.chat.commands.desk import Comparison, Page
from bot.errors import BadInput
from bot.feeds.canonical import canonical
from bot.feeds.discover import discover
from bot.feeds.fetch import HttpFetcher
from bot.feeds.language import language
from bot.feeds.parse import Parser
from bot.feeds.web import redacted, status_words
from bot.model import FeedIntent, FetchFailed, Item, speaks, stable_id
from bot.ports import Assessor, Store

_SCHEMES = ("http://", "https://")


class Lookup:
    """Answers on the spot; every address goes through the same guard, caps and deadlines as feeds."""

    def __init__(self, store: Store, fetcher: HttpFetcher, parser: Parser, assessor: Assessor) -> None:
        self._store, self._fetcher, self._parser, self._assessor = store, fetcher, parser, assessor

    async def compare(self, tenant: str, asked: str | Page) -> Comparison:
        """Compare a URL's article, a page or a text with the tenant's claims. Raises `BadInput` and `ModelError`."""
        item, url = await self._item(asked)
        claims = await asyncio.to_thread(self._store.claims.all, tenant)
        found = await asyncio.to_thread(language, item.title, item.text)
        if not speaks(found, self._assessor.languages):
            return Comparison(item, (), url, found)
        verdicts = await self._assessor.compare([item], claims)
        return Comparison(item, verdicts[0], url)

    async def discover(self, url: str) -> FeedIntent:
        """The feed at that address, or the first one that a site's page names. Raises `BadInput`."""
        found = await discover(url, self._fetcher, self._parser)
        if isinstance(found, FetchFailed):
            raise BadInput(f"{redacted(url)}: {found.detail}")
        return FeedIntent(found[0].url, found[0].title)

    async def read(self, url: str) -> Item:
        """The article at that address. Raises `BadInput`."""
        page = await self._fetcher.get(url)
        if isinstance(page, FetchFailed):
            raise BadInput(f"{redacted(url)}: {page.detail}")
        if not 200 <= page.status < 300:
            raise BadInput(f"{redacted(url)} answers {status_words(page.status)}; give the article's text instead")
        return await self._read(page.body, page.url, redacted(url))

    async def _item(self, asked: str | Page) -> tuple[Item, str]:
        """What is to be compared, and its address where it has one."""
        if isinstance(asked, Page):
            return await self._read(asked.html, "", "the file"), ""
        asked = asked.strip()
        if asked.lower().startswith(_SCHEMES) and len(asked.split()) == 1:
            return await self.read(asked), canonical(asked)
        return Item(stable_id(asked), "", asked), ""

    async def _read(self, body: bytes, url: str, named: str) -> Item:
        article = await self._parser.article(body, url)
        if isinstance(article, FetchFailed):
            raise BadInput(f"{named}: {article.detail}")
        return Item(stable_id(url or article.text), article.title, article.text)
