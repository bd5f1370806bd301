"""Claims: what is held to be true, and what the news did to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Annotated

from bot.alerts.buttons import TIMELINE
from bot.alerts.render import SIGN, Labels
from bot.alerts.timeline import timeline_alt, timeline_png
from bot.alerts.words import PAST, as_of, counted
from bot.blocks import Card, Line, Message, Picture, Reply, Span, bold, clip, code, line, quoted
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.told import verdict_told
from bot.chat.commands.wording import STATE_SIGN, STATE_TONE, moment
from bot.model import Claim, ClaimEvidence, ClaimState, ClaimVersion, Relation

EVIDENCE = 60
PER_PAGE = 5


async def list_all(
    desk: Desk,
    asker: Asker,
    theme: Annotated[str, Ask("Only this theme", suggest=suggestions.themes)] = "",
    state: Annotated[ClaimState | None, Ask("Only claims in this state")] = None,
) -> Reply:
    """Show what is held to be true"""
    claims = desk.store.claims
    held = await desk.ask(claims.retired if state is ClaimState.RETIRED else claims.all, asker.tenant)
    wanted = [claim for claim in held if _fits(claim, theme, state)]
    lines = [_listed(claim, desk.labels) for claim in wanted]
    return paged("Claims", lines, empty="No such claim; /claim list shows all.")


async def show(
    desk: Desk,
    asker: Asker,
    claim: Annotated[str, Ask("Which claim", suggest=suggestions.claim_ids)],
) -> Reply:
    """Show a claim: its state, its wording, and the evidence for and against it"""
    held = await desk.ask(desk.store.claims.get, asker.tenant, claim)
    versions = await desk.ask(desk.store.claims.versions, asker.tenant, held.id)
    evidence = await desk.ask(desk.store.claims.evidence, asker.tenant, held.id, EVIDENCE)
    wrong = await desk.ask(desk.store.reviews.refuted, asker.tenant, {item.story for item in evidence})
    believed = [item for item in evidence if _fact(item) not in wrong]
    picture = await asyncio.to_thread(_picture, held, versions, believed, desk.clock.now())
    first = Message((replace(_face(held, versions, believed, desk.labels), picture=picture),))
    disbelieved = [item for item in evidence if _fact(item) in wrong]
    return Reply((first, *_evidence_pages(believed), *_pages("Marked wrong", disbelieved)))


async def timeline(desk: Desk, asker: Asker, alert: Annotated[str, Ask("The verdict's alert", longest=40)]) -> Reply:
    """Show the claim that an alert is about: its timeline, and the evidence"""
    told = await verdict_told(desk, asker, alert)
    return await show(desk, asker, told.verdict.claim)


def _fact(item: ClaimEvidence) -> tuple[str, str, Relation]:
    return item.story, item.verdict.claim, item.verdict.relation


def _picture(
    claim: Claim, versions: list[ClaimVersion], evidence: list[ClaimEvidence], now: datetime
) -> Picture | None:
    """The claim's timeline; none where nothing happened to it. Drawing takes a moment."""
    if not evidence and len(versions) < 2:
        return None
    replaced = [replace(old, changed=new.changed) for old, new in pairwise(versions)]  # as the picture dates them
    png = timeline_png(claim, replaced, evidence, now)
    return Picture("timeline.png", png, timeline_alt(claim, replaced, evidence, now))


def _fits(claim: Claim, theme: str, state: ClaimState | None) -> bool:
    return theme.casefold() in {"", claim.theme.casefold()} and state in {None, claim.state}


def _listed(claim: Claim, labels: Labels) -> Line:
    theme = labels.theme(claim.theme)
    return line(f"{STATE_SIGN[claim.state]} ", code(claim.id), f" · {theme} · {clip(claim.statement, 130)}")


def _face(claim: Claim, versions: list[ClaimVersion], evidence: list[ClaimEvidence], labels: Labels) -> Card:
    return Card(
        tone=STATE_TONE[claim.state],
        badge=line(f"{STATE_SIGN[claim.state]} {claim.state.upper()} · {labels.theme(claim.theme)}"),
        title=Span(claim.statement),
        lines=(
            line(f"Held as of {as_of(claim.as_of)}, from {labels.source(claim.source)}."),
            line(_tally(evidence)),
            *(_version(version) for version in versions[:-1][::-1]),
        ),
        footer=line(f"{claim.id} · {claim.kind} · revision {claim.revision}"),
    )


def _tally(evidence: list[ClaimEvidence]) -> str:
    """ "Contradicted by 4 outlets, confirmed by 2 outlets"."""
    if not evidence:
        return "No entry has touched it yet."
    outlets = {
        relation: len({item.report.outlet for item in evidence if item.verdict.relation is relation})
        for relation in (Relation.CONTRADICTS, Relation.UPDATES, Relation.CONFIRMS)
    }
    told = [f"{PAST[relation]} by {counted(count, 'outlet')}" for relation, count in outlets.items() if count]
    return f"{', '.join(told).capitalize()}; the next pages quote them."


def _version(version: ClaimVersion) -> Line:
    by = f" by {version.by}" if version.by else ""
    return line(f"Before, as of {as_of(version.as_of)}{by}: {clip(version.statement, 300)}")


def _evidence_pages(evidence: list[ClaimEvidence]) -> tuple[Message, ...]:
    against = [item for item in evidence if item.verdict.relation is not Relation.CONFIRMS]
    supporting = [item for item in evidence if item.verdict.relation is Relation.CONFIRMS]
    return (*_pages("Evidence that moves it", against), *_pages("Evidence that confirms it", supporting))


def _pages(title: str, items: list[ClaimEvidence]) -> tuple[Message, ...]:
    return paged(title, [_told(item) for item in items], empty="", per_page=PER_PAGE).pages if items else ()


def _told(item: ClaimEvidence) -> Line:
    verdict, report = item.verdict, item.report
    change = (bold(verdict.change), " · ") if verdict.change else ()
    headline = Span(clip(report.title, 120), url=report.url)
    quote = f" {quoted(clip(verdict.evidence, 250))} · {report.outlet} · "
    return line(f"{SIGN[verdict.relation]} ", *change, headline, quote, moment(report.published))


VERBS = (verb("claim list", list_all), verb("claim show", show))
PRESSED = (verb(TIMELINE, timeline),)
