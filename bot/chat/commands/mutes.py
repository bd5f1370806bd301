"""Not hearing of something for a while: a story, a feed, a watch or a claim."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from bot.alerts.buttons import HUSH
from bot.alerts.words import short_story
from bot.blocks import Button, Line, Message, Reply, Span, bold, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, Option, verb
from bot.chat.commands.wording import moment
from bot.errors import BadInput, NotFound
from bot.feeds.canonical import canonical
from bot.model import Level, Mute, MuteKind

UNMUTE = "unmute"


class Length(StrEnum):
    """For how long."""

    HOUR = "1h"
    DAY = "1d"
    WEEK = "7d"
    FOREVER = "forever"


_LONG = {Length.HOUR: timedelta(hours=1), Length.DAY: timedelta(days=1), Length.WEEK: timedelta(days=7)}

For = Annotated[Length, Ask("For how long; by default a day")]


async def _muted(desk: Desk, asker: Asker) -> list[Option]:
    active = await desk.ask(desk.store.mutes.active, asker.tenant, desk.clock.now())
    return [Option(f"{mute.kind}: {mute.name}", _key(mute.kind, mute.subject)) for mute in active]


async def story(
    desk: Desk,
    asker: Asker,
    entry: Annotated[str, Ask("An entry of the story, by its address", suggest=suggestions.recent_links, longest=2000)],
    length: For = Length.DAY,
) -> Reply:
    """Hear nothing more of a story for a while"""
    if entry.lower().startswith(("http://", "https://")):
        entry = (await desk.ask(desk.store.entries.by_url, asker.tenant, entry, canonical(entry))).id
    trail = await desk.ask(desk.store.entries.trail, asker.tenant, entry)
    return await _mute(desk, asker, MuteKind.STORY, trail.story, trail.entry.title, length)


async def feed(
    desk: Desk,
    asker: Asker,
    feed: Annotated[str, Ask("Which feed", suggest=suggestions.feeds, longest=2000)],
    length: For = Length.DAY,
) -> Reply:
    """Hear nothing of a feed for a while; it is read all the same"""
    found = await desk.ask(desk.store.feeds.find, asker.tenant, feed)
    return await _mute(desk, asker, MuteKind.FEED, found.id, found.title or found.url, length)


async def watch(
    desk: Desk,
    asker: Asker,
    name: Annotated[str, Ask("Which watch", suggest=suggestions.watch_names)],
    length: For = Length.DAY,
) -> Reply:
    """Hear nothing of a watch for a while"""
    found = await desk.ask(desk.store.watches.find, asker.tenant, name)
    return await _mute(desk, asker, MuteKind.WATCH, found.id, found.name, length)


async def claim(
    desk: Desk,
    asker: Asker,
    claim: Annotated[str, Ask("Which claim", suggest=suggestions.claim_ids)],
    length: For = Length.DAY,
) -> Reply:
    """Hear nothing of a claim for a while; evidence is gathered all the same"""
    found = await desk.ask(desk.store.claims.get, asker.tenant, claim)
    return await _mute(desk, asker, MuteKind.CLAIM, found.id, found.id, length)


async def unmute(
    desk: Desk,
    asker: Asker,
    mute: Annotated[str, Ask("What to hear of again", suggest=_muted, longest=100)],
) -> Reply:
    """Hear of something again that was muted"""
    kind, _, subject = mute.partition(" ")
    if kind not in set(MuteKind) or not subject:
        raise BadInput("choose one of those that are offered; /mutes lists them")
    found = await desk.ask(desk.store.mutes.remove, asker.tenant, MuteKind(kind), subject)
    return Reply.say(line(f"The {found.kind} ", bold(found.name), " is heard of again, from what comes in now on."))


async def list_all(desk: Desk, asker: Asker) -> Reply:
    """Show what is muted, until when, and by whom"""
    active = await desk.ask(desk.store.mutes.active, asker.tenant, desk.clock.now())
    return paged("Muted", [_listed(one) for one in active], empty="Nothing; /mute story, feed, watch or claim does it.")


async def hush(
    desk: Desk,
    asker: Asker,
    alert: Annotated[str, Ask("The alert", longest=40)],
    length: For = Length.DAY,
) -> Reply:
    """Hear nothing more of an alert's story for a day"""
    told = await desk.ask(desk.store.alerts.get, alert.partition(":")[0])
    if told.tenant != asker.tenant:
        raise NotFound("That alert is not one of yours.")
    wanted = alert.partition(":")[2]
    trail = await desk.ask(desk.store.entries.trail, asker.tenant, told.entry)
    chosen = Length(wanted) if wanted in set(Length) else length
    reply = await _mute(desk, asker, MuteKind.STORY, told.story, trail.entry.title or short_story(told.story), chosen)
    longer = tuple(Button(each.value, HUSH, f"{told.id}:{each}") for each in Length if each is not chosen)
    (page,) = reply.pages
    return Reply((Message(page.cards, (*page.buttons, *longer)),))


async def _mute(desk: Desk, asker: Asker, kind: MuteKind, subject: str, name: str, length: Length) -> Reply:
    now = desk.clock.now()
    until = now + _LONG[length] if length in _LONG else None
    mute = Mute(asker.tenant, kind, subject, name[:200], until, asker.name, now)
    await desk.ask(desk.store.mutes.put, mute)
    said = Reply.say(
        line(
            f"The {kind} ", bold(mute.name), " is muted ", *_until(mute), ": no alert and no digest tells of it here."
        ),
        "/mutes lists what is muted.",
    )
    return Reply((Message(said.pages[0].cards, (Button("Unmute", UNMUTE, _key(kind, subject)),)),))


def _key(kind: MuteKind, subject: str) -> str:
    return f"{kind} {subject}"


def _until(mute: Mute) -> Line:
    return (Span("until "), moment(mute.until)) if mute.until else (Span("for good"),)


def _listed(mute: Mute) -> Line:
    return line(f"{mute.kind} ", bold(mute.name), " · ", *_until(mute), f" · by {mute.by}")


VERBS = (
    verb("mute story", story, Level.CONFIGURE),
    verb("mute feed", feed, Level.CONFIGURE),
    verb("mute watch", watch, Level.CONFIGURE),
    verb("mute claim", claim, Level.CONFIGURE),
    verb(UNMUTE, unmute, Level.CONFIGURE),
    verb("mutes", list_all),
)
PRESSED = (verb(HUSH, hush, Level.CONFIGURE),)
