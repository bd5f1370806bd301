"""The archive, by words and by what they are narrowed to."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from bot.blocks import Reply, clip
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.news import MOST, listed_entry
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput
from bot.model import Sieve

_SPAN = re.compile(r"(\d{1,4})\s*(h|d|w)", re.IGNORECASE | re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


async def search(
    desk: Desk,
    asker: Asker,
    words: Annotated[str, Ask('What to look for; "quoted words" stand side by side')] = "",
    feed: Annotated[str, Ask("Only from this feed", suggest=suggestions.feeds, longest=2000)] = "",
    since: Annotated[str, Ask("Only since then, such as 24h, 7d or 2026-03-01", suggestions.spans, longest=20)] = "",
    language: Annotated[str, Ask("Only in this language, such as en", suggest=suggestions.languages)] = "",
    theme: Annotated[str, Ask("Only what touches a claim of this theme", suggest=suggestions.themes)] = "",
    claim: Annotated[str, Ask("Only what touches this claim", suggest=suggestions.claim_ids)] = "",
) -> Reply:
    """Look for words in all that came in, best first; narrowed by feed, time, language, theme or claim"""
    if not any((words, feed, since, language, theme, claim)):
        raise BadInput("say what to look for: words, or a feed, time, language, theme or claim")
    sieve = Sieve(
        feed=(await desk.ask(desk.store.feeds.find, asker.tenant, feed)).id if feed else "",
        since=moment_of(since, desk.clock.now()) if since else None,
        language=_language(language),
        claims=await _claims(desk, asker, theme, claim),
    )
    entries = await desk.ask(desk.store.entries.search, asker.tenant, words, MOST, sieve=sieve)
    asked = ", ".join(each for each in (words, since and f"since {since}", language, theme, claim) if each)
    title = f"Search: {clip(asked, 80)}" if asked else "Search"
    return paged(title, [listed_entry(entry) for entry in entries], empty="Nothing found; try fewer or other words.")


def moment_of(text: str, now: datetime) -> datetime:
    """ "36h", "7d", "2w" before now, "today", or the start of a day such as "2026-03-01". Raises `BadInput`."""
    if text.lower() == "today":
        return datetime.combine(now.date(), time.min, UTC)
    if span := _SPAN.fullmatch(text.strip()):
        return now - int(span[1]) * _UNITS[span[2].lower()]
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC)
    except ValueError:
        raise BadInput(
            f"since is {text!r}; expected a span such as 24h, 7d or 2w, or a day such as 2026-03-01"
        ) from None


def _language(text: str) -> str:
    if text and not _LANGUAGE.fullmatch(text):
        raise BadInput(f"language is {text!r}; expected a tag such as en, pl or uk")
    return text.lower()


async def _claims(desk: Desk, asker: Asker, theme: str, claim: str) -> frozenset[str] | None:
    """Ids of the claims that are asked about; None where none is. Raises `NotFound` and `BadInput`."""
    wanted = frozenset({(await desk.ask(desk.store.claims.get, asker.tenant, claim)).id}) if claim else None
    if not theme:
        return wanted
    held = await desk.ask(desk.store.claims.all, asker.tenant)
    of_theme = frozenset(one.id for one in held if one.theme.casefold() == theme.casefold())
    if not of_theme:
        raise BadInput(f"there is no theme {theme!r}; there are {', '.join(sorted({one.theme for one in held}))}")
    return of_theme if wanted is None else of_theme & wanted


VERBS = (verb("search", search, needs_some=True),)
