"""Logging in, staying connected, guilds and commands over a Discord on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from discord_bot import running
from discord_server import DiscordServer, Fault
from discord_world import MEMBER_PERMISSIONS

from bot.chat.commands import VERBS, Desk
from bot.chat.discord import DiscordBot, gateway
from bot.errors import PlatformError
from storage import Store


async def soon(server: DiscordServer, ask: Callable[[], Any]) -> Any:
    """`wait_for` beside a bot that runs in this loop."""
    return await asyncio.to_thread(server.wait_for, ask)


async def test_a_wrong_token_ends_with_one_clear_line(desk: Desk, discord_server: DiscordServer) -> None:
    with pytest.raises(PlatformError, match="does not accept the token") as caught:
        await DiscordBot(desk).run_until_closed("wrong")
    assert "\n" not in str(caught.value)
    assert len(discord_server.requests("GET", "/users/@me")) == 1


async def test_a_token_that_the_gateway_refuses_ends_as_clearly(
    desk: Desk, discord_server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord_server._gateway, "_token", "another")
    with pytest.raises(PlatformError, match="does not accept the token"):
        await DiscordBot(desk).run_until_closed(discord_server.token)


async def test_a_discord_that_is_away_is_waited_for(
    desk: Desk, discord_server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "RECONNECT", (0.01, 0.02))
    discord_server.fail("GET", "/users/@me", Fault.drop(after_accept=False), times=2)
    discord_server.fail("GET", "/users/@me", Fault.error(503))
    discord_server.fail("GET", "/users/@me", Fault.limited(600.0, everywhere=True))
    discord_server.fail("PUT", "/applications/*/commands", Fault.error(503))
    async with running(DiscordBot(desk), discord_server.token):
        assert len(discord_server.requests("GET", "/users/@me")) == 6


async def test_another_refusal_is_told_in_one_line(desk: Desk, discord_server: DiscordServer) -> None:
    discord_server.fail("GET", "/users/@me", Fault.error(403))
    with pytest.raises(PlatformError, match="it answered 403"):
        await DiscordBot(desk).run_until_closed(discord_server.token)


async def test_all_verbs_are_registered(bot: DiscordBot, discord_server: DiscordServer) -> None:
    assert {command["name"] for command in discord_server.commands()} == {verb.partition(" ")[0] for verb in VERBS}


async def test_guilds_from_before_and_during_are_tenants(
    desk: Desk, discord_server: DiscordServer, store: Store
) -> None:
    before = discord_server.add_guild("Before")
    async with running(DiscordBot(desk), discord_server.token):
        during = discord_server.add_guild("During")
        wanted = {f"discord:{before}", f"discord:{during}"}
        await soon(discord_server, lambda: {tenant.id for tenant in store.tenants.all()} == wanted)


async def test_a_command_is_answered_and_a_member_is_denied(
    bot: DiscordBot, discord_server: DiscordServer, store: Store
) -> None:
    guild = discord_server.add_guild("Analysts")
    channel = discord_server.add_channel(guild, "alerts")
    await soon(discord_server, lambda: bot.get_channel(int(channel)))
    for permissions, watches in ((MEMBER_PERMISSIONS, 0), (None, 1)):
        asked = {"permissions": permissions} if permissions else {}
        token = discord_server.slash(channel, "watch add", {"query": "saceur", "name": "Command"}, **asked)
        answer = await asyncio.to_thread(discord_server.answer, token)
        assert ("Manage Server" in answer["embeds"][0]["description"]) is (watches == 0)
        assert len(store.watches.all(f"discord:{guild}")) == watches


async def test_a_lost_connection_comes_back(bot: DiscordBot, discord_server: DiscordServer) -> None:
    guild = discord_server.add_guild("Analysts")
    channel = discord_server.add_channel(guild, "alerts")
    await soon(discord_server, lambda: bot.get_channel(int(channel)))
    discord_server.drop_gateway()
    await soon(discord_server, discord_server.connected)
    token = discord_server.slash(channel, "status")
    answer = await asyncio.to_thread(discord_server.answer, token)
    assert "Feeds" in answer["embeds"][0]["description"]
