"""What a decision is made from: the new entries of one poll, and each of them as one channel sees it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.model import (
    Action,
    Alert,
    Channel,
    Decision,
    Entry,
    Hush,
    Match,
    Owed,
    Relation,
    Verdict,
    Watch,
    WatchMode,
)

_RANK = {Relation.CONTRADICTS: 0, Relation.UPDATES: 1, Relation.CONFIRMS: 2}
_EAGER = frozenset({WatchMode.ALERT, WatchMode.BOTH})

Fact = tuple[str, Relation]
"""A claim and what was said to have happened to it: told once a story and channel."""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new entry, the story it belongs to, and what was found in it."""

    entry: Entry
    story: str
    matches: tuple[Match, ...] = ()
    verdicts: Mapping[str, tuple[Verdict, ...]] = field(default_factory=dict)  # tenant id → verdicts


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision depends on."""

    now: datetime
    newcomers: Sequence[Newcomer]
    watches: Mapping[str, Watch]  # by id; every watch that a match names
    channels: Mapping[str, Channel]  # by id; every channel that a watch names
    told: Sequence[Alert] = ()  # earlier alerts of these stories in these channels
    hush: Hush = Hush.NONE
    refuted: Mapping[str, frozenset[tuple[str, str, Relation]]] = field(default_factory=dict)
    """By tenant: story, claim and relation of what was marked wrong there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows: alerts, deliveries owed, and a decision for each entry and channel with a matching watch."""

    alerts: tuple[Alert, ...] = ()
    owed: tuple[Owed, ...] = ()
    decisions: tuple[Decision, ...] = ()


def by_strength(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Contradictions before updates before confirmations; within each the surest first."""
    return tuple(sorted(verdicts, key=lambda verdict: (_RANK[verdict.relation], -verdict.confidence, verdict.claim)))


def fact(verdict: Verdict) -> Fact:
    return verdict.claim, verdict.relation


@dataclass(frozen=True, slots=True)
class Hit:
    """A new entry, and the watches of one channel that it matches."""

    newcomer: Newcomer
    channel: Channel
    watches: tuple[tuple[Watch, Match], ...]
    refuted: frozenset[tuple[str, str, Relation]] = frozenset()  # story, claim and relation of what was marked wrong

    @property
    def listening(self) -> tuple[tuple[Watch, Match], ...]:
        """The watches that are not paused."""
        return tuple(pair for pair in self.watches if not pair[0].paused)

    @property
    def eager(self) -> tuple[Watch, Match] | None:
        """The first watch that wants every match at once."""
        return next((pair for pair in self.listening if pair[0].mode in _EAGER), None)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return by_strength(self.newcomer.verdicts.get(self.channel.tenant, ()))

    @property
    def alarms(self) -> tuple[Verdict, ...]:
        """The verdicts that are told at once: what the channel asks for, or all where a watch wants every match."""
        policy = self.channel.policy
        sure = (verdict for verdict in self.believed if verdict.confidence >= policy.min_confidence)
        return tuple(verdict for verdict in sure if self.eager or verdict.relation in policy.alert_on)

    @property
    def believed(self) -> tuple[Verdict, ...]:
        """The verdicts but for those that readers marked wrong."""
        return tuple(one for one in self.verdicts if (self.newcomer.story, *fact(one)) not in self.refuted)

    @property
    def facts(self) -> frozenset[Fact]:
        return frozenset(map(fact, self.alarms))

    def decided(self, action: Action, reason: str) -> Decision:
        return Decision(self.newcomer.entry.id, self.channel.id, action, reason)


def hits(newcomer: Newcomer, situation: Situation) -> Iterator[Hit]:
    """The entry once for every channel that has a matching watch."""
    by_channel: dict[str, list[tuple[Watch, Match]]] = {}
    for match in newcomer.matches:
        watch = situation.watches[match.watch]
        by_channel.setdefault(watch.channel, []).append((watch, match))
    for channel, watches in by_channel.items():
        told = situation.channels[channel]
        yield Hit(newcomer, told, tuple(watches), situation.refuted.get(told.tenant, frozenset()))
