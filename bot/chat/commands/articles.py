"""Whether the articles behind a feed's entries are read."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from bot.blocks import Reply, bold, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Ask, verb
from bot.model import Level


class Switch(StrEnum):
    ON = "on"
    OFF = "off"


_SAID = {
    Switch.ON: ": where an entry matches and is only a teaser, the article behind it is read and compared, too.",
    Switch.OFF: ": only what the feed itself shows is compared.",
}


async def articles(
    desk: Desk,
    asker: Asker,
    feed: Annotated[str, Ask("Which feed", suggest=suggestions.feeds, longest=2000)],
    read: Annotated[Switch, Ask("Whether to read the articles behind its teasers")],
) -> Reply:
    """Read the articles behind a feed's teasers, or leave them"""
    found = await desk.ask(desk.store.feeds.read_articles, asker.tenant, feed, read is Switch.ON)
    return Reply.say(line(bold(found.title or found.url), _SAID[read]))


VERBS = (verb("feed articles", articles, Level.CONFIGURE),)
