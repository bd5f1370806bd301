"""What became of an entry, stage by stage, each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from bot.alerts.words import counted, distinct, listed, not_compared, short_story
from bot.blocks import Card, Line, Message, Reply, Span, bold, clip, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.story import verdict_lines
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.wording import moment
from bot.errors import NotFound
from bot.feeds.canonical import canonical
from bot.model import Decision, Delivery, DeliveryKind, DeliveryState, Trail

_DELIVERED = {
    DeliveryState.OWED: "waits to be sent, due",
    DeliveryState.SENDING: "is being sent, due",
    DeliveryState.SENT: "sent",
    DeliveryState.FAILED: "failed",
    DeliveryState.UNCERTAIN: "may or may not have arrived",
    DeliveryState.WITHDRAWN: "was held back and then not sent, due",
}


async def why(
    desk: Desk,
    asker: Asker,
    url: Annotated[str, Ask("The entry's address", suggest=suggestions.recent_links, longest=2000)],
) -> Reply:
    """Show what became of an entry, and why"""
    trail = await _trail(desk, asker, url)
    names = {channel.id: channel.name for channel in await desk.ask(desk.store.tenants.channels, asker.tenant)}
    title = Span(clip(trail.entry.title or trail.entry.url, 200), url=trail.entry.url)
    return Reply((Message((Card(title=title, lines=tuple(_stages(trail, names))),)),))


async def _trail(desk: Desk, asker: Asker, url: str) -> Trail:
    """By the entry's address or id, among what the tenant follows. Raises `NotFound`."""
    try:
        if url.lower().startswith(("http://", "https://")):
            entry = (await desk.ask(desk.store.entries.by_url, asker.tenant, url, canonical(url))).id
        else:
            entry = url
        return await desk.ask(desk.store.entries.trail, asker.tenant, entry)
    except NotFound:
        raise NotFound(
            f"{clip(url, 200)} was in none of the feeds that are followed here. /feed list shows them and how they are"
            " doing; /check compares an address on the spot."
        ) from None


def _stages(trail: Trail, names: dict[str, str]) -> Iterator[Line]:
    entry = trail.entry
    yield line("✓ fetched ", moment(entry.seen), f" from {entry.outlet}, dated ", moment(entry.published))
    yield from _matched(trail)
    yield from _compared(trail)
    yield from _told(trail)
    for decision in trail.decisions:
        yield _decided(decision, names)
    for delivery in trail.deliveries:
        if not _edited(delivery):
            yield _delivered(delivery, names)
    if edits := [delivery for delivery in trail.deliveries if _edited(delivery)]:
        last = max(delivery.first_sent or delivery.due for delivery in edits)
        yield line(f"→ brought up to date {counted(len(edits), 'time')}, the last time ", moment(last))


def _edited(delivery: Delivery) -> bool:
    return delivery.kind is DeliveryKind.EDIT and delivery.state is DeliveryState.SENT


def _matched(trail: Trail) -> Iterator[Line]:
    if not trail.matches:
        yield line("✗ matched no watch, so nothing more was done with it. /watch list shows them.")
    for watch, match in trail.matches:
        on = f" on “{clip(', '.join(match.words), 120)}”" if match.words else ""
        yield line("✓ matched watch ", bold(watch.name), on)


def _compared(trail: Trail) -> Iterator[Line]:
    if trail.entry.article:
        yield line(f"✓ its feed gives only a teaser, so the article was read ({len(trail.entry.article):,} characters)")
    if trail.entry.unread:
        yield line(f"✗ {not_compared(trail.entry.unread)}: the comparison model does not read its language")
    elif trail.matches and not trail.verdicts:
        yield line("– touches no claim")
    yield from verdict_lines(trail.entry, trail.verdicts)


def _told(trail: Trail) -> Iterator[Line]:
    outlets = distinct(report.outlet for report in trail.reports)
    if len(trail.reports) > 1:
        yield line(f"✓ {short_story(trail.story)}: {counted(len(trail.reports), 'report')}, {listed(outlets, 4)}")
    elif trail.story:
        yield line(f"✓ {short_story(trail.story)}: the only report so far")


def _decided(decision: Decision, names: dict[str, str]) -> Line:
    return line("→ ", bold(names.get(decision.channel, "a channel")), f": {decision.action} · {decision.reason}")


def _delivered(delivery: Delivery, names: dict[str, str]) -> Line:
    when = delivery.first_sent or delivery.due
    trouble = f" · {clip(delivery.error, 200)}" if delivery.error else ""
    name = names.get(delivery.channel, "a channel")
    return line("→ ", bold(name), f": {delivery.kind} {_DELIVERED[delivery.state]} ", moment(when), trouble)


VERBS = (verb("why", why),)
