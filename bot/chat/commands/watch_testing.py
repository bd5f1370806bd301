"""What a query would have found among what came in, and what the nearest miss lacked."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.alerts.words import counted
from bot.blocks import Line, Reply, Span, bold, clip, code, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.keywords import read_query
from bot.chat.commands.table import verb
from bot.chat.commands.watches import Query
from bot.errors import NotFound
from bot.model import Claim, Entry
from bot.watch.explain import Miss, nearest_miss
from bot.watch.expression import Expression, touched
from bot.watch.words import Document

ARCHIVE = 2000
"""Entries that a test looks through."""
SAMPLES = 5
EVIDENCE = 500
"""Verdicts on each claim that is named, which a test looks through."""

Touching = Mapping[str, frozenset[str]]
"""Entry → ids of claims that it touches."""


@dataclass(frozen=True, slots=True)
class Tested:
    found: Sequence[tuple[Entry, list[str]]]  # with the words that made the query hold
    miss: tuple[Entry, Miss] | None  # where nothing was found


async def test(desk: Desk, asker: Asker, query: Query) -> Reply:
    """Show what a query would have found among the latest entries"""
    expression = await read_query(desk, asker, query)
    latest = await desk.ask(desk.store.entries.latest, asker.tenant, ARCHIVE)
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    touching = await desk.ask(_touching, desk, asker.tenant, expression, claims)
    themes = {claim.id: claim.theme for claim in claims}
    tested = await asyncio.to_thread(_tested, expression, latest, touching, themes)
    count = line(
        "Among the latest ",
        bold(counted(len(latest), "entry", "entries")),
        " it holds for ",
        bold(str(len(tested.found))),
        ".",
    )
    over = ("Claims are known only of entries that were compared with them.",) if any(touched(expression)) else ()
    return Reply.say(
        line(code(query)),
        count,
        *(_sample(entry, words) for entry, words in tested.found[:SAMPLES]),
        *(_missed(*tested.miss) if tested.miss else ()),
        *over,
    )


def _touching(desk: Desk, tenant: str, expression: Expression, claims: Sequence[Claim]) -> Touching:
    """Of the claims and themes that the query names: which entries were found to touch them."""
    named = {one.name for one in touched(expression)}
    wanted = [one.id for one in claims if {one.id.casefold(), one.theme.casefold()} & named]
    found: dict[str, set[str]] = defaultdict(set)
    for claim in wanted:
        try:
            for item in desk.store.claims.evidence(tenant, claim, EVIDENCE):
                found[item.report.entry].add(claim)
        except NotFound:  # retired this very moment
            continue
    return {entry: frozenset(those) for entry, those in found.items()}


def _tested(expression: Expression, entries: Sequence[Entry], touching: Touching, themes: Mapping[str, str]) -> Tested:
    documents = [(entry, _document(entry, touching.get(entry.id, frozenset()), themes)) for entry in entries]
    found = [(entry, expression.hits(document)) for entry, document in documents if expression.holds(document)]
    by_id = {entry.id: entry for entry in entries}
    miss = None if found else nearest_miss(expression, ((entry.id, document) for entry, document in documents))
    return Tested(found, (by_id[miss[0]], miss[1]) if miss else None)


def _document(entry: Entry, claims: frozenset[str], themes: Mapping[str, str]) -> Document:
    return replace(
        Document.of(entry.title, entry.text, entry.outlet, entry.language),
        claims=frozenset(claim.casefold() for claim in claims),
        themes=frozenset(themes[claim].casefold() for claim in claims if claim in themes),
    )


def _sample(entry: Entry, words: list[str]) -> Line:
    on = f" · on “{', '.join(words)}”" if words else ""
    return line("• ", _headline(entry), f" · {entry.outlet}{clip(on, 80)}")


def _missed(entry: Entry, miss: Miss) -> tuple[Line, ...]:
    has = line("It has ", code(clip(" AND ".join(miss.met), 200))) if miss.met else ()
    return (
        line("Nearest miss: ", _headline(entry), f" · {entry.outlet}"),
        line(*has, " and lacks " if has else "It lacks ", code(clip(" AND ".join(miss.lacking), 300)), "."),
    )


def _headline(entry: Entry) -> Span:
    return Span(clip(entry.title or entry.url, 120), url=entry.url)


VERBS = (verb("watch test", test),)
