"""What people give besides words: forms that they fill in, as modals, and files that they send along."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import discord

from bot.blocks import Field, Form, Reply, Tone
from bot.chat.commands import LARGEST_FILE, Attached
from bot.chat.discord.markup import fit

OPEN = 14 * 60.0
"""Seconds for which a form may be filled in."""
FETCHING = 20.0
TITLE = 45
HINT = 100
LONGEST = 4000
LONG = 150
"""From so many characters on, a field has several lines."""

Submitted = Callable[[discord.Interaction[Any], Form, dict[str, str]], Awaitable[None]]


class FormModal(discord.ui.Modal):
    """A form that calls `submitted` with what was filled in, by the fields' names."""

    def __init__(self, form: Form, submitted: Submitted) -> None:
        super().__init__(title=fit(form.title, TITLE, escaped=False), timeout=OPEN)
        self._form, self._submitted = form, submitted
        self._inputs = {field.name: _input(field) for field in form.fields}
        for field in form.fields:
            hint = fit(field.hint, HINT, escaped=False) or None
            label = fit(field.label, TITLE, escaped=False)
            self.add_item(discord.ui.Label(text=label, description=hint, component=self._inputs[field.name]))

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        """Hand over what was filled in."""
        await self._submitted(interaction, self._form, {name: each.value for name, each in self._inputs.items()})


def _input(field: Field) -> discord.ui.TextInput[discord.ui.Modal]:
    longest = min(field.longest, LONGEST)
    return discord.ui.TextInput(
        style=discord.TextStyle.paragraph if longest > LONG else discord.TextStyle.short,
        default=field.value[:longest] or None,
        max_length=longest,
        required=True,
    )


async def received(given: Mapping[str, object]) -> dict[str, object] | Reply:
    """What was given, with the content of files; what to answer where one cannot be had."""
    taken: dict[str, object] = {}
    for name, value in given.items():
        if isinstance(value, discord.Attachment):
            if value.size > LARGEST_FILE:
                return Reply.say(
                    f"{name} has {value.size:,} bytes; at most {LARGEST_FILE:,} are read.", tone=Tone.ERROR
                )
            try:
                async with asyncio.timeout(FETCHING):
                    taken[name] = Attached(value.filename, await value.read())
            except (discord.HTTPException, aiohttp.ClientError, TimeoutError, OSError):
                return Reply.say("Discord did not hand over the file; please send it again.", tone=Tone.ERROR)
        else:
            taken[name] = value
    return taken
