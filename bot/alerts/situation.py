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
    Mute,
    MuteKind,
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
    mutes: Mapping[str, Sequence[Mute]] = field(default_factory=dict)  # by tenant; those that hold now


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
    mutes: tuple[Mute, ...] = ()

    @property
    def listening(self) -> tuple[tuple[Watch, Match], ...]:
        """The watches that are neither paused nor muted."""
        return tuple(
            pair for pair in self.watches if not pair[0].paused and not self._muted(MuteKind.WATCH, pair[0].id)
        )

    @property
    def silencing(self) -> Mute | None:
        """The mute for which nothing of the entry is told, whatever it says; one of a watch silences it alone."""
        entry = self.newcomer.entry
        whole = self._muted(MuteKind.STORY, self.newcomer.story) or self._muted(MuteKind.FEED, entry.feed)
        said = self._said()
        claims = [self._muted(MuteKind.CLAIM, verdict.claim) for verdict in said]
        return whole or (claims[0] if claims and all(claims) else None) or self._muted_watches()

    @property
    def eager(self) -> tuple[Watch, Match] | None:
        """The first watch that wants every match at once."""
        return next((pair for pair in self.listening if pair[0].mode in _EAGER), None)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What it does to claims that are not muted."""
        return tuple(one for one in self._said() if not self._muted(MuteKind.CLAIM, one.claim))

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

    def _said(self) -> tuple[Verdict, ...]:
        return by_strength(self.newcomer.verdicts.get(self.channel.tenant, ()))

    def _muted(self, kind: MuteKind, subject: str) -> Mute | None:
        return next((mute for mute in self.mutes if (mute.kind, mute.subject) == (kind, subject)), None)

    def _muted_watches(self) -> Mute | None:
        """The first watch's mute where all that are not paused are muted."""
        heard = [watch for watch, _ in self.watches if not watch.paused]
        mutes = [self._muted(MuteKind.WATCH, watch.id) for watch in heard]
        return mutes[0] if mutes and all(mutes) else None


def hits(newcomer: Newcomer, situation: Situation) -> Iterator[Hit]:
    """The entry once for every channel that has a matching watch."""
    by_channel: dict[str, list[tuple[Watch, Match]]] = {}
    for match in newcomer.matches:
        watch = situation.watches[match.watch]
        by_channel.setdefault(watch.channel, []).append((watch, match))
    for channel, watches in by_channel.items():
        told = situation.channels[channel]
        refuted = situation.refuted.get(told.tenant, frozenset())
        yield Hit(newcomer, told, tuple(watches), refuted, tuple(situation.mutes.get(told.tenant, ())))
