"""Slash commands, autocomplete and buttons through discord.py itself, against a simulated Discord."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import discord
import pytest
from chat_world import BALTIC, Hooks, publish
from discord_town import Town, labels, shown
from openapi import check_all
from simcord import Env

from bot.blocks import Button, Card, Message, line
from bot.chat.commands import VERBS, Desk, Kind
from bot.chat.discord import DiscordBot, DiscordPlatform
from bot.model import Channel, Sent
from storage import Store


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(desk)


@pytest.fixture(autouse=True)
def checked(simcord_env: Env) -> Iterator[None]:
    """What was sent is what Discord's own document takes; the simulation begins after the gateway is found."""
    yield
    check_all((one.method, one.path, one.json) for one in simcord_env.http_requests)


@pytest.fixture
async def town(simcord_env: Env) -> Town:
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    return town


async def test_every_verb_is_registered_with_its_parameters(town: Town) -> None:
    offered = town.owner.available_commands(town.channel)
    assert set(offered) == set(VERBS)


async def test_a_guild_that_invites_the_bot_is_welcomed_once(town: Town, hooks: Hooks, store: Store) -> None:
    assert [tenant.id for tenant in hooks.welcomed] == [town.tenant]
    assert store.tenants.get(town.tenant).name == "home"
    await town.member.slash(town.channel, "status")
    assert len(hooks.welcomed) == 1


async def test_a_guild_that_is_known_is_not_welcomed_again(
    town: Town, simcord_env: Env, desk: Desk, hooks: Hooks
) -> None:
    await simcord_env.restart_bot(DiscordBot(desk))
    assert (await town.member.slash(town.channel, "status")).ephemeral
    assert [tenant.id for tenant in hooks.welcomed] == [town.tenant]


READABLE = {
    "watch list": {},
    "watch test": {"query": "troops"},
    "list show": {},
    "mutes": {},
    "feed export": {},
    "feed list": {},
    "claim list": {"state": "standing"},
    "claim show": {"claim": BALTIC.id},
    "claim export": {"filetype": "json"},
    "review": {},
    "latest": {},
    "search": {"words": "troops"},
    "story": {"story": "https://nowhere.example/1"},
    "check": {"text": "Nothing much."},
    "why": {"url": "https://nowhere.example/1"},
    "status": {},
    "help": {"command": "watch add"},
}
CONFIGURING = {
    "setup": {},
    "settings": {"confidence": "0.7"},
    "watch add": {"query": "troops"},
    "watch remove": {"name": "troops"},
    "watch edit": {"name": "troops", "mode": "both"},
    "watch pause": {"name": "troops"},
    "watch resume": {"name": "troops"},
    "list add": {"name": "ships", "words": "frigate*, aircraft carrier"},
    "list remove": {"name": "ships"},
    "mute story": {"entry": "Troops"},
    "mute feed": {"feed": "home herald"},
    "mute watch": {"name": "troops"},
    "mute claim": {"claim": BALTIC.id},
    "unmute": {"mute": f"claim {BALTIC.id}"},
    "audit": {},
    "feed add": {"url": "https://new.example"},
    "feed remove": {"feed": "home herald"},
    "feed import": {"file": ("feeds.opml", b'<opml><outline xmlUrl="https://n.example/rss"/></opml>')},
    "feed articles": {"feed": "home herald", "read": "off"},
    "claim add": {"statement": "The Union plans 800 billion euros.", "theme": "money"},
    "claim retire": {"claim": BALTIC.id},
    "claim import": {"text": "theme,statement\nmoney,The Union plans 800 billion euros."},
    "claim draft": {"text": "Poland will host 5,000 American troops in Warsaw by 2027."},
    "claim revise": {"claim": BALTIC.id, "statement": "Germany plans 4,800 soldiers in the Baltic states."},
    "digest now": {},
    "digest schedule": {"rhythm": "daily", "at": "06:30"},
}


