"""Logging in to Discord: what whoever answers there and whoever only posts there have in common."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.discord.failures import rate_limit_trace
from bot.errors import PlatformError

log = logging.getLogger(__name__)

LONGEST_WAIT = 30.0
"""Seconds that discord.py itself may sleep for a rate limit; a longer wait becomes a delivery's `Later`."""

RECONNECT = (2.0, 300.0)
"""Seconds between attempts to log in while Discord cannot be reached: the first pause, and the longest."""

KEPT = 300.0
"""Seconds for which a poster goes by what Discord said of a channel."""

REFUSED = (
    "Discord does not accept the token. Copy it anew from https://discord.com/developers/applications, "
    "your application, Bot, Reset Token, and set DISCORD_TOKEN or DISCORD_TOKEN_FILE."
)
_NOT_AUTHENTICATED = 4004  # the gateway's close code
_FAILURES = (aiohttp.ClientError, OSError, TimeoutError, discord.HTTPException, discord.RateLimited)


def use_addresses(api: str = "", gateway: str = "") -> None:
    """Talk to a Discord at other addresses, for tests and proxies: "http://127.0.0.1:8080/api/v10", "ws://127.0.0.1:8080".

    discord.py keeps both as class attributes, so there is one Discord a process.
    """
    if api:
        Route.BASE = api
    if gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)


def _expect_no_voice() -> None:
    """Nothing is spoken here, so discord.py need not warn of the libraries that it would speak with."""
    discord.VoiceClient.warn_nacl = False
    discord.VoiceClient.warn_dave = False


class LoggedIn(discord.Client, ABC):
    """A client that logs in, through every trouble, and then stays."""

    def __init__(self, **options: Any) -> None:
        _expect_no_voice()
        super().__init__(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=LONGEST_WAIT,
            http_trace=rate_limit_trace(),
            **options,
        )
        self.logged_in = asyncio.Event()

    async def run_until_closed(self, token: str) -> None:
        """Log in, stay through every loss of connection, and return once closed.

        Raises `PlatformError` where Discord refuses the token.
        """
        _keep_tokens_out_of_logs()
        try:
            await self._log_in(token)
            await self._stay()
        except discord.LoginFailure:
            raise PlatformError(REFUSED) from None
        except discord.ConnectionClosed as error:
            raise PlatformError(_closed_for_good(error.code)) from None
        except discord.HTTPException as error:
            raise PlatformError(f"Discord does not let us in: it answered {error.status} {error.text}") from None
        finally:
            await self.close()

    async def close(self) -> None:
        """Leave Discord; what is sent from now on is `Later`."""
        self.logged_in.clear()
        await super().close()

    @abstractmethod
    async def _stay(self) -> None:
        """Until closed."""

    async def _log_in(self, token: str) -> None:
        """Log in; while Discord cannot be reached, again and again with longer and longer pauses."""
        pause, longest = RECONNECT
        while True:
            try:
                return await self.login(token)
            except _FAILURES as error:
                if isinstance(error, discord.HTTPException) and error.status < 500 and error.status != 429:
                    raise
                log.warning("Discord cannot be reached (%s); next try in %.0f s", type(error).__name__, pause)
                await self.http.close()
                self.http.clear()
                self.http.connector = discord.utils.MISSING  # it was closed along with the session
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)


class DiscordPoster(LoggedIn):
    """One process's way to post where others answer: logged in, and connected to nothing that Discord sends."""

    def __init__(self) -> None:
        super().__init__()
        self._closing = asyncio.Event()
        self._places: dict[int, tuple[float, Any]] = {}

    async def setup_hook(self) -> None:
        """Called by discord.py once logged in."""
        self.logged_in.set()

    async def close(self) -> None:
        """Leave Discord."""
        self._closing.set()
        await super().close()

    async def _stay(self) -> None:
        await self._closing.wait()

    def get_channel(self, id: int, /) -> Any:  # noqa: A002 - discord.py's
        """What Discord said of the channel within the last minutes: no connection tells of changes."""
        until, place = self._places.get(id, (0.0, None))
        return place if time.monotonic() < until else None

    async def fetch_channel(self, channel_id: int, /) -> Any:
        """Ask Discord, and keep what it says for some minutes."""
        place = await super().fetch_channel(channel_id)
        self._places[channel_id] = (time.monotonic() + KEPT, place)
        return place


def _closed_for_good(code: int) -> str:
    if code == _NOT_AUTHENTICATED:
        return REFUSED
    return f"Discord closed the connection for good (code {code}); see its list of gateway close codes."


def _keep_tokens_out_of_logs() -> None:
    """At DEBUG level discord.py logs whole events and addresses, and in them the tokens that answer interactions."""
    for name in ("discord.http", "discord.gateway", "discord.webhook"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger(name).level))
