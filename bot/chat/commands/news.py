"""What came in last."""

from __future__ import annotations

from bot.blocks import Line, Reply, Span, clip, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import verb
from bot.model import Entry

MOST = 100


async def latest(desk: Desk, asker: Asker) -> Reply:
    """Show the latest entries of all feeds"""
    entries = await desk.ask(desk.store.entries.latest, asker.tenant, MOST)
    return paged(
        "Latest", [listed_entry(entry) for entry in entries], empty="Nothing has come in yet; /feed list says why."
    )


def listed_entry(entry: Entry) -> Line:
    """An entry in one line: headline, outlet, time."""
    headline = Span(clip(entry.title or entry.url, 140), url=entry.url)
    when = Span(f"{entry.published:%Y-%m-%d %H:%M} UTC", at=entry.published)
    return line("• ", headline, f" · {clip(entry.outlet, 40)} · ", when)


VERBS = (verb("latest", latest),)