def test_no_verb_is_left_out_here() -> None:
    assert READABLE.keys() | CONFIGURING.keys() == VERBS.keys()


@pytest.mark.parametrize("name", READABLE)
async def test_a_member_reads(town: Town, simcord_env: Env, name: str) -> None:
    result = await town.member.slash(town.channel, name, **READABLE[name])
    first = next(request for request in simcord_env.http_requests if request.path.endswith("/callback"))
    assert first.json == {"type": 5, "data": {"flags": 64}}  # "is thinking", to the asker alone
    assert result.ephemeral
    assert "wrong on our side" not in shown(result)
    assert "Manage Server." not in shown(result)


@pytest.mark.parametrize("name", CONFIGURING)
async def test_who_may_not_configure_is_denied(town: Town, store: Store, name: str) -> None:
    denied = await town.member.slash(town.channel, name, **CONFIGURING[name])
    assert "needs the permission Manage Server" in shown(denied)
    assert denied.ephemeral
    (line,) = store.audit.latest(town.tenant, 10)
    assert (line.actor.by, line.actor.command, line.refused) == ("home-member", f"/{name}", True)


UNNOTED = {"audit", "claim draft", "claim import", "digest now", "feed import"}
"""They change nothing by themselves."""


@pytest.mark.parametrize("name", CONFIGURING)
async def test_who_may_configure_does_and_it_is_noted(town: Town, store: Store, name: str) -> None:
    if name != "watch add":
        await town.owner.slash(town.channel, "watch add", query="troops", name="troops")
    if name == "watch resume":
        await town.owner.slash(town.channel, "watch pause", name="troops")
    if name == "list remove":
        await town.owner.slash(town.channel, "list add", **CONFIGURING["list add"])
    if name == "unmute":
        await town.owner.slash(town.channel, "mute claim", **CONFIGURING["mute claim"])
    if name == "mute story":
        CONFIGURING[name]["entry"] = store.entries.latest(town.tenant, 1)[0].id
    result = await town.owner.slash(town.channel, name, **CONFIGURING[name])
    assert "needs the permission" not in shown(result)
    assert result.response.embeds[0].colour != discord.Colour(0x7A2A2A)
    commands = {(line.actor.by, line.actor.command) for line in store.audit.latest(town.tenant, 50)}
    assert (("home-owner", f"/{name}") in commands) is (name not in UNNOTED)


async def test_a_watch_listens_in_the_channel_that_was_named(town: Town, store: Store) -> None:
    other = town.guild.create_text_channel("nuclear")
    await town.owner.slash(town.channel, "watch add", query="warhead*", mode="both", channel=other)
    (watch,) = store.watches.all(town.tenant)
    assert watch.channel == f"discord:{other.id}"
    assert store.tenants.channel(watch.channel).name == "#nuclear"


async def test_a_channel_where_the_bot_may_not_post_is_refused(town: Town, store: Store, simcord_env: Env) -> None:
    silent = discord.PermissionOverwrite(send_messages=False)
    closed = town.guild.create_text_channel("closed", overwrites={simcord_env.bot.user: silent})
    result = await town.owner.slash(town.channel, "watch add", query="nato", channel=closed)
    assert "give it Send Messages, " in shown(result)
    assert store.watches.all(town.tenant) == []


async def test_autocomplete_offers_what_is_there(town: Town, store: Store) -> None:
    for number in range(30):
        await town.owner.slash(town.channel, "watch add", query="nato", name=f"Watch {number:02}")
    offered = await town.owner.autocomplete(town.channel, "watch remove", "name", "watch")
    assert len(offered) == 25
    claims = await town.member.autocomplete(town.channel, "claim show", "claim", "brigade")
    assert [choice["value"] for choice in claims] == [BALTIC.id]
    assert await town.member.autocomplete(town.channel, "watch remove", "name", "watch") == []


