"""Comparing something with the claims on the spot."""

from __future__ import annotations

from typing import Annotated

from bot.blocks import Card, Message, Reply, Span, Tone, bold, clip, line
from bot.chat.commands.desk import Asker, Comparison, Desk
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.wording import SIGN, held_since
from bot.model import Claim, Relation, Verdict, surety

_TONE = {
    Relation.CONFIRMS: Tone.CONFIRMS,
    Relation.CONTRADICTS: Tone.CONTRADICTS,
    Relation.UPDATES: Tone.UPDATES,
}


async def check(
    desk: Desk,
    asker: Asker,
    text: Annotated[str, Ask("An address of an article, or a text", longest=6000)],
) -> Reply:
    """Compare an article or a text with what is held to be true"""
    comparison = await desk.compare(asker.tenant, text)
    claims = {claim.id: claim for claim in await desk.ask(desk.store.claims.all, asker.tenant)}
    verdicts = [verdict for verdict in comparison.verdicts if verdict.claim in claims]
    if not verdicts:
        return Reply.say(
            line(*_subject(comparison)),
            f"Touches none of the {len(claims)} claims held here.",
        )
    return Reply(tuple(Message((_card(comparison, verdict, claims[verdict.claim]),)) for verdict in verdicts))


def _subject(comparison: Comparison) -> tuple[Span, ...]:
    title = comparison.item.title or comparison.item.text
    return (Span(clip(title, 200), url=comparison.url),)


def _card(comparison: Comparison, verdict: Verdict, claim: Claim) -> Card:
    change = (line(bold(verdict.change)),) if verdict.change else ()
    held = line(f"We held ({held_since(claim.as_of)}, {claim.source}): {claim.statement}")
    return Card(
        tone=_TONE[verdict.relation],
        badge=line(f"{SIGN[verdict.relation]} {verdict.relation.upper()} · {claim.theme}"),
        title=_subject(comparison)[0],
        quote=verdict.evidence,
        lines=(*change, held),
        footer=line(f"{surety(verdict.confidence)} · {claim.id}"),
    )


VERBS = (verb("check", check),)
