"""Who changed what, and who was refused."""

from __future__ import annotations

from collections.abc import Mapping

from bot.blocks import Line, Reply, bold, clip, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import verb
from bot.chat.commands.wording import moment
from bot.model import Change, Level

MOST = 200


async def audit(desk: Desk, asker: Asker) -> Reply:
    """Show who changed what, from what to what, and who was refused, newest first"""
    changes = await desk.ask(desk.store.audit.latest, asker.tenant, MOST)
    channels = {channel.id: channel.name for channel in await desk.ask(desk.store.tenants.channels, asker.tenant)}
    names = {**channels, **asker.roles}
    return paged("Changes", [_listed(change, names) for change in changes], empty="Nothing was changed yet.")


def _listed(change: Change, names: Mapping[str, str]) -> Line:
    actor = change.actor
    who = (moment(actor.at), " · ", bold(actor.by), f" · {actor.command} · ")
    if change.refused:
        return line(*who, f"✗ refused: {clip(change.what, 150)}")
    before, after = _named(change.before, names), _named(change.after, names)
    return line(*who, bold(change.what), f": {_step(before, after)}")


def _step(before: str, after: str) -> str:
    if not before or not after:
        return f"added: {after}" if after else f"removed: {before}"
    return f"{before} → {after}"


def _named(text: str, names: Mapping[str, str]) -> str:
    """The text with the names of channels and roles in place of their ids, cut to what a line takes."""
    words = (
        names.get(word.rstrip(","), word.rstrip(",")) + ("," if word.endswith(",") else "") for word in text.split()
    )
    return clip(" ".join(words), 150)


VERBS = (verb("audit", audit, Level.CONFIGURE),)
