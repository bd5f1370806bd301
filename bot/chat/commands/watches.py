"""Watches: what a channel listens for."""

from __future__ import annotations

from typing import Annotated

from bot.blocks import Line, Reply, bold, clip, code, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk, Place
from bot.chat.commands.keywords import read_query
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.model import Level, Watch, WatchMode, stable_id
from bot.watch.query import MAX_LENGTH

_WHEN = {
    WatchMode.MOVED: "at once when a claim moves, else in the digest",
    WatchMode.ALERT: "every match at once",
    WatchMode.DIGEST: "in the digest",
    WatchMode.BOTH: "every match at once, and in the digest",
}

Query = Annotated[str, Ask('Words, "phrases", AND, OR, NOT, @lists, claim:, theme:', longest=MAX_LENGTH)]


async def add(
    desk: Desk,
    asker: Asker,
    query: Query,
    name: Annotated[str, Ask("What to call it; by default its first words", longest=60)] = "",
    mode: Annotated[WatchMode, Ask("When to tell the channel; by default when a claim moves")] = WatchMode.MOVED,
    channel: Annotated[Place | None, Ask("Which channel listens; by default this one")] = None,
) -> Reply:
    """Let a channel listen for something"""
    await read_query(desk, asker, query)
    listener = await desk.open_channel(asker, channel)
    called = name or clip(query, 60)
    watch = Watch(stable_id(asker.tenant, called.casefold()), asker.tenant, listener.id, called, query, mode)
    await desk.ask(desk.store.watches.add, watch)
    return Reply.say(
        line("Watching ", bold(called), f" in {listener.name}: {_WHEN[mode]}."),
        line(code(query)),
        "/watch test shows what it would have found.",
    )


async def remove(
    desk: Desk,
    asker: Asker,
    name: Annotated[str, Ask("Which watch", suggest=suggestions.watch_names)],
) -> Reply:
    """Stop listening for something"""
    watch = await desk.ask(desk.store.watches.remove, asker.tenant, name)
    return Reply.say(line("No longer watching ", bold(watch.name), ". Its query was:"), line(code(watch.query)))


async def list_all(desk: Desk, asker: Asker) -> Reply:
    """Show what each channel listens for"""
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    channels = {channel.id: channel.name for channel in await desk.ask(desk.store.tenants.channels, asker.tenant)}
    lines = [_listed(watch, channels.get(watch.channel, watch.channel)) for watch in watches]
    return paged("Watches", lines, empty='None yet: /watch add query:SACEUR OR "nuclear deterrent"')


def _listed(watch: Watch, channel: str) -> Line:
    paused = " · paused" if watch.paused else ""
    return line(bold(watch.name), f" · {channel} · {_WHEN[watch.mode]}{paused}: ", code(clip(watch.query, 120)))


VERBS = (
    verb("watch add", add, Level.CONFIGURE),
    verb("watch remove", remove, Level.CONFIGURE),
    verb("watch list", list_all),
)
