"""How tests start a bot on the loopback Slack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_server import APP_TOKEN, BOT_TOKEN, SlackServer

from bot.chat.commands import Desk
from bot.chat.slack import SlackBot, SlackSettings

STARTING = 10.0
LEAVING = 10.0


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
