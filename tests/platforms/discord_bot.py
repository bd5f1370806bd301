"""A bot of this process that is connected to the loopback Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.chat.discord import DiscordBot


@asynccontextmanager
async def running(bot: DiscordBot, token: str) -> AsyncIterator[DiscordBot]:
    """The bot, logged in; closed afterwards. Raises what the bot ends with, where it ends before."""
    run = asyncio.create_task(bot.run_until_closed(token))
    entered = asyncio.create_task(bot.logged_in.wait())
    try:
        await asyncio.wait({run, entered}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        if run.done():
            run.result()
        assert entered.done(), "not logged in within 20 s"
        yield bot
    finally:
        entered.cancel()
        run.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(run, 10)
