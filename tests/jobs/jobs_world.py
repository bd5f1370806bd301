"""A small world for the jobs: a clock set by hand, an assessor and a platform that follow a script, and tenants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from feed_server import FeedServer, News

from bot.blocks import Message
from bot.chat.console import LIMITS
from bot.feeds.articles import Articles
from bot.feeds.fetch import HttpFetcher
from bot.feeds.pace import Pace
from bot.feeds.parse import Parser
from bot.feeds.web import Web
from bot.jobs.compare import Comparer
from bot.jobs.poll import Polled, Poller
from bot.model import (
    Alert,
    Channel,
    Claim,
    ClaimKind,
    DeliveryKind,
    Entry,
    Feed,
    FeedIntent,
    Item,
    ParsedFeed,
    Policy,
    Relation,
    SendOutcome,
    Sent,
    Tenant,
    Verdict,
    Watch,
    WatchMode,
    stable_id,
)
from storage import Store

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = timedelta(hours=4)
"""Longer than any feed that is well waits for its next poll here."""


@dataclass
class HandClock:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time

    def forward(self, span: timedelta) -> None:
        self.time += span


async def _nothing() -> None:
    """What an assessor does before it answers, unless a test says otherwise."""


@dataclass
class ScriptedAssessor:
    """Says of an item whatever was set down for words in its title, as far as the claims are held."""

    script: dict[str, tuple[Verdict, ...]] = field(default_factory=dict)
    asked: list[tuple[list[str], list[str]]] = field(default_factory=list)  # (titles, statements)
    in_text: dict[str, Verdict] = field(default_factory=dict)  # said wherever these words stand in the text
    before: Callable[[], Awaitable[None]] = _nothing
    name: str = "script"
    languages: frozenset[str] = frozenset()

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        self.asked.append(([item.title for item in items], [claim.statement for claim in claims]))
        await self.before()
        held = {claim.id for claim in claims}
        return [
            tuple(
                one for words, said in self.script.items() if words in item.title for one in said if one.claim in held
            )
            + tuple(one for words, one in self.in_text.items() if words in item.text and one.claim in held)
            for item in items
        ]


class CountingParser(Parser):
    """The real one; counts what it is given."""

    parsed = 0

    async def parse(self, *args: object) -> ParsedFeed:  # type: ignore[override]
        self.parsed += 1
        return await super().parse(*args)  # type: ignore[arg-type,return-value]


def says(relation: Relation, claim: str = "arms", confidence: float = 0.9, change: str | None = None) -> Verdict:
    return Verdict(claim, relation, confidence, "as reported", change)


def claim(name: str = "arms", statement: str = "Poland asks for nuclear arms.") -> Claim:
    return Claim(name, "nuclear", ClaimKind.POSITION, "Herald", "2025-03", statement)


@dataclass
class Newsroom:
    """Everything that polls need, and what came of them."""

    store: Store
    server: FeedServer
    web: Web
    parser: CountingParser
    clock: HandClock = field(default_factory=HandClock)
    assessor: ScriptedAssessor = field(default_factory=ScriptedAssessor)
    polled: list[Polled] = field(default_factory=list)
    articles: Articles | None = None

    def poller(self, freed: Callable[[], None] = lambda: None) -> Poller:
        return Poller(
            self.store,
            HttpFetcher(self.web, self.clock.now),
            self.parser,
            Comparer(self.assessor, self.store.claims),
            self.clock,
            Pace(),
            lambda: 0.0,
            8,
            self.polled.append,
            freed,
            self.articles,
        )

    async def poll(self, poller: Poller | None = None) -> list[Polled]:
        """Poll what is due now; what came of it."""
        before = len(self.polled)
        poller = poller or self.poller()
        for _ in range(20):
            if not await poller.begin_due():
                break
            await poller.drain(60)
        return self.polled[before:]

    def follow(self, name: str, tenant: str = "console:home", *, existing: bool = False) -> Feed:
        intent = FeedIntent(self.server.url(name), name.title(), announce_existing=existing)
        return self.store.feeds.follow(tenant, intent, self.clock.now())

    def news(self, title: str, text: str = "", key: str = "", link: str = "") -> News:
        """Published now, by the clock."""
        return News(title, self.clock.now(), text, key, link)

    def latest(self, tenant: str = "console:home") -> list[Entry]:
        return self.store.entries.latest(tenant, 50)

    def alerts(self, channel: str = "console:news") -> list[Alert]:
        """In the order in which they were made."""
        channels = self.store.tenants.channel(channel)
        stories = {self.store.entries.trail(channels.tenant, entry.id).story for entry in self.latest(channels.tenant)}
        return sorted(self.store.alerts.told([channel], stories), key=lambda alert: alert.created)

    def notices(self, channel: str = "console:news") -> list[str]:
        """The texts of the notices that are owed, oldest first; they are sent by this, one after the other."""
        texts = []
        for _ in range(100):
            due = self.store.deliveries.claim_due(self.clock.now() + timedelta(days=9), ["console"], 50)
            if not due:
                break
            for one in due:
                if one.kind is DeliveryKind.NOTICE and one.channel == channel:
                    texts.append(one.payload)
                self.store.deliveries.mark(one.id, Sent("1"), self.clock.now())
        return texts


def settle(
    store: Store,
    name: str = "home",
    channel: str = "news",
    watches: dict[str, str] | None = None,
    claims: Sequence[Claim] = (),
    mode: WatchMode = WatchMode.MOVED,
    policy: Policy | None = None,
) -> Channel:
    """A tenant with one channel, which hears its notices, too."""
    tenant = f"console:{name}"
    place = Channel(f"console:{channel}", tenant, "console", channel, channel, policy or Policy())
    store.tenants.put(Tenant(tenant, "console", name, admin_channel=place.id))
    store.tenants.put_channel(place)
    for called, query in (watches or {"arms": "nuclear"}).items():
        store.watches.add(Watch(stable_id(tenant, called), tenant, place.id, called, query, mode))
    store.claims.put(tenant, claims or [claim()], "", NOW)
    return place


@dataclass(frozen=True)
class Call:
    what: str  # "send", "edit" or "find"
    channel: str
    key: str  # the nonce, or the reference of the edited message
    text: str = ""


@dataclass
class ScriptedPlatform:
    """Answers as the script says, and with `Sent` once it is at its end."""

    outcomes: list[SendOutcome | Exception] = field(default_factory=list)
    found: list[SendOutcome | None] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    name: str = "console"
    limits = LIMITS
    repeat_safe: float = 120.0
    spacing: float = 0.0

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        self.calls.append(Call("send", channel.id, nonce, text_of(message)))
        return self._next()

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        self.calls.append(Call("edit", channel.id, ref, text_of(message)))
        return self._next()

    async def find(self, channel: Channel, nonce: str, since: datetime, under: str = "") -> SendOutcome | None:
        self.calls.append(Call("find", channel.id, nonce, under))
        return self.found.pop(0)

    def did(self, what: str) -> list[Call]:
        return [call for call in self.calls if call.what == what]

    def _next(self) -> SendOutcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Sent(f"m{len(self.calls)}")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def text_of(message: Message) -> str:
    return "\n".join("".join(span.text for span in row) for card in message.cards for row in card.lines)
