"""The sample news is what the demo promises: enough of it, of every kind, and true to the baseline's ids."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.claims.baseline import load_baseline
from bot.demo.news import EntryForm, Fault, Format, News, load_news
from bot.errors import ConfigError
from bot.model import Relation

TOPIC = Path(__file__).parents[2] / "config" / "european-defence"


def entries(news: News) -> list[EntryForm]:
    return [entry for day in news.days for entry in day]


def expected(news: News) -> set[tuple[Relation, str]]:
    notes = [note.split() for entry in entries(news) for note in entry.expect]
    return {(Relation(relation), claim) for relation, claim in notes}


def test_there_is_enough_of_it_on_each_of_three_days(news):
    assert len(news.days) == 3
    assert all(len(day) >= 20 for day in news.days)


def test_every_entry_belongs_to_an_outlet_and_has_words(news):
    outlets = {outlet.id for outlet in news.outlets}
    assert {entry.feed for entry in entries(news)} <= outlets
    assert all(entry.title and bool(entry.text) != bool(entry.html) for entry in entries(news))


def test_outlets_are_invented_and_write_in_four_formats(news):
    assert all(outlet.host.endswith(".example") for outlet in news.outlets)
    assert {outlet.format for outlet in news.outlets if outlet.fault is None} == set(Format)
    assert {outlet.fault for outlet in news.outlets} == {None, *Fault}


def test_what_entries_are_meant_to_do_is_said_of_claims_that_exist(news):
    known = {claim.id for claim in load_baseline(TOPIC / "claims.toml").claims}
    assert {claim for _, claim in expected(news)} <= known


@pytest.mark.parametrize(
    ("relations", "least"),
    [({Relation.CONFIRMS}, 8), ({Relation.CONTRADICTS}, 5), ({Relation.UPDATES}, 5)],
)
def test_claims_are_confirmed_contradicted_and_updated(news, relations, least):
    assert len({claim for relation, claim in expected(news) if relation in relations}) >= least


def test_some_news_comes_from_several_outlets_in_the_same_and_in_other_words(news):
    told = Counter(note for entry in entries(news) for note in entry.expect)
    words = Counter((entry.title, entry.text) for entry in entries(news) if entry.text)
    assert sum(times >= 3 for times in told.values()) >= 3
    assert sum(times >= 2 for times in words.values()) >= 3


def test_most_of_the_news_bears_on_no_claim_or_only_once(news):
    assert sum(not entry.expect for entry in entries(news)) >= 25


def test_other_languages_than_english_occur(news):
    assert {entry.language for entry in entries(news)} == {"", "de", "fr", "pl"}


def test_a_mistake_in_the_news_is_told_with_its_line(tmp_path, news):
    (tmp_path / "feeds.toml").write_text("feeds = []\n", encoding="utf-8")
    (tmp_path / "day1.toml").write_text('[[entries]]\nfeed = "a"\nat = 25\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"day1\.toml"):
        load_news(tmp_path)
