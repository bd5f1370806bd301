"""The table of all verbs, in the order in which they are shown, and the verb that explains it."""

from __future__ import annotations

from typing import Annotated

from bot.blocks import Card, Line, Message, Reply, Span, bold, code, line
from bot.chat.commands import (
    articles,
    audit,
    baseline,
    check,
    claim_drafting,
    claim_editing,
    claims,
    digests,
    feed_lists,
    feeds,
    keywords,
    mutes,
    news,
    review,
    search,
    settings,
    setup,
    status,
    story,
    watch_editing,
    watch_testing,
    watches,
    why,
)
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Ask, Option, Parameter, Verb, verb
from bot.errors import NotFound
from bot.model import Level

GEAR = "⚙"
"""Marks what not everybody may do, here and in the README's table."""


async def _names(desk: Desk, asker: Asker) -> list[Option]:
    return [Option(name, name) for name in VERBS]


async def explain(
    desk: Desk,
    asker: Asker,
    command: Annotated[str, Ask("Which command", suggest=_names)] = "",
) -> Reply:
    """List the commands, or explain one"""
    wanted = command.removeprefix("/")
    if not wanted:
        return _all(asker)
    if wanted not in VERBS:
        raise NotFound(f"there is no /{wanted}; /help lists what there is")
    each = VERBS[wanted]
    needs = (line(_needs(asker)),) if each.level is Level.CONFIGURE else ()
    return Reply.say(_listed(each), *map(_parameter, each.parameters), *needs)


def _all(asker: Asker) -> Reply:
    lines = tuple(_listed(each) for each in VERBS.values())
    return Reply((Message((Card(title=Span("Commands"), lines=lines, footer=line(_needs(asker))),)),))


def _listed(each: Verb) -> Line:
    return line(code(f"/{each.name}"), f" {each.description}", f" {GEAR}" if each.level is Level.CONFIGURE else "")


def _needs(asker: Asker) -> str:
    return f"{GEAR} needs {asker.permission}"


def _parameter(parameter: Parameter) -> Line:
    need = "" if parameter.required else " (may be left out)"
    choices = f": {', '.join(parameter.choices)}" if parameter.choices else ""
    return line("• ", bold(parameter.name), f" {parameter.ask.description}{choices}{need}")


VERBS: dict[str, Verb] = {
    each.name: each
    for each in (
        *setup.VERBS,
        *settings.VERBS,
        *watches.VERBS,
        *watch_editing.VERBS,
        *watch_testing.VERBS,
        *keywords.VERBS,
        *mutes.VERBS,
        *feeds.VERBS,
        *feed_lists.VERBS,
        *articles.VERBS,
        *claims.VERBS,
        *claim_editing.VERBS[:1],
        *baseline.VERBS,
        *claim_editing.VERBS[1:],
        *claim_drafting.VERBS,
        *review.VERBS,
        *news.VERBS,
        *search.VERBS,
        *story.VERBS,
        *digests.VERBS,
        *check.VERBS,
        *why.VERBS,
        *status.VERBS,
        *audit.VERBS,
        verb("help", explain),
    )
}

PRESSED: dict[str, Verb] = {
    each.name: each
    for each in (
        *claims.PRESSED,
        *review.PRESSED,
        *baseline.PRESSED,
        *claim_editing.PRESSED,
        *claim_drafting.PRESSED,
        *setup.PRESSED,
        *watch_editing.PRESSED,
        *mutes.PRESSED,
        *feed_lists.PRESSED,
    )
}
"""The verbs behind buttons and forms alone: nobody types them."""

GROUPS = {
    "watch": "What the channels of this server listen for",
    "list": "Keywords that queries share",
    "mute": "What is not told of for a while",
    "feed": "Where the entries come from",
    "claim": "What is held to be true, and what the news did to it",
    "digest": "What moved, in one message a day or week",
}
"""What the first words of verbs of two words stand for."""
