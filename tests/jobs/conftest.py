"""What polls need, over a real store and a real server; the reader's process lives as long as a module."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_network

import pytest
import pytest_asyncio
from feed_server import FeedServer
from jobs_world import CountingParser, Newsroom

from bot.feeds.guard import Guard
from bot.feeds.parse import Limits
from bot.feeds.web import Web
from storage import Store


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web() -> AsyncIterator[Web]:
    opened = Web(agent="Claimwatch-tests/1", guard=Guard(allow=(ip_network("127.0.0.0/8"),)), per_host=16)
    yield opened
    await opened.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parser() -> AsyncIterator[CountingParser]:
    reading = CountingParser(Limits(workers=1, deadline=60.0))
    yield reading
    await reading.aclose()


@pytest.fixture
def newsroom(store: Store, server: FeedServer, web: Web, parser: CountingParser) -> Newsroom:
    return Newsroom(store, server, web, parser)
