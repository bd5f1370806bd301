"""Comparing something with the claims on the spot."""

from __future__ import annotations

from typing import Annotated

from bot.alerts.render import SIGN, TONE, Labels
from bot.alerts.words import as_of, counted, not_compared
from bot.blocks import Card, Message, Reply, Span, bold, clip, line
from bot.chat.commands.desk import Asker, Attached, Comparison, Desk, Page
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput
from bot.model import Claim, Verdict, surety


async def check(
    desk: Desk,
    asker: Asker,
    text: Annotated[str, Ask("An address of an article, or a text", longest=6000)] = "",
    file: Annotated[Attached | None, Ask("A text or a saved web page, in place of a text")] = None,
) -> Reply:
    """Compare an article, a text or a file with what is held to be true"""
    if bool(text) == bool(file):
        raise BadInput("give a text, the address of an article, or a file: one of them")
    comparison = await desk.compare(asker.tenant, readable(file) if file else text)
    claims = {claim.id: claim for claim in await desk.ask(desk.store.claims.all, asker.tenant)}
    verdicts = [verdict for verdict in comparison.verdicts if verdict.claim in claims]
    if comparison.unread:
        return Reply.say(
            line(*_subject(comparison)),
            f"This is {not_compared(comparison.unread)}: {desk.assessor} does not read that language.",
        )
    if not verdicts:
        return Reply.say(
            line(*_subject(comparison)),
            f"It touches none of the {counted(len(claims), 'claim')} held here.",
        )
    cards = [_card(comparison, verdict, claims[verdict.claim], desk.labels) for verdict in verdicts]
    return Reply(tuple(Message((card,)) for card in cards))


def readable(file: Attached) -> str | Page:
    """The file's text, or the file itself where it is a web page. Raises `BadInput` for what is neither."""
    start = file.content[:1024].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")) or file.name.lower().endswith((".html", ".htm")):
        return Page(file.content)
    try:
        text = file.content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or "\x00" in text:
        raise BadInput(f"{clip(file.name, 60)} holds no text; expected plain text (UTF-8) or a saved web page (HTML)")
    return text


def _subject(comparison: Comparison) -> tuple[Span, ...]:
    title = comparison.item.title or comparison.item.text
    return (Span(clip(title, 200), url=comparison.url),)


def _card(comparison: Comparison, verdict: Verdict, claim: Claim, labels: Labels) -> Card:
    change = (line(bold(verdict.change)),) if verdict.change else ()
    held = line(f"We held ({as_of(claim.as_of)}, {labels.source(claim.source)}): {claim.statement}")
    return Card(
        tone=TONE[verdict.relation],
        badge=line(f"{SIGN[verdict.relation]} {verdict.relation.upper()} · {labels.theme(claim.theme)}"),
        title=_subject(comparison)[0],
        quote=verdict.evidence,
        lines=(*change, held),
        footer=line(f"{surety(verdict.confidence)} · {claim.id}"),
    )


VERBS = (verb("check", check, needs_some=True),)
