"""Cuts plain text into sentences, by spans, so that what is quoted stays word for word. Pure."""

from __future__ import annotations

import re

_WRITTEN = (
    "mr mrs ms dr prof gen lt col maj capt sgt adm brig cmdr rep sen gov sec pres hon rev fr st mt vs etc eg ie "
    "cf ca approx est inc ltd co corp jr sr fig vol art jan feb mar apr jun jul aug sep sept oct nov dec mio mrd bn "
    "ph u.s u.k u.n e.u d.c e.g i.e a.m p.m bzw usw abs bspw sog dpt"
)
ABBREVIATIONS = frozenset(_WRITTEN.split())
_END = re.compile(r"""(?:[.!?…。！？]+["'”’»)\]]*(?=\s)|[。！？]+|\n+)""")
_LAST_WORD = re.compile(r"([\w.]+)\.$")
LONGEST = 600
"""Characters after which a sentence without an end is cut."""


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence of `text`, without the white space around it; together they cover all words."""
    spans: list[tuple[int, int]] = []
    start = 0
    for end in [found.end() for found in _END.finditer(text) if _ends(text, found)] + [len(text)]:
        spans += _pieces(text, start, end)
        start = end
    return spans


def _ends(text: str, found: re.Match[str]) -> bool:
    if "\n" in found.group() or found.group()[0] != ".":
        return True
    if _next_is_lower(text, found.end()):
        return False
    word = _LAST_WORD.search(text[max(0, found.start() - 20) : found.start() + 1])
    if word is None:
        return True
    last = word.group(1).lower()
    if last in {"no", "nos", "nr"}:  # "No. 7" goes on, "He said no." ends
        return not text[found.end() :].lstrip()[:1].isdigit()
    return last not in ABBREVIATIONS and not (len(last) == 1 and last.isalpha()) and not _initials(last)


def _initials(word: str) -> bool:
    parts = word.split(".")
    return len(parts) > 1 and all(len(part) == 1 for part in parts)


def _next_is_lower(text: str, at: int) -> bool:
    rest = text[at : at + 12].lstrip()
    return bool(rest) and rest[0].islower()


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span without white space around it, cut at blanks where it is longer than LONGEST."""
    pieces = []
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = end
        if end - start > LONGEST:
            blank = text.rfind(" ", start, start + LONGEST)
            stop = blank if blank > start else start + LONGEST
        last = stop
        while last > start and text[last - 1].isspace():
            last -= 1
        if last > start:
            pieces.append((start, last))
        start = stop
    return pieces
