"""A new baseline out of a source article: claims are proposed, and accepted one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Day
from typing import Annotated

from bot.alerts.words import counted
from bot.blocks import Button, Card, Field, Form, Line, Message, Reply, Span, Style, bold, clip, code, line, quoted
from bot.chat.commands import suggestions
from bot.chat.commands.baseline import asking, checked_day, checked_statement, wording_fields
from bot.chat.commands.claim_editing import hold
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Ask, verb
from bot.claims.drafting import Drafted, alike, nearest_theme
from bot.claims.wording import kind_of, slug_of
from bot.errors import BadInput, NotFound
from bot.feeds.canonical import canonical
from bot.feeds.language import language
from bot.model import Claim, Item, Level, speaks

ACCEPT, EDIT, WORD = "accept draft", "edit draft", "word draft"
PER_PAGE = 5
GENERAL = "general"
ENGLISH = frozenset({"en"})
_SCHEMES = ("http://", "https://")

Which = Annotated[str, Ask("Which of the proposed claims", longest=24)]


@dataclass(frozen=True, slots=True)
class _Source:
    """What claims are drawn from."""

    item: Item
    name: str
    published: Day | None = None


async def propose(
    desk: Desk,
    asker: Asker,
    text: Annotated[str, Ask("An address of an article, or a text", longest=6000)],
    date: Annotated[str, Ask("When it appeared, such as 2026-03-20: it tells which day Tuesday was", longest=10)] = "",
    theme: Annotated[str, Ask("The claims' theme; by default the nearest claim's", suggestions.themes)] = "",
) -> Reply:
    """Propose claims out of an article, to be accepted one by one"""
    source = await _read(desk, asker, text, date)
    spoken = await asyncio.to_thread(language, source.item.title, source.item.text)
    if not speaks(spoken, ENGLISH):
        return Reply.say(f"Claims are drafted out of English texts alone; this one is in another language ({spoken}).")
    held = await desk.ask(desk.store.claims.all, asker.tenant)
    drafted = await desk.draft(source.item, source.published)
    fresh = [one for one in drafted if not any(alike(one.statement, claim.statement) for claim in held)]
    if not fresh:
        known = f" {counted(len(drafted), 'statement')} of it are held already." if drafted else ""
        return Reply.say(
            f"No statement was found that can be checked and read by itself.{known}",
            "Looked for: figures, plans, positions and events with a name, in English, without opinions.",
        )
    as_of = checked_day(date) if date else (source.published or desk.clock.now().date()).isoformat()
    claims = _claims(fresh, held, source.name, as_of, slug_of(theme, 64) if theme else "")
    proposal = await desk.ask(desk.store.proposals.put, asker.tenant, claims, desk.clock.now())
    return Reply(tuple(_pages(claims, [one.quote for one in fresh], proposal, source)))


async def _read(desk: Desk, asker: Asker, text: str, date: str) -> _Source:
    """The text, or the article at that address; when it appeared is known of entries that were polled."""
    day = _full_day(date)
    if not text.lower().startswith(_SCHEMES) or len(text.split()) > 1:
        return _Source(Item("drafted", "", text), "", day)
    item = await desk.read(text)
    try:
        entry = await desk.ask(desk.store.entries.by_url, asker.tenant, text, canonical(text))
    except NotFound:
        return _Source(item, text.split("/")[2].removeprefix("www."), day)
    return _Source(item, entry.outlet, day or entry.published.date())


def _full_day(date: str) -> Day | None:
    """The day, where one was given, not only a month. Raises `BadInput`."""
    if not date or len(checked_day(date)) < 10:
        return None
    try:
        return Day.fromisoformat(date)
    except ValueError:
        raise BadInput(f"there is no day {date}") from None


def _claims(drafted: Sequence[Drafted], held: Sequence[Claim], source: str, as_of: str, theme: str) -> list[Claim]:
    """The drafted statements as claims whose ids are nobody else's."""
    taken = {claim.id for claim in held}
    claims = []
    for one in drafted:
        name = _free(slug_of(one.statement), taken)
        taken.add(name)
        about = theme or nearest_theme(one.statement, held) or GENERAL
        claims.append(Claim(name, about, one.kind, source, as_of, one.statement))
    return claims


