"""What entries do to the claims of the tenants whose watches they match. Equal sets of claims are compared once.

Nothing is guessed about a language that the assessor does not read: such an entry is `unread`, and has no verdicts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bot.model import Claim, Entry, Item, Verdict, speaks
from bot.ports import Assessor, ClaimStore

Verdicts = Mapping[str, Mapping[str, tuple[Verdict, ...]]]
"""By entry and tenant."""
Tenants = Mapping[str, frozenset[str]]
"""By entry: for which tenants it is compared."""

AT_ONCE = 2
"""Comparisons side by side. Each holds one of the few threads that the store's calls need, too."""


class Comparer:
    """Compares entries for many tenants."""

    def __init__(self, assessor: Assessor, claims: ClaimStore) -> None:
        self._assessor, self._claims = assessor, claims
        self._free = asyncio.Semaphore(AT_ONCE)

    def noted(self, entry: Entry) -> Entry:
        """The entry with a note where its language is one that the assessor does not read."""
        return replace(entry, unread="" if speaks(entry.language, self._assessor.languages) else entry.language)

    async def verdicts(
        self, entries: Sequence[Entry], tenants: Tenants, reading: Tenants = MappingProxyType({})
    ) -> Verdicts:
        """What each entry does to the claims of `tenants`; for those of `reading` its article is compared, too."""
        readable = [entry for entry in entries if not entry.unread]
        alone = await self._compared([(entry.id, _item(entry)) for entry in readable], tenants)
        articles = await self._compared([(entry.id, _page(entry)) for entry in readable if entry.article], reading)
        return {
            entry.id: {tenant: merged(found, articles.get((entry.id, tenant), ())) for tenant, found in said}
            for entry in readable
            if (said := [(tenant, alone.get((entry.id, tenant), ())) for tenant in sorted(tenants[entry.id])])
        }

    async def _compared(
        self, items: Sequence[tuple[str, Item]], tenants: Tenants
    ) -> dict[tuple[str, str], tuple[Verdict, ...]]:
        """(entry, tenant) → verdicts."""
        found: dict[tuple[str, str], tuple[Verdict, ...]] = {}
        asking = frozenset().union(*(tenants.get(entry, frozenset()) for entry, _ in items))
        for claims, sharing in (await self._claim_sets(asking)).items():
            concerned = [(entry, item) for entry, item in items if tenants.get(entry, frozenset()) & sharing]
            async with self._free:
                results = await self._assessor.compare([item for _, item in concerned], claims)
            for (entry, _), verdicts in zip(concerned, results, strict=True):
                found |= {(entry, tenant): verdicts for tenant in tenants[entry] & sharing}
        return found

    async def _claim_sets(self, tenants: frozenset[str]) -> dict[tuple[Claim, ...], frozenset[str]]:
        """The distinct sets of claims, each with the tenants that hold it; a claim's state makes no difference."""
        sets: dict[tuple[tuple[str, str, str], ...], tuple[tuple[Claim, ...], set[str]]] = {}
        for tenant in sorted(tenants):
            claims = tuple(await asyncio.to_thread(self._claims.all, tenant))
            wording = tuple((claim.id, claim.statement, claim.as_of) for claim in claims)
            sets.setdefault(wording, (claims, set()))[1].add(tenant)
        return {claims: frozenset(sharing) for claims, sharing in sets.values() if claims}


def merged(teaser: Sequence[Verdict], article: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """One verdict a claim, the surest first; where both are as sure, the teaser's, which every reader has seen."""
    best: dict[str, Verdict] = {}
    for verdict in sorted((*teaser, *article), key=lambda one: -one.confidence):
        best.setdefault(verdict.claim, verdict)
    return tuple(best.values())


def _item(entry: Entry) -> Item:
    """The entry as its feed gives it."""
    return Item(entry.id, entry.title, entry.text)


def _page(entry: Entry) -> Item:
    return Item(entry.id, entry.title, entry.article)
