"""`commands`: the slash commands as the table that the README shows."""

from __future__ import annotations

import typer

from bot.chat.commands.table import Verb
from bot.chat.commands.verbs import VERBS
from bot.model import Level


def commands() -> None:
    """Print the slash commands as a table in Markdown."""
    typer.echo("\n".join(markdown()))


def markdown() -> list[str]:
    """A line for each verb; ⚙ marks those that only who may configure may use."""
    rows = [f"| `{_usage(verb)}` | {verb.description}{_mark(verb)} |" for verb in VERBS.values()]
    return ["| command | does |", "| --- | --- |", *rows]


def _usage(verb: Verb) -> str:
    given = (one.name if one.required else f"[{one.name}]" for one in verb.parameters)
    return " ".join((f"/{verb.name}", *given))


def _mark(verb: Verb) -> str:
    return " ⚙" if verb.level is Level.CONFIGURE else ""
