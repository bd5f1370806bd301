"""What the parser and its workers say to each other; imported by both, so it imports neither's libraries."""

from __future__ import annotations

from dataclasses import dataclass

READY = b"ready\n"
"""What a worker says when it is up."""


@dataclass(frozen=True, slots=True)
class Article:
    """A page's headline and text, plain."""

    title: str
    text: str
