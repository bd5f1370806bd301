"""How tests start a bot on the loopback Slack."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_server import APP_TOKEN, BOT_TOKEN, TEAM, SlackServer

from bot.chat.commands import Desk
from bot.chat.slack import SlackBot, SlackSettings

TENANT = f"slack:{TEAM}"
SOON = 3.0
"""Seconds that Slack waits for an acknowledgement."""

STARTING = 10.0
LEAVING = 10.0


def said(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def elements(body: Any, kind: str) -> list[dict[str, Any]]:
    """All buttons, selects and the like of a message or view."""
    blocks = [*(body.get("blocks") or []), *(b for each in body.get("attachments") or [] for b in each["blocks"])]
    found = [element for block in blocks for element in [*block.get("elements", []), block.get("element") or {}]]
    return [element for element in found if element.get("type") == kind]


def settings(slack: SlackServer, **more: object) -> SlackSettings:
    given = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "api": f"{slack.base}/api/", "ping": 0.2, "sockets": 1}
    return SlackSettings(**{**given, **more})  # type: ignore[arg-type]


@asynccontextmanager
async def running(desk: Desk, wanted: SlackSettings) -> AsyncIterator[SlackBot]:
    """A bot that is logged in while the block runs."""
    bot = SlackBot(desk, wanted)
    task = asyncio.create_task(bot.run_until_closed())
    try:
        ready = asyncio.create_task(bot.ready.wait())
        await asyncio.wait([task, ready], timeout=STARTING, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if task.done():
            await task
        assert bot.ready.is_set()
        yield bot
    finally:
        await bot.close()
        async with asyncio.timeout(LEAVING):
            await asyncio.gather(task, return_exceptions=True)
