"""A second opinion by a language model, for verdicts that the local assessor has reached.

Whatever goes wrong with the endpoint, the local verdict stands. Its address is the operator's own; no guard is needed.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import httpx
from pydantic import SecretStr

from bot.claims.exchange import Answer, Trouble, Unbelievable, checked, message_of, question_body, weigh
from bot.model import Claim, Item, Verdict, stable_id
from bot.ports import Assessor, Clock

log = logging.getLogger(__name__)

AT_ONCE = 4
LARGEST_ANSWER = 256 * 1024
TROUBLES_IN_A_ROW = 3
REST = timedelta(minutes=5)
"""How long the endpoint is left alone after so many troubles, or when it says that it has had enough."""
KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OpenAI-compatible model answers. `timeout` is the total seconds of one question."""

    base_url: str
    model: str
    api_key: SecretStr | None = None
    daily_budget: int = 200
    timeout: float = 20.0


class SecondOpinion:
    """An `Assessor` around another one. The budget counts questions a UTC day and a process."""

    def __init__(self, inner: Assessor, endpoint: Endpoint, client: httpx.AsyncClient, clock: Clock) -> None:
        self._inner, self._endpoint, self._client, self._clock = inner, endpoint, client, clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._answers: OrderedDict[str, Answer] = OrderedDict()
        self._json_mode = True  # until the endpoint refuses it
        self._day: date = date.min
        self._spent = 0
        self._troubles = 0
        self._rests_until: datetime | None = None
        self.name = self._full_name()
        self.languages = inner.languages

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """The inner assessor's verdicts, each weighed against the model's answer where there is one."""
        found = await self._inner.compare(items, claims)
        self.name = self._full_name()
        by_id = {claim.id: claim for claim in claims}
        questions = {
            _key(self._endpoint.model, by_id[verdict.claim], item): (by_id[verdict.claim], item)
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
            weigh(
                verdict, claims[verdict.claim], item, answers[_key(self._endpoint.model, claims[verdict.claim], item)]
            )
            for verdict in verdicts
        ]
        return tuple(sorted((one for one in made if one is not None), key=lambda one: -one.confidence))

    def _full_name(self) -> str:
        return f"{self._inner.name}, second opinion {self._endpoint.model}"

    # --- asking --------------------------------------------------------------------------------------------------

    async def _answer(self, question: tuple[Claim, Item]) -> Answer | None:
        """The model's answer from the cache or the endpoint; None where the local verdict has to do."""
        claim, item = question
        key = _key(self._endpoint.model, claim, item)
        if key in self._answers:
            self._answers.move_to_end(key)
            return self._answers[key]
        async with self._gate:
            answer = await self._ask(claim, item)
        if answer is not None:
            self._answers[key] = answer
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return answer

    async def _ask(self, claim: Claim, item: Item) -> Answer | None:
        try:
            answer = await self._ask_once(claim, item)
        except Unbelievable as reason:  # may be the entry's doing, which must not silence the endpoint for others
            log.info("second opinion: %s; the local verdict stands", reason)
            return None
        except Trouble as trouble:
            self._count_trouble(trouble)
            return None
        if answer is not None:
            self._troubles = 0
        return answer

    async def _ask_once(self, claim: Claim, item: Item) -> Answer | None:
        """One question, and the same without JSON mode where the endpoint refuses that. Raises `Trouble`."""
        json_mode = self._json_mode  # several questions may be open when the first is refused
        if not self._may_ask():
            return None
        try:
            return checked(await self._post(claim, item, json_mode), item)
        except Trouble as trouble:
            if not trouble.refused or not json_mode:
                raise
        self._json_mode = False
        return checked(await self._post(claim, item, False), item) if self._may_ask() else None

    def _may_ask(self) -> bool:
        """Whether the endpoint may be asked now; counts the question against the day's budget if so."""
        now = self._clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return False
        if now.date() != self._day:
            self._day, self._spent = now.date(), 0
        if self._spent >= self._endpoint.daily_budget:
            return False
        self._spent += 1
        return True

    def _count_trouble(self, trouble: Trouble) -> None:
        self._troubles += 1
        log.warning("second opinion: %s; the local verdict stands", trouble)
        if trouble.rest or self._troubles >= TROUBLES_IN_A_ROW:
            self._troubles = 0
            self._rests_until = self._clock.now() + REST
            log.warning("second opinion: the endpoint is left alone for %d s", REST.total_seconds())

    async def _post(self, claim: Claim, item: Item, json_mode: bool) -> str:
        """The text of the model's message. Raises `Trouble`."""
        headers = {"accept-encoding": "identity"}
        if self._endpoint.api_key is not None:
            headers["authorization"] = f"Bearer {self._endpoint.api_key.get_secret_value()}"
        url = f"{self._endpoint.base_url.rstrip('/')}/chat/completions"
        body = question_body(self._endpoint.model, claim, item, json_mode=json_mode)
        try:
            async with (
                asyncio.timeout(self._endpoint.timeout),
                self._client.stream("POST", url, json=body, headers=headers, follow_redirects=False) as response,
            ):
                _check_status(response)
                return message_of(await _read_capped(response))
        except TimeoutError:
            raise Trouble(f"no answer within {self._endpoint.timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Trouble(f"the endpoint cannot be asked ({type(error).__name__})") from None


def _key(model: str, claim: Claim, item: Item) -> str:
    return stable_id(model, claim.statement, claim.as_of, item.title, item.text)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status != httpx.codes.OK:
        raise Trouble(f"the endpoint answered {status}", rest=status == 429, refused=status in {400, 422})
    if response.headers.get("content-encoding", "identity") not in {"", "identity"}:
        raise Trouble("the answer is compressed, which was not asked for")


async def _read_capped(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise Trouble(f"the answer is larger than {LARGEST_ANSWER} bytes")
    return bytes(body)
