"""Finds the few claims that an item may touch: cosine between the claim and the item's title, sentences, neighbouring
sentences and the whole. What an item says is read by spans, so that every sentence stays word for word."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.claims.encoder import Matrix, Network
from bot.claims.sentences import sentence_spans
from bot.model import Item

MOST_TEXT, MOST_SENTENCES = 12_000, 40
"""Characters and sentences of an item that are read: news says first what is new."""
WINDOW = 640
"""Characters of the window that is read together with a claim; about 150 tokens."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An item cut for comparing; `sentences` starts with the title, and each is a substring of title or text."""

    sentences: tuple[str, ...]

    @property
    def whole(self) -> str:
        """The title and the start of the text, as one window."""
        return window(self, 0)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that an item may touch, by its position, with its likeness and the sentence that is most like it."""

    claim: int
    likeness: float
    sentence: int


def read(item: Item) -> Reading:
    """Cut an item into its title and sentences; an item without words gives none."""
    text = item.text[:MOST_TEXT]
    found = [text[start:end] for start, end in sentence_spans(text)][:MOST_SENTENCES]
    title = item.title.strip()[:WINDOW]
    return Reading((title, *found) if title else tuple(found))


def window(reading: Reading, middle: int) -> str:
    """The title and as many sentences around `middle` as fit into WINDOW, in their order."""
    sentences = reading.sentences
    if not sentences:
        return ""
    chosen, room = {0, middle}, WINDOW - len(sentences[0]) - (len(sentences[middle]) if middle else 0)
    for at in _outwards(middle, len(sentences)):
        if len(sentences[at]) > room:
            break
        chosen.add(at)
        room -= len(sentences[at])
    return joined([sentences[at] for at in sorted(chosen)])


def joined(sentences: Sequence[str]) -> str:
    """Sentences as one text; a headline gets the full stop that it lacks."""
    head, *rest = sentences
    return f"{head if head[-1:] in '.!?…' else head + '.'} {' '.join(rest)}".strip() if rest else head


def _outwards(middle: int, count: int) -> list[int]:
    # What follows a sentence explains it more often than what stands before it.
    around = [at for step in range(1, count) for at in (middle + step, middle - step)]
    return [at for at in around if 0 < at < count]


class Retriever:
    """Scores items against claims. Claims' vectors are kept by their wording, and those of the last items, which are
    compared with one set of claims after the other; the least used go first."""

    def __init__(self, network: Network, kept: int = 20_000, items: int = 256) -> None:
        self._network = network
        self._kept, self._items = kept, items
        self._parts: OrderedDict[Reading, Matrix] = OrderedDict()
        self._vectors: OrderedDict[str, Matrix] = OrderedDict()
        self._last: tuple[tuple[str, ...], Matrix] = ((), np.zeros((0, 0), dtype=np.float32))

    def nearest(
        self, readings: Sequence[Reading], statements: Sequence[str], most: int, floor: float
    ) -> list[list[Candidate]]:
        """For each reading at most `most` claims of at least `floor` likeness, the most alike first."""
        if not statements:
            return [[] for _ in readings]
        claims = self.matrix(tuple(statements))
        parts = self._read(readings)
        return [rank(parts[one], claims, most, floor) if one.sentences else [] for one in readings]

    def _read(self, readings: Sequence[Reading]) -> dict[Reading, Matrix]:
        """The vectors of each item's sentences, then of the whole; only those not read of late are computed."""
        wanted = dict.fromkeys(one for one in readings if one.sentences)
        fresh = [one for one in wanted if one not in self._parts]
        vectors = self._network.run([text for one in fresh for text in (*one.sentences, one.whole)])
        ends = np.cumsum([len(one.sentences) + 1 for one in fresh])
        if fresh:
            self._parts.update(zip(fresh, map(np.copy, np.split(vectors, ends[:-1])), strict=True))
        found = {one: self._parts[one] for one in wanted}
        for one in wanted:
            self._parts.move_to_end(one)
        while len(self._parts) > self._items:
            self._parts.popitem(last=False)
        return found

    def matrix(self, statements: tuple[str, ...]) -> Matrix:
        """One unit vector a statement, in order; only those not seen before are computed."""
        if self._last[0] == statements:
            return self._last[1]
        fresh = list(dict.fromkeys(text for text in statements if text not in self._vectors))
        for text, vector in zip(fresh, self._network.run(fresh), strict=True):
            self._vectors[text] = vector
        made = np.stack([self._vectors[text] for text in statements])
        for text in statements:
            self._vectors.move_to_end(text)
        while len(self._vectors) > self._kept:
            self._vectors.popitem(last=False)
        self._last = (statements, made)
        return made


def rank(parts: Matrix, claims: Matrix, most: int, floor: float) -> list[Candidate]:
    """The claims most like any part. `parts` are the vectors of the sentences, then of the whole."""
    likeness = parts @ claims.T
    alone, best = likeness[:-1], likeness.max(axis=0)
    if len(alone) > 1:
        # Of two neighbours' sum, which is about the vector of the two read together: for nothing.
        lengths = np.linalg.norm(parts[:-2] + parts[1:-1], axis=1, keepdims=True)
        best = np.maximum(best, ((alone[:-1] + alone[1:]) / np.maximum(lengths, 1e-6)).max(axis=0))
    nearest = np.argsort(-best, kind="stable")[:most]
    return [Candidate(int(at), float(best[at]), int(alone[:, at].argmax())) for at in nearest if best[at] >= floor]
