"""The terminal as a platform: what is printed, and that nothing in it can command the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from bot.blocks import Button, Card, Message, Picture, Span, Style, Tone, bold, line
from bot.chat.console import KEPT, ConsolePlatform
from bot.model import Channel, Sent

NOW = datetime(2026, 3, 18, 13, 5, tzinfo=UTC)
CHANNEL = Channel("console:local", "console:local", "console", "local", "alerts")
CARD = Card(
    tone=Tone.CONTRADICTS,
    badge=line(bold("⇄ CONTRADICTS"), " · Nuclear"),
    title=Span("A headline", url="https://news.example/a"),
    quote="Word for word.",
    lines=(
        line("We held: ", Span("something", Style.ITALIC)),
        line(
            "The Courier · ", Span("14:05", at=NOW, clock_only=True), " · also: ", Span("DW", url="https://dw.example/")
        ),
    ),
    footer=line("likely · a-claim"),
)
MESSAGE = Message((CARD,), (Button("Right", "right", "x"), Button("Wrong", "wrong", "x")))


class Terminal:
    """A console platform whose output can be read."""

    def __init__(self, *, pressable: bool = False, width: int = 80) -> None:
        self._out = io.StringIO()
        colours: Any = "truecolor" if pressable else None
        console = Console(file=self._out, width=width, force_terminal=pressable, color_system=colours)
        self.platform = ConsolePlatform(console)

    def read(self) -> str:
        printed = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return printed

    async def show(self, message: Message, nonce: str = "n1") -> str:
        await self.platform.send(CHANNEL, message, nonce)
        return self.read()


async def test_a_card_is_printed_from_top_to_bottom() -> None:
    assert await Terminal().show(MESSAGE) == (
        "#alerts\n"
        "┃ ⇄ CONTRADICTS · Nuclear\n"
        "┃ A headline\n"
        "┃ https://news.example/a\n"
        "┃ “Word for word.”\n"
        "┃ We held: something\n"
        "┃ The Courier · 14:05 · also: DW\n"
        "┃ likely · a-claim\n"
        "  [Right]  [Wrong]\n"
        "\n"
    )


async def test_a_terminal_has_colours_and_links_that_can_be_pressed() -> None:
    printed = await Terminal(pressable=True).show(MESSAGE)
    assert "\x1b[38;2;229;104;106m┃" in printed
    assert ";https://news.example/a\x1b\\" in printed
    assert "┃ https://" not in printed


async def test_an_address_stays_in_one_piece() -> None:
    address = "https://news.example/" + "x" * 90
    assert f"┃ {address}\n" in await Terminal().show(Message((Card(title=Span("A headline", url=address)),)))


async def test_long_lines_keep_their_bar() -> None:
    printed = await Terminal(width=40).show(Message((replace(CARD, quote="word " * 40),)))
    rows = [row for row in printed.split("\n") if row][1:]
    assert len(rows) > 8
    assert all(row.startswith("┃ ") and len(row) <= 40 for row in rows)


@pytest.mark.parametrize("pressable", [False, True])
@pytest.mark.parametrize(
    "foreign",
    ["[bold]not markup[/bold]", "[/]", "[link=https://evil.example]x[/link]", ":smile:", "{0} %s {e.bot.token}"],
)
async def test_foreign_text_is_no_markup(foreign: str, pressable: bool) -> None:
    message = Message((Card(title=Span(foreign), quote=foreign, lines=(line(foreign),), footer=line(foreign)),))
    printed = await Terminal(pressable=pressable).show(message)
    assert printed.count(foreign) == 4


@pytest.mark.parametrize("foreign", ["\x1b[2J", "\x1b]0;title\x07", "\u202eabc", "\x9b31m", "a\rb", "\u200b"])
async def test_foreign_text_commands_no_terminal(foreign: str) -> None:
    hostile = Span(f"x{foreign}y", url=f"https://evil.example/{foreign}")
    message = Message((Card(badge=line(hostile), title=hostile, quote=f"x{foreign}y", lines=((hostile,),)),))
    terminal = Terminal()
    await terminal.platform.send(replace(CHANNEL, name=f"x{foreign}y"), message, "n1")
    await terminal.platform.edit(CHANNEL, "1", message)
    printed = terminal.read()
    assert not {char for char in printed if not char.isprintable()} - {"\n"}
    assert foreign not in printed


async def test_a_nonce_that_comes_again_prints_nothing() -> None:
    terminal = Terminal()
    first = await terminal.platform.send(CHANNEL, MESSAGE, "n1")
    terminal.read()
    assert await terminal.platform.send(CHANNEL, MESSAGE, "n1") == first == Sent("1")
    assert terminal.read() == ""
    assert await terminal.platform.send(CHANNEL, MESSAGE, "n2") == Sent("2")


async def test_what_was_printed_is_found_again() -> None:
    platform = Terminal().platform
    await platform.send(CHANNEL, MESSAGE, "n1")
    assert await platform.find(CHANNEL, "n1", NOW) == Sent("1")
    assert await platform.find(CHANNEL, "of an earlier process", NOW) is None


async def test_an_edit_is_told_in_brief() -> None:
    terminal = Terminal()
    await terminal.show(MESSAGE)
    grown = replace(CARD, lines=(*CARD.lines[:1], line("The Courier · 14:05 · also: DW +1")))
    assert await terminal.platform.edit(CHANNEL, "1", Message((grown,))) == Sent("1")
    assert terminal.read() == "┃ edited: A headline\n┃ The Courier · 14:05 · also: DW +1\n\n"


async def test_the_outbox_holds_the_latest_versions() -> None:
    platform = Terminal().platform
    for nonce in ("n1", "n2"):
        await platform.send(CHANNEL, MESSAGE, nonce)
    edited = Message((replace(CARD, footer=line("edited")),))
    await platform.edit(CHANNEL, "2", edited)
    assert [(posted.ref, posted.message, posted.edits) for posted in platform.outbox] == [
        ("1", MESSAGE, 0),
        ("2", edited, 1),
    ]


async def test_an_edit_of_what_is_gone_does_no_harm() -> None:
    platform = Terminal().platform
    assert await platform.edit(CHANNEL, "99", MESSAGE) == Sent("99")
    assert platform.outbox == ()


async def test_the_outbox_is_bounded() -> None:
    terminal = Terminal()
    for number in range(KEPT + 3):
        await terminal.platform.send(CHANNEL, Message((Card(),)), str(number))
    assert [terminal.platform.outbox[0].ref, terminal.platform.outbox[-1].ref] == ["4", str(KEPT + 3)]


async def test_a_picture_is_told_in_words() -> None:
    picture = Picture("a.png", b"png", "Nuclear 8 reports")
    assert "[picture: Nuclear 8 reports]" in await Terminal().show(Message((Card(picture=picture),)))


async def test_a_lead_stands_above_the_cards() -> None:
    printed = await Terminal().show(Message((Card(lines=(line("in"),)),), lead=line("above")))
    assert printed == "#alerts\nabove\n┃ in\n\n"
