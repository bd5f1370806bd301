"""Words of texts: the quick way for ASCII finds what the usual one finds."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.watch.query import parse
from bot.watch.words import Document, Words

ASCII = st.text(st.sampled_from("aBs's_.-' 07\n\x1c\x00"), max_size=30) | st.text(st.characters(max_codepoint=127))


@given(ASCII)
@example("NATO's 's s's'sx rock'n'roll's_it's")
def test_ascii_has_the_words_that_it_has_beside_other_letters(text: str) -> None:
    assert [*Words(text).folded, "e"] == Words(f"{text} é").folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NATO's plan", ["nato", "plan"]),
        ("NATO’s plan", ["nato", "plan"]),
        ("don't", ["don", "t"]),
        ("snake_case, 3.5%", ["snake", "case", "3", "5"]),
        ("Élysée: l'État", ["elysee", "l", "etat"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert Words(text).folded == words


def test_a_phrase_does_not_reach_from_the_title_into_the_body() -> None:
    document = Document.of("Troops leave", "Poland says so")
    assert not parse('"leave Poland"').holds(document)
    assert not parse('"leav* Poland"').holds(document)
    assert parse('"troops leave" AND "poland says"').holds(document)
