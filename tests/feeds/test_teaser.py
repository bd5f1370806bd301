"""What a feed that shows only a taste of its articles looks like."""

from __future__ import annotations

import pytest

from bot.feeds.teaser import SHORT, is_teaser

LONG = "The ministers met in the capital and agreed on the plan that their staffs had drawn up. " * 8
SIGNED = "\nThe post Ministers agree appeared first on The Herald."


@pytest.mark.parametrize("text", ["", "Ministers met.", LONG[: SHORT - 1]])
def test_short_texts(text: str) -> None:
    assert is_teaser(text)


@pytest.mark.parametrize(
    "end",
    [
        "…",
        "and then ...",
        "[…]",
        "[...]",
        "Read more",
        "Read more »",
        "Continue reading Ministers agree on the plan →",
        "(Read the full story)",
        "Weiterlesen",
        "Lire la suite…",
        "Seguir leyendo",
        "Leggi tutto",
        "Czytaj dalej »",
        "Читать далее",
        "[…]" + SIGNED,
    ],
)
def test_long_texts_that_go_on_elsewhere(end: str) -> None:
    assert is_teaser(f"{LONG}{end}")


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG + SIGNED,
        f"They will … in the end agree. {LONG}",
        f"Read more about it below. {LONG}",
        f"{LONG}He said that he would read more.txt files.",
    ],
)
def test_whole_texts(text: str) -> None:
    assert not is_teaser(text)
