"""Queries that name lists of keywords, claims and themes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import QueryError
from bot.watch.expression import Touches, may_hold, touched
from bot.watch.query import MOST_KEYWORDS, parse
from bot.watch.words import Document

LISTS = {"ships": ("frigate*", "aircraft carrier", '"patrol boat"'), "places": ("Baltic",), "empty": ()}
FRIGATES = Document.of("Two frigates sail", "They leave the Baltic Sea.")
CARRIER = Document.of("The carrier of aircraft", "It stays in port.")
TOUCHING = replace(FRIGATES, claims=frozenset({"baltic-brigade"}), themes=frozenset({"nuclear sharing"}))


@pytest.mark.parametrize(
    ("query", "document", "holds"),
    [
        ("@ships", FRIGATES, True),
        ("@SHIPS", FRIGATES, True),
        ("@ships AND @places", FRIGATES, True),
        ("@ships", CARRIER, False),  # two words of a list are a phrase
        ("@ships", Document.of("An aircraft carrier", ""), True),
        ("@ships", Document.of("A patrol boat", ""), True),
        ("title:@ships", FRIGATES, True),
        ("title:@places", FRIGATES, False),
        ("NOT @ships", FRIGATES, False),
        ("baltic NOT @ships", CARRIER, False),
        ('"@ships"', FRIGATES, False),  # in quotes it is a word
        (r"\@ships", Document.of("Ships", ""), True),
        ("claim:baltic-brigade", TOUCHING, True),
        ("claim:Baltic-Brigade", TOUCHING, True),
        ("claim:baltic-brigade", FRIGATES, False),
        ("claim:other", TOUCHING, False),
        ('theme:"Nuclear Sharing"', TOUCHING, True),
        ("theme:baltic-brigade", TOUCHING, False),
        ("frigate* AND claim:baltic-brigade", TOUCHING, True),
        ("penguin OR claim:baltic-brigade", TOUCHING, True),
        ("frigate* NOT claim:baltic-brigade", TOUCHING, False),
        ("frigate* NOT claim:baltic-brigade", FRIGATES, True),
    ],
)
def test_holds(query: str, document: Document, holds: bool) -> None:
    assert parse(query, LISTS).holds(document) is holds


@pytest.mark.parametrize(
    ("query", "position", "problem"),
    [
        ("nato AND @tanks", 9, "no list @tanks; there is @empty, @places, @ships"),
        ("@empty", 0, "no list @empty"),
        ("nato @ships", 5, "there is none yet: /list add makes one"),
        ("nato claim:(a OR b)", 5, "claim: takes one claim, such as claim:troops-in-poland"),
        ("theme:nuc*", 0, "theme: takes one theme, such as theme:nuclear"),
        ("title:claim:x", 6, "field inside"),
        ("author:x", 0, "there are title:, source:, lang:, claim: and theme:"),
    ],
)
def test_an_error_points_at_the_place(query: str, position: int, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query, LISTS if "none yet" not in problem else {})
    assert problem in caught.value.problem
    assert caught.value.position == position


def test_lists_that_are_named_again_and_again_do_not_grow_for_ever() -> None:
    lists = {"long": tuple(f"word{number}" for number in range(200))}
    times = MOST_KEYWORDS // 200
    assert parse(" OR ".join(["@long"] * times), lists).holds(Document.of("word7", ""))
    with pytest.raises(QueryError, match=f"more than {MOST_KEYWORDS} keywords"):
        parse(" OR ".join(["@long"] * (times + 1)), lists)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("nato", []),
        ("claim:a OR (nato NOT theme:b)", [Touches("a"), Touches("b", theme=True)]),
    ],
)
def test_what_a_query_names(query: str, names: list[Touches]) -> None:
    assert list(touched(parse(query))) == names


@pytest.mark.parametrize(
    ("query", "may"),
    [
        ("claim:a", True),
        ("frigate* AND claim:a", True),
        ("penguin AND claim:a", False),  # not worth a comparison
        ("penguin OR claim:a", True),
        ("frigate* NOT claim:a", True),
        ("claim:a NOT frigate*", False),
        ("NOT (penguin AND claim:a)", True),
        ("lang:de AND claim:a", False),
    ],
)
def test_what_may_hold_before_it_is_compared(query: str, may: bool) -> None:
    assert may_hold(parse(query), FRIGATES) is may
