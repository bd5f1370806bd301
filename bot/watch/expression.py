"""What a query means: expressions that hold for a document or not, and the anchors without which they cannot. Pure."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Protocol

from bot.watch.words import Document, Words

Anchors = frozenset[str] | None
"""At least one of them stands in `Document.joined` of every document that the expression holds for."""

_LONGEST_WILD = 64  # letters that a * stands for at most: more is no word, but a trap for the regex engine


class Field(Enum):
    """Where a phrase is looked for."""

    ANY = "any"
    TITLE = "title"
    SOURCE = "source"


class Expression(Protocol):
    """Holds for a document or not."""

    def holds(self, document: Document) -> bool: ...
    def anchors(self) -> Anchors: ...
    def hits(self, document: Document) -> list[str]:
        """The words, as written, that made it hold; empty for what holds by absence."""
        ...


@dataclass(frozen=True, slots=True)
class Pattern:
    """One folded word, or a wildcard over folded words."""

    text: str
    regex: re.Pattern[str] | None = None

    @classmethod
    def of(cls, text: str) -> Pattern:
        """`*` stands for any letters, `?` for one."""
        if "*" not in text and "?" not in text:
            return cls(text)
        bare = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
        wild = {"*": rf"\w{{0,{_LONGEST_WILD}}}", "?": r"\w"}
        return cls(bare, re.compile("".join(wild.get(char, re.escape(char)) for char in bare)))

    def positions(self, words: Words) -> Sequence[int]:
        if self.regex is None:
            return words.positions.get(self.text, ())
        return sorted(i for word, at in words.positions.items() if self.regex.fullmatch(word) for i in at)

    def anchor(self) -> str:
        """The longest literal of it, with the borders that are sure."""
        if self.regex is None:
            return f" {self.text} "
        pieces = re.split(r"[*?]+", f" {self.text} ")
        return max(pieces, key=len)


@dataclass(frozen=True)
class Phrase:
    """Words in this order, or with `slop` in any order with at most so many other words between them."""

    patterns: tuple[Pattern, ...]
    field: Field = Field.ANY
    slop: int | None = None

    def holds(self, document: Document) -> bool:
        text = document.joined if self.field is Field.ANY else self._places(document)[0].joined
        if self._literal:
            return self._literal in text
        if not all(map(text.__contains__, self._anchors)):
            return False
        if self.slop is None:
            return self._regex.search(text) is not None
        return any(self._find(words) for words in self._places(document))

    def hits(self, document: Document) -> list[str]:
        for words in self._places(document):
            if (span := self._find(words)) is not None:
                return [words.surface(*span)]
        return []

    def anchors(self) -> Anchors:
        if self.field is Field.SOURCE:
            return None
        return frozenset({self._literal or max(self._anchors, key=len)})

    @cached_property
    def _literal(self) -> str:
        """What stands in `joined` wherever the phrase does, and nowhere else; empty where nothing tells so much."""
        if self.slop is not None or any(pattern.regex for pattern in self.patterns):
            return ""
        return f" {' '.join(pattern.text for pattern in self.patterns)} "

    @cached_property
    def _anchors(self) -> list[str]:
        """What stands there at least: cheap to look for, where the rest is not."""
        return [pattern.anchor() for pattern in self.patterns]

    @cached_property
    def _regex(self) -> re.Pattern[str]:
        parts = (re.escape(one.text) if one.regex is None else one.regex.pattern for one in self.patterns)
        return re.compile(f" {' '.join(parts)} ")

    def _places(self, document: Document) -> tuple[Words, ...]:
        if self.field is Field.TITLE:
            return (document.title,)
        return (document.source,) if self.field is Field.SOURCE else (document.title, document.body)

    def _find(self, words: Words) -> tuple[int, int] | None:
        """The first and last word of the first place where it stands."""
        places: list[Sequence[int]] = []
        for pattern in self.patterns:
            places.append(pattern.positions(words))
            if not places[-1]:
                return None
        return self._in_order(places) if self.slop is None else self._near(places, self.slop)

    @staticmethod
    def _in_order(places: list[Sequence[int]]) -> tuple[int, int] | None:
        later = [frozenset(at) for at in places[1:]]
        for start in places[0]:
            if all(start + offset in at for offset, at in enumerate(later, start=1)):
                return start, start + len(later)
        return None

    def _near(self, places: list[Sequence[int]], slop: int) -> tuple[int, int] | None:
        """For each word that could be the last: the latest places of the others before it make the narrowest span."""
        for last in sorted({position for at in places for position in at}):
            latest = [self._latest(number, at, last) for number, at in enumerate(places)]
            if min(latest) >= 0 and last - min(latest) + 1 - len(latest) <= slop:
                return min(latest), last
        return None

    def _latest(self, number: int, at: Sequence[int], last: int) -> int:
        """The latest place up to `last`; a pattern that stands in the phrase again takes the place before. -1: none."""
        again = self.patterns[:number].count(self.patterns[number])
        index = bisect_right(at, last) - 1 - again
        return at[index] if index >= 0 else -1


@dataclass(frozen=True, slots=True)
class Language:
    """The entry is in that language; "en" holds for "en-GB", too."""

    code: str

    def holds(self, document: Document) -> bool:
        return document.language == self.code or document.language.startswith(f"{self.code}-")

    def anchors(self) -> Anchors:
        return None

    def hits(self, document: Document) -> list[str]:
        return []


@dataclass(frozen=True, slots=True)
class Touches:
    """The entry confirms, contradicts or updates that claim, or one of that theme."""

    name: str  # lower case
    theme: bool = False

    def holds(self, document: Document) -> bool:
        return self.name in (document.themes if self.theme else document.claims)

    def anchors(self) -> Anchors:
        return None

    def hits(self, document: Document) -> list[str]:
        return [self.name] if self.holds(document) else []


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document) -> bool:
        for part in self.parts:  # noqa: SIM110 - to start a generator costs more than most parts
            if not part.holds(document):
                return False
        return True

    def anchors(self) -> Anchors:
        """Those of the part whose shortest anchor is longest, since long strings are rare."""
        sets = [anchors for part in self.parts if (anchors := part.anchors())]
        return max(sets, key=lambda anchors: min(map(len, anchors)), default=None)

    def hits(self, document: Document) -> list[str]:
        return _flat(part.hits(document) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Expression, ...]

    def holds(self, document: Document) -> bool:
        return any(part.holds(document) for part in self.parts)

    def anchors(self) -> Anchors:
        sets = [part.anchors() for part in self.parts]
        found = [anchors for anchors in sets if anchors]
        return frozenset().union(*found) if len(found) == len(sets) else None

    def hits(self, document: Document) -> list[str]:
        return _flat(part.hits(document) for part in self.parts if part.holds(document))


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Expression

    def holds(self, document: Document) -> bool:
        return not self.part.holds(document)

    def anchors(self) -> Anchors:
        return None

    def hits(self, document: Document) -> list[str]:
        return []


def touched(expression: Expression) -> Iterator[Touches]:
    """The claims and themes that it names."""
    match expression:
        case Touches():
            yield expression
        case And() | Or():
            for part in expression.parts:
                yield from touched(part)
        case Not():
            yield from touched(expression.part)


def may_hold(expression: Expression, document: Document) -> bool:
    """Whether it could hold for a document of which it is not known yet what claims it touches."""
    match expression:
        case Touches():
            return True
        case And():
            return all(may_hold(part, document) for part in expression.parts)
        case Or():
            return any(may_hold(part, document) for part in expression.parts)
        case Not():
            return any(touched(expression.part)) or expression.holds(document)
        case _:
            return expression.holds(document)


def _flat(lists: Iterable[list[str]]) -> list[str]:
    """One list, each once, in order."""
    return list(dict.fromkeys(word for words in lists for word in words))
