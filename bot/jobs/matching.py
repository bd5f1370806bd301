"""Which watches an entry matches, among those of the tenants that follow its feed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.errors import QueryError
from bot.model import Entry, Match, Watch
from bot.ports import WatchStore
from bot.watch.expression import Expression
from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Matched:
    """What the entries of a poll match. `watches` are as they were then: they may be changed or removed meanwhile."""

    matches: Mapping[str, tuple[Match, ...]]  # by entry id; empty where there are none
    watches: Mapping[str, Watch]  # by id; those that the matches name

    def tenants(self, entry: str) -> frozenset[str]:
        """Whose watches the entry matches."""
        return frozenset(self.watches[match.watch].tenant for match in self.matches[entry])


@dataclass(frozen=True, slots=True)
class _Watching:
    """The watches of one version, and the index over them."""

    version: int
    watches: Mapping[str, Watch]
    index: WatchIndex[str]


class Matcher:
    """All watches of all channels in one index, made anew when a watch changes."""

    def __init__(self, store: WatchStore) -> None:
        self._store = store
        self._last = _Watching(-1, {}, WatchIndex([]))

    async def match(self, entries: Sequence[Entry], tenants: frozenset[str]) -> Matched:
        """What they match among the watches of these tenants. Works in a thread: entries may come by the thousand."""
        return await asyncio.to_thread(self._match, entries, tenants) if entries else Matched({}, {})

    def _match(self, entries: Sequence[Entry], tenants: frozenset[str]) -> Matched:
        watching = self._refreshed()
        matches = {entry.id: tuple(_matches(entry, watching, tenants)) for entry in entries}
        named = {match.watch for found in matches.values() for match in found}
        return Matched(matches, {watch: watching.watches[watch] for watch in named})

    def _refreshed(self) -> _Watching:
        """Index and watches of one moment; several threads may make them at once, and one wins."""
        version = self._store.version()
        if version == self._last.version:
            return self._last
        watches = {watch.id: watch for watch in self._store.all()}
        self._last = watching = _Watching(version, watches, WatchIndex(_expressions(watches)))
        return watching


def _matches(entry: Entry, watching: _Watching, tenants: frozenset[str]) -> Iterable[Match]:
    document = Document.of(entry.title, entry.text, entry.outlet, entry.language)
    for watch, expression in watching.index.matches(document):
        if watching.watches[watch].tenant in tenants:
            yield Match(watch, tuple(expression.hits(document)))


def _expressions(watches: Mapping[str, Watch]) -> Iterable[tuple[str, Expression]]:
    for watch in watches.values():
        try:
            yield watch.id, parse(watch.query)
        except QueryError as error:
            # Queries are checked when a watch is added; an older version's syntax must not stop all the others.
            log.warning("watch %r of %s is left out: %s", watch.name, watch.tenant, error.problem)
