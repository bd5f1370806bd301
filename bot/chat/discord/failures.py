"""What Discord's and the network's failures mean for a delivery.

The codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json

A connection that dies after the request went out, and a server error after five tries, leave it unknown whether the
message was posted (`Unknown`). To send it again is safe for `NONCE_WINDOW` seconds after the first send: Discord
answers a repeated nonce with the message that is there ("enforce_nonce", for "the past few minutes"). Beyond that,
`DiscordPlatform.find` looks into the channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import SimpleNamespace

import aiohttp
import discord

from bot.model import Denied, Later, Refused, SendOutcome, Unknown

NONCE_WINDOW = 120.0
"""Seconds; shorter than what was seen, since Discord promises no figure."""

RETRY = 5.0
"""Seconds until a request that certainly did nothing is tried again."""

CLOUDFLARE_BAN = 600.0
"""Seconds of rest where a ban names none."""

UNKNOWN_CHANNEL = 10003
UNKNOWN_MESSAGE = 10008
CLOSED = frozenset(
    {
        UNKNOWN_CHANNEL,
        10004,  # unknown guild
        50001,  # missing access
        50008,  # no text channel
        50013,  # missing permissions
        50083,  # archived thread
        160005,  # locked thread
    }
)
"""Codes that say of the channel, not of the message, that nothing can be posted."""

_limited_everywhere: ContextVar[list[bool] | None] = ContextVar("limited_everywhere", default=None)


@contextmanager
def noting_rate_limits() -> Iterator[list[bool]]:
    """Within the block, each 429 adds to the list whether it was one of the whole bot's; see `rate_limit_trace`."""
    notes: list[bool] = []
    token = _limited_everywhere.set(notes)
    try:
        yield notes
    finally:
        _limited_everywhere.reset(token)


def rate_limit_trace() -> aiohttp.TraceConfig:
    """What tells global limits from a channel's: `discord.RateLimited` does not, only the answer's headers do."""
    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(_note)
    return trace


async def _note(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    notes = _limited_everywhere.get()
    if notes is not None and params.response.status == 429:
        headers = params.response.headers
        notes.append(headers.get("X-RateLimit-Scope") == "global" or "X-RateLimit-Global" in headers)


def outcome_of(error: Exception, *, everywhere: bool = False) -> SendOutcome:
    """The outcome that a failed request has. `everywhere`: the rate limit was one of the whole bot's."""
    if isinstance(error, discord.RateLimited):
        return Later(error.retry_after, "Discord's rate limit", everywhere)
    if isinstance(error, discord.HTTPException):
        return _answered(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Later(RETRY, f"Discord cannot be reached: {type(error).__name__}")
    return Unknown(f"no answer from Discord: {type(error).__name__}")


def _answered(error: discord.HTTPException) -> SendOutcome:
    reason = f"Discord answered {error.status} {error.text or error.response.reason or ''} (code {error.code})"
    if error.status == 401:
        return Denied(reason)
    if error.status == 429:
        return Later(_retry_after(error), reason, everywhere=True)
    if error.status == 503:
        return Later(RETRY, reason)
    if error.status >= 500:
        return Unknown(reason)
    return Refused(reason, channel_closed=error.code in CLOSED or error.status == 403)


def _retry_after(error: discord.HTTPException) -> float:
    try:
        return float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return CLOUDFLARE_BAN
