"""What the parser and its workers say to each other; imported by both, so it imports neither's libraries."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.model import ParsedEntry

READY = b"ready\n"
"""What a worker says when it is up."""
ENTRY = tuple(field.name for field in fields(ParsedEntry))
"""An entry's fields, in the order in which it is sent."""


@dataclass(frozen=True, slots=True)
class Article:
    """A page's headline and text, plain."""

    title: str
    text: str
