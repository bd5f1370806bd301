"""Discord's slash commands, made from the table of verbs: no command is known here by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from inspect import Parameter as Slot
from inspect import Signature
from typing import Any, Literal

import discord
from discord import app_commands

from bot.chat.commands import VERBS, Kind, Parameter, Place, Role, Verb
from bot.chat.commands.verbs import GROUPS

Answer = Callable[[discord.Interaction[Any], str, dict[str, object]], Awaitable[None]]
Suggest = Callable[[discord.Interaction[Any], str, str, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

_PLACES = (
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
    discord.ChannelType.forum,
)
_NEEDED = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, attach_files=True)
_IN_THREADS = discord.Permissions(view_channel=True, send_messages_in_threads=True, embed_links=True, attach_files=True)


def plant(tree: app_commands.CommandTree[Any], answer: Answer, suggest: Suggest) -> None:
    """Add a command for each verb to the tree; they answer with `answer` and autocomplete with `suggest`."""
    groups: dict[str, app_commands.Group] = {}
    for verb in VERBS.values():
        group, _, word = verb.name.rpartition(" ")
        command = _command(verb, word, answer, suggest)
        if not group:
            tree.add_command(command)
            continue
        if group not in groups:
            groups[group] = _group(group)
            tree.add_command(groups[group])
        groups[group].add_command(command)


def _group(name: str) -> app_commands.Group:
    """The group; hidden from nobody, since Discord knows nothing of the role that our settings name."""
    return app_commands.Group(name=name, description=GROUPS[name], guild_only=True)


def _command(verb: Verb, word: str, answer: Answer, suggest: Suggest) -> app_commands.Command[Any, Any, None]:
    async def invoke(interaction: discord.Interaction[Any], **given: object) -> None:
        await answer(interaction, verb.name, given)

    asked = Slot("interaction", Slot.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction)
    invoke.__signature__ = Signature([asked, *map(_slot, verb.parameters)])  # type: ignore[attr-defined]
    callback: Any = invoke  # discord.py reads the signature that it was given
    command: app_commands.Command[Any, Any, None] = app_commands.Command(
        name=word, description=verb.description, callback=callback
    )
    command.guild_only = True
    app_commands.describe(**{item.name: item.ask.description for item in verb.parameters})(command)
    for parameter in verb.parameters:
        if parameter.ask.suggest:
            command.autocomplete(parameter.name)(_completion(verb.name, parameter.name, suggest))
    return command


def _completion(
    verb: str, parameter: str, suggest: Suggest
) -> Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]:
    async def complete(interaction: discord.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return await suggest(interaction, verb, parameter, current)

    return complete


def _slot(parameter: Parameter) -> Slot:
    """The parameter as discord.py reads it from a signature; what is left out arrives as None."""
    return Slot(
        parameter.name,
        Slot.POSITIONAL_OR_KEYWORD,
        annotation=_annotation(parameter),
        default=Slot.empty if parameter.required else None,
    )


def _annotation(parameter: Parameter) -> Any:
    if parameter.kind is Kind.PLACE:
        return _PlaceOption
    if parameter.kind is Kind.ROLE:
        return _RoleOption
    if parameter.kind is Kind.FILE:
        return discord.Attachment
    if parameter.kind is Kind.CHOICE:
        return Literal[parameter.choices]
    return app_commands.Range[str, 1, parameter.ask.longest]


class _PlaceOption(app_commands.Transformer):
    """A channel option as a `Place`."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        return list(_PLACES)

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Place:
        """The channel as our own guild cache knows it, whatever the option says of it."""
        return place_of(interaction, int(value.id))


class _RoleOption(app_commands.Transformer):
    """A role option as a `Role`."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.role

    async def transform(self, interaction: discord.Interaction[Any], value: Any, /) -> Role | None:
        """The role as our own guild cache knows it."""
        return role_of(interaction, int(value.id))


def role_of(interaction: discord.Interaction[Any], role: int) -> Role | None:
    """The asker's guild's role of that id; None where there is none."""
    found = interaction.guild.get_role(role) if interaction.guild else None
    if interaction.guild is None or found is None:
        return None
    may = found.mentionable or interaction.guild.me.guild_permissions.mention_everyone
    trouble = f"The bot may not ping {found.name}: allow anyone to @mention the role, in the server's settings for it."
    return Role(str(found.id), found.name, found.is_default(), "" if may else trouble)


def place_of(interaction: discord.Interaction[Any], channel: int) -> Place:
    """The asker's channel of that id; one that is not in the asker's guild, or not seen by us, has an obstacle."""
    guild = interaction.guild
    found = guild.get_channel_or_thread(channel) if guild else None
    if guild is None or found is None:
        elsewhere = "That channel is not one of this server that the bot can see."
        return Place(str(channel), "that channel", elsewhere, foreign=True)
    has = found.permissions_for(guild.me)
    missing = [name for name, wanted in _wanted(found) if wanted and not getattr(has, name)]
    threads = isinstance(found, discord.ForumChannel)
    return Place(str(channel), f"#{found.name}", _obstacle(found.name, missing), threads=threads)


def _wanted(place: discord.abc.GuildChannel | discord.Thread) -> discord.Permissions:
    """What posting there takes; in a forum also what follows on a post."""
    if isinstance(place, discord.Thread):
        return _IN_THREADS
    return _NEEDED | _IN_THREADS if isinstance(place, discord.ForumChannel) else _NEEDED


def _obstacle(channel: str, missing: list[str]) -> str:
    """What to do where permissions are missing; Discord writes "embed_links" as "Embed Links"."""
    wanted = ", ".join(name.replace("_", " ").title() for name in missing)
    return f"The bot may not post in #{channel}: give it {wanted} there, then try again." if missing else ""
