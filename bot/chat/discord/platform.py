"""Posting to Discord: `bot.ports.Platform` over a logged-in client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord

from bot.blocks import Message, plain
from bot.chat.discord.buttons import button_row, carries
from bot.chat.discord.failures import (
    NONCE_WINDOW,
    RETRY,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    noting_rate_limits,
    outcome_of,
)
from bot.chat.discord.login import LoggedIn
from bot.chat.discord.places import LATELY, first_messages, known, open_post, thread_under
from bot.chat.discord.render import LIMITS, render
from bot.model import Channel, Denied, Later, Refused, SendOutcome, Sent, Unknown

PATIENCE = 90.0
"""Seconds for one delivery, discord.py's own retries and short rate limits included."""

HISTORY = 500
"""Messages of a channel that are looked through for one of ours."""

CLOCK_SKEW = timedelta(minutes=2)

PAUSES = (1.0, 5.0, 15.0)
"""Seconds after each look that Discord did not answer."""

FAILURES = (discord.DiscordException, aiohttp.ClientError, TimeoutError, OSError)
"""All that Discord and the network can do to a request."""


class DiscordPlatform:
    """Implements `bot.ports.Platform`."""

    name = "discord"
    limits = LIMITS
    repeat_safe = NONCE_WINDOW
    spacing = 0.0  # Discord says so itself where it is too fast

    def __init__(self, client: LoggedIn) -> None:
        self._client = client

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        """Post once; the nonce also stays readable in the message, since Discord forgets it soon."""
        outcome = await self._outcome(lambda: self._post(channel, message, nonce))
        if isinstance(outcome, Refused) and message.under:
            return Refused(outcome.reason)  # of the thread: the channel may well be open
        return outcome

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        """Bring a posted message up to date; to repeat that does no harm, so it is never `Unknown`."""
        outcome = await self._outcome(lambda: self._change(channel, ref, message))
        return Later(RETRY, outcome.reason) if isinstance(outcome, Unknown) else outcome

    async def find(self, channel: Channel, nonce: str, since: datetime, under: str = "") -> SendOutcome | None:
        """Look through the channel or the thread, several times where Discord does not answer.

        `Denied` where it refuses the token and `Refused` where the channel is gone, message and all.
        """
        if not await self._logged_in():
            return None
        for pause in PAUSES:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await self._look(channel, nonce, since - CLOCK_SKEW, under)
            except FAILURES as error:
                outcome = outcome_of(error)
                if isinstance(outcome, Denied):
                    return outcome
                if isinstance(outcome, Refused):
                    gone = getattr(error, "code", 0) == UNKNOWN_CHANNEL
                    return Refused(outcome.reason, channel_closed=not under) if gone else None
            await asyncio.sleep(pause)
        return None

    async def _post(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        shown = render(message, mark="" if message.buttons else reference(nonce))
        said: dict[str, Any] = {
            "content": shown.content or None,
            "embeds": shown.embeds,
            "files": shown.files,
            "view": button_row(shown.buttons, nonce) or discord.utils.MISSING,
            "allowed_mentions": pinging(message),
        }
        here = await known(self._client, channel)
        if message.under:
            place = await thread_under(self._client, channel, here, message.under, message.topic)
        elif isinstance(here, discord.ForumChannel):
            return await self._open_post(here, message, nonce, said)
        else:
            place = self._place(channel)
        return Sent(str((await place.send(**said, nonce=nonce)).id))

    async def _open_post(
        self, posts: discord.ForumChannel, message: Message, nonce: str, said: dict[str, Any]
    ) -> SendOutcome:
        """Discord takes no nonce here, so what an attempt before this one may have opened is looked for first."""
        found = await self._look_among(posts, nonce, datetime.now(UTC) - LATELY)
        if isinstance(found, Sent):
            return found
        opened = await open_post(posts, message.topic or _first_words(message), message.tag, said)
        return Sent(str(opened.id))

    async def _change(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        shown = render(message)
        in_post = isinstance(await known(self._client, channel), discord.ForumChannel)
        place = self._client.get_partial_messageable(int(ref)) if in_post else self._place(channel)
        try:
            await place.get_partial_message(int(ref)).edit(
                content=shown.content or None,
                embeds=shown.embeds,
                attachments=shown.files,
                view=button_row(shown.buttons),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE and not (in_post and error.code == UNKNOWN_CHANNEL):
                raise
        return Sent(ref)

    async def _look(self, channel: Channel, nonce: str, since: datetime, under: str) -> SendOutcome | None:
        here = await known(self._client, channel)
        if isinstance(here, discord.ForumChannel) and not under:
            return await self._look_among(here, nonce, since)
        inside = under and not isinstance(here, discord.Thread)
        place = self._client.get_partial_messageable(int(under)) if inside else self._place(channel)
        seen = 0
        async for posted in place.history(limit=HISTORY, after=since):
            seen += 1
            if posted.author == self._client.user and _is(posted, nonce):
                return Sent(str(posted.id))
        return Later(0.0, "looked for in the channel and not there") if seen < HISTORY else None

    async def _look_among(self, posts: discord.ForumChannel, nonce: str, since: datetime) -> SendOutcome:
        async for posted in first_messages(self._client, posts, since):
            if _is(posted, nonce):
                return Sent(str(posted.id))
        return Later(0.0, "looked for among the forum's posts and not there")

    async def _logged_in(self) -> bool:
        """Whether we are, once that is settled: right after the start it takes a moment."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._client.logged_in.wait()
        except TimeoutError:
            return False

    def _place(self, channel: Channel) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(int(channel.address))

    async def _outcome(self, request: Callable[[], Awaitable[SendOutcome]]) -> SendOutcome:
        """What came of it; every failure that Discord or the network can make is a value."""
        if not self._client.logged_in.is_set():
            return Later(RETRY, "not logged in to Discord yet")
        with noting_rate_limits() as limited:
            try:
                async with asyncio.timeout(PATIENCE):
                    return await request()
            except FAILURES as error:
                return outcome_of(error, everywhere=any(limited))
            except RuntimeError:
                if self._client.logged_in.is_set():
                    raise
                return Later(RETRY, "the connection to Discord was closed before this was sent")


def _first_words(message: Message) -> str:
    """What a message begins with: what a post is called where nothing else says."""
    card = message.cards[0]
    said = (card.title.text if card.title else "", plain(card.badge), *map(plain, card.lines))
    return next((words for words in said if words), "")


def pinging(message: Message) -> discord.AllowedMentions:
    """Nobody but the one role that a rule says is told; whatever else the text mentions is inert."""
    roles = [discord.Object(int(message.ping))] if message.ping.isdecimal() else []
    return discord.AllowedMentions(everyone=False, users=False, roles=roles, replied_user=False)


def reference(nonce: str) -> str:
    """How a message without buttons shows which delivery it is."""
    return f"ref {nonce[:8]}"


def _is(posted: discord.Message, nonce: str) -> bool:
    return (
        str(posted.nonce) == nonce
        or carries(posted, nonce)
        or any((embed.footer.text or "").endswith(reference(nonce)) for embed in posted.embeds)
    )
