"""Looking into what came in: the latest, and the archive by words."""

from __future__ import annotations

from typing import Annotated

from bot.blocks import Line, Reply, Span, clip, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.model import Entry

MOST = 100


async def latest(desk: Desk, asker: Asker) -> Reply:
    """Show the latest entries of all feeds"""
    entries = await desk.ask(desk.store.entries.latest, asker.tenant, MOST)
    return paged("Latest", [_listed(entry) for entry in entries], empty="Nothing has come in yet; /feed list says why.")


async def search(
    desk: Desk,
    asker: Asker,
    words: Annotated[str, Ask('What to look for; "quoted words" stand side by side')],
) -> Reply:
    """Look for words in all that came in, best first"""
    entries = await desk.ask(desk.store.entries.search, asker.tenant, words, MOST)
    title = f"Search: {clip(words, 80)}"
    return paged(title, [_listed(entry) for entry in entries], empty="Nothing found; try fewer or other words.")


def _listed(entry: Entry) -> Line:
    headline = Span(clip(entry.title or entry.url, 140), url=entry.url)
    when = Span(f"{entry.published:%Y-%m-%d %H:%M} UTC", at=entry.published)
    return line("• ", headline, f" · {clip(entry.outlet, 40)} · ", when)


VERBS = (verb("latest", latest), verb("search", search))
