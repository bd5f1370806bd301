"""poll(feed): fetch → parse → identify → match → compare → group → decide → commit, the last in ONE transaction."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import StoreBusy
from bot.feeds.articles import Articles
from bot.feeds.identify import Identified, Listed, corrections, identify
from bot.feeds.language import with_languages
from bot.feeds.pace import Pace, fault_is_ours, next_poll, request_for, same_body
from bot.feeds.parse import Parser
from bot.jobs.compare import Comparer, Tenants, Verdicts
from bot.jobs.crew import Crew
from bot.jobs.matching import Matched, Matcher, Themes
from bot.jobs.reading import Reading
from bot.jobs.settling import Finding, Settler
from bot.jobs.together import Together
from bot.model import (
    Entry,
    Feed,
    Fetched,
    FetchFailed,
    FetchOutcome,
    Hush,
    Owed,
    ParsedFeed,
    Relation,
)
from bot.ports import Clock, Fetcher, Store

log = logging.getLogger(__name__)

LEASE = 300.0
"""Seconds for which a claimed feed is nobody else's: longer than a fetch, a parse and a comparison mostly take."""
OF_LATE = timedelta(minutes=30)
"""An older outcome says nothing about our network now."""
FEEDS_OF_LATE = 8
MANY = 2
"""The part of all polls that must be free before others are begun, but for a tick, as 1/MANY."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What one poll brought."""

    feed: Feed
    new: int
    matched: int
    alerts: int
    failure: FetchFailed | None = None
    owed: tuple[Owed, ...] = ()
    relations: tuple[Relation, ...] = ()  # of the verdicts


@dataclass(frozen=True, slots=True)
class _News:
    """What of a feed's document is new, who follows the feed, and what it matches among their watches."""

    found: Identified
    followers: frozenset[str]
    hits: Matched


NOTHING = _News(Identified(()), frozenset(), Matched({}, {}))


