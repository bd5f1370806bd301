"""Text as the words that queries are held against: case and diacritics folded, English plurals folded."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache

# A possessive 's is no word of its own, so that "NATO's plan" has the phrase "NATO plan".
_WORD = re.compile(r"['’]s\b|[^\W_]+")
_POSSESSIVE = re.compile(r"'s\b")
_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


@lru_cache(maxsize=200_000)
def fold(word: str) -> str:
    """One word without case, diacritics and English plural: "Élysées" → "elysee", "allies" → "ally"."""
    bare = word.casefold()
    if not bare.isascii():
        bare = "".join(char for char in unicodedata.normalize("NFKD", bare) if not unicodedata.combining(char))
    return singular(bare)


def singular(word: str) -> str:
    """The English singular by spelling alone; what only looks like a plural ("crisis", "status", "SACEUR's") stays."""
    if len(word) < 4 or word[-1] != "s" or word[-2:] in {"ss", "us", "is"}:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def _words(text: str) -> list[str]:
    """As `_WORD` finds them; what is all ASCII is split in a third of the time."""
    if not text.isascii():
        return [word for word in _WORD.findall(text) if word[0] not in "'’"]
    return (_POSSESSIVE.sub(" ", text) if "'" in text else text).translate(_SIGNS).split()


@dataclass(frozen=True)
class Words:
    """A text's words, folded, with where each stands in the text."""

    text: str

    @cached_property
    def folded(self) -> list[str]:
        return list(map(fold, _words(self.text)))

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """folded word → its indexes."""
        found: dict[str, list[int]] = {}
        for index, word in enumerate(self.folded):
            found.setdefault(word, []).append(index)
        return found

    @cached_property
    def joined(self) -> str:
        """The folded words between single spaces, one before the first and after the last."""
        return f" {' '.join(self.folded)} "

    def surface(self, first: int, last: int) -> str:
        """The text as written, from the word `first` to the word `last`."""
        spans = [found.span() for found in _WORD.finditer(self.text) if found[0][0] not in "'’"]
        return self.text[spans[first][0] : spans[last][1]]


@dataclass(frozen=True)
class Document:
    """An entry as queries see it."""

    title: Words
    body: Words
    source: Words
    language: str
    claims: frozenset[str] = frozenset()  # ids of the claims that it touches, as far as it was compared
    themes: frozenset[str] = frozenset()  # of those claims; both lower case

    @cached_property
    def joined(self) -> str:
        """Title and body, each `joined`, what automata scan; two spaces where they meet let no phrase stand in both."""
        return self.title.joined + self.body.joined

    @classmethod
    def of(cls, title: str, text: str, source: str = "", language: str = "") -> Document:
        """Fold an entry's fields."""
        return cls(Words(title), Words(text), Words(source), language.lower())
