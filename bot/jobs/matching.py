"""Which watches an entry matches, among those of the tenants that follow its feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence

from bot.errors import QueryError
from bot.model import Entry, Match, Watch
from bot.ports import WatchStore
from bot.watch.expression import Expression
from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document

log = logging.getLogger(__name__)


class Matcher:
    """All watches of all channels in one index, made anew when a watch changes."""

    def __init__(self, store: WatchStore) -> None:
        self._store = store
        self._version = -1
        self._index: WatchIndex[str] = WatchIndex([])
        self._watches: dict[str, Watch] = {}

    async def matches(self, entries: Sequence[Entry], tenants: frozenset[str]) -> dict[str, tuple[Match, ...]]:
        """Entry id → its matches, empty where there are none."""
        if entries:
            await asyncio.to_thread(self._refresh)
        return {entry.id: tuple(self._matches(entry, tenants)) for entry in entries}

    def named(self, matches: Iterable[Match]) -> dict[str, Watch]:
        """The watches that these matches name, by id."""
        return {match.watch: self._watches[match.watch] for match in matches}

    def tenants(self, matches: Iterable[Match]) -> frozenset[str]:
        """Whose watches these matches name."""
        return frozenset(self._watches[match.watch].tenant for match in matches)

    def _matches(self, entry: Entry, tenants: frozenset[str]) -> Iterable[Match]:
        document = Document.of(entry.title, entry.text, entry.outlet, entry.language)
        for watch, expression in self._index.matches(document):
            if self._watches[watch].tenant in tenants:
                yield Match(watch, tuple(expression.hits(document)))

    def _refresh(self) -> None:
        version = self._store.version()
        if version == self._version:
            return
        watches = {watch.id: watch for watch in self._store.all()}
        self._index = WatchIndex(_expressions(watches))
        self._watches, self._version = watches, version


def _expressions(watches: Mapping[str, Watch]) -> Iterable[tuple[str, Expression]]:
    for watch in watches.values():
        try:
            yield watch.id, parse(watch.query)
        except QueryError as error:
            # Queries are checked when a watch is added; an older version's syntax must not stop all the others.
            log.warning("watch %r of %s is left out: %s", watch.name, watch.tenant, error.problem)
