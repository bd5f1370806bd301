"""What the tests of the feeds' room share: a misbehaving server, a getter that may dial loopback, and a reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
from bad_server import AGENT, BadServer

from bot.feeds.guard import Guard
from bot.feeds.parse import Limits, Parser
from bot.feeds.web import Web


@pytest.fixture
async def server() -> AsyncIterator[BadServer]:
    bad = BadServer()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await bad.handle(reader, writer)
        tasks.discard(task)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    bad.port = listening.sockets[0].getsockname()[1]
    yield bad
    listening.close()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await listening.wait_closed()


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    """May dial loopback."""
    opened = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.0/8"), ip_network("::1/128"))))
    yield opened
    await opened.aclose()


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    reading = Parser(Limits(workers=1, deadline=30.0))
    yield reading
    await reading.aclose()
