"""Which language an entry is in: sure where the text is, unknown where nobody could tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.feeds import language as language_room
from bot.feeds.language import language, with_languages
from bot.model import Entry, speaks

PARTNERS = "Lithuania and its partners agree on where the new brigade will stand from next autumn on."


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Warsaw rules out nuclear weapons on Polish soil", "en"),
        ("Polska chce być objęta parasolem nuklearnym sojuszników", "pl"),
        ("Україна отримає нові ракети від партнерів", "uk"),
        ("Regeringen vil købe flere kampfly til forsvaret", "da"),
        ("Forsvaret kjøper nye fregatter fra Storbritannia", "no"),
        ("Die Bundeswehr bestellt neue Kampfpanzer", "de"),
        ("Le président propose un dialogue stratégique aux Européens", "fr"),
        ("日本とEUが防衛協力で合意した", "ja"),
    ],
)
def test_a_headline_that_says_enough(title: str, found: str) -> None:
    assert language(title, "") == found


@pytest.mark.parametrize(
    "title", ["", "NATO", "SAFE", "Leopard 2 A8", "Macron, Merz, Tusk", "https://x.example/1", "…", "1,5 %"]
)
def test_what_nobody_could_tell_stays_unknown(title: str) -> None:
    assert language(title, "") == ""


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("Macron, Merz, Tusk", "fr", "fr"),  # no text to speak of: its word holds
        (PARTNERS, "en-GB", "en-GB"),  # the same, more exactly
        (PARTNERS, "pl", "en"),  # a template's word
        ("Forsvaret får nye fregatter, sier statsministeren til avisen i dag.", "nb", "nb"),
        ("Troops move", "pl", "pl"),  # too little to gainsay a document
    ],
)
def test_a_documents_word_holds_until_the_text_is_clearly_in_another(text: str, said: str, found: str) -> None:
    assert language("", text, said) == found


def test_the_operators_word_holds_as_it_is() -> None:
    now = datetime(2026, 3, 10, tzinfo=UTC)
    entry = Entry("e", "f", "k", "", "Polska chce być objęta parasolem nuklearnym", "", now, now, language="en")
    assert with_languages([entry], "en") == (entry,)
    assert [one.language for one in with_languages([entry])] == ["pl"]


@pytest.mark.parametrize(
    ("one", "wanted", "spoken"),
    [
        ("en", {"en"}, True),
        ("en-GB", {"en"}, True),
        ("en", {"EN-us"}, True),
        ("pl", {"en"}, False),
        ("", {"en"}, True),
        ("pl", set(), True),
    ],
)
def test_languages_are_alike_by_their_first_part(one: str, wanted: set[str], spoken: bool) -> None:
    assert speaks(one, frozenset(wanted)) is spoken


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("The minister said that talks with the alliance would go on after the vote in the lower house.", True),
        ("Nato summit ends", False),
        ("Forsvarsministeren siger, at landet har brug for flere soldater og nye fly inden for de næste år.", False),
        ("De minister zegt dat het leger meer geld of meer mensen nodig heeft dan in de afgelopen jaren.", False),
        ("Ministrul are un plan: a spus că țara are nevoie de mai mulți soldați și de o nouă lege.", False),
        ("Der Minister will, dass Berlin mehr zahlt; was in Brüssel geschah, war für alle ein Signal.", False),
    ],
)
def test_plain_english_is_seen_without_asking_and_as_it_would_be_told(text: str, plain: bool) -> None:
    assert language_room._plainly_english(text) is plain
    found, _ = language_room._identifier().classify(text)
    assert not plain or found == "en"