def _free(name: str, taken: set[str]) -> str:
    return next(free for number in range(1, len(taken) + 2) if (free := _numbered(name, number)) not in taken)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _pages(claims: Sequence[Claim], quotes: Sequence[str], proposal: str, source: _Source) -> list[Message]:
    title = source.item.title or source.name or "the text"
    pages = []
    for start in range(0, len(claims), PER_PAGE):
        shown = list(enumerate(claims))[start : start + PER_PAGE]
        card = Card(
            title=Span(f"Claims proposed out of {clip(title, 120)}"),
            lines=tuple(told for number, claim in shown for told in _listed(number, claim, quotes[number])),
            footer=line(f"{start + 1}–{start + len(shown)} of {len(claims)} · nothing is held before it is accepted"),
        )
        accept = [Button(f"Accept {number + 1}", ACCEPT, f"{proposal}.{number}") for number, _ in shown]
        edit = [Button(f"Edit {number + 1}", EDIT, f"{proposal}.{number}") for number, _ in shown]
        pages.append(Message((card,), (*accept, *edit)))
    return pages


def _listed(number: int, claim: Claim, quote: str) -> tuple[Line, ...]:
    about = f"{claim.kind} · {claim.theme} · as of {claim.as_of} · "
    source = (line(Span(quoted(clip(quote, 200)), Style.ITALIC)),) if quote else ()
    return line(bold(f"{number + 1}. "), clip(claim.statement, 250)), *source, line(about, code(claim.id))


# --- one of them -------------------------------------------------------------------------------------------------


async def accept(desk: Desk, asker: Asker, which: Which) -> Reply:
    """Hold one of the proposed claims to be true"""
    return await hold(desk, asker, await _proposed(desk, asker, which))


async def edit(desk: Desk, asker: Asker, which: Which) -> Reply:
    """Word one of the proposed claims before it is held to be true"""
    claim = await _proposed(desk, asker, which)
    theme = Field("theme", "Theme", claim.theme, 64, "One of the themes that there are, or a new one")
    form = Form("Accept the claim", WORD, which, (*wording_fields(claim.statement, claim.as_of), theme))
    return asking(form, claim, EDIT, which)


async def word(
    desk: Desk,
    asker: Asker,
    which: Which,
    statement: Annotated[str, Ask("What is held to be true", longest=2000)],
    date: Annotated[str, Ask("Since when", longest=10)],
    theme: Annotated[str, Ask("What it is about", longest=64)],
) -> Reply:
    """Hold one of the proposed claims to be true, in these words"""
    claim = await _proposed(desk, asker, which)
    worded = checked_statement(statement)
    kind = claim.kind if worded == claim.statement else kind_of(worded)
    about = slug_of(theme, 64)
    return await hold(desk, asker, replace(claim, statement=worded, as_of=checked_day(date), theme=about, kind=kind))


async def _proposed(desk: Desk, asker: Asker, which: str) -> Claim:
    proposal, _, number = which.partition(".")
    claims = await desk.ask(desk.store.proposals.get, asker.tenant, proposal)
    if not (number.isascii() and number.isdecimal() and int(number) < len(claims)):
        raise NotFound("There is no such proposal; please make them anew.")
    return claims[int(number)]


VERBS = (verb("claim draft", propose, Level.CONFIGURE),)
PRESSED = (
    verb(ACCEPT, accept, Level.CONFIGURE),
    verb(EDIT, edit, Level.CONFIGURE, asks=True),
    verb(WORD, word, Level.CONFIGURE),
)
