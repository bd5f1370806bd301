"""Neutral messages as Block Kit, every limit kept. Pure.

Limits: https://docs.slack.dev/reference/block-kit/blocks; that all blocks together may hold about 13,200 characters is
written nowhere, but enforced (`msg_blocks_too_long`). Messages come already split by `LIMITS`; where foreign text
needs more escaping than that leaves room for, links are given up first, then the end of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.blocks import Card, Limits, Line, Message, Picture, Span, Style, Tone, plain
from bot.chat.commands import VERBS
from bot.chat.slack.buttons import Block, Element, card_buttons, rows
from bot.chat.slack.markup import escape, escape_plain, fit, fit_plain, show, units
from bot.inert import inert_message

COMMAND = "/claimwatch"

BLOCKS = 50
SECTION = 2900
CONTEXT = 1000
TOTAL = 12_000
FALLBACK = 400
CARDS = 10

LIMITS = Limits(title=250, text=4500, footer=500, total=5500, cards=CARDS)
"""What other rooms may put into one message: half of what Slack takes, the rest is for escapes and links."""

COLOURS = {
    Tone.CONTRADICTS: "#D83C3E",
    Tone.UPDATES: "#E8A33D",
    Tone.CONFIRMS: "#3BA55D",
    Tone.NEW: "#4A7FD8",
    Tone.NEUTRAL: "#8A8F98",
    Tone.ERROR: "#7A2A2A",
}

_names = "|".join(re.escape(name) for name in sorted(VERBS, key=len, reverse=True))
_TYPED = re.compile(rf"(?<![^\s(“\"'])/(?=(?:{_names})(?![\w/-]))")


@dataclass(frozen=True)
class Rendered:
    """What one message becomes; a coloured card is an attachment, since blocks have no colour."""

    text: str  # for notifications and screen readers
    blocks: list[Block]
    attachments: list[dict[str, Any]]
    pictures: tuple[Picture, ...]

    def body(self) -> dict[str, Any]:
        """What `chat.postMessage`, `chat.update` and a `response_url` take.

        Beside attachments a text would be shown twice: they have their own fall-back.
        """
        if self.attachments and not self.blocks:
            return {"attachments": self.attachments}
        return {"text": self.text, "blocks": self.blocks, "attachments": self.attachments}


def render(message: Message, more: Sequence[Element] = ()) -> Rendered:
    """The message in Slack's terms, with `more` buttons under its own."""
    safe = inert_message(message)
    cards = safe.cards[:CARDS]
    buttons = rows([*card_buttons(safe.buttons), *more])
    lead = _lead(safe.lead)
    shown = list(_cards(cards, TOTAL - _length([*lead, *buttons]), BLOCKS - len(lead) - len(buttons)))
    pictures = tuple(card.picture for card in cards if card.picture)
    text = _fallback(safe.lead, cards)
    if not any(blocks and card.tone is not Tone.NEUTRAL for card, blocks in zip(cards, shown, strict=True)):
        blocks = [*lead, *(block for each in shown for block in each), *buttons]
        return Rendered(text, blocks or [_section("–")], [], pictures)
    attachments = [_attachment(card, blocks) for card, blocks in zip(cards, shown, strict=True) if blocks]
    attachments[-1]["blocks"] += buttons
    return Rendered(text, lead, attachments, pictures)


def flat(message: Message, more: Sequence[Element] = ()) -> list[Block]:
    """The message as blocks alone, for modals and the home tab, where there are no colours."""
    return render(
        replace(message, cards=tuple(replace(card, tone=Tone.NEUTRAL) for card in message.cards)), more
    ).blocks


def _cards(cards: Sequence[Card], room: int, most: int) -> Iterator[list[Block]]:
    """Each card's blocks; a card that finds no room any more has none."""
    for card in cards:
        blocks = _card(card, room)[: max(most, 0)] if room > 0 else []
        room -= _length(blocks)
        most -= len(blocks)
        yield blocks


def _card(card: Card, room: int) -> list[Block]:
    footer = fit(_typed(plain(card.footer)), max(0, min(CONTEXT, room)))
    below = [_context(footer)] if footer.strip() else []
    return [*_sections(_rows(card, room - units(footer))), *below]


def _rows(card: Card, room: int) -> list[str]:
    """The card's text row by row, within `room` units: with links, else without, else as much as fits."""
    for links in (True, False):
        found = [
            *_marked([card.badge], links),
            *_marked([(replace(card.title, style=Style.BOLD),)] if card.title else [], links),
            *_quote(card.quote),
            *_marked(card.lines, links),
        ]
        if sum(units(row) + 1 for row in found) <= room and all(units(row) <= SECTION for row in found):
            return found
    title = [card.title.text] if card.title else []
    words = [plain(card.badge), *title, *card.quote.splitlines(), *(plain(parts) for parts in card.lines)]
    return list(_as_many([fit(text, SECTION) for text in words], room))


def _as_many(found: Sequence[str], room: int) -> Iterator[str]:
    """Rows without mark-up, until there is no room."""
    for row in found:
        room -= units(row) + 1
        if room < 0:
            return
        yield row


def _marked(lines: Sequence[Line], links: bool) -> list[str]:
    return [show(map(_instructive, parts), links=links) for parts in lines if parts]


def _quote(quote: str) -> list[str]:
    return [f"> {row}" for row in escape(f"“{quote}”").split("\n")] if quote else []


def _sections(found: Sequence[str]) -> list[Block]:
    """The rows in as few sections as hold them; none is empty."""
    texts = [""]
    for row in found:
        longer = f"{texts[-1]}\n{row}" if texts[-1] else row
        if units(longer) > SECTION:
            texts.append(row)
        else:
            texts[-1] = longer
    return [_section(text.strip("\n")) for text in texts if text.strip()]


def _lead(parts: Line) -> list[Block]:
    found = [_marked([parts], links)[0] for links in (True, False)] if plain(parts).strip() else []
    fitting = [text for text in found if units(text) <= SECTION]
    return [_section(fitting[0] if fitting else fit(plain(parts), SECTION))] if found else []


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def _attachment(card: Card, blocks: list[Block]) -> dict[str, Any]:
    return {"color": COLOURS[card.tone], "fallback": _fallback((), [card]), "blocks": blocks}


def _fallback(lead: Line, cards: Sequence[Card]) -> str:
    parts = [plain(lead)]
    for card in cards[:1]:
        parts += [plain(card.badge), card.title.text if card.title else "", card.quote, *map(plain, card.lines[:3])]
    said = " · ".join(part.strip() for part in parts if part.strip())
    return escape_plain(fit_plain(_typed(said), FALLBACK)) or "Claimwatch"


def _length(blocks: Sequence[Block]) -> int:
    """Units of text in all blocks."""
    return sum(units(text["text"]) for block in blocks for text in _texts(block))


def _texts(block: Block) -> list[dict[str, Any]]:
    if block["type"] == "section":
        return [block["text"]]
    return [each["text"] if each["type"] == "button" else each for each in block["elements"]]


def _instructive(span: Span) -> Span:
    return span if span.url or span.at else replace(span, text=_typed(span.text))


def _typed(text: str) -> str:
    """ "/feed list" as it is typed in Slack, where one command holds all verbs."""
    return _TYPED.sub(f"{COMMAND} ", text)
