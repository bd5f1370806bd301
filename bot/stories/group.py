"""Entries that report one event become one story. Pure.

An entry joins the story of an entry with the same canonical URL, or of the most alike entry published within three
days of it. Alike is the cosine of the two entries' words, where a word weighs the more, the fewer of the remembered
entries have it, and headline words weigh double: two reports of one event share its rare names and figures.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log, sqrt
from zlib import crc32

from bot.model import Sketch
from bot.watch.words import Words

WINDOW = timedelta(hours=72)
ALIKE = 0.4  # chosen on half of the clusters of public news sets; `benchmarks/stories.py` reports on the other half
MOST_WORDS = 80  # of an entry's text, from its start: later paragraphs are background
COMMON = 0.1  # a word that more than this share of entries has leads to no candidate, unless these are few
FEW = 50  # where little is remembered, one event's reports may be all there is
_TITLE_WEIGHT = 2
_SURELY = 1 - 1e-9  # what rounding may take
_NONE: frozenset[str] = frozenset()
_STOPPED = frozenset(  # words that tell nothing about an event
    (
        "a about after again all also amid an and any are as at back be because been before being between both but by "
        "can could day did do does down during each for from further get had has have he her here him his how i if in "
        "into is it its just last like live made make many may me more most much my new news no not now of off on one "
        "only or other our out over own report said same say says she should since so some still such t than that the "
        "their them then there these they this those through to today told too two under until up update us use very "
        "via video want was watch we week were what when where which while who why will with would year you your"
    ).split()
)


def shape(title: str, text: str) -> bytes:
    """What is remembered of an entry: its content words as hashes, those of the headline marked. Opaque elsewhere."""
    heads = {crc32(word.encode()) for word in Words(title).folded if word not in _STOPPED}
    body = Words(text[: MOST_WORDS * 12]).folded[:MOST_WORDS]
    words = heads | {crc32(word.encode()) for word in body if word not in _STOPPED}
    return b"".join(struct.pack("<IB", word, _TITLE_WEIGHT if word in heads else 1) for word in sorted(words))


@dataclass(frozen=True, slots=True)
class _Remembered:
    sketch: Sketch
    weights: dict[int, int]


class StoryIndex:
    """The stories of the last days. Holds what it is given; knows no clock: time runs with what is added."""

    def __init__(self) -> None:
        self._entries: dict[str, _Remembered] = {}
        self._order: deque[str] = deque()
        self._by_url: dict[str, str] = {}
        self._by_word: dict[int, set[str]] = {}
        self._newest: datetime | None = None

    def add(self, sketch: Sketch) -> None:
        """Remember an entry with its story; what was published more than `WINDOW` before the newest is forgotten."""
        if sketch.entry in self._entries:
            return
        weights = dict(struct.iter_unpack("<IB", sketch.shape))
        self._entries[sketch.entry] = _Remembered(sketch, weights)
        self._order.append(sketch.entry)
        if sketch.url_key:
            self._by_url[sketch.url_key] = sketch.entry
        for word in weights:
            self._by_word.setdefault(word, set()).add(sketch.entry)
        self._newest = max(self._newest or sketch.published, sketch.published)
        self._forget(self._newest - WINDOW)

    def story_of(self, url_key: str, form: bytes, published: datetime) -> str | None:
        """The story that an entry of that URL and shape belongs to; None where it begins one."""
        if (same := self._by_url.get(url_key)) is not None:
            return self._entries[same].sketch.story
        best = self._likest(dict(struct.iter_unpack("<IB", form)), published)
        return best.sketch.story if best else None

    def _likest(self, ours: dict[int, int], published: datetime) -> _Remembered | None:
        """The one near in time whose cosine is highest, the last of equals; None where none reaches `ALIKE`."""
        best, score = None, ALIKE
        heavy = {word: weight * self._rarity(word) for word, weight in ours.items()}
        whole = _length(heavy.values())
        for candidate, shared in self._candidates(heavy, score * whole * _SURELY):
            if abs(candidate.sketch.published - published) > WINDOW:
                continue
            if _length(heavy[word] for word in shared) < score * whole * _SURELY:
                continue
            if (alike := self._cosine(heavy, whole, candidate.weights, shared)) >= score:
                best, score = candidate, alike
        return best

    def _candidates(self, heavy: dict[int, float], least: float) -> Iterator[tuple[_Remembered, list[int]]]:
        """Entries that share at least two words that are not common, each with all the words that it shares.

        No cosine is more than the part of our own length that lies in what both have. Where that is less than `least`
        even if all common words are shared, the entry is left out: most are, since common words weigh little.
        """
        limit = max(len(self._entries) * COMMON, FEW)
        by_word = {word: self._by_word.get(word, _NONE) for word in heavy}
        rare = {word: holders for word, holders in by_word.items() if len(holders) <= limit}
        part: dict[str, float] = {}  # of our length, squared
        for word, holders in rare.items():
            square = heavy[word] * heavy[word]
            for entry in holders:
                part[entry] = part.get(entry, 0.0) + square
        missing = least * least - sum(heavy[word] * heavy[word] for word in heavy if word not in rare)
        for entry, square in part.items():
            if square >= missing:
                one = self._entries[entry]
                shared = [word for word in one.weights if word in heavy]
                if sum(word in rare for word in shared) >= 2:
                    yield one, shared

    def _cosine(self, heavy: dict[int, float], whole: float, theirs: dict[int, int], shared: list[int]) -> float:
        """Of our words' weights, `whole` long, and theirs."""
        rare = {word: weight * self._rarity(word) for word, weight in theirs.items()}
        return sum(heavy[word] * rare[word] for word in shared) / (whole * _length(rare.values()))

    def _rarity(self, word: int) -> float:
        return log(1 + (len(self._entries) + 1) / (1 + len(self._by_word.get(word, ()))))

    def _forget(self, before: datetime) -> None:
        """Drop from the front; an entry that came late waits for its turn, which only costs memory."""
        while self._order and self._entries[self._order[0]].sketch.published < before:
            gone = self._entries.pop(self._order.popleft())
            if self._by_url.get(gone.sketch.url_key) == gone.sketch.entry:
                del self._by_url[gone.sketch.url_key]
            for word in gone.weights:
                holders = self._by_word[word]
                holders.discard(gone.sketch.entry)
                if not holders:
                    del self._by_word[word]


def _length(weights: Iterable[float]) -> float:
    return sqrt(sum(weight * weight for weight in weights))
