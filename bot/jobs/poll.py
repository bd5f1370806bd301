"""poll(feed): fetch → parse → identify → match → compare → group → decide → commit, the last in ONE transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.alerts.decide import decide
from bot.alerts.notices import feed_notices, flood_notices
from bot.alerts.situation import Newcomer, Situation
from bot.feeds.articles import Articles
from bot.feeds.canonical import canonical
from bot.feeds.identify import Identified, Listed, corrections, identify
from bot.feeds.language import with_languages
from bot.feeds.pace import Pace, Paced, fault_is_ours, next_poll, request_for, same_body
from bot.feeds.parse import Parser
from bot.jobs.compare import Comparer, Verdicts
from bot.jobs.corrections import corrected
from bot.jobs.crew import Crew
from bot.jobs.matching import Matched, Matcher, Themes
from bot.jobs.reading import Reading
from bot.jobs.together import Together
from bot.model import (
    Channel,
    Decision,
    Entry,
    EntryPlan,
    Feed,
    Fetched,
    FetchFailed,
    FetchOutcome,
    Hush,
    Owed,
    ParsedFeed,
    PollPlan,
    Relation,
    Sketch,
    Watch,
)
from bot.ports import Clock, Fetcher, Store
from bot.stories.group import WINDOW, StoryIndex, shape

log = logging.getLogger(__name__)

LEASE = 300.0
"""Seconds for which a claimed feed is nobody else's: longer than a fetch, a parse and a comparison mostly take."""
OF_LATE = timedelta(minutes=30)
"""An older outcome says nothing about our network now."""
FEEDS_OF_LATE = 8
MANY = 4
"""The part of all polls that must be free before others are begun, but for a tick, as 1/MANY."""
NOTHING = Identified(())


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


