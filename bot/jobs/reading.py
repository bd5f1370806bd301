"""What is read of an entry that matches before it is compared: the article behind a teaser, and in which language."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.feeds.articles import Articles
from bot.feeds.language import with_languages
from bot.jobs.compare import Comparer, Tenants
from bot.model import Entry, Feed, Hush
from bot.ports import FeedStore


class Reading:
    """Without `articles` no page behind an entry is read."""

    def __init__(self, feeds: FeedStore, comparer: Comparer, articles: Articles | None) -> None:
        self._feeds, self._comparer, self._articles = feeds, comparer, articles

    async def readers(self, feed: Feed, concerned: Tenants, hush: Hush) -> Tenants:
        """For whom the article behind each entry is read: for nobody where the entry is not announced by itself."""
        if self._articles is None or hush is not Hush.NONE or not concerned:
            return {}
        readers = await asyncio.to_thread(self._feeds.readers, feed.id)
        return {entry: tenants & readers for entry, tenants in concerned.items() if tenants & readers}

    async def with_articles(self, feed: Feed, matched: Sequence[Entry], reading: Tenants) -> list[Entry]:
        """The entries with the articles behind those that are read, where they are teasers in a language of ours."""
        if self._articles is None or not reading:
            return list(matched)
        texts = await self._articles.read([entry for entry in matched if entry.id in reading and not entry.unread])
        found = with_languages([replace(entry, article=texts.get(entry.id, "")) for entry in matched], feed.language)
        return [self._comparer.noted(entry) for entry in found]
