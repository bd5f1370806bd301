"""Buttons under posted cards and choices under replies: each carries its verb and argument, a card's its delivery."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import discord

from bot.blocks import Button, Pick, PickKind
from bot.chat.discord.markup import fit
from bot.chat.discord.render import LABEL

HINT = 150
OPTIONS = 25
A_ROW = 5

_PICK = re.compile(r"cp:(?P<kind>[a-z]+):(?P<verb>[a-z ]+):(?P<argument>.*)", re.DOTALL)
_FORM = re.compile(r"cw:(?P<verb>[a-z ]+):(?P<argument>.*):(?P<nonce>[0-9a-f]*)", re.DOTALL)


class Answering(Protocol):
    """The client that hears of presses and choices."""

    async def pressed(self, interaction: discord.Interaction[Any], verb: str, argument: str) -> None:
        """Answer a press."""
        ...

    async def chosen(self, interaction: discord.Interaction[Any], pick: Pick, value: str) -> None:
        """Answer a choice."""
        ...


class CardButton(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=_FORM):
    """A button that works for ever, restarts included, since all it needs is in its id."""

    def __init__(self, button: Button, nonce: str = "", row: int | None = None) -> None:
        style = discord.ButtonStyle.primary if button.foremost else discord.ButtonStyle.secondary
        super().__init__(
            discord.ui.Button(
                label=fit(button.label, LABEL, escaped=False),
                custom_id=f"cw:{button.verb}:{button.argument}:{nonce}",
                style=style,
            ),
            row=row,
        )
        self.button = button

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> CardButton:
        """The button that was pressed."""
        return cls(Button(getattr(item, "label", None) or match["verb"], match["verb"], match["argument"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the one who pressed."""
        bot: Answering = interaction.client
        await bot.pressed(interaction, self.button.verb, self.button.argument)


class CardPick(discord.ui.DynamicItem[discord.ui.Item[discord.ui.View]], template=_PICK):
    """A choice that works for ever, restarts included."""

    def __init__(self, pick: Pick, row: int | None = None) -> None:
        super().__init__(_select(pick), row=row)
        self.pick = pick

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str]
    ) -> CardPick:
        """The choice that was used."""
        return cls(Pick(PickKind(match["kind"]), "", match["verb"], match["argument"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Answer the one who chose."""
        bot: Answering = interaction.client
        data: Any = interaction.data
        await bot.chosen(interaction, self.pick, str(next(iter(data.get("values", [])), "")))


def _select(pick: Pick) -> discord.ui.Item[discord.ui.View]:
    custom_id = f"cp:{pick.kind.value}:{pick.verb}:{pick.argument}"
    hint = fit(pick.hint, HINT, escaped=False) or None
    match pick.kind:
        case PickKind.CHANNEL:
            of = discord.SelectDefaultValueType.channel
            return discord.ui.ChannelSelect(
                custom_id=custom_id,
                placeholder=hint,
                channel_types=[discord.ChannelType.text, discord.ChannelType.news],
                default_values=_defaults(pick, of),
            )
        case PickKind.ROLE:
            of = discord.SelectDefaultValueType.role
            return discord.ui.RoleSelect(custom_id=custom_id, placeholder=hint, default_values=_defaults(pick, of))
        case PickKind.OPTION:
            options = [
                discord.SelectOption(label=one.label, value=one.value, default=one.value == pick.chosen)
                for one in pick.options[:OPTIONS]
            ] or [discord.SelectOption(label="–", value="-")]
            return discord.ui.Select(custom_id=custom_id, placeholder=hint, options=options)


def _defaults(pick: Pick, of: discord.SelectDefaultValueType) -> list[discord.SelectDefaultValue]:
    return [discord.SelectDefaultValue(id=int(pick.chosen), type=of)] if pick.chosen.isdecimal() else []


def button_row(buttons: Sequence[Button], nonce: str = "") -> discord.ui.View | None:
    """The buttons of a posted message. The view is stopped: discord.py need not remember what `CardButton` can read."""
    if not buttons:
        return None
    view = discord.ui.View(timeout=None)
    for at, button in enumerate(buttons):
        view.add_item(CardButton(button, nonce, row=at // _a_row(len(buttons))))
    view.stop()
    return view


def _a_row(buttons: int) -> int:
    """How many stand side by side: rows of even length rather than a full one and what is left over."""
    rows = -(-buttons // A_ROW)
    return -(-buttons // rows)


def carries(posted: discord.Message, nonce: str) -> bool:
    """Whether a button under the message names that delivery."""
    ids = (getattr(child, "custom_id", None) for row in posted.components for child in getattr(row, "children", ()))
    return any((found := _FORM.fullmatch(custom_id or "")) and found["nonce"] == nonce for custom_id in ids)
