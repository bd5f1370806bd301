"""Posting to Slack: `bot.ports.Platform` over a logged-in client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.blocks import Message, Picture
from bot.chat.slack.answers import uploaded
from bot.chat.slack.connection import SlackBot
from bot.chat.slack.failures import FAILURES, RETRY, error_code, outcome_of
from bot.chat.slack.render import LIMITS, render
from bot.model import Channel, Denied, Later, Refused, SendOutcome, Sent, Unknown

PATIENCE = 30.0
"""Seconds for one request."""

PER_SECOND = 1.0
"""Seconds between two posts in a channel."""

CHANNELS = 2000
"""Channels whose last post is remembered, for the pause."""

SETTLED = 5.0
"""Seconds after which a message that Slack took is certainly seen in its channel."""

PAUSES = (1.0, 5.0, 15.0)
"""Seconds after each look that Slack did not answer."""

LONGEST_WAIT = 60.0
"""Seconds that a look into a channel waits for a rate limit."""

HISTORY = 1000
PER_PAGE = 200
CLOCK_SKEW = timedelta(minutes=2)

EVENT = "claimwatch_delivery"

log = logging.getLogger(__name__)


class SlackPlatform:
    """Implements `bot.ports.Platform`. Slack drops no repeats, so that none is ever sent on a chance."""

    name = "slack"
    limits = LIMITS
    repeat_safe = 0.0
    spacing = PER_SECOND

    def __init__(self, bot: SlackBot, settled: float = SETTLED, pauses: tuple[float, ...] = PAUSES) -> None:
        self._bot, self._settled, self._pauses = bot, settled, pauses
        self._next: dict[str, float] = {}

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        """Post once, with the delivery's id in the message's metadata; pictures follow in its thread."""
        shown = render(message)

        async def post(client: AsyncWebClient) -> SendOutcome:
            posted = await client.chat_postMessage(
                channel=channel.address,
                **shown.body(),
                metadata={"event_type": EVENT, "event_payload": {"delivery": nonce}},
                thread_ts=message.under or None,
                unfurl_links=False,
                unfurl_media=False,
            )
            return Sent(str(posted["ts"]))

        outcome = await self._outcome(channel, post)
        if isinstance(outcome, Refused) and message.under:
            return Refused(outcome.reason)  # of the thread: the channel may well be open
        if isinstance(outcome, Sent) and shown.pictures:
            await self._illustrate(channel, outcome.ref, shown.pictures)
        return outcome

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        """Bring a posted message up to date; to repeat that does no harm, so it is never `Unknown`."""
        shown = render(message)

        async def change(client: AsyncWebClient) -> SendOutcome:
            emptied: dict[str, Any] = {"blocks": [], "attachments": []}  # what it had before and has no more
            await client.chat_update(channel=channel.address, ts=ref, **{**emptied, **shown.body()})
            return Sent(ref)

        outcome = await self._outcome(channel, change, gone=Sent(ref))
        return Later(RETRY, outcome.reason) if isinstance(outcome, Unknown) else outcome

    async def find(self, channel: Channel, nonce: str, since: datetime, under: str = "") -> SendOutcome | None:
        """Look through the channel, or the thread `under` a message, several times where Slack does not answer.

        `Denied` where it refuses the token and `Refused` where the channel is gone, message and all.
        """
        await asyncio.sleep(self._settled)
        for pause in self._pauses:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._bot.ready.wait()
                return await self._look(channel, nonce, since, under)
            except FAILURES as error:
                outcome = outcome_of(error)
                if isinstance(outcome, Denied) or error_code(error) == "channel_not_found":
                    return outcome
                if isinstance(outcome, Refused):
                    return None  # we may not read there
                wait = min(outcome.seconds, LONGEST_WAIT) if isinstance(outcome, Later) else pause
            await asyncio.sleep(wait)
        return None

    async def _look(self, channel: Channel, nonce: str, since: datetime, under: str) -> SendOutcome | None:
        """`Sent` or `Later`; None where there is more in the channel than is looked through."""
        cursor = ""
        for _ in range(HISTORY // PER_PAGE):
            async with asyncio.timeout(PATIENCE):
                page = await self._read(under)(
                    channel=channel.address,
                    oldest=f"{(since - CLOCK_SKEW).timestamp():.6f}",
                    include_all_metadata=True,
                    limit=PER_PAGE,
                    cursor=cursor,
                )
            messages: list[dict[str, Any]] = page.get("messages", [])
            for posted in messages:
                if posted.get("bot_id") == self._bot.workspace.identity.bot and _delivery(posted) == nonce:
                    return Sent(str(posted["ts"]))
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return Later(0.0, "looked for in the channel and not there")
        return None

    def _read(self, under: str) -> Callable[..., Awaitable[Any]]:
        client = self._bot.client
        return partial(client.conversations_replies, ts=under) if under else client.conversations_history

    async def _illustrate(self, channel: Channel, ref: str, pictures: tuple[Picture, ...]) -> None:
        """Pictures under the message. One that Slack does not take is let go: the message says the same in words."""
        try:
            async with asyncio.timeout(PATIENCE * 2):
                await self._bot.client.files_upload_v2(
                    file_uploads=[uploaded(picture) for picture in pictures],
                    channel=channel.address,
                    thread_ts=ref,
                )
        except FAILURES as error:
            log.warning("a picture was not taken by Slack: %s %s", type(error).__name__, error_code(error))

    async def _outcome(
        self,
        channel: Channel,
        request: Callable[[AsyncWebClient], Awaitable[SendOutcome]],
        gone: SendOutcome | None = None,
    ) -> SendOutcome:
        """What came of it; every failure that Slack or the network can make is a value."""
        if not self._bot.ready.is_set():
            return Later(RETRY, "not logged in to Slack yet")
        await self._turn(channel.address)
        try:
            async with asyncio.timeout(PATIENCE):
                return await request(self._bot.client)
        except FAILURES as error:
            if gone and error_code(error) == "message_not_found":
                return gone
            return outcome_of(error)

    async def _turn(self, channel: str) -> None:
        """Wait until this channel may be posted to again."""
        now = asyncio.get_running_loop().time()
        if len(self._next) > CHANNELS:
            self._next = {address: due for address, due in self._next.items() if due > now}
        slot = max(now, self._next.get(channel, 0.0))
        self._next[channel] = slot + PER_SECOND
        await asyncio.sleep(slot - now)


def _delivery(posted: dict[str, Any]) -> str:
    """The delivery that a message says it is; empty where it says nothing of the kind."""
    metadata = posted.get("metadata") or {}
    if metadata.get("event_type") != EVENT:
        return ""
    return str((metadata.get("event_payload") or {}).get("delivery", ""))
