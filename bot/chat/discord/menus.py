"""What a right click on a message offers: to compare it with the baseline."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.chat.commands.subject import subject_of

COMPARE = "Compare with baseline"

Asked = Callable[[discord.Interaction[Any], str, dict[str, object]], Awaitable[None]]


def compare_menu(asked: Asked) -> app_commands.ContextMenu:
    """The entry in the menu; it answers as /check does."""

    async def compare(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await asked(interaction, "check", {"text": said_in(message)})

    menu = app_commands.ContextMenu(name=COMPARE, callback=compare)
    menu.guild_only = True
    return menu


def said_in(message: discord.Message) -> str:
    """What of a message is to be compared: what it is about, else what its cards say."""
    if said := subject_of(message.content):
        return said
    shown = (part for embed in message.embeds for part in (embed.title, embed.description) if part)
    address = next((embed.url for embed in message.embeds if embed.url), "")
    return address or subject_of("\n".join(shown))
