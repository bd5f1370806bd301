"""Replies of several pages: one is shown, two buttons turn them."""

from __future__ import annotations

import io
from typing import Any

import discord

from bot.blocks import Message, Reply
from bot.chat.discord.buttons import CardButton, CardPick
from bot.chat.discord.render import Rendered, render

PICKS = 3
TURNING = 14 * 60.0
"""Seconds for which pages can be turned; Discord takes answers to a command for fifteen minutes."""


async def show_reply(interaction: discord.Interaction[Any], reply: Reply) -> None:
    """Answer a deferred interaction with the reply's first page."""
    pages = Pages(interaction, reply.pages)
    shown = render(reply.pages[0])
    attached = [_attachment(reply)] if reply.file else []
    await interaction.edit_original_response(
        content=shown.content or None,
        embeds=shown.embeds,
        attachments=[*shown.files, *attached],
        view=pages if pages.children else None,
    )


class Pages(discord.ui.View):
    """The buttons under a reply: those of its page, and those that turn pages where there are several."""

    def __init__(self, interaction: discord.Interaction[Any], pages: tuple[Message, ...]) -> None:
        super().__init__(timeout=TURNING)
        self._asked = interaction
        self._pages = pages
        self._number = 0
        self._fill(pages[0], render(pages[0]))

    async def turn(self, interaction: discord.Interaction[Any], by: int) -> None:
        """Show the page that lies so many further."""
        self._number = max(0, min(len(self._pages) - 1, self._number + by))
        page = self._pages[self._number]
        shown = render(page)
        self._fill(page, shown)
        await interaction.response.edit_message(
            content=shown.content or None, embeds=shown.embeds, attachments=shown.files, view=self
        )

    async def on_timeout(self) -> None:
        """Take the buttons away, so that none is left that does nothing."""
        try:
            await self._asked.edit_original_response(view=None)
        except discord.HTTPException:
            self.stop()  # the answer was dismissed, or the time for changing it is over

    def _fill(self, page: Message, shown: Rendered) -> None:
        self.clear_items()
        for row, pick in enumerate(page.picks[:PICKS]):
            self.add_item(CardPick(pick, row))
        for button in shown.buttons[: 5 * (4 - len(page.picks[:PICKS]))]:  # the fifth row is for turning
            self.add_item(CardButton(button))
        if len(self._pages) > 1:
            self.add_item(_Turn("◀ Back", -1, disabled=self._number == 0))
            self.add_item(_Turn("Next ▶", 1, disabled=self._number == len(self._pages) - 1))


class _Turn(discord.ui.Button[Pages]):
    def __init__(self, label: str, by: int, *, disabled: bool) -> None:
        super().__init__(label=label, disabled=disabled, row=4)
        self._by = by

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page."""
        if self.view is not None:
            await self.view.turn(interaction, self._by)


def _attachment(reply: Reply) -> discord.File:
    name, content = reply.file or ("", b"")
    return discord.File(io.BytesIO(content), filename=name)
