"""Asking an OpenAI-compatible language model: within a day's budget and a time-out, and left alone when in trouble.

Its address is the operator's own; no guard is needed. What goes wrong is logged and becomes no answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import httpx
from pydantic import SecretStr

from bot.claims.exchange import Trouble, Unbelievable, message_of
from bot.ports import Clock

log = logging.getLogger(__name__)

AT_ONCE = 4
LARGEST_ANSWER = 256 * 1024
TROUBLES_IN_A_ROW = 3
REST = timedelta(minutes=5)
"""How long the endpoint is left alone after so many troubles, or when it says that it has had enough."""

A = TypeVar("A")
Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an OpenAI-compatible model answers. `timeout` is the total seconds of one question."""

    base_url: str
    model: str
    api_key: SecretStr | None = None
    daily_budget: int = 200
    timeout: float = 20.0


class Asking:
    """One endpoint for all who ask it. The budget counts questions a UTC day and a process."""

    def __init__(self, endpoint: Endpoint, client: httpx.AsyncClient, clock: Clock) -> None:
        self._endpoint, self._client, self._clock = endpoint, client, clock
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._json_mode = True  # until the endpoint refuses it
        self._day: date = date.min
        self._spent = 0
        self._troubles = 0
        self._rests_until: datetime | None = None

    @property
    def model(self) -> str:
        """The model's name."""
        return self._endpoint.model

    async def answer(self, body: Body, read: Callable[[str], A], without: str) -> A | None:
        """What `read` makes of the model's message; None where there is no usable one, which the log says.

        `read` raises `Unbelievable`; `without` says in the log what happens instead.
        """
        async with self._gate:
            try:
                answer = await self._ask(body, read)
            except Unbelievable as reason:  # may be the text's doing, which must not silence the endpoint for others
                log.info("language model: %s; %s", reason, without)
                return None
            except Trouble as trouble:
                self._count_trouble(trouble, without)
                return None
        if answer is not None:
            self._troubles = 0
        return answer

    async def _ask(self, body: Body, read: Callable[[str], A]) -> A | None:
        """One question, and the same without JSON mode where the endpoint refuses that. Raises `Trouble`."""
        json_mode = self._json_mode  # several questions may be open when the first is refused
        if not self._may_ask():
            return None
        try:
            return read(await self._post(body, json_mode))
        except Trouble as trouble:
            if not trouble.refused or not json_mode:
                raise
        self._json_mode = False
        return read(await self._post(body, False)) if self._may_ask() else None

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

    def _count_trouble(self, trouble: Trouble, without: str) -> None:
        self._troubles += 1
        log.warning("language model: %s; %s", trouble, without)
        if trouble.rest or self._troubles >= TROUBLES_IN_A_ROW:
            self._troubles = 0
            self._rests_until = self._clock.now() + REST
            log.warning("language model: the endpoint is left alone for %d s", REST.total_seconds())

    async def _post(self, body: Body, json_mode: bool) -> str:
        """The text of the model's message. Raises `Trouble`."""
        headers = {"accept-encoding": "identity"}
        if self._endpoint.api_key is not None:
            headers["authorization"] = f"Bearer {self._endpoint.api_key.get_secret_value()}"
        url = f"{self._endpoint.base_url.rstrip('/')}/chat/completions"
        asked = {"model": self._endpoint.model, "temperature": 0, **body}
        asked |= {"response_format": {"type": "json_object"}} if json_mode else {}
        try:
            async with (
                asyncio.timeout(self._endpoint.timeout),
                self._client.stream("POST", url, json=asked, headers=headers, follow_redirects=False) as response,
            ):
                _check_status(response)
                return message_of(await _read_capped(response))
        except TimeoutError:
            raise Trouble(f"no answer within {self._endpoint.timeout:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Trouble(f"the endpoint cannot be asked ({type(error).__name__})") from None


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
