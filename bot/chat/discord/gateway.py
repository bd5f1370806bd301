"""The connection to Discord: logging in, guilds that come, commands and buttons that are used."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from bot.blocks import Form, Pick, PickKind, Reply, Tone
from bot.chat import commands
from bot.chat.commands import Asker, Desk
from bot.chat.discord.buttons import CardButton, CardPick
from bot.chat.discord.forms import FormModal, received
from bot.chat.discord.login import LoggedIn
from bot.chat.discord.menus import compare_menu
from bot.chat.discord.pager import show_reply
from bot.chat.discord.render import render
from bot.chat.discord.tree import place_of, plant, role_of
from bot.errors import NotFound
from bot.model import Level, Tenant

log = logging.getLogger(__name__)

CLOSING = 5.0
"""Seconds that a connection has to end once it is closed."""

ASKING = 1.0
"""Seconds in which an answer has to be there to open a form; Discord waits for three."""

MANAGE = "the permission Manage Server"
"""What configuring takes where /settings names no role."""


@dataclass(frozen=True)
class Shards:
    """Which of how many parts of Discord's servers this process answers."""

    count: int | None = None  # None: as many as Discord says, all of them
    ids: tuple[int, ...] = ()  # from 0; none given: all


WHOLE = Shards()


class DiscordBot(LoggedIn, discord.AutoShardedClient):
    """One process's Discord: answers commands for its shards' guilds, and lets `DiscordPlatform` post."""

    def __init__(self, desk: Desk, shards: Shards = WHOLE) -> None:
        super().__init__(shard_count=shards.count, shard_ids=list(shards.ids) or None)
        self.desk = desk
        self._first = not shards.ids or 0 in shards.ids
        self._welcomed: dict[int, asyncio.Lock] = {}
        self.tree = app_commands.CommandTree(self)
        self.tree.error(self._failed)
        plant(self.tree, self.asked, self.suggested)
        self.tree.add_command(compare_menu(self.asked))
        self.add_dynamic_items(CardButton, CardPick)

    async def setup_hook(self) -> None:
        """Called by discord.py once logged in: tell Discord our commands, whoever of us has its first shard."""
        if self._first:
            await self.tree.sync()
        self.logged_in.set()

    async def on_ready(self) -> None:
        """Connected, and all guilds known."""
        log.info("connected to Discord as %s in %d servers", self.user, len(self.guilds))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A guild is there at the start: it may have invited the bot while we were away."""
        await self._welcome(guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server invited the bot."""
        await self._welcome(guild)

    async def asked(self, interaction: discord.Interaction[Any], verb: str, given: dict[str, object]) -> None:
        """Answer a slash command."""

        async def reply() -> Reply:
            files = await received(given)
            return (
                files
                if isinstance(files, Reply)
                else await commands.answer(self.desk, await self._asker(interaction), verb, files)
            )

        await self._respond(interaction, reply, may_ask=commands.may_ask(verb))

    async def pressed(self, interaction: discord.Interaction[Any], verb: str, argument: str) -> None:
        """Answer a press on a card's button, to the one who pressed alone."""

        async def reply() -> Reply:
            return await commands.press(self.desk, await self._asker(interaction), verb, argument)

        if commands.replaces(verb):
            await self._renew(interaction, reply)
        else:
            await self._respond(interaction, reply, may_ask=commands.may_ask(verb))

    async def chosen(self, interaction: discord.Interaction[Any], pick: Pick, value: str) -> None:
        """Answer a choice under a reply; the answer takes its place."""

        async def reply() -> Reply:
            asker = await self._asker(interaction)
            return await commands.choose(self.desk, asker, pick.verb, pick.argument, _picked(interaction, pick, value))

        await self._renew(interaction, reply)

    async def submitted(self, interaction: discord.Interaction[Any], form: Form, filled: dict[str, str]) -> None:
        """Answer a form that was filled in."""

        async def reply() -> Reply:
            return await commands.submit(self.desk, await self._asker(interaction), form.verb, form.argument, filled)

        await self._respond(interaction, reply, may_ask=False)

    async def _respond(
        self, interaction: discord.Interaction[Any], reply: Callable[[], Awaitable[Reply]], *, may_ask: bool
    ) -> None:
        """At once with a note that it is thought about, then with the reply.

        A form can only be opened in place of that note: what may ask for one is waited for, but not for long.
        """
        if may_ask:
            work = asyncio.ensure_future(reply())
            done, _ = await asyncio.wait({work}, timeout=ASKING)
            if done and (form := work.result().form):
                await interaction.response.send_modal(FormModal(form, self.submitted))
                return
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_reply(interaction, await (work if may_ask else reply()))

    async def _renew(self, interaction: discord.Interaction[Any], reply: Callable[[], Awaitable[Reply]]) -> None:
        """Put the answer where the button or choice was that was used; trouble is told beside it."""
        await interaction.response.defer()
        answer = await reply()
        if answer.pages[0].cards[0].tone is Tone.ERROR:
            await interaction.followup.send(embeds=render(answer.pages[0]).embeds, ephemeral=True)
        else:
            await show_reply(interaction, answer)

    async def suggested(
        self, interaction: discord.Interaction[Any], verb: str, parameter: str, typed: str
    ) -> list[app_commands.Choice[str]]:
        """What autocomplete offers."""
        options = await commands.suggest(self.desk, await self._asker(interaction), verb, parameter, typed)
        return [app_commands.Choice(name=option.label, value=option.value) for option in options]

    async def _asker(self, interaction: discord.Interaction[Any]) -> Asker:
        """Who asks, by what Discord says of them: commands exist in servers alone."""
        guild = interaction.guild
        if guild is None:
            raise NotFound("these commands work in a server, not in private messages")
        tenant = await self._welcome(guild)
        return Asker(
            tenant=f"discord:{guild.id}",
            platform="discord",
            place=place_of(interaction, interaction.channel_id or 0),
            name=str(interaction.user),
            level=_level(interaction, tenant.configurers),
            roles={str(role.id): f"@{role.name.lstrip('@')}" for role in guild.roles},
            permission=_permission(guild, tenant.configurers),
        )

    async def _welcome(self, guild: discord.Guild) -> Tenant:
        """The guild's tenant; put into the store and welcomed, once, however many ask at the same time."""
        async with self._welcomed.setdefault(guild.id, asyncio.Lock()):
            tenants = self.desk.store.tenants
            try:
                return await self.desk.ask(tenants.get, f"discord:{guild.id}")
            except NotFound:
                tenant = Tenant(f"discord:{guild.id}", "discord", guild.name)
                await self.desk.ask(tenants.put, tenant)
                await self.desk.welcome(tenant)
                return tenant

    async def _failed(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        """The last net: an answer that Discord no longer takes is noted, anything else is told without a traceback."""
        cause = error.__cause__ or error
        if isinstance(cause, discord.NotFound):
            log.warning("an answer came too late for Discord: %s", cause.text)
            return
        log.error("a command failed in Discord's layer", exc_info=cause)
        if interaction.response.is_done() and interaction.type is discord.InteractionType.application_command:
            trouble = Reply.say("That went wrong on our side; the operator's log says why.", tone=Tone.ERROR)
            await show_reply(interaction, trouble)

    async def _stay(self) -> None:
        """`connect`, ended by closing: before Python 3.12 the `wait_for` in it may swallow a cancellation."""
        connection = asyncio.create_task(self.connect(), name="discord-connection")
        try:
            await asyncio.shield(connection)
        finally:
            await self.close()
            connection.cancel()
            await asyncio.wait({connection}, timeout=CLOSING)
            if connection.done() and not connection.cancelled():
                log.debug("the connection to Discord ended with %r", connection.exception())


def _level(interaction: discord.Interaction[Any], configurers: str) -> Level:
    """By the member's permissions and roles as Discord sends them along with every interaction."""
    member = interaction.user
    held = {str(role.id) for role in member.roles} if isinstance(member, discord.Member) else set()
    may = interaction.permissions.manage_guild or (bool(configurers) and configurers in held)
    return Level.CONFIGURE if may else Level.READ


def _permission(guild: discord.Guild, configurers: str) -> str:
    role = guild.get_role(int(configurers)) if configurers.isdecimal() else None
    return f"{MANAGE} or the role {role.name}" if role else MANAGE


def _picked(interaction: discord.Interaction[Any], pick: Pick, value: str) -> object:
    """What was chosen, as our own guild cache knows it."""
    if pick.kind is PickKind.OPTION:
        return value
    number = int(value) if value.isdecimal() else 0
    return place_of(interaction, number) if pick.kind is PickKind.CHANNEL else role_of(interaction, number)
