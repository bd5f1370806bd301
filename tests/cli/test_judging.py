"""`compare`, `match`, `baseline check`."""

from __future__ import annotations

import json

import pytest
from cli_world import Office

from bot.model import Relation

ITEMS = (
    {"id": "a1", "title": "EU shrinks its defence package", "summary": "The package shall be 650 billion euros."},
    {"id": "a2", "title": "Football results", "summary": "", "label": "none"},
    {"title": "No id\u2028and odd\x85line marks", "text": "Nuclear arms\x0bin Poland."},
)


def test_compare_prints_an_object_a_line(office: Office) -> None:
    lines = office.run("compare", office.items(*ITEMS), "--json").stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["id"] for row in rows] == ["a1", "a2", "3"]
    for row in rows:
        assert set(row) == {"id", "verdicts"}
        for verdict in row["verdicts"]:
            assert list(verdict) == ["claim", "relation", "confidence", "evidence", "change"]
            assert verdict["claim"] in {"arms", "package"}
            assert verdict["relation"] in set(Relation)
            assert 0 <= verdict["confidence"] <= 1
            assert verdict["change"] is None or "→" in verdict["change"]


def test_evidence_stands_word_for_word_in_its_item(office: Office) -> None:
    rows = [json.loads(line) for line in office.run("compare", office.items(*ITEMS), "--json").stdout.splitlines()]
    for item, row in zip(ITEMS, rows, strict=True):
        texts = (item["title"], item.get("summary") or item.get("text") or "")
        assert all(any(verdict["evidence"] in text for text in texts) for verdict in row["verdicts"])


def test_compare_shows_people_every_item(office: Office) -> None:
    told = office.run("compare", office.items(*ITEMS)).stdout
    assert "a1  EU shrinks its defence package" in told
    assert "a2  Football results" in told


def test_compare_takes_another_baseline_and_needs_no_settings_then(office: Office) -> None:
    header = "id\ttheme\tkind\tsource\tas_of\tstatement"
    claims = office.write("other.tsv", f"{header}\nships\tnavy\tfact\tHerald\t2025-03\tA frigate sails.\n")
    (office.folder / "claimwatch.toml").unlink()
    told = office.run("compare", office.items(*ITEMS), "--claims", claims, "--json").stdout
    claims_told = {verdict["claim"] for line in told.splitlines() for verdict in json.loads(line)["verdicts"]}
    assert claims_told <= {"ships"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"id": "1", "title": "x"}\n{"id": \n', "items.jsonl:2: no valid JSON"),
        ("[1]\n", "items.jsonl:1: expected an object"),
        ('{"id": "1"}\n', "items.jsonl:1: expected an object"),
        ('{"title": "x", "summary": 7}\n', "items.jsonl:1: summary: is no text"),
    ],
    ids=["broken", "a list", "no title", "a number"],
)
def test_a_bad_line_of_items_is_told_with_its_number(office: Office, text: str, told: str) -> None:
    assert told in office.refused("compare", office.write("items.jsonl", text))


def test_items_that_are_not_there_are_told(office: Office) -> None:
    assert "nowhere.jsonl: cannot be read" in office.refused("compare", "nowhere.jsonl")


def test_a_baseline_that_is_not_there_is_told_as_what_it_is(office: Office) -> None:
    told = "nowhere.toml: no such file; name a baseline that is there, as .toml or .tsv"
    assert told == office.refused("compare", office.items(*ITEMS), "--claims", "nowhere.toml")
    assert told == office.refused("baseline", "check", "nowhere.toml")
    (office.folder / "topic" / "claims.toml").unlink()
    for words in (("compare", office.items(*ITEMS)), ("baseline", "check")):
        assert "claims.toml: no such file; a topic's folder holds claims.toml" in office.refused(*words)


@pytest.mark.parametrize("words", [("compare",), ("match", "nuclear")], ids=lambda words: words[0])
def test_a_file_without_items_is_refused(office: Office, words: tuple[str, ...]) -> None:
    told = "empty.jsonl: holds no items; expected one JSON object a line"
    assert told in office.refused(*words, office.write("empty.jsonl", "\n"))


def test_lists_belong_to_servers(office: Office) -> None:
    told = office.run("match", "nato @hardware", office.items(*ITEMS), status=1).stderr
    assert told.startswith("claimwatch: lists of keywords belong to a server and are not known here; write the words")


def test_a_claim_that_is_not_there_is_told_with_the_nearest(office: Office) -> None:
    assert office.refused("judge", "explain", "Poland.", "army").startswith("no claim 'army'; the nearest are arms")


def test_match_shows_items_and_words(office: Office) -> None:
    path = office.items(
        {"id": "1", "title": "Poland's NUCLEAR plans", "source": "Herald"},
        {"id": "2", "title": "Football", "summary": "nuclear fusion", "source": "Courier", "lang": "en"},
        {"id": "3", "title": "Nothing [of] it"},
    )
    result = office.run("match", "nuclear AND source:Herald", path)
    assert result.stdout.splitlines() == ["1  Poland's NUCLEAR plans  [NUCLEAR, Herald]"]
    assert "1 of 3 items match" in result.stderr
    assert "2  Football" in office.run("match", "nuclear", path).stdout


def test_a_wrong_query_is_shown_with_the_place(office: Office) -> None:
    told = office.run("match", "nuclear AND (arms", office.items(), status=1).stderr
    assert told.startswith("claimwatch: ")
    assert "nuclear AND (arms" in told
    assert "^" in told
    assert "Traceback" not in told


def test_the_baseline_is_counted(office: Office) -> None:
    assert "2 claims in 2 themes: money, nuclear" in office.run("baseline", "check").stdout


WHOLE = 'theme = "t"\nkind = "fact"\nas_of = "2025-03"\nstatement = "A is so."\n'
HEADER = "id\ttheme\tkind\tsource\tas_of\tstatement\n"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c.toml", f'[[claims]]\nid = "a"\n{WHOLE}flavour = "sour"\n', "c.toml:7: claims.0.flavour: unknown key"),
        ("c.toml", f'[[claims]]\nid = "A b"\n{WHOLE}', "c.toml:2: claims.0.id: is 'A b'"),
        ("c.toml", f'[[claims]]\nid = "a"\n{WHOLE}[[claims]]\nid = "a"\n{WHOLE}', "c.toml:8: 'a' stands here twice"),
        ("c.toml", "[[claims]\n", "c.toml:1: no valid TOML"),
        ("c.tsv", "id\ttheme\nx\ty\n", "c.tsv:1: expected tab-separated columns"),
        ("c.tsv", f"{HEADER}x\ty\trumour\ts\t2025-03\tA is so.\n", "c.tsv:2: kind: is 'rumour'"),
    ],
    ids=["unknown key", "bad id", "twice", "no TOML", "columns", "kind"],
)
def test_a_mistake_in_a_baseline_is_told_with_its_place(office: Office, name: str, text: str, told: str) -> None:
    assert told in office.refused("baseline", "check", office.write(name, text))
