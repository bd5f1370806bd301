"""Sentences are cut where a reader would cut them, and stay word for word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims.sentences import LONGEST, sentence_spans


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \n\t ", []),
        ("One sentence without an end", ["One sentence without an end"]),
        ("It rained. Nobody came.", ["It rained.", "Nobody came."]),
        ('He said no. "We stay," he added.', ["He said no.", '"We stay," he added.']),
        (
            "Gen. Okafor met Dr. Lind at 5 p.m. on Monday. They shook hands.",
            ["Gen. Okafor met Dr. Lind at 5 p.m. on Monday.", "They shook hands."],
        ),
        ("The U.S. Army left. J. K. Moss stayed.", ["The U.S. Army left.", "J. K. Moss stayed."]),
        ("It costs 3.5 billion. Order No. 7 follows.", ["It costs 3.5 billion.", "Order No. 7 follows."]),
        ('"Will it fly?" Yes! It did…  And landed.', ['"Will it fly?"', "Yes!", "It did…", "And landed."]),
        ("First line\nSecond line\n\nThird", ["First line", "Second line", "Third"]),
        ("LYON, Nov 30 (wire) - The tram runs.", ["LYON, Nov 30 (wire) - The tram runs."]),
        ("它到了。没有人来。", ["它到了。", "没有人来。"]),
    ],
)
def test_cuts_where_a_reader_would(text: str, sentences: list[str]) -> None:
    assert cut(text) == sentences


def test_a_sentence_without_an_end_is_cut_at_a_blank() -> None:
    pieces = cut("word " * 1000)
    assert all(len(piece) <= LONGEST and piece.strip() == piece for piece in pieces)
    assert sum(piece.count("word") for piece in pieces) == 1000


@given(st.text())
def test_no_word_is_lost(text: str) -> None:
    kept = "".join("".join(piece.split()) for piece in cut(text))
    assert kept == "".join(text.split())
