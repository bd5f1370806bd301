"""A Discord on loopback and a bot that is connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord_bot import running
from discord_server import DiscordServer
from openapi import check_all

from bot.chat.commands import Comparison, Desk
from bot.chat.discord import DiscordBot, use_addresses
from bot.model import FeedIntent, Item
from storage import Store


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def discord_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[DiscordServer]:
    with DiscordServer() as server:
        monkeypatch.setattr(Route, "BASE", Route.BASE)
        monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
        use_addresses(server.api, server.gateway)
        yield server
        check_all((one.method, one.path, one.body) for one in server.requests())


@pytest.fixture
def desk(store: Store) -> Desk:
    """A desk whose hooks do nothing but say so."""

    async def compare(tenant: str, text: str) -> Comparison:
        return Comparison(Item("asked", "", text), ())

    async def discover(url: str) -> FeedIntent:
        return FeedIntent(url)

    async def nothing(_: object) -> None:
        return

    async def read(url: str) -> Item:
        return Item(url, "", "")

    return Desk(store, SystemClock(), compare, nothing, discover, nothing, read)


@pytest.fixture
async def bot(desk: Desk, discord_server: DiscordServer) -> AsyncIterator[DiscordBot]:
    async with running(DiscordBot(desk), discord_server.token) as connected:
        yield connected
