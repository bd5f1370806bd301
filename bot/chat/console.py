"""The terminal as a platform: what a channel would see, printed with rich. The default where no token is set."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from rich.console import Console
from rich.style import Style as Look
from rich.text import Text

from bot.blocks import Button, Card, Limits, Line, Message, Picture, Style, Tone, plain, quoted
from bot.inert import inert, inert_message
from bot.model import Channel, SendOutcome, Sent

LIMITS = Limits(title=500, text=20_000, footer=500, total=40_000, cards=20)
KEPT = 500
"""So many of the last messages can be edited and shown by the HTML preview."""
BAR = "┃ "

COLOURS = {
    Tone.CONTRADICTS: "#e5686a",
    Tone.UPDATES: "#e8ad55",
    Tone.CONFIRMS: "#5bb377",
    Tone.NEW: "#6c9bd2",
    Tone.NEUTRAL: "#8a8f98",
    Tone.ERROR: "#c0484a",
}
_LOOKS = {
    Style.PLAIN: Look(),
    Style.BOLD: Look(bold=True),
    Style.ITALIC: Look(italic=True),
    Style.CODE: Look(color="cyan"),
}
_QUIET = Look(dim=True)


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that stands in a channel, in its latest version."""

    ref: str
    nonce: str
    channel: str  # its name
    message: Message
    edits: int = 0


class ConsolePlatform:
    """Prints messages and keeps the last ones. Sending never fails; a nonce that comes again prints nothing."""

    name = "console"
    limits = LIMITS
    repeat_safe = 86_400.0
    spacing = 0.0

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console()
        self._count = 0
        self._outbox: deque[Posted] = deque(maxlen=KEPT)

    @property
    def outbox(self) -> tuple[Posted, ...]:
        """The last messages, oldest first."""
        return tuple(self._outbox)

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        if posted := self._posted(nonce):
            return Sent(posted.ref)
        self._count += 1
        self._outbox.append(Posted(str(self._count), nonce, channel.name, message))
        self._print([_heading(channel.name, message), *_message_rows(inert_message(message), self._links)])
        return Sent(str(self._count))

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        for index, posted in enumerate(self._outbox):
            if posted.ref == ref:
                self._outbox[index] = replace(posted, message=message, edits=posted.edits + 1)
        self._print(_edit_rows(inert_message(message)))
        return Sent(ref)

    async def find(self, channel: Channel, nonce: str, since: datetime, under: str = "") -> SendOutcome | None:
        """What this process printed it knows; what an earlier one printed nothing can tell."""
        posted = self._posted(nonce)
        return Sent(posted.ref) if posted else None

    def _posted(self, nonce: str) -> Posted | None:
        return next((posted for posted in self._outbox if posted.nonce == nonce), None)

    @property
    def _links(self) -> bool:
        """Whether links can be pressed; elsewhere a headline's address is printed under it."""
        return self._console.is_terminal

    def _print(self, rows: Sequence[_Row]) -> None:
        for row in rows:
            self._console.print(*row.wrapped(self._console), sep="\n", soft_wrap=True, end="\n")
        self._console.print()


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of a card before wrapping: the bar goes before each line that it wraps to."""

    text: Text
    bar: Text
    whole: bool = False  # an address is printed in one piece, so that it can be copied

    def wrapped(self, console: Console) -> Iterator[Text]:
        width = max(console.width - self.bar.cell_len, 20)
        for part in [self.text] if self.whole or not self.text.plain else self.text.wrap(console, width):
            part.rstrip()
            yield Text.assemble(self.bar, part)


def _heading(channel: str, message: Message) -> _Row:
    """The channel, and in it the thread where the message belongs into one."""
    thread = f" ↳ {inert(message.topic)}" if message.under else ""
    return _Row(Text(f"#{inert(channel)}{thread}", _QUIET), Text(""))


def _message_rows(message: Message, links: bool) -> list[_Row]:
    rows = [_Row(_line(message.lead), Text(""))] if message.lead else []
    for card in message.cards:
        rows += _card_rows(card, links)
    if message.buttons:
        rows.append(_Row(_buttons(message.buttons), Text("  ")))
    return rows


def _card_rows(card: Card, links: bool) -> Iterator[_Row]:
    bar = _bar(card)
    if card.badge:
        yield _Row(Text.assemble(_line(card.badge), style=Look(color=COLOURS[card.tone])), bar)
    if card.title:
        yield _Row(_line((replace(card.title, style=Style.BOLD),)), bar)
        if card.title.url and not links:
            yield _Row(Text(card.title.url, _QUIET), bar, whole=True)
    if card.quote:
        yield _Row(Text(quoted(card.quote), Look(italic=True)), bar)
    for parts in card.lines:
        yield _Row(_line(parts), bar)
    if card.footer:
        yield _Row(Text(plain(card.footer), _QUIET), bar)
    if card.picture:
        yield _Row(_pictured(card.picture), bar)


def _bar(card: Card) -> Text:
    return Text(BAR, Look(color=COLOURS[card.tone]))


def _pictured(picture: Picture) -> Text:
    return Text(f"[picture: {picture.alt}]", _QUIET)


def _buttons(buttons: Sequence[Button]) -> Text:
    return Text("  ".join(f"[{button.label}]" for button in buttons), _QUIET)


def _edit_rows(message: Message) -> list[_Row]:
    """An edit in brief: the headline, and the line of outlets, which is what grew."""
    rows = []
    for card in message.cards:
        rows.append(_Row(Text.assemble(("edited: ", _QUIET), _subject(card)), _bar(card)))
        rows += [_Row(_line(parts), _bar(card)) for parts in card.lines[-1:]]
    return rows


def _subject(card: Card) -> str:
    return card.title.text if card.title else plain(card.badge)


def _line(parts: Line) -> Text:
    """Spans as rich text. They are never parsed as rich's markup."""
    text = Text()
    for span in parts:
        look = _LOOKS[span.style]
        text.append(span.text, look + Look(link=span.url, underline=True) if span.url else look)
    return text
