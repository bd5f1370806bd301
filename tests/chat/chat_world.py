"""Small worlds to ask commands about: what the desk's hooks answer, and feeds with entries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.chat.commands import Comparison, Page
from bot.model import (
    Channel,
    Claim,
    ClaimKind,
    Entry,
    EntryPlan,
    FeedIntent,
    Item,
    PollPlan,
    Sketch,
    Tenant,
    Verdict,
    stable_id,
)
from storage import Store

NOW = datetime(2026, 3, 17, 12, 0, tzinfo=UTC)
BALTIC = Claim(
    "baltic-brigade",
    "troops",
    ClaimKind.FIGURE,
    "herald",
    "2025-03",
    "Germany plans a brigade of 5,000 soldiers in the Baltic states.",
)


class FixedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class Hooks:
    """What the desk's hooks answer, and what they were asked."""

    verdicts: tuple[Verdict, ...] = ()
    unread: str = ""
    compared: list[str | Page] = field(default_factory=list)
    digests: list[Channel] = field(default_factory=list)
    welcomed: list[Tenant] = field(default_factory=list)
    store: Store | None = None
    article: str = ""

    async def compare(self, tenant: str, asked: str | Page) -> Comparison:
        self.compared.append(asked)
        text = asked.html.decode() if isinstance(asked, Page) else asked
        return Comparison(Item("asked", text[:60], text), self.verdicts, "https://herald.example/asked", self.unread)

    async def read(self, url: str) -> Item:
        return Item("read", "Poland arms", self.article)

    async def request_digest(self, channel: Channel) -> None:
        self.digests.append(channel)

    async def discover(self, url: str) -> FeedIntent:
        return FeedIntent(url, title="Discovered")

    async def welcome(self, tenant: Tenant) -> None:
        """The pack: one claim, one feed with one entry that names the tenant."""
        assert self.store is not None
        self.welcomed.append(tenant)
        self.store.claims.put(tenant.id, [BALTIC], "", NOW)
        publish(self.store, tenant.id, f"{tenant.name} herald", [f"Troops of {tenant.name} move east"])


def publish(store: Store, tenant: str, outlet: str, titles: list[str], text: str = "") -> list[Entry]:
    """A feed of that tenant with an entry for each title."""
    feed = store.feeds.follow(tenant, FeedIntent(f"https://{stable_id(outlet)}.example/feed", title=outlet), NOW)
    entries = [
        Entry(
            id=stable_id(feed.id, title),
            feed=feed.id,
            key=title,
            url=f"https://{stable_id(outlet)}.example/{number}",
            title=title,
            text=text,
            published=NOW - timedelta(minutes=number),
            seen=NOW,
            language="en",
            outlet=outlet,
        )
        for number, title in enumerate(titles)
    ]
    plans = [EntryPlan(entry, Sketch(entry.id, stable_id(entry.id), "", b"", entry.published)) for entry in entries]
    store.commit([PollPlan(feed, NOW, entries=tuple(plans))])
    return entries