class Poller:
    """Polls feeds. Fetching, parsing and comparing run side by side; from grouping on one poll goes at a time."""

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
        """`jitter` draws from [0, 1); `told` hears of each poll, and `freed` when others may begin, a quarter at least.

        Without `articles` no page behind an entry is read.
        """
        self._store, self._fetcher, self._parser, self._comparer = store, fetcher, parser, comparer
        self._clock, self._pace, self._jitter, self._told = clock, pace, jitter, told
        self._reading = Reading(store.feeds, comparer, articles)
        self._crew = Crew(concurrency, self._freed)
        self._freed_many, self._concurrency = freed, concurrency
        self._quiet = Together(store.feeds.put_polled)
        self._matcher = Matcher(store.watches, store.lists)
        self._stories, self._sequence = StoryIndex(), 0
        self._recent: dict[str, tuple[datetime, FetchOutcome]] = {}
        self._under_way: set[str] = set()
        self._turn = asyncio.Lock()

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
        except Exception:
            # Nothing of it was committed: the lease runs out, and the feed is polled again.
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
        found, followers = NOTHING, frozenset[str]()
        if parsed is not None or not settled:
            found, followers = await asyncio.to_thread(self._identified, feed, parsed)
        if settled and found == NOTHING:
            await self._quiet.put(paced.feed)
            return Polled(paced.feed, 0, 0, 0, failure)
        return await self._commit(feed, paced, failure, found, followers)

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

    def _identified(self, feed: Feed, parsed: ParsedFeed | None) -> tuple[Identified, frozenset[str]]:
        """What of the document is new, and who follows the feed."""
        listed = Listed.of(parsed) if parsed else None
        found, followers = self._store.view(lambda: self._new(feed, listed))
        return replace(found, entries=with_languages(found.entries, feed.language)), followers

    def _new(self, feed: Feed, listed: Listed | None) -> tuple[Identified, frozenset[str]]:
        followers = self._store.feeds.followers(feed.id)
        if listed is None:
            return NOTHING, followers
        known = self._store.entries.known(feed.id, listed.keys)
        found = identify(feed, listed, known, self._clock.now())
        if known:
            shown = listed.headlines(feed)
            found = replace(found, retitled=corrections(shown, self._store.entries.titles(shown)))
        return found, followers

    async def _commit(
        self, feed: Feed, paced: Paced, failure: FetchFailed | None, found: Identified, followers: frozenset[str]
    ) -> Polled:
        hits = await self._matcher.match(found.entries, followers)
        matched = [self._comparer.noted(entry) for entry in found.entries if hits.matches[entry.id]]
        concerned = {entry.id: hits.tenants(entry.id) for entry in matched}
        reading = await self._reading.readers(feed, concerned, found.hush)
        matched = await self._reading.with_articles(feed, matched, reading)
        verdicts = await self._comparer.verdicts(matched, concerned, reading)
        if found.hush is Hush.NONE and any(hits.asked.values()):
            hits, verdicts = await self._judged(found.entries, hits, verdicts)
            late = [one for one in found.entries if hits.matches[one.id] and one.id not in concerned]
            matched += map(self._comparer.noted, late)
        whole = {entry.id: entry for entry in matched}
        found = replace(found, entries=tuple(whole.get(entry.id, entry) for entry in found.entries))
        async with self._turn:
            plan, new = await asyncio.to_thread(self._settle, feed, paced, found, hits, verdicts, followers)
        relations = tuple(one.relation for by in verdicts.values() for found in by.values() for one in found)
        return Polled(paced.feed, new, len(matched), len(plan.alerts), failure, plan.owed, relations)

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

    def _settle(
        self,
        feed: Feed,
        paced: Paced,
        found: Identified,
        hits: Matched,
        verdicts: Verdicts,
        followers: frozenset[str],
    ) -> tuple[PollPlan, int]:
        """Group, decide and commit; one poll at a time, since each depends on the stories of the ones before.

        Where a poll matched anything, that is one at a time among all processes, or two would tell the same story.
        """
        with self._store.turn() if any(hits.matches.values()) else nullcontext():
            return self._settle_in_turn(feed, paced, found, hits, verdicts, followers)

    def _settle_in_turn(
        self,
        feed: Feed,
        paced: Paced,
        found: Identified,
        hits: Matched,
        verdicts: Verdicts,
        followers: frozenset[str],
    ) -> tuple[PollPlan, int]:
        def planned() -> PollPlan:
            sketches = self._sketches(found.entries, hits)
            newcomers = [
                Newcomer(entry, sketches[entry.id].story, hits.matches[entry.id], verdicts.get(entry.id, {}))
                for entry in found.entries
            ]
            situation = self._situation(newcomers, hits.watches, found.hush)
            return corrected(self._plan(feed, paced, situation, sketches, followers), found.retitled, self._store)

        plan = self._store.view(planned)
        new = self._store.commit(plan)
        for one in plan.entries:
            self._stories.add(one.sketch)
        return plan, new

    def _sketches(self, entries: Sequence[Entry], hits: Matched) -> dict[str, Sketch]:
        """Each entry's story: one that is known, one of an earlier entry of this poll, or its own."""
        since = self._clock.now() - WINDOW
        known, self._sequence = self._store.entries.sketches(self._sequence, since)
        for sketch in known:
            self._stories.add(sketch)
        sketches: dict[str, Sketch] = {}
        here = StoryIndex()
        for entry in entries:
            url_key = canonical(entry.url)
            # What matches no watch is told to nobody; it needs no likeness, only its URL.
            form = shape(entry.title, entry.text) if hits.matches[entry.id] else b""
            story = self._stories.story_of(url_key, form, entry.published)
            story = story or here.story_of(url_key, form, entry.published) or entry.id
            sketches[entry.id] = Sketch(entry.id, story, url_key, form, entry.published)
            here.add(sketches[entry.id])
        return sketches

    def _plan(
        self,
        before: Feed,
        paced: Paced,
        situation: Situation,
        sketches: Mapping[str, Sketch],
        followers: frozenset[str],
    ) -> PollPlan:
        outcome = decide(situation)
        decisions: dict[str, list[Decision]] = {}
        for decision in outcome.decisions:
            decisions.setdefault(decision.entry, []).append(decision)
        owed = list(outcome.owed)
        if paced.feed.state is not before.state or situation.hush is Hush.FLOOD:
            tenants = [tenant for tenant in self._store.tenants.all() if tenant.id in followers]
            owed += feed_notices(before, paced.feed, tenants, situation.now)
            if situation.hush is Hush.FLOOD:
                owed += flood_notices(before, len(situation.newcomers), tenants, situation.now)
        entries = tuple(
            EntryPlan(
                newcomer.entry,
                sketches[newcomer.entry.id],
                newcomer.matches,
                newcomer.verdicts,
                tuple(decisions.get(newcomer.entry.id, ())),
            )
            for newcomer in situation.newcomers
        )
        return PollPlan(paced.feed, situation.now, entries, outcome.alerts, tuple(owed))

    def _situation(self, newcomers: Sequence[Newcomer], watches: Mapping[str, Watch], hush: Hush) -> Situation:
        channels: dict[str, Channel] = {
            channel: self._store.tenants.channel(channel) for channel in {watch.channel for watch in watches.values()}
        }
        # of a story that begins here nothing was told or marked yet
        stories = {newcomer.story for newcomer in newcomers} - {newcomer.entry.id for newcomer in newcomers}
        told = self._store.alerts.told(channels, stories) if channels and stories else []
        tenants = {channel.tenant for channel in channels.values()}
        refuted = {tenant: self._store.reviews.refuted(tenant, stories) for tenant in tenants if stories}
        now = self._clock.now()
        mutes = {tenant: self._store.mutes.active(tenant, now) for tenant in tenants}
        return Situation(now, newcomers, watches, channels, told, hush, refuted, mutes)
