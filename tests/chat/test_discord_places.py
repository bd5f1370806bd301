"""Threads and forums as channels, by what Discord's options and permissions say of them."""

from __future__ import annotations

import discord
import pytest
from discord_town import Town, shown
from simcord import Env

from bot.chat.commands import Desk
from bot.chat.discord import DiscordBot
from storage import Store


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(desk)


@pytest.fixture
async def town(simcord_env: Env) -> Town:
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    return town


async def test_a_forum_listens_and_has_threads(town: Town, store: Store) -> None:
    forum = town.guild.create_forum_channel("stories")
    assert "Watching" in shown(await town.owner.slash(town.channel, "watch add", query="nato", channel=forum))
    channel = store.tenants.channel(f"discord:{forum.id}")
    assert (channel.name, channel.policy.threads) == ("#stories", True)


async def test_a_thread_listens(town: Town, store: Store, simcord_env: Env) -> None:
    place = simcord_env.bot.get_channel(town.channel.id)
    assert isinstance(place, discord.TextChannel)
    thread = await place.create_thread(name="Defence", type=discord.ChannelType.public_thread)
    (handle,) = town.channel.threads
    assert "Watching" in shown(await town.owner.slash(town.channel, "watch add", query="nato", channel=handle))
    assert store.tenants.channel(f"discord:{thread.id}").name == "#Defence"


async def test_a_forum_where_we_may_not_write_in_posts_is_refused(town: Town, store: Store, simcord_env: Env) -> None:
    forum = town.guild.create_forum_channel("stories")
    place = simcord_env.bot.get_channel(forum.id)
    assert isinstance(place, discord.ForumChannel)
    await place.set_permissions(place.guild.default_role, send_messages_in_threads=False)
    await simcord_env.settle()
    result = await town.owner.slash(town.channel, "watch add", query="nato", channel=forum)
    assert "give it Send Messages In Threads there" in shown(result)
    assert store.watches.all(town.tenant) == []


async def test_threads_are_a_setting_of_the_channel(town: Town, store: Store) -> None:
    assert "under each card" in shown(await town.owner.slash(town.channel, "settings", threads="on"))
    assert store.tenants.channel(f"discord:{town.channel.id}").policy.threads
    assert "under each card" not in shown(await town.owner.slash(town.channel, "settings", threads="off"))
    assert not store.tenants.channel(f"discord:{town.channel.id}").policy.threads
