"""Where in a channel a message goes: into it, into the thread under one of its messages, or into a forum as a post.

A thread that is opened from a message, and a post in a forum, have the id of their first message. Discord takes no
nonce where a post is opened, so one that may be there is looked for first.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Literal

import discord

from bot.chat.discord.markup import fit
from bot.inert import inert
from bot.model import Channel

OPEN: Literal[4320] = 4320
"""Minutes after which a thread in which nobody writes is put away; writing brings it back."""
NAME = 100
TAG = 20
TAGS = 20
LATELY = timedelta(minutes=15)
"""How far back an unfinished attempt to open a post may lie: longer than a delivery is repeated unasked."""
ALREADY = 160004  # the message has a thread


Here = discord.abc.GuildChannel | discord.Thread | None
"""A channel as Discord describes it; None: nothing that anything could be posted in."""


async def known(client: discord.Client, channel: Channel) -> Here:
    """The channel; Discord is asked where the connection has not told of it. Raises what discord.py raises."""
    found = client.get_channel(int(channel.address))
    if found is None:
        found = await client.fetch_channel(int(channel.address))
    return found if isinstance(found, discord.abc.GuildChannel | discord.Thread) else None


async def thread_under(
    client: discord.Client, channel: Channel, here: Here, ref: str, topic: str
) -> discord.PartialMessageable:
    """The thread under a message of the channel, opened where it is not there yet.

    A channel that is itself a thread has none, so there it is the channel. Raises what discord.py raises.
    """
    if isinstance(here, discord.Thread):
        return client.get_partial_messageable(here.id)
    if not isinstance(here, discord.ForumChannel) and client.get_channel(int(ref)) is None:
        await _open(client, channel, ref, topic)
    return client.get_partial_messageable(int(ref))


async def _open(client: discord.Client, channel: Channel, ref: str, topic: str) -> None:
    try:
        await client.http.start_thread_with_message(
            int(channel.address), int(ref), name=name_of(topic), auto_archive_duration=OPEN
        )
    except discord.HTTPException as error:
        if error.code != ALREADY:
            raise


async def open_post(place: discord.ForumChannel, topic: str, tag: str, shown: dict[str, Any]) -> discord.Message:
    """A post of its own, filed under the tag where the forum has it or lets us make it."""
    open_thread: Any = place.create_thread  # its overloads cannot tell what `shown` holds
    filed = await _tags(place, tag)
    opened = await open_thread(name=name_of(topic), auto_archive_duration=OPEN, applied_tags=filed, **shown)
    message: discord.Message = opened.message
    return message


async def first_messages(
    client: discord.Client, place: discord.ForumChannel, since: datetime
) -> AsyncIterator[discord.Message]:
    """The first messages of our own posts that were opened since then, and not put away meanwhile."""
    me = client.user.id if client.user else 0
    for thread in await place.guild.active_threads():
        opened = thread.created_at or discord.utils.snowflake_time(thread.id)
        if thread.parent_id == place.id and thread.owner_id == me and opened >= since:
            with contextlib.suppress(discord.NotFound):  # its first message was deleted
                yield await thread.fetch_message(thread.id)


def name_of(topic: str) -> str:
    """What a thread is called: at least one and at most a hundred characters."""
    return fit(inert(topic), NAME, escaped=False) or "Story"


async def _tags(place: discord.ForumChannel, wanted: str) -> list[discord.ForumTag]:
    """The tag of that name, made where we may; in a forum where every post needs one, any other as the last resort."""
    named = {tag.name.casefold(): tag for tag in place.available_tags}
    if not wanted:
        return list(place.available_tags[:1]) if place.flags.require_tag else []
    if found := named.get(wanted.casefold()):
        return [found]
    if len(named) < TAGS and _may_make_tags(place):
        with contextlib.suppress(discord.HTTPException):  # somebody took the right from us meanwhile
            return [await place.create_tag(name=wanted[:TAG])]
    return list(place.available_tags[:1]) if place.flags.require_tag else []


def _may_make_tags(place: discord.ForumChannel) -> bool:
    me: discord.Member | None = place.guild.me  # None until the guild is known
    return me is not None and place.permissions_for(me).manage_channels