async def test_pages_are_turned(town: Town, store: Store) -> None:
    publish(store, town.tenant, "Wire", [f"Exercise {number} begins" for number in range(25)])
    first = await town.member.slash(town.channel, "search", words="exercise")
    assert "1–10 of 25" in shown(first)
    assert labels(first) == ["◀ Back", "Next ▶"]
    await town.member.click(first.response, label="Next ▶")
    assert "11–20 of 25" in shown(first)
    await town.member.click(first.response, label="Next ▶")
    assert "21–25 of 25" in shown(first)
    await town.member.click(first.response, label="◀ Back")
    assert "11–20 of 25" in shown(first)


async def test_buttons_that_turn_pages_go_when_their_time_is_over(town: Town, store: Store, simcord_env: Env) -> None:
    publish(store, town.tenant, "Wire", [f"Exercise {number} begins" for number in range(25)])
    first = await town.member.slash(town.channel, "search", words="exercise")
    await simcord_env.advance_time(14 * 60 + 1)
    assert first.response.components == []


async def test_two_guilds_see_nothing_of_each_other(simcord_env: Env, store: Store) -> None:
    home, away = Town(simcord_env, "home"), Town(simcord_env, "away")
    await simcord_env.settle()
    await away.owner.slash(away.channel, "watch add", query="nato", name="Theirs")
    assert "away" not in shown(await home.member.slash(home.channel, "latest"))
    assert "Theirs" not in shown(await home.owner.slash(home.channel, "watch list"))
    assert await home.owner.autocomplete(home.channel, "watch remove", "name", "theirs") == []
    await home.owner.slash(home.channel, "watch remove", name="Theirs")
    assert [watch.name for watch in store.watches.all(away.tenant)] == ["Theirs"]


async def test_a_posted_button_answers_whoever_presses_it_even_after_a_restart(
    town: Town, simcord_env: Env, desk: Desk
) -> None:
    channel = Channel(f"discord:{town.channel.id}", town.tenant, "discord", str(town.channel.id), "alerts")
    buttons = (Button("Claim", "claim show", BALTIC.id), Button("Stop", "watch remove", "Troops"))
    card = Message((Card(lines=(line("Something moved"),)),), buttons)
    assert isinstance(await DiscordPlatform(simcord_env.bot).send(channel, card, "0123456789abcdef"), Sent)
    await simcord_env.restart_bot(DiscordBot(desk))
    posted = town.channel.history()[-1]
    pressed = await town.member.click(posted, label="Claim")
    assert pressed.ephemeral
    assert BALTIC.statement in shown(pressed)
    assert "Manage Server" in shown(await town.member.click(posted, label="Stop"))
    assert town.channel.history()[-1].embeds[0].description == "Something moved"


async def test_what_breaks_in_discords_layer_is_told_without_a_traceback(town: Town, simcord_env: Env) -> None:
    simcord_env.inject_error("PATCH", "/webhooks/*", status=400)
    result = await town.member.slash(town.channel, "status")
    assert "wrong on our side" in shown(result)
    assert len(simcord_env.errors) == 1


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_the_tree_says_what_the_table_says(simcord_bot: DiscordBot, verb: Any) -> None:
    group, _, word = verb.name.rpartition(" ")
    command = simcord_bot.tree.get_command(group or word)
    if isinstance(command, discord.app_commands.Group):
        command = command.get_command(word)
    assert isinstance(command, discord.app_commands.Command)
    assert command.description == verb.description
    told = {parameter.name: parameter for parameter in command.parameters}
    for parameter in verb.parameters:
        option = told[parameter.name]
        assert (option.description, option.required) == (parameter.ask.description, parameter.required)
        assert [choice.value for choice in option.choices] == list(parameter.choices)
        assert option.autocomplete is bool(parameter.ask.suggest)
        assert (option.type is discord.AppCommandOptionType.channel) is (parameter.kind is Kind.PLACE)
