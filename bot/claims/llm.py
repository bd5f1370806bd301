"""A second opinion by a language model, for verdicts that the local assessor has reached.

Whatever goes wrong with the endpoint, the local verdict stands.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from bot.claims.asking import Asking
from bot.claims.exchange import Answer, checked, question_body, weigh
from bot.model import Claim, Item, Verdict, stable_id
from bot.ports import Assessor

KEPT = 4_096


class SecondOpinion:
    """An `Assessor` around another one."""

    def __init__(self, inner: Assessor, asking: Asking) -> None:
        self._inner, self._asking = inner, asking
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self.name = self._full_name()
        self.languages = inner.languages

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """The inner assessor's verdicts, each weighed against the model's answer where there is one."""
        found = await self._inner.compare(items, claims)
        self.name = self._full_name()
        by_id = {claim.id: claim for claim in claims}
        questions = {
            self._key(by_id[verdict.claim], item): (by_id[verdict.claim], item)
            for item, verdicts in zip(items, found, strict=True)
            for verdict in verdicts
        }
        answers = dict(zip(questions, await asyncio.gather(*map(self._answer, questions.values())), strict=True))
        return [self._weighed(item, verdicts, by_id, answers) for item, verdicts in zip(items, found, strict=True)]

    def _weighed(
        self,
        item: Item,
        verdicts: Sequence[Verdict],
        claims: dict[str, Claim],
        answers: dict[str, Answer | None],
    ) -> tuple[Verdict, ...]:
        made = [
            weigh(verdict, claims[verdict.claim], item, answers[self._key(claims[verdict.claim], item)])
            for verdict in verdicts
        ]
        return tuple(sorted((one for one in made if one is not None), key=lambda one: -one.confidence))

    def _full_name(self) -> str:
        return f"{self._inner.name}, second opinion {self._asking.model}"

    async def _answer(self, question: tuple[Claim, Item]) -> Answer | None:
        """The model's answer from the cache or the endpoint; None where the local verdict has to do."""
        claim, item = question
        key = self._key(claim, item)
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        body = question_body(claim, item)
        answer = await self._asking.answer(body, lambda message: checked(message, item), "the local verdict stands")
        if answer is not None:
            self._answers[key] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return answer

    def _key(self, claim: Claim, item: Item) -> str:
        return stable_id(self._asking.model, claim.statement, claim.as_of, item.title, item.text)
