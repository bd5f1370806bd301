"""The fall-back where the networks cannot be read: it compares words, says so in its name, and is never sure.

Its confidence stays under the least that a channel hears by default, so that it fills digests and raises no alarm."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from bot.claims.retrieve import read
from bot.model import Claim, Item, Relation, Verdict

SUREST = 0.45
LEAST_OVERLAP = 0.5
"""Share of a claim's weight in words that one sentence and the title together must hold."""
_WORD = re.compile(r"\w+")
_PLAIN = (
    "a an and are as at be been but by for from has have he her his in into is it its may more no not of on or out "
    "over she than that the their they this to up was were which while will with would"
)
_STOP = frozenset(_PLAIN.split())
_DENIALS = "not no never denies denied rejects rejected abandons scraps scrapped drops dropped cancels cancelled"
_DENIAL = frozenset(_DENIALS.split())


class LexicalAssessor:
    """Fills the port `Assessor` by shared words alone."""

    name = "lexical fall-back (the comparison model cannot be read)"
    languages = frozenset({"en"})

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """For each item its verdicts, the surest first."""
        return await asyncio.to_thread(self.compare_now, items, claims)

    def compare_now(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """The same, blocking."""
        bags = [words(claim.statement) for claim in claims]
        rarity = _rarity(bags)
        return [_verdicts(item, claims, bags, rarity) for item in items]


def words(text: str) -> frozenset[str]:
    """The words of a text that carry it, cut to six letters, so that endings matter less."""
    return frozenset(word[:6] for word in _WORD.findall(text.lower()) if word not in _STOP)


def _rarity(bags: Sequence[frozenset[str]]) -> Mapping[str, float]:
    seen = Counter(word for bag in bags for word in bag)
    return {word: math.log(1 + len(bags) / count) for word, count in seen.items()}


def _verdicts(
    item: Item, claims: Sequence[Claim], bags: Sequence[frozenset[str]], rarity: Mapping[str, float]
) -> tuple[Verdict, ...]:
    sentences = read(item).sentences
    found = [words(sentence) for sentence in sentences]
    made = []
    for claim, bag in zip(claims, bags, strict=True):
        total = sum(rarity[word] for word in bag)
        if not total or not found:
            continue
        shares = [sum(rarity[word] for word in bag & (one | found[0])) / total for one in found]
        best = max(range(len(shares)), key=shares.__getitem__)
        if shares[best] >= LEAST_OVERLAP:
            made.append(Verdict(claim.id, _relation(claim, sentences[best]), SUREST * shares[best], sentences[best]))
    return tuple(sorted(made, key=lambda one: -one.confidence))


def _relation(claim: Claim, sentence: str) -> Relation:
    def denied(text: str) -> bool:
        return bool(_DENIAL & set(_WORD.findall(text.lower())))

    return Relation.CONFIRMS if denied(claim.statement) == denied(sentence) else Relation.CONTRADICTS
