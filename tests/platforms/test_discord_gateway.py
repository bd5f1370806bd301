"""Logging in, staying connected, guilds and commands over a Discord on loopback."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from discord_bot import running
from discord_server import DiscordServer, Fault
from discord_world import MEMBER_PERMISSIONS

from bot.chat.commands import VERBS, Desk
from bot.chat.discord import DiscordBot, gateway, login
from bot.errors import PlatformError
from bot.model import Claim, ClaimKind
from storage import Store
from storage.claims import Claims


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
    monkeypatch.setattr(login, "RECONNECT", (0.01, 0.02))
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
    registered = {(command["name"], command.get("type", 1)) for command in discord_server.commands()}
    assert registered == {*((verb.partition(" ")[0], 1) for verb in VERBS), ("Compare with baseline", 3)}


async def test_guilds_from_before_and_during_are_tenants(
    desk: Desk, discord_server: DiscordServer, store: Store
) -> None:
    before = discord_server.add_guild("Before")
    async with running(DiscordBot(desk), discord_server.token):
        during = discord_server.add_guild("During")
        wanted = {f"discord:{before}", f"discord:{during}"}
        assert await soon(discord_server, lambda: {tenant.id for tenant in store.tenants.all()} == wanted)


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


async def test_a_form_that_is_not_there_in_time_is_offered_by_a_button(
    bot: DiscordBot, discord_server: DiscordServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    guild = discord_server.add_guild("Analysts")
    channel = discord_server.add_channel(guild, "alerts")
    tenant = f"discord:{guild}"
    await soon(discord_server, lambda: tenant in {one.id for one in store.tenants.all()})
    claim = Claim("brigade", "troops", ClaimKind.FIGURE, "", "2025-03", "Germany plans a brigade.")
    store.claims.put(tenant, [claim], "", datetime.now(UTC))
    there, held = threading.Event(), Claims.get
    monkeypatch.setattr(gateway, "ASKING", 0.05)
    monkeypatch.setattr(Claims, "get", lambda *given: there.wait(30) and held(*given))
    token = discord_server.slash(channel, "claim revise", {"claim": "brigade"})
    await soon(discord_server, lambda: discord_server.requests("POST", "/interactions/*/*/callback"))
    there.set()
    answer = await asyncio.to_thread(discord_server.answer, token)
    (callback,) = discord_server.requests("POST", "/interactions/*/*/callback")
    assert callback.body["type"] == 5
    assert [child["label"] for row in answer["components"] for child in row["components"]] == ["Revise the claim"]


async def test_a_lost_connection_comes_back(bot: DiscordBot, discord_server: DiscordServer) -> None:
    guild = discord_server.add_guild("Analysts")
    channel = discord_server.add_channel(guild, "alerts")
    await soon(discord_server, lambda: bot.get_channel(int(channel)))
    discord_server.drop_gateway()
    await soon(discord_server, discord_server.connected)
    token = discord_server.slash(channel, "status")
    answer = await asyncio.to_thread(discord_server.answer, token)
    assert "Feeds" in answer["embeds"][0]["description"]
