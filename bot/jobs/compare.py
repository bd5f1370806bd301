"""What entries do to the claims of the tenants whose watches they match. Equal sets of claims are compared once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from bot.model import Claim, Entry, Item, Verdict
from bot.ports import Assessor, ClaimStore


AT_ONCE = 2
"""Comparisons side by side. Each holds one of the few threads that the store's calls need, too."""


class Comparer:
    """Compares entries for many tenants."""

    def __init__(self, assessor: Assessor, claims: ClaimStore) -> None:
        self._assessor, self._claims = assessor, claims
        self._free = asyncio.Semaphore(AT_ONCE)

    async def verdicts(
        self, entries: Sequence[Entry], tenants: Mapping[str, frozenset[str]]
    ) -> dict[str, dict[str, tuple[Verdict, ...]]]:
        """Entry id → tenant → verdicts; `tenants` says for which tenants each entry is to be compared."""
        found: dict[str, dict[str, tuple[Verdict, ...]]] = {}
        for claims, sharing in (await self._claim_sets(frozenset().union(*tenants.values()))).items():
            concerned = [entry for entry in entries if tenants[entry.id] & sharing]
            async with self._free:
                results = await self._assessor.compare([item_of(entry) for entry in concerned], claims)
            for entry, verdicts in zip(concerned, results, strict=True):
                for tenant in tenants[entry.id] & sharing:
                    found.setdefault(entry.id, {})[tenant] = verdicts
        return found

    async def _claim_sets(self, tenants: frozenset[str]) -> dict[tuple[Claim, ...], frozenset[str]]:
        """The distinct sets of claims, each with the tenants that hold it; a claim's state makes no difference."""
        sets: dict[tuple[tuple[str, str, str], ...], tuple[tuple[Claim, ...], set[str]]] = {}
        for tenant in sorted(tenants):
            claims = tuple(await asyncio.to_thread(self._claims.all, tenant))
            wording = tuple((claim.id, claim.statement, claim.as_of) for claim in claims)
            sets.setdefault(wording, (claims, set()))[1].add(tenant)
        return {claims: frozenset(sharing) for claims, sharing in sets.values() if claims}


def item_of(entry: Entry) -> Item:
    """The entry as it is compared."""
    return Item(entry.id, entry.title, entry.text)
