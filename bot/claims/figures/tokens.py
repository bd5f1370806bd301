"""Cuts text into the pieces that figures are read from. One pass, linear in the length of the text."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:[.,'’][0-9]+)*)"
    r"|(?P<glyph>[½¼¾⅓⅔⅕⅛⅜⅝⅞])"
    r"|(?P<initials>(?:[^\W\d_]\.){2,})"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<hyphen>[-‐‑])"
    r"|(?P<dash>[–—−])"
    r"|(?P<mark>[^\s\w]|_|\n)"
)


class Token(NamedTuple):
    """A piece of text; `low` is its lower case, without the dots of "U.S."."""

    kind: str  # number, glyph, word, hyphen, dash, mark
    text: str
    low: str
    start: int
    end: int


END = Token("end", "", "", -1, -1)


def tokenise(text: str) -> list[Token]:
    """All tokens in order; white space stands between them and is told by their offsets."""
    return [_token(found) for found in _TOKEN.finditer(text)]


def _token(found: re.Match[str]) -> Token:
    kind, text = found.lastgroup or "mark", found.group()
    if kind == "initials":
        return Token("word", text, text.replace(".", "").lower(), found.start(), found.end())
    return Token(kind, text, text.lower(), found.start(), found.end())


class Tokens:
    """The tokens of a text; beyond either end stands `END`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._all = tokenise(text)

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at: int) -> Token:
        return self._all[at] if 0 <= at < len(self._all) else END

    def low(self, at: int) -> str:
        """The lower-cased text of a token."""
        return self[at].low

    def joined(self, at: int) -> bool:
        """Whether token `at` touches the one before it."""
        return at > 0 and self[at - 1].end == self[at].start

    def words(self, at: int, count: int) -> tuple[str, ...]:
        """The lower-cased texts of `count` tokens from `at` on."""
        return tuple(self[i].low for i in range(at, at + count))
