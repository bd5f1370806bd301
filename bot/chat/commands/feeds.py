"""Feeds: where the entries come from."""

from __future__ import annotations

from typing import Annotated

from bot.blocks import Line, Reply, Span, bold, clip, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput
from bot.model import Feed, FeedState, Level

_SIGN = {FeedState.ACTIVE: "✓", FeedState.BROKEN: "✗", FeedState.GONE: "✗"}


async def add(
    desk: Desk,
    asker: Asker,
    url: Annotated[str, Ask("The address of a feed, or of a site that has one", longest=2000)],
) -> Reply:
    """Follow a feed"""
    if not url.lower().startswith(("http://", "https://")):
        raise BadInput(f"{clip(url, 100)!r} is no web address; it begins with https:// or http://")
    intent = await desk.discover(url)
    feed = await desk.ask(desk.store.feeds.follow, asker.tenant, intent, desk.clock.now())
    return Reply.say(
        line("Following ", bold(feed.title or feed.url), "."),
        "What is in it already is not announced; what comes from now on is compared with your watches.",
    )


async def remove(
    desk: Desk,
    asker: Asker,
    feed: Annotated[str, Ask("Which feed", suggest=suggestions.feeds, longest=2000)],
) -> Reply:
    """Stop following a feed"""
    left = await desk.ask(desk.store.feeds.unfollow, asker.tenant, feed)
    return Reply.say(line("No longer following ", bold(left.title or left.url), f" ({left.url})."))


async def list_all(desk: Desk, asker: Asker) -> Reply:
    """Show the feeds and how each is doing, the failing ones first"""
    followed = await desk.ask(desk.store.feeds.followed, asker.tenant)
    lines = [_listed(feed) for feed in sorted(followed, key=lambda feed: feed.state is FeedState.ACTIVE)]
    return paged("Feeds", lines, empty="None yet: /feed add url:https://example.org")


def _listed(feed: Feed) -> Line:
    name = Span(clip(feed.title or feed.url, 80), url=feed.site or feed.url)
    if feed.state is FeedState.ACTIVE and not feed.failures:
        return line(f"{_SIGN[feed.state]} ", name, *_last_seen(feed))
    tried = f" · {feed.failures} failures in a row" if feed.failures else ""
    return line(
        f"{_SIGN[feed.state]} ", name, f" · {feed.state}{tried} · {clip(feed.last_error, 120)}", *_last_seen(feed)
    )


def _last_seen(feed: Feed) -> Line:
    if feed.last_ok is None:
        return line(" · not polled yet")
    return line(" · last well at ", Span(f"{feed.last_ok:%Y-%m-%d %H:%M} UTC", at=feed.last_ok))


VERBS = (
    verb("feed add", add, Level.CONFIGURE),
    verb("feed remove", remove, Level.CONFIGURE),
    verb("feed list", list_all),
)
