"""Files that people put into forms, fetched from Slack."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import aiohttp

from bot.chat.commands import LARGEST_FILE, Attached
from bot.chat.slack.forms import Uploaded
from bot.errors import BadInput

FETCHING = 20.0
"""Seconds for one file."""

_SLACK = "files.slack.com"
_REFUSED = "Slack did not hand out the file; please send it again."


async def fetched(session: aiohttp.ClientSession, token: str, api: str, file: Uploaded) -> Attached:
    """The file with its content. Raises `BadInput`.

    The token goes to Slack alone: to the host of its files, or of the API that we were told to talk to.
    """
    parts = urlsplit(file.address)
    ours = urlsplit(api)
    if (parts.scheme, parts.netloc) not in {("https", _SLACK), (ours.scheme, ours.netloc)}:
        raise BadInput(_REFUSED)
    try:
        async with asyncio.timeout(FETCHING):
            content = await _content(session, token, file.address)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise BadInput(_REFUSED) from None
    return Attached(file.name, content)


async def _content(session: aiohttp.ClientSession, token: str, address: str) -> bytes:
    """Where the scope files:read is missing, Slack leads to its log-in page instead."""
    headers = {"Authorization": f"Bearer {token}"}
    async with session.get(address, headers=headers, allow_redirects=False) as answer:
        if answer.status != 200:
            raise BadInput(_REFUSED)
        content = bytearray()
        async for piece in answer.content.iter_chunked(1 << 16):
            content += piece
            if len(content) > LARGEST_FILE:
                raise BadInput(f"the file is larger than {LARGEST_FILE:,} bytes")
        return bytes(content)
