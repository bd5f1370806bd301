"""Looking things up on Discord: the message menu, files, narrowed searches, stories."""

from __future__ import annotations

from collections.abc import Iterator

import discord
import pytest
from chat_world import Hooks, publish
from discord_town import Town, shown
from openapi import check_all
from simcord import Env

from bot.chat.commands import Desk, Page
from bot.chat.discord import DiscordBot
from bot.chat.discord.menus import COMPARE
from storage import Store


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(desk)


@pytest.fixture(autouse=True)
def checked(simcord_env: Env) -> Iterator[None]:
    yield
    check_all((one.method, one.path, one.json) for one in simcord_env.http_requests)


@pytest.fixture
async def town(simcord_env: Env) -> Town:
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    return town


@pytest.mark.parametrize(
    ("content", "compared"),
    [
        ("Berlin sends fewer troops, the minister says.", "Berlin sends fewer troops, the minister says."),
        ("see https://herald.example/1", "https://herald.example/1"),
    ],
)
async def test_a_message_is_compared_by_its_menu(town: Town, hooks: Hooks, content: str, compared: str) -> None:
    message = await town.member.send(town.channel, content)
    result = await town.member.context_menu(town.channel, COMPARE, message)
    assert result.ephemeral
    assert hooks.compared == [compared]
    assert "touches none of the 1 claim held here" in shown(result)


async def test_a_card_is_compared_by_where_it_leads(town: Town, hooks: Hooks, simcord_env: Env) -> None:
    channel = simcord_env.bot.get_channel(town.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.send(embed=discord.Embed(title="Berlin sends fewer", url="https://herald.example/1"))
    await town.member.context_menu(town.channel, COMPARE, town.channel.history()[-1])
    assert hooks.compared == ["https://herald.example/1"]


async def test_a_file_is_compared(town: Town, hooks: Hooks) -> None:
    result = await town.member.slash(town.channel, "check", file=("page.html", b"<html><p>Berlin</p></html>"))
    assert hooks.compared == [Page(b"<html><p>Berlin</p></html>")]
    assert "touches none" in shown(result)
    assert "expected plain text" in shown(
        await town.member.slash(town.channel, "check", file=("a.pdf", b"%PDF\x00\xff"))
    )
    assert "one of them" in shown(await town.member.slash(town.channel, "check"))


async def test_a_search_is_narrowed_by_what_is_suggested(town: Town, store: Store) -> None:
    publish(store, town.tenant, "Wire", ["Troops go east"])
    (feed,) = await town.member.autocomplete(town.channel, "search", "feed", "wire")
    result = await town.member.slash(town.channel, "search", words="troops", feed=feed["value"], since="24h")
    assert "Troops go east" in shown(result)
    assert "Troops of home" not in shown(result)
