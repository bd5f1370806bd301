"""Search: words are data, the best come first, and both databases find the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_world import AWAY, DAY, HOME, NOW, entry, entry_plan, follow, hold, poll, says, settle

from bot.model import Relation, Sieve
from storage import Store, dialect, search
from storage.folding import fold, phrases

TEXTS = {
    "plan": ("The €800bn plan", "A plan to rearm, says the Commission. Café société."),
    "troops": ("Troops for Łódź and Kraków", "State-of-the-art missiles; the art of the state."),
    "bonds": ("Bonds", "Common bonds and a plan, once more."),
    "crore": ("भारत की रक्षा", "防衛 費 を増やす"),
    "odd": ("NOT a title OR a NEAR miss", "title: x AND (y) * ^z -w {a} col:b"),
}


@pytest.fixture
def library(store: Store) -> Store:
    settle(store)
    feed = follow(store)
    for key, (title, text) in TEXTS.items():
        store.commit([poll(feed, entry_plan(entry(feed, key, title, text)))])
    return store


def found(store: Store, words: str, limit: int = 10, offset: int = 0) -> list[str]:
    return [one.key for one in store.entries.search(HOME, words, limit, offset)]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("plan", ["plan", "bonds"]),
        ("PLAN", ["plan", "bonds"]),
        ("800bn", ["plan"]),
        ("cafe societe", ["plan"]),
        ("Café", ["plan"]),
        ("Cafe\u0301", ["plan"]),
        ("krakow", ["troops"]),
        ("plan bonds", ["bonds"]),
        ("bonds missiles", []),
        ('"state of the art"', ["troops"]),
        ("state-of-the-art", ["troops"]),
        ('"the state of"', []),
        ('"art of the state" troops', ["troops"]),
        ("pla", []),
        ("防衛", ["crore"]),
        ("रक्षा", ["crore"]),
        ("NOT", ["odd"]),
        ("title:", ["odd"]),
        ("near or and", ["odd"]),
        ("plan OR troops", []),
        ("plan -bonds", ["bonds"]),
        ("plan*", ["plan", "bonds"]),
        ('"plan', ["plan", "bonds"]),
        ('plan"', ["plan", "bonds"]),
        ('""plan""', ["plan", "bonds"]),
        ("plan\0", ["plan", "bonds"]),
        ("plan 😀", ["plan", "bonds"]),
        ("'; DROP TABLE entries; --", []),
        ("😀", []),
        ('"', []),
        ("* ^ - + ( ) { } : \\ ' | & ! <->", []),
        ("", []),
        ("   ", []),
        ("\ud83d", []),
    ],
)
def test_what_is_found(library: Store, words: str, keys: list[str]) -> None:
    assert sorted(found(library, words)) == sorted(keys)


def test_the_best_come_first(library: Store) -> None:
    assert found(library, "plan") == ["plan", "bonds"]
    assert found(library, "bonds") == ["bonds"]
    assert found(library, "plan", limit=1, offset=1) == ["bonds"]
    assert found(library, "plan", limit=5, offset=2) == []


def test_of_equal_ones_the_newest_first(store: Store) -> None:
    settle(store)
    feed = follow(store)
    for number in range(3):
        store.commit([poll(feed, entry_plan(entry(feed, str(number), published=NOW - number * DAY)))])
    assert found(store, "troops") == ["0", "1", "2"]


def test_of_very_many_the_newest_are_held_against_each_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "RANKED", 2)
    settle(store)
    feed = follow(store)
    for number, title in enumerate(("troops troops", "of troops", "troops", "bonds")):
        store.commit([poll(feed, entry_plan(entry(feed, str(number), title, published=NOW + number * DAY)))])
    assert found(store, "troops") == ["2", "1"]
    assert found(store, "bonds") == ["3"]


@pytest.mark.parametrize("few", [0, 2, 100_000])
def test_it_does_not_matter_how_many_entries_a_sieve_lets_through(
    store: Store, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(dialect, "FEW", few)
    settle(store)
    settle(store, AWAY, "away")
    hold(store)
    herald, courier, hidden = follow(store), follow(store, "courier"), follow(store, "hidden", AWAY)
    for number, (feed, tag) in enumerate(((herald, "en"), (courier, "pl"), (courier, "en"), (hidden, "en"))):
        one = entry(feed, str(number), language=tag, published=NOW - number * DAY)
        store.commit([poll(feed, entry_plan(one, verdicts={HOME: (says(Relation.CONFIRMS),)} if number == 2 else {}))])
    sieves = {
        Sieve(): ["0", "1", "2"],
        Sieve(feed=courier.id): ["1", "2"],
        Sieve(feed=hidden.id): [],
        Sieve(language="en"): ["0", "2"],
        Sieve(language="en", feed=courier.id): ["2"],
        Sieve(since=NOW - DAY): ["0", "1"],
        Sieve(since=NOW - DAY, feed=courier.id, language="pl"): ["1"],
        Sieve(claims=("troops",)): ["2"],
        Sieve(claims=("troops",), language="pl"): [],
    }
    assert {
        sieve: [one.key for one in store.entries.search(HOME, "troops", 9, sieve=sieve)] for sieve in sieves
    } == sieves


def test_a_language_is_found_with_its_regions(store: Store) -> None:
    settle(store)
    feed = follow(store)
    for number, tag in enumerate(("en", "en-GB", "EN-us", "eng", "de", "")):
        store.commit([poll(feed, entry_plan(entry(feed, tag, language=tag, published=NOW + number * DAY)))])
    asked = {
        tag: [one.key for one in store.entries.search(HOME, "", 9, sieve=Sieve(language=tag))] for tag in LANGUAGES
    }
    assert asked == LANGUAGES


LANGUAGES = {"en": ["EN-us", "en-GB", "en"], "en-AU": ["EN-us", "en-GB", "en"], "eng": ["eng"], "fr": [], "DE": ["de"]}


def test_what_is_dropped_is_found_no_more(library: Store) -> None:
    assert library.prune(NOW + DAY) == len(TEXTS)
    assert found(library, "plan") == []
    assert library.check() == []


def test_very_many_words(library: Store) -> None:
    assert found(library, "plan " * 300) == ["plan", "bonds"]
    assert found(library, " ".join(f"word{number}" for number in range(2000))) == []
    assert found(library, '"' + "plan " * 100 + '"') == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\"*^:-+(){}'\\&|!<> ANDORNT")), max_size=60))
def test_no_words_break_it(library: Store, words: str) -> None:
    assert isinstance(found(library, words), list)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź", "łodz"),
        ("Straße", "strasse"),
        ("Élysée-Palast", "elysee palast"),
        ("a\0b", "a b"),
        ("", ""),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ('a "b c" d', ["a", "b c", "d"]),
        ('a"b c', ['a"b', "c"]),
        ("- * ()", []),
        ("a b a", ["a", "b"]),
    ],
)
def test_phrases(words: str, asked: list[str]) -> None:
    assert phrases(words) == asked
