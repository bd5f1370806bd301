"""Which watches an entry matches, among those of the tenants that follow its feed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import QueryError
from bot.jobs.compare import Tenants, Verdicts
from bot.model import Entry, Match, Watch
from bot.ports import ListStore, WatchStore
from bot.watch.expression import Expression, may_hold, touched
from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document

log = logging.getLogger(__name__)

Themes = Mapping[str, Mapping[str, str]]
"""By tenant: claim → theme."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What the entries of a poll match. `watches` are as they were then: they may be changed or removed meanwhile."""

    matches: Mapping[str, tuple[Match, ...]]  # by entry id; empty where there are none
    watches: Mapping[str, Watch]  # by id; those that the matches name
    judging: tuple[tuple[Watch, Expression], ...] = ()  # those that ask what an entry does to claims
    asked: Tenants = field(default_factory=dict)  # by entry: whose watches of those may match it, once it is compared

    def tenants(self, entry: str) -> frozenset[str]:
        """Whose watches the entry matches."""
        return frozenset(self.watches[match.watch].tenant for match in self.matches[entry])

    def judged(self, entries: Sequence[Entry], verdicts: Verdicts, themes: Themes) -> Matched:
        """With what matches for what it does to claims."""
        matches, watches = dict(self.matches), dict(self.watches)
        for entry in entries:
            for watch, expression in self.judging:
                if watch.tenant not in self.asked.get(entry.id, frozenset()):
                    continue
                touching = [one.claim for one in verdicts.get(entry.id, {}).get(watch.tenant, ())]
                document = _touching(entry, touching, themes.get(watch.tenant, {}))
                if expression.holds(document):
                    matches[entry.id] = (*matches[entry.id], Match(watch.id, tuple(expression.hits(document))))
                    watches[watch.id] = watch
        return replace(self, matches=matches, watches=watches)


@dataclass(frozen=True, slots=True)
class _Watching:
    """The watches of one version, and the index over them."""

    version: int
    watches: Mapping[str, Watch]
    index: WatchIndex[str]
    judging: tuple[tuple[Watch, Expression], ...] = ()


class Matcher:
    """All watches of all channels in one index, made anew when a watch changes."""

    def __init__(self, store: WatchStore, lists: ListStore) -> None:
        self._store, self._lists = store, lists
        self._last = _Watching(-1, {}, WatchIndex([]))

    def match(self, entries: Sequence[Entry], tenants: frozenset[str], version: int) -> Matched:
        """What they match among the watches of these tenants, as they are by that version. It may take long."""
        if not entries:
            return Matched({}, {})
        watching = self._refreshed(version)
        matches = {entry.id: tuple(_matches(entry, watching, tenants)) for entry in entries}
        named = {match.watch for found in matches.values() for match in found}
        judging = tuple(pair for pair in watching.judging if pair[0].tenant in tenants)
        asked = {entry.id: _asked(entry, judging) for entry in entries} if judging else {}
        return Matched(matches, {watch: watching.watches[watch] for watch in named}, judging, asked)

    def _refreshed(self, version: int) -> _Watching:
        """Index and watches of that moment or later; several threads may make them at once, and one wins."""
        last = self._last
        if version <= last.version:
            return last
        watches = {watch.id: watch for watch in self._store.all()}
        lists: dict[str, dict[str, Sequence[str]]] = {}
        for one in self._lists.all():
            lists.setdefault(one.tenant, {})[one.name] = one.words
        read = list(_expressions(watches, lists))
        judging = tuple((watches[watch], each) for watch, each in read if any(touched(each)))
        index = WatchIndex((watch, each) for watch, each in read if not any(touched(each)))
        self._last = watching = _Watching(version, watches, index, judging)
        return watching


def _matches(entry: Entry, watching: _Watching, tenants: frozenset[str]) -> Iterable[Match]:
    document = Document.of(entry.title, entry.text, entry.outlet, entry.language)
    for watch, expression in watching.index.matches(document):
        if watching.watches[watch].tenant in tenants:
            yield Match(watch, tuple(expression.hits(document)))


def _asked(entry: Entry, judging: Iterable[tuple[Watch, Expression]]) -> frozenset[str]:
    """Whose watches over claims the entry may match; a paused one is not worth a comparison."""
    document = Document.of(entry.title, entry.text, entry.outlet, entry.language)
    return frozenset(watch.tenant for watch, each in judging if not watch.paused and may_hold(each, document))


def _touching(entry: Entry, claims: Iterable[str], themes: Mapping[str, str]) -> Document:
    document = Document.of(entry.title, entry.text, entry.outlet, entry.language)
    held = frozenset(claims)
    return replace(
        document,
        claims=frozenset(claim.casefold() for claim in held),
        themes=frozenset(themes[claim].casefold() for claim in held if claim in themes),
    )


def _expressions(
    watches: Mapping[str, Watch], lists: Mapping[str, Mapping[str, Sequence[str]]]
) -> Iterable[tuple[str, Expression]]:
    for watch in watches.values():
        try:
            yield watch.id, parse(watch.query, lists.get(watch.tenant, {}))
        except QueryError as error:
            # Queries are checked when a watch is added; an older version's syntax must not stop all the others.
            log.warning("watch %r of %s is left out: %s", watch.name, watch.tenant, error.problem)
