"""Neutral messages as Discord's content, embeds and buttons, every limit kept. Pure.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits and #component-object.
Messages come already split by `LIMITS`, which leaves room for markup; where foreign text needs more escaping than
that, links are given up first, then the end of the text.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.blocks import Button, Card, Limits, Line, Message, Picture, Tone, plain, quoted
from bot.chat.discord.markup import LONGEST_URL, escape, fit, link, show, show_line, units
from bot.inert import inert_message

CONTENT = 2000
TITLE = 256
DESCRIPTION = 4096
FOOTER = 2048
AUTHOR = 256
TOTAL = 6000
EMBEDS = 10
BUTTONS = 25
LABEL = 80
ALT = 1024

LINKS = (LONGEST_URL, 250, 120, 0)
"""How long links may be, in turn, until a text with its links fits: the longest ones are given up first."""

LIMITS = Limits(title=200, text=1800, footer=500, total=2600, cards=EMBEDS)
"""What other rooms may put into one message: less than half of what Discord takes; escapes and links need the rest."""

COLOURS = {
    Tone.CONTRADICTS: 0xD83C3E,
    Tone.UPDATES: 0xE8A33D,
    Tone.CONFIRMS: 0x3BA55D,
    Tone.NEW: 0x4A7FD8,
    Tone.NEUTRAL: 0x8A8F98,
    Tone.ERROR: 0x7A2A2A,
}


@dataclass(frozen=True)
class Rendered:
    """What one message becomes. Files are open and used up by one request."""

    content: str
    embeds: list[discord.Embed]
    files: list[discord.File]
    buttons: tuple[Button, ...]


def render(message: Message, mark: str = "") -> Rendered:
    """The message in Discord's terms; `mark` is shown small in the last footer, so that the message can be found."""
    safe = inert_message(message)
    embeds: list[discord.Embed] = []
    left = TOTAL - units(mark)
    for card in safe.cards[:EMBEDS]:
        embed = _embed(card, left)
        left -= _length(embed)
        embeds.append(embed)
    if mark and embeds:
        embeds[-1].set_footer(text=" · ".join(part for part in (embeds[-1].footer.text, mark) if part))
    pictures = [card.picture for card in safe.cards[:EMBEDS] if card.picture]
    files = [_file(picture) for picture in pictures]
    return Rendered(_content(safe), embeds, files, safe.buttons[:BUTTONS])


def _embed(card: Card, room: int) -> discord.Embed:
    """The card as an embed of at most `room` units; every part is cut before the next is begun."""
    embed = discord.Embed(colour=COLOURS[card.tone])
    if card.badge and room > 0:
        badge = fit(plain(card.badge), min(AUTHOR, room), escaped=False)
        embed.set_author(name=badge)
        room -= units(badge)
    if card.title and room > 0:
        embed.title = fit(card.title.text, min(TITLE, room))
        embed.url = card.title.url if 0 < units(link(card.title.url)) <= LONGEST_URL else None
        room -= units(embed.title)
    footer = fit(plain(card.footer), max(0, min(FOOTER - 32, room)), escaped=False)
    if footer:
        embed.set_footer(text=footer)
        room -= units(footer)
    embed.description = _description(card, max(0, min(DESCRIPTION, room))) or None
    if card.picture:
        embed.set_image(url=f"attachment://{card.picture.name}")
    return embed


def _description(card: Card, room: int) -> str:
    for longest in LINKS:
        rows = [*_quote(card.quote), *(show_line(parts, longest) for parts in card.lines)]
        text = "\n".join(rows)
        if units(text) <= room:
            return text
    words = [*card.quote.splitlines(), *(plain(parts) for parts in card.lines)]
    return _as_many(rows, words, room)


def _quote(quote: str) -> list[str]:
    return [f"> {row}" for row in escape(quoted(quote)).split("\n")] if quote else []


def _as_many(rows: Sequence[str], words: Sequence[str], room: int) -> str:
    """As many rows as fit; of the first that does not, its words without markup, so that no mark is left open."""
    kept = ""
    for row, text in zip(rows, words, strict=True):
        longer = f"{kept}\n{row}" if kept else row
        if units(longer) > room:
            return f"{kept}\n{fit(text, room - units(kept) - 1)}" if kept else fit(text, room)
        kept = longer
    return kept


def _content(message: Message) -> str:
    """The mention of the role that is told, if any, then the lead."""
    ping = f"<@&{message.ping}> " if message.ping.isdecimal() else ""
    return f"{ping}{_row(message.lead, CONTENT - len(ping))}".strip()


def _row(parts: Line, limit: int) -> str:
    for longest in LINKS:
        text = "".join(show(span, longest) for span in parts)
        if units(text) <= limit:
            return text
    return fit(plain(parts), limit)


def _length(embed: discord.Embed) -> int:
    return sum(units(part or "") for part in (embed.author.name, embed.title, embed.description, embed.footer.text))


def _file(picture: Picture) -> discord.File:
    return discord.File(io.BytesIO(picture.png), filename=picture.name, description=picture.alt[:ALT])
