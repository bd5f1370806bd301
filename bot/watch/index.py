"""Thousands of watches over one automaton: an expression is evaluated only where one of its anchors was hit. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation

from bot.watch.expression import Expression
from bot.watch.words import Document

KeyT = TypeVar("KeyT", bound=Hashable)


class WatchIndex(Generic[KeyT]):
    """Holds expressions under keys and tells which of them hold for a document."""

    def __init__(self, expressions: Iterable[tuple[KeyT, Expression]]) -> None:
        self._everywhere: list[tuple[KeyT, Expression]] = []  # those that no single word gives away
        by_anchor: dict[str, list[tuple[KeyT, Expression]]] = {}
        for key, expression in expressions:
            anchors = expression.anchors()
            if anchors is None:
                self._everywhere.append((key, expression))
            for anchor in anchors or ():
                by_anchor.setdefault(anchor, []).append((key, expression))
        self._anchored = list(by_anchor.values())
        self._automaton = AhoCorasick(list(by_anchor), implementation=Implementation.ContiguousNFA)

    def matches(self, document: Document) -> list[tuple[KeyT, Expression]]:
        """Each key whose expression holds, once, with the expression."""
        candidates = dict(self._everywhere)
        for number in {
            found[0] for found in self._automaton.find_matches_as_indexes(document.joined, overlapping=True)
        }:
            candidates.update(self._anchored[number])
        return [(key, expression) for key, expression in candidates.items() if expression.holds(document)]
