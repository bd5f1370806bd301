"""Replies on their way to the one who asked: shown there alone, a page at a time."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Protocol

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.blocks import Choice, Line, Message, Picture, Reply, Tone, line
from bot.chat.slack.buttons import Element, turns
from bot.chat.slack.failures import FAILURES, error_code
from bot.chat.slack.forms import answered
from bot.chat.slack.render import render

KEPT = 300
"""Answers of several pages whose pages can still be turned."""

TIMEOUT = 15.0

PAUSES = (1.0, 5.0, 0.0)
"""Seconds after each attempt to hand over an answer."""

GONE = Reply.say("These pages are no longer at hand; please ask again.", tone=Tone.ERROR)

log = logging.getLogger(__name__)


class Window(Protocol):
    """Where one answer is shown."""

    async def show(self, page: Message, more: Sequence[Element], audience: Choice) -> None:
        """Show a page with these buttons under it."""
        ...


class Answers:
    """Shows replies, and keeps those of several pages for a while."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client
        self._kept: OrderedDict[str, Reply] = OrderedDict()

    async def show(self, window: Window, reply: Reply, user: str) -> None:
        """Show the first page; what Slack cannot show to one person alone comes to them as a direct message."""
        page, more = await self.opened(reply, user)
        await window.show(page, more, reply.audience)

    async def turn(self, window: Window, key: str, number: int) -> None:
        """Show another page of an answer that was shown before."""
        reply = self._kept.get(key, GONE)
        number = min(number, len(reply.pages) - 1)
        await window.show(reply.pages[number], turns(key, number, len(reply.pages)), Choice.ASKER)

    async def opened(self, reply: Reply, user: str) -> tuple[Message, list[Element]]:
        """The first page and the buttons that lead on from it."""
        reply = await self._with_files(reply, user)
        key = uuid.uuid4().hex
        if len(reply.pages) > 1:
            self._kept[key] = reply
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return reply.pages[0], turns(key, 0, len(reply.pages))

    async def _with_files(self, reply: Reply, user: str) -> Reply:
        """The reply with a line that says where its pictures and its file went, if it has any."""
        pictures = [card.picture for page in reply.pages for card in page.cards if card.picture]
        if not pictures and not reply.file:
            return reply
        first = reply.pages[0]
        said = await self._send_files(user, pictures, reply.file)
        lead: Line = line(*first.lead, "\n" if first.lead else "", said)
        page = Message(first.cards, first.buttons, lead)
        return Reply((page, *reply.pages[1:]), reply.audience)

    async def _send_files(self, user: str, pictures: Sequence[Picture], file: tuple[str, bytes] | None) -> str:
        """Upload into the user's direct messages with us; how that went, in words."""
        uploads = [uploaded(picture) for picture in pictures]
        if file:
            uploads.append({"filename": file[0], "title": file[0], "content": file[1]})
        try:
            opened = await self._client.conversations_open(users=user)
            channel = opened["channel"]["id"]
            await self._client.files_upload_v2(file_uploads=uploads, channel=channel)
        except FAILURES as error:
            log.warning("files were not taken by Slack: %s %s", type(error).__name__, error_code(error))
            return "Slack did not take what belongs to this answer; please ask again."
        return "What belongs to this answer is in your direct messages with the bot."


class ByAddress:
    """An answer through a request's `response_url`, for the asker alone, or in place of the answer that was there."""

    def __init__(
        self, address: str, session: aiohttp.ClientSession, logger: logging.Logger, replace: bool = False
    ) -> None:
        self._replace = replace
        self._hook = AsyncWebhookClient(address, session=session, logger=logger, retry_handlers=[])

    async def show(self, page: Message, more: Sequence[Element], audience: Choice) -> None:
        """Post or replace; tried again where Slack did not answer, since the worst of it is an answer seen twice."""
        body = {
            **render(page, more).body(),
            "response_type": "in_channel" if audience is Choice.EVERYBODY else "ephemeral",
            "replace_original": self._replace,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        for pause in PAUSES:
            trouble = await self._post(body)
            if not trouble:
                return
            log.warning("Slack did not take an answer: %s", trouble)
            if not trouble.startswith(("429", "5", "no answer")):
                return
            await asyncio.sleep(pause)

    async def _post(self, body: dict[str, Any]) -> str:
        """What went wrong, if anything did: the status that Slack answered, or that it did not."""
        try:
            async with asyncio.timeout(TIMEOUT):
                answer = await self._hook.send_dict(body)
        except FAILURES as error:
            return f"no answer, {type(error).__name__}"
        return "" if answer.status_code == 200 else f"{answer.status_code} {answer.body[:200]}"


class InView:
    """An answer inside a modal that is open."""

    def __init__(self, client: AsyncWebClient, view: str, verb: str, channel: str) -> None:
        self._client, self._view, self._verb, self._channel = client, view, verb, channel

    async def show(self, page: Message, more: Sequence[Element], audience: Choice) -> None:
        """Put the page in the place of what the modal shows."""
        view = answered(self._verb, page, self._channel, more)
        await self._client.views_update(view_id=self._view, view=view)


def uploaded(picture: Picture) -> dict[str, Any]:
    """The picture as `files_upload_v2` takes it."""
    return {"filename": picture.name, "title": picture.alt[:200], "alt_txt": picture.alt[:1000], "content": picture.png}
