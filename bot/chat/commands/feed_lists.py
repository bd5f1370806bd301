"""Feeds in and out as OPML, the list that every feed reader writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from bot.alerts.words import counted
from bot.blocks import Button, Line, Reply, Span, bold, clip, code, line
from bot.chat.commands.desk import Asker, Attached, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.errors import Conflict, QuotaExceeded
from bot.feeds import opml
from bot.feeds.opml import Opml
from bot.inert import domain
from bot.model import FeedIntent, Level

FOLLOW = "follow feeds"
PROBLEMS = 10


async def export(desk: Desk, asker: Asker) -> Reply:
    """Give the feeds as an OPML file, which any feed reader takes"""
    followed = await desk.ask(desk.store.feeds.followed, asker.tenant)
    name = f"feeds-{desk.clock.now():%Y-%m-%d}.opml"
    told = Reply.say(line(f"{counted(len(followed), 'feed')} in ", code(name), "."))
    return replace(told, file=(name, opml.write(followed, "Claimwatch")))


async def bring_in(
    desk: Desk,
    asker: Asker,
    file: Annotated[Attached, Ask("An OPML file, as feed readers export it")],
) -> Reply:
    """Show which feeds of an OPML file would be new, and follow them at the press of a button"""
    listed = await asyncio.to_thread(opml.read, file.content, desk.refusal)
    known = {feed.url for feed in await desk.ask(desk.store.feeds.followed, asker.tenant)}
    new = [feed for feed in listed.feeds if feed.url not in known]
    problems = _problems(listed)
    if not new:
        have = f"{counted(len(listed.feeds), 'feed')} there, all followed already" if listed.feeds else "No feed in it"
        return Reply.say(f"{have}.", *problems)
    proposal = await desk.ask(desk.store.proposals.put_feeds, asker.tenant, new, desk.clock.now())
    shown = paged(
        f"To be followed: {counted(len(new), 'feed')}",
        [*map(_shown, new), *problems],
        empty="",
    )
    note = line(_note(new, listed, await _room(desk, asker)))
    button = Button(f"Follow {counted(len(new), 'feed')}", FOLLOW, proposal)
    return replace(shown, pages=tuple(replace(page, lead=note, buttons=(button,)) for page in shown.pages))


async def follow(
    desk: Desk, asker: Asker, proposal: Annotated[str, Ask("The list that was shown", longest=40)]
) -> Reply:
    """Follow the feeds of a list that was shown"""
    feeds = await desk.ask(desk.store.proposals.feeds, asker.tenant, proposal)
    added = known = 0
    beyond = ""
    for intent in feeds:
        try:
            await desk.ask(desk.store.feeds.follow, asker.tenant, intent, desk.clock.now())
            added += 1
        except Conflict:
            known += 1
        except QuotaExceeded as error:
            beyond = f"{counted(len(feeds) - added - known, 'feed')} left out: {error}"
            break
    already = f", {known} followed already" if known else ""
    return Reply.say(
        line(bold(f"{counted(added, 'feed')} added"), f"{already}. What is in them already is not announced."),
        *((beyond,) if beyond else ()),
        "/feed list shows how each is doing.",
    )


async def _room(desk: Desk, asker: Asker) -> tuple[int, int]:
    """Feeds that are followed, and how many may be."""
    tenant = await desk.ask(desk.store.tenants.get, asker.tenant)
    return len(await desk.ask(desk.store.feeds.followed, asker.tenant)), tenant.quotas.feeds


def _note(new: Sequence[FeedIntent], listed: Opml, room: tuple[int, int]) -> str:
    used, most = room
    known = len(listed.feeds) - len(new)
    beyond = used + len(new) - most
    parts = [f"{used} of {most} feeds are used"]
    parts += [f"{known} of the list are followed already"] if known else []
    parts += [f"{counted(beyond, 'feed')} would be too many and left out"] if beyond > 0 else []
    return "; ".join(parts) + "."


def _shown(feed: FeedIntent) -> Line:
    return line("＋ ", Span(clip(feed.title or feed.url, 80), url=feed.url), f" · {domain(feed.url)}")


def _problems(listed: Opml) -> list[Line]:
    rest = len(listed.problems) - PROBLEMS
    more = [line(f"… and {counted(rest, 'more problem')}")] if rest > 0 else []
    return [line(f"✗ {clip(str(problem), 200)}") for problem in listed.problems[:PROBLEMS]] + more


VERBS = (verb("feed import", bring_in, Level.CONFIGURE), verb("feed export", export))
PRESSED = (verb(FOLLOW, follow, Level.CONFIGURE),)
