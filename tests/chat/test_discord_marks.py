"""What readers make of a card is shown on the card: the press is answered, and the posted message is edited."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alerts_told import UPDATES
from chat_world import BALTIC
from discord_town import Town
from marked_card import deliver, owed_alert
from openapi import check_all
from simcord import Env

from bot.chat.commands import Desk
from bot.chat.discord import DiscordBot, DiscordPlatform
from bot.model import Channel
from storage import Store


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(desk)


@pytest.fixture(autouse=True)
def checked(simcord_env: Env) -> Iterator[None]:
    yield
    check_all((one.method, one.path, one.json) for one in simcord_env.http_requests)


@pytest.fixture
async def town(simcord_env: Env, store: Store) -> Town:
    """A town in whose channel an alert stands."""
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    channel = Channel(f"discord:{town.channel.id}", town.tenant, "discord", str(town.channel.id), "#home-alerts")
    owed_alert(store, channel, UPDATES)
    await deliver(store, DiscordPlatform(simcord_env.bot))
    return town


def said(town: Town) -> str:
    (card,) = town.channel.history()
    assert not card.content
    return str(card.embeds[0].description)


@pytest.mark.parametrize("button", ["Right", "Wrong"])
async def test_a_mark_is_shown_on_the_card(town: Town, simcord_env: Env, store: Store, button: str) -> None:
    assert "Marked" not in said(town)
    await town.owner.click(town.channel.history()[-1], label=button)
    await simcord_env.restart_bot(DiscordBot(simcord_env.bot.desk))
    await deliver(store, DiscordPlatform(simcord_env.bot))
    assert said(town).splitlines()[-1] == f"-# Marked {button.lower()} by @home-owner"
    edit = simcord_env.http_requests[-1]
    assert edit.method == "PATCH"
    assert edit.json["allowed_mentions"] == {"parse": []}


async def test_the_last_word_is_shown_alone(town: Town, simcord_env: Env, store: Store) -> None:
    await town.owner.click(town.channel.history()[-1], label="Right")
    await deliver(store, DiscordPlatform(simcord_env.bot))
    await town.owner.click(town.channel.history()[-1], label="Wrong")
    await deliver(store, DiscordPlatform(simcord_env.bot))
    assert said(town).count("Marked") == 1
    assert "Marked wrong by" in said(town)


async def test_who_may_not_mark_changes_no_card(town: Town, simcord_env: Env, store: Store) -> None:
    await town.member.click(town.channel.history()[-1], label="Wrong")
    await deliver(store, DiscordPlatform(simcord_env.bot))
    assert "Marked" not in said(town)


async def test_an_accepted_baseline_is_shown_on_the_card(town: Town, simcord_env: Env, store: Store) -> None:
    opened = await town.owner.click(town.channel.history()[-1], label="Accept as new baseline")
    assert opened.modal is not None
    names = [row["component"]["custom_id"] for row in opened.modal["components"]]
    await town.owner.submit_modal(
        opened, dict(zip(names, ("Germany plans 4,800 soldiers there.", "2026-03"), strict=True))
    )
    await deliver(store, DiscordPlatform(simcord_env.bot))
    assert said(town).splitlines()[-1] == "-# New baseline accepted by @home-owner"
    assert BALTIC.statement in said(town)