class Poller:
    """Polls feeds. Fetching, parsing and comparing run side by side; what is new is told, and settled, in turn."""

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        parser: Parser,
        comparer: Comparer,
        clock: Clock,
        pace: Pace,
        jitter: Callable[[], float],
        concurrency: int,
        told: Callable[[Polled], None],
        freed: Callable[[], None],
        articles: Articles | None = None,
    ) -> None:
        """`jitter` draws from [0, 1); `told` hears of each poll, and `freed` when others may begin, a half at least.

        Without `articles` no page behind an entry is read.
        """
        self._store, self._fetcher, self._parser, self._comparer = store, fetcher, parser, comparer
        self._clock, self._pace, self._jitter, self._told = clock, pace, jitter, told
        self._reading = Reading(store.feeds, comparer, articles)
        self._crew = Crew(concurrency, self._freed)
        self._freed_many, self._concurrency = freed, concurrency
        # Threads that are busy in Python slow each other down: the two that are work one at a time.
        self._lane = threading.Lock()
        self._news = Together(self._read_news, lambda poll: 1 + (len(poll[1].entries) if poll[1] else 0))
        self._quiet = Together(self._put_quiet)
        self._matcher = Matcher(store.watches, store.lists)
        self._settler = Settler(store, clock, self._lane)
        self._recent: dict[str, tuple[datetime, FetchOutcome]] = {}
        self._under_way: set[str] = set()

    def _freed(self) -> None:
        """Others may begin: told where a good part may, since each look at what is due is a transaction."""
        if self._crew.free * MANY >= self._concurrency:
            self._freed_many()

    async def begin_due(self) -> int:
        """Begin to poll the feeds that are due, as many at once as settings allow. The number begun.

        A feed that is still being polled when its lease runs out is not begun again: its lease is renewed by this.
        """
        room = self._crew.free
        if not room:
            return 0
        due = await asyncio.to_thread(self._store.feeds.claim_due, self._clock.now(), LEASE, room)
        feeds = [feed for feed in due if feed.id not in self._under_way]
        for feed in feeds:
            self._under_way.add(feed.id)
            self._crew.start(self.poll_safely(feed))
        return len(feeds)

    @property
    def busy(self) -> bool:
        """Whether any poll that was begun has not ended."""
        return self._crew.busy

    async def drain(self, patience: float | None = None) -> None:
        """Wait for the polls that were begun."""
        await self._crew.drain(patience)

    async def poll_safely(self, feed: Feed) -> None:
        """Poll one feed, and tell what came of it; what goes wrong is logged."""
        try:
            polled = await self.poll(feed)
        except StoreBusy as error:
            # The lease runs out, and the feed is polled again: what was committed all the same is there then.
            log.warning("polling %s failed: %s", feed.title or feed.id, error)
        except Exception:
            # The same, but nothing of it was committed.
            log.exception("polling %s failed", feed.title or feed.id)
        else:
            self._told(polled)
        finally:
            self._under_way.discard(feed.id)

    async def poll(self, feed: Feed) -> Polled:
        """Poll one feed and commit what follows from it. Raises `StoreError` where that fails."""
        request = request_for(feed, self._clock.now(), self._pace)
        outcome, parsed = await self._read(feed, await self._fetcher.fetch(request))
        now = self._clock.now()
        paced = next_poll(
            feed,
            request,
            outcome,
            now,
            self._jitter(),
            parsed=parsed,
            ours=fault_is_ours(self._of_late(feed.id, outcome, now)),
            pace=self._pace,
        )
        failure = outcome if isinstance(outcome, FetchFailed) else None
        settled = (paced.feed.state, paced.feed.url) == (feed.state, feed.url)
        news = NOTHING
        if parsed is not None or not settled:
            news = await self._news.put((feed, parsed))
        if settled and news.found == NOTHING.found:
            await self._quiet.put(paced.feed)
            return Polled(paced.feed, 0, 0, 0, failure)
        return await self._commit(feed, paced.feed, failure, news)

    def _put_quiet(self, feeds: Sequence[Feed]) -> Sequence[None]:
        self._store.feeds.put_polled(feeds)
        return [None] * len(feeds)

    def _of_late(self, feed: str, outcome: FetchOutcome, now: datetime) -> list[FetchOutcome]:
        """The last outcome of each of the feeds polled last, this one included."""
        self._recent.pop(feed, None)
        bare = replace(outcome, body=b"") if isinstance(outcome, Fetched) else outcome
        fresh = [(one, seen) for one, seen in self._recent.items() if now - seen[0] <= OF_LATE]
        self._recent = dict([*fresh, (feed, (now, bare))][-FEEDS_OF_LATE:])
        return [last for _, last in self._recent.values()]

    async def _read(self, feed: Feed, outcome: FetchOutcome) -> tuple[FetchOutcome, ParsedFeed | None]:
        """The outcome with the document's entries; a body that did not change is not parsed again."""
        if not isinstance(outcome, Fetched) or same_body(feed, outcome):
            return outcome, None
        parsed = await self._parser.parse(outcome)
        return (parsed, None) if isinstance(parsed, FetchFailed) else (outcome, parsed)

    def _read_news(self, polls: Sequence[tuple[Feed, ParsedFeed | None]]) -> list[_News]:
        """What of the documents is new, in which languages, and what it matches."""
        with self._lane:
            told_apart = [(feed, Listed.of(parsed) if parsed else None) for feed, parsed in polls]
            read, version = self._store.view(
                lambda: ([self._new(feed, listed) for feed, listed in told_apart], self._store.watches.version())
            )
            return [self._matched(feed, news, version) for (feed, _), news in zip(polls, read, strict=True)]

    def _new(self, feed: Feed, listed: Listed | None) -> _News:
        followers = self._store.feeds.followers(feed.id)
        if listed is None:
            return replace(NOTHING, followers=followers)
        known = self._store.entries.known(feed.id, listed.keys)
        found = identify(feed, listed, known, self._clock.now())
        if known:
            shown = listed.headlines(feed)
            found = replace(found, retitled=corrections(shown, self._store.entries.titles(shown)))
        return replace(NOTHING, found=found, followers=followers)

    def _matched(self, feed: Feed, news: _News, version: int) -> _News:
        found = replace(news.found, entries=with_languages(news.found.entries, feed.language))
        return replace(news, found=found, hits=self._matcher.match(found.entries, news.followers, version))

    async def _commit(self, feed: Feed, paced: Feed, failure: FetchFailed | None, news: _News) -> Polled:
        found, hits = news.found, news.hits
        matching = [entry for entry in found.entries if hits.matches[entry.id]]
        matched, concerned, reading = await self._read_on(feed, matching, hits, found.hush)
        verdicts = await self._comparer.verdicts(matched, concerned, reading)
        if found.hush is Hush.NONE and any(hits.asked.values()):
            hits, verdicts = await self._judged(found.entries, hits, verdicts)
            late = [one for one in found.entries if hits.matches[one.id] and one.id not in concerned]
            read, whose, reading = await self._read_on(feed, late, hits, found.hush)
            more = await self._comparer.verdicts([entry for entry in read if entry.article], whose, reading)
            matched, verdicts = [*matched, *read], {**verdicts, **more}
        whole = {entry.id: entry for entry in matched}
        found = replace(found, entries=tuple(whole.get(entry.id, entry) for entry in found.entries))
        plan, new = await self._settler.settle(Finding(feed, paced, found, hits, verdicts, news.followers))
        relations = tuple(one.relation for by in verdicts.values() for found in by.values() for one in found)
        return Polled(paced, new, len(matched), len(plan.alerts), failure, plan.owed, relations)

    async def _read_on(
        self, feed: Feed, entries: Sequence[Entry], hits: Matched, hush: Hush
    ) -> tuple[list[Entry], Tenants, Tenants]:
        """The entries with the articles behind them; whose watches each matches, and for whom its article is read."""
        noted = [self._comparer.noted(entry) for entry in entries]
        concerned = {entry.id: hits.tenants(entry.id) for entry in entries}
        reading = await self._reading.readers(feed, concerned, hush)
        return await self._reading.with_articles(feed, noted, reading), concerned, reading

    async def _judged(self, entries: Sequence[Entry], hits: Matched, verdicts: Verdicts) -> tuple[Matched, Verdicts]:
        """What matches for what it does to claims; compared for that is only what no word has matched yet."""
        rest = {one: wanted - verdicts.get(one, {}).keys() for one, wanted in hits.asked.items()}
        asked = [self._comparer.noted(entry) for entry in entries if rest[entry.id]]
        more = await self._comparer.verdicts(asked, rest)
        said = {one: {**verdicts.get(one, {}), **more.get(one, {})} for one in {*verdicts, *more}}
        themes = await asyncio.to_thread(self._themes, {watch.tenant for watch, _ in hits.judging})
        judged = hits.judged(entries, said, themes)
        return judged, {
            one: {tenant: found for tenant, found in by.items() if tenant in judged.tenants(one)}
            for one, by in said.items()
        }

    def _themes(self, tenants: Iterable[str]) -> Themes:
        return {tenant: {claim.id: claim.theme for claim in self._store.claims.all(tenant)} for tenant in tenants}
