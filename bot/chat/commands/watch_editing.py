"""Watches that are there: held for a while, taken up again, changed."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.blocks import Field, Form, Reply, bold, clip, code, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk, Place
from bot.chat.commands.keywords import read_query
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput, NotFound
from bot.model import Level, Watch, WatchMode
from bot.watch.query import MAX_LENGTH

CHANGE = "change watch"

Name = Annotated[str, Ask("Which watch", suggest=suggestions.watch_names)]


async def pause(desk: Desk, asker: Asker, name: Name) -> Reply:
    """Let a watch rest until it is resumed"""
    watch = await desk.ask(desk.store.watches.find, asker.tenant, name)
    await desk.ask(desk.store.watches.replace, replace(watch, paused=True))
    return Reply.say(line(bold(watch.name), " rests; what it matches is told nowhere. /watch resume wakes it."))


async def resume(desk: Desk, asker: Asker, name: Name) -> Reply:
    """Take up a watch that was paused"""
    watch = await desk.ask(desk.store.watches.find, asker.tenant, name)
    await desk.ask(desk.store.watches.replace, replace(watch, paused=False))
    return Reply.say(line(bold(watch.name), " listens again. What came in meanwhile is not told later."))


async def edit(
    desk: Desk,
    asker: Asker,
    name: Name,
    mode: Annotated[WatchMode | None, Ask("When to tell the channel; by default as before")] = None,
    channel: Annotated[Place | None, Ask("Which channel listens; by default the same")] = None,
) -> Reply:
    """Change a watch: its mode, its channel, or its query and name in a form"""
    watch = await desk.ask(desk.store.watches.find, asker.tenant, name)
    if mode is None and channel is None:
        return _form(watch)
    listener = (await desk.open_channel(asker, channel)).id if channel else watch.channel
    changed = replace(watch, mode=mode or watch.mode, channel=listener)
    await desk.ask(desk.store.watches.replace, changed)
    place = await desk.ask(desk.store.tenants.channel, changed.channel)
    return Reply.say(line(bold(watch.name), f" listens for {place.name} now, with mode {changed.mode}."))


def _form(watch: Watch) -> Reply:
    """The form; where it cannot be opened, what to type instead."""
    fields = (
        Field("query", "Query", watch.query, MAX_LENGTH, 'Words, "phrases", AND, OR, NOT, @lists, claim:, theme:'),
        Field("name", "Name", watch.name, 60),
    )
    shown = Reply.say(line(bold(watch.name), ": ", code(watch.query)), "The form did not open; please try again.")
    return replace(shown, form=Form(clip(f"Edit {watch.name}", 45), CHANGE, watch.id, fields))


async def change(
    desk: Desk,
    asker: Asker,
    watch: Annotated[str, Ask("The watch's id", longest=40)],
    query: Annotated[str, Ask("Its new query", longest=MAX_LENGTH)],
    name: Annotated[str, Ask("Its new name", longest=60)] = "",
) -> Reply:
    """Give a watch another query or name"""
    held = await _mine(desk, asker, watch)
    await read_query(desk, asker, query)
    changed = replace(held, query=query, name=name or held.name)
    if changed == held:
        raise BadInput("nothing is different; the watch stays as it is")
    await desk.ask(desk.store.watches.replace, changed)
    return Reply.say(
        line(bold(changed.name), " listens for this from now on:"),
        line(code(query)),
        line("Before: ", code(clip(held.query, 300))),
    )


async def _mine(desk: Desk, asker: Asker, watch: str) -> Watch:
    for one in await desk.ask(desk.store.watches.all, asker.tenant):
        if one.id == watch:
            return one
    raise NotFound("That watch is not one of yours, or is gone; /watch list shows them.")


VERBS = (
    verb("watch edit", edit, Level.CONFIGURE, asks=True),
    verb("watch pause", pause, Level.CONFIGURE),
    verb("watch resume", resume, Level.CONFIGURE),
)
PRESSED = (verb(CHANGE, change, Level.CONFIGURE),)
