"""What people ask to be read goes through the same guard as feeds: nothing private is ever dialled for them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.errors import BadInput
from bot.feeds import opml
from bot.feeds.fetch import HttpFetcher
from bot.feeds.guard import Guard
from bot.feeds.parse import Parser
from bot.feeds.web import Web
from bot.lookup import Lookup
from bot.model import Claim, Item, Verdict
from storage import Store


class NobodyAsks:
    """An assessor that a page which was never read must not reach."""

    name = "none"
    languages: frozenset[str] = frozenset()

    async def compare(self, items: list[Item], claims: list[Claim]) -> list[tuple[Verdict, ...]]:
        raise AssertionError("compared what was never read")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "2130706433", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("door", ["check", "feed add"])
async def test_commands_dial_nothing_private(host: str, door: str, store: Store) -> None:
    heard = []
    listening = await asyncio.start_server(lambda _, writer: (heard.append(1), writer.close()), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    # The port would be refused by itself: with this guard only the address can be the reason.
    web, parser = Web(agent="tests", guard=Guard(ports=frozenset({port}))), Parser()
    lookup = Lookup(store, HttpFetcher(web, lambda: datetime.now(UTC)), parser, NobodyAsks())
    url = f"http://{host}:{port}/"
    try:
        with pytest.raises(BadInput, match=r"this machine|misleading spelling"):
            await (lookup.compare("console:local", url) if door == "check" else lookup.discover(url))
    finally:
        await web.aclose()
        await parser.aclose()
        listening.close()
        await listening.wait_closed()
    assert heard == []


def test_a_list_of_feeds_brings_in_nothing_private() -> None:
    lines = "".join(f'<outline xmlUrl="{url}"/>' for url in ("http://127.0.0.1/", "file:///etc/passwd", "http://10.1/"))
    found = opml.read(f"<opml><body>{lines}</body></opml>".encode(), Guard().check_url)
    assert found.feeds == ()
    assert len(found.problems) == 3
