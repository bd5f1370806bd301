"""What the nearest miss of a query lacked."""

from __future__ import annotations

import pytest

from bot.watch.explain import Miss, explain, nearest_miss, written
from bot.watch.query import parse
from bot.watch.words import Document

ENTRY = Document.of("NATO allies weigh loans", "Rearmament is dear.", "Der Spiegel", "de")
LISTS = {"ships": ("frigate", "corvette", "carrier", "boat", "dinghy")}


@pytest.mark.parametrize(
    ("query", "met", "lacking"),
    [
        ("nato AND penguin", ["nato"], ["penguin"]),
        ("nato penguin walrus", ["nato"], ["penguin", "walrus"]),
        ("nato AND (penguin OR walrus)", ["nato"], ["penguin OR walrus"]),
        ("nato AND (loan AND penguin)", ["nato", "loan"], ["penguin"]),
        ("nato NOT loan", ["nato"], ["NOT loan"]),
        ("nato AND lang:en", ["nato"], ["lang:en"]),
        ("nato AND claim:x", ["nato"], ["claim:x"]),
        ("nato AND theme:x", ["nato"], ["theme:x"]),
        ("nato AND title:rearmament", ["nato"], ["title:rearmament"]),
        ('nato AND "loan rearmament"~5', ["nato"], ['"loan rearmament"~5']),
        ('nato AND "weigh NATO"', ["nato"], ['"weigh nato"']),
        ("nato AND @ships", ["nato"], ["frigate OR corvette OR carrier OR boat OR …"]),
        ("(penguin AND walrus) OR (loan AND nato AND penguin)", ["loan", "nato"], ["penguin"]),
        ("penguin", [], ["penguin"]),
    ],
)
def test_the_parts_that_hold_and_those_that_do_not(query: str, met: list[str], lacking: list[str]) -> None:
    assert explain(parse(query, LISTS), ENTRY) == Miss(tuple(met), tuple(lacking))


NEAR = Document.of("NATO loans", "")
FAR = Document.of("NATO meets", "")
OFF = Document.of("Football", "")


@pytest.mark.parametrize(
    ("query", "documents", "nearest"),
    [
        ("nato loan penguin", [OFF, FAR, NEAR], 2),
        ("nato loan penguin", [NEAR, FAR, NEAR], 0),  # the first, which is the latest
        ("nato loan", [NEAR, FAR], 1),  # what it holds for is no miss
        ("nato loan", [OFF], None),
        ("walrus NOT football", [FAR], None),  # that a word is absent is no likeness
        ("walrus lang:de", [ENTRY], None),
    ],
)
def test_the_nearest_of_many(query: str, documents: list[Document], nearest: int | None) -> None:
    found = nearest_miss(parse(query), enumerate(documents))
    assert (found and found[0]) == nearest


@pytest.mark.parametrize("query", ["nato AND (loan OR penguin)", 'title:"loan crisis"', "NOT (nato OR loan)"])
def test_what_is_written_reads_as_the_query(query: str) -> None:
    assert parse(written(parse(query))) == parse(query)
