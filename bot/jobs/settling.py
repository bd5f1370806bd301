"""What a poll found → stories, decisions and one commit, in turn: each depends on the stories of those before."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from bot.alerts.decide import decide
from bot.alerts.notices import feed_notices, flood_notices
from bot.alerts.situation import Newcomer, Situation
from bot.feeds.canonical import canonical
from bot.feeds.identify import Identified
from bot.jobs.compare import Verdicts
from bot.jobs.corrections import corrected
from bot.jobs.matching import Matched
from bot.jobs.together import MOST, Together
from bot.model import Channel, Decision, Entry, EntryPlan, Feed, Hush, PollPlan, Sketch, Watch
from bot.ports import Clock, Store
from bot.stories.group import WINDOW, StoryIndex, shape


@dataclass(frozen=True, slots=True)
class Finding:
    """What one poll found."""

    before: Feed
    feed: Feed  # as the poll leaves it
    found: Identified
    hits: Matched
    verdicts: Verdicts
    followers: frozenset[str]

    @property
    def matched(self) -> bool:
        """Whether any entry matches a watch, and so may begin a story that is told, now or later."""
        return any(self.hits.matches.values())

    @property
    def weight(self) -> int:
        """How much of a transaction it takes; what may be told has its own: it depends on what was told before."""
        return MOST if self.matched and self.found.hush is Hush.NONE else 1 + len(self.found.entries)


class Settler:
    """Groups, decides and commits."""

    def __init__(self, store: Store, clock: Clock, lane: threading.Lock) -> None:
        """`lane` is held while it works, but not while it waits for its turn among processes."""
        self._store, self._clock, self._lane = store, clock, lane
        self._stories, self._sequence = StoryIndex(), 0
        self._together = Together(self._settle, lambda finding: finding.weight)

    async def settle(self, finding: Finding) -> tuple[PollPlan, int]:
        """What was committed, and the number of new entries. Raises what the store's `commit` raises."""
        return await self._together.put(finding)

    def _settle(self, findings: Sequence[Finding]) -> list[tuple[PollPlan, int]]:
        """One poll, or several that tell nothing: those share a transaction.

        What matched is settled by one at a time among all processes, or two would begin the same story.
        """
        turn = self._store.turn() if any(one.matched for one in findings) else nullcontext(lambda: None)
        with turn as still_ours, self._lane:
            try:
                plans = self._store.view(lambda: self._plans(findings))
                still_ours()
                return list(zip(plans, self._store.commit(plans), strict=True))
            except BaseException:
                # The stories of what was not committed are remembered by now; all that is stored is read anew.
                self._stories, self._sequence = StoryIndex(), 0
                raise

    def _plans(self, findings: Sequence[Finding]) -> list[PollPlan]:
        known, self._sequence = self._store.entries.sketches(self._sequence, self._clock.now() - WINDOW)
        for sketch in known:
            self._stories.add(sketch)
        return [self._planned(finding) for finding in findings]

    def _planned(self, finding: Finding) -> PollPlan:
        sketches = self._sketches(finding.found.entries, finding.hits)
        newcomers = [
            Newcomer(
                entry, sketches[entry.id].story, finding.hits.matches[entry.id], finding.verdicts.get(entry.id, {})
            )
            for entry in finding.found.entries
        ]
        situation = self._situation(newcomers, finding.hits.watches, finding.found.hush)
        return corrected(self._plan(finding, situation, sketches), finding.found.retitled, self._store)

    def _sketches(self, entries: Sequence[Entry], hits: Matched) -> dict[str, Sketch]:
        """Each entry's story: one that is known, or its own. They are remembered from here on.

        Entries of one poll find each other as those of two polls do.
        """
        sketches: dict[str, Sketch] = {}
        for entry in entries:
            url_key = canonical(entry.url)
            # What matches no watch is told to nobody; it needs no likeness, only its URL.
            form = shape(entry.title, entry.text) if hits.matches[entry.id] else b""
            story = self._stories.story_of(url_key, form, entry.published) or entry.id
            sketches[entry.id] = Sketch(entry.id, story, url_key, form, entry.published)
            self._stories.add(sketches[entry.id])
        return sketches

    def _plan(self, finding: Finding, situation: Situation, sketches: Mapping[str, Sketch]) -> PollPlan:
        outcome = decide(situation)
        decisions: dict[str, list[Decision]] = {}
        for decision in outcome.decisions:
            decisions.setdefault(decision.entry, []).append(decision)
        owed = list(outcome.owed)
        if finding.feed.state is not finding.before.state or situation.hush is Hush.FLOOD:
            tenants = [tenant for tenant in self._store.tenants.all() if tenant.id in finding.followers]
            owed += feed_notices(finding.before, finding.feed, tenants, situation.now)
            if situation.hush is Hush.FLOOD:
                owed += flood_notices(finding.before, len(situation.newcomers), tenants, situation.now)
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
        return PollPlan(finding.feed, situation.now, entries, outcome.alerts, tuple(owed))

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
