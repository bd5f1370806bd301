"""Neutral blocks: what a message says, before any platform's markup. Standard library only.

Text in spans is data. Rooms that make blocks never escape it; each platform escapes all of it, once, when it renders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """The colour of a card's bar. Never the only bearer of a meaning."""

    CONTRADICTS = "red"
    UPDATES = "amber"
    CONFIRMS = "green"
    NEW = "blue"
    NEUTRAL = "grey"
    ERROR = "error"


class Style(StrEnum):
    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text. With `at`, the platform shows that moment in the reader's own time and `text` is the fall-back."""

    text: str
    style: Style = Style.PLAIN
    url: str = ""  # http(s) only; a platform drops any other
    at: datetime | None = None
    clock_only: bool = False  # with `at`: the time without the date


Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of spans; bare strings become plain ones."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def bold(text: str) -> Span:
    return Span(text, Style.BOLD)


def code(text: str) -> Span:
    return Span(text, Style.CODE)


@dataclass(frozen=True, slots=True)
class Button:
    """Something that a reader can press; `verb` and `argument`, 60 characters together, come back to chat.commands."""

    label: str
    verb: str
    argument: str
    foremost: bool = False  # what most will press next


@dataclass(frozen=True, slots=True)
class PickOption:
    """One of the values of a `Pick`."""

    label: str  # at most 100 characters
    value: str


class PickKind(StrEnum):
    CHANNEL = "channel"
    ROLE = "role"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Pick:
    """Something to be chosen under a reply, which acts at once: `verb` gets `argument` and what was chosen.

    A platform that has no such thing leaves it out, so what it is for can be typed as well.
    """

    kind: PickKind
    hint: str  # at most 150 characters; shown while nothing is chosen
    verb: str
    argument: str
    options: tuple[PickOption, ...] = ()  # of kind OPTION: at most 25
    chosen: str = ""  # a value, or the platform's id of a channel or role


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its alternative text; `name` ends in .png."""

    name: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """One framed piece of a message, read from top to bottom."""

    tone: Tone = Tone.NEUTRAL
    badge: Line = ()  # "⇄ CONTRADICTS · Nuclear"
    title: Span | None = None  # the headline; its url is the entry's
    quote: str = ""  # evidence, word for word
    lines: tuple[Line, ...] = ()
    footer: Line = ()
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted at once: one message on any platform, already within its limits."""

    cards: tuple[Card, ...]
    buttons: tuple[Button, ...] = ()
    lead: Line = ()  # a line above the cards, outside any frame
    picks: tuple[Pick, ...] = ()  # at most three, of replies alone
    ping: str = ""  # the platform's id of the one role that is told of the message
    under: str = ""  # the platform's id of the posted message in whose thread this one belongs
    topic: str = ""  # what a thread or a post in a forum is called that is opened for it
    tag: str = ""  # under which word a post in a forum is filed


@dataclass(frozen=True, slots=True)
class Limits:
    """How much fits in one message of a platform, in characters of unescaped text, with room for its markup."""

    title: int
    text: int  # badge, quote and lines of one card together
    footer: int
    total: int  # over the whole message
    cards: int


@dataclass(frozen=True, slots=True)
class Field:
    """One text that a form asks for."""

    name: str  # of the verb's parameter
    label: str  # at most 45 characters
    value: str = ""  # what stands there already
    longest: int = 200
    hint: str = ""  # at most 100 characters


@dataclass(frozen=True, slots=True)
class Form:
    """Something to be filled in: it goes to `verb`, whose first parameter gets `argument`, 60 characters together."""

    title: str  # at most 45 characters; Slack shows 24
    verb: str
    argument: str
    fields: tuple[Field, ...]  # at most five, none of which may stay empty


class Choice(StrEnum):
    """Who sees a reply."""

    ASKER = "asker"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a command: pages, of which a platform shows one at a time with buttons to turn them."""

    pages: tuple[Message, ...]
    audience: Choice = Choice.ASKER
    file: tuple[str, bytes] | None = None  # name and content of an attachment
    form: Form | None = None  # opened where the platform still can, else the pages are shown

    @classmethod
    def say(cls, *lines: str | Line, tone: Tone = Tone.NEUTRAL, audience: Choice = Choice.ASKER) -> Reply:
        """A reply of one card of plain lines."""
        body = tuple(line(item) if isinstance(item, str) else item for item in lines)
        return cls((Message((Card(tone=tone, lines=body),)),), audience)


def plain(parts: Sequence[Span]) -> str:
    """The text of a line without its styles."""
    return "".join(span.text for span in parts)


def quoted(text: str) -> str:
    """The text in quotation marks; as it stands where it has its own."""
    return text if text[:1] in {"“", "„", "«", '"'} and text[-1:] in {"”", "“", "»", '"'} else f"“{text}”"


def clip(text: str, limit: int) -> str:
    """`text` within `limit` characters; a cut ends in an ellipsis, at a word's end where one is near."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    space = cut.rfind(" ")
    return (cut[:space] if space > limit * 0.8 else cut).rstrip() + "…"


def clip_span(span: Span, limit: int) -> Span:
    return replace(span, text=clip(span.text, limit))
