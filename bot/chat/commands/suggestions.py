"""What autocomplete offers. Every list is keyed by the asker's tenant."""

from __future__ import annotations

from collections import Counter
from zoneinfo import available_timezones

from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Option

_SPANS = (
    ("the last 24 hours", "24h"),
    ("the last three days", "3d"),
    ("the last seven days", "7d"),
    ("the last thirty days", "30d"),
)


async def watch_names(desk: Desk, asker: Asker) -> list[Option]:
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    return [Option(watch.name, watch.name) for watch in watches]


async def feeds(desk: Desk, asker: Asker) -> list[Option]:
    followed = await desk.ask(desk.store.feeds.followed, asker.tenant)
    return [Option(feed.title or feed.url, feed.id) for feed in followed]


async def claim_ids(desk: Desk, asker: Asker) -> list[Option]:
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    return [Option(f"{claim.id}: {claim.statement}", claim.id) for claim in claims]


async def themes(desk: Desk, asker: Asker) -> list[Option]:
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    return [Option(theme, theme) for theme in sorted({claim.theme for claim in claims})]


async def time_zones(desk: Desk, asker: Asker) -> list[Option]:
    return [Option(name, name) for name in sorted(available_timezones())]


async def recent_links(desk: Desk, asker: Asker) -> list[Option]:
    latest = await desk.ask(desk.store.entries.latest, asker.tenant, 100)
    return [Option(entry.title or entry.url, entry.id) for entry in latest]


async def stories(desk: Desk, asker: Asker) -> list[Option]:
    recent = await desk.ask(desk.store.stories.recent, asker.tenant, 100)
    return [Option(f"{head.story[:4]} · {head.title}", head.story) for head in recent]


async def languages(desk: Desk, asker: Asker) -> list[Option]:
    """Those of the latest entries, the most frequent first."""
    latest = await desk.ask(desk.store.entries.latest, asker.tenant, 1000)
    counts = Counter(entry.language.lower().split("-")[0] for entry in latest if entry.language)
    return [Option(tag, tag) for tag, _ in counts.most_common()]


async def spans(desk: Desk, asker: Asker) -> list[Option]:
    return [Option(label, value) for label, value in _SPANS]
