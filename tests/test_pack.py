"""A topic's folder, and what is told of its mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.feeds.guard import Guard
from bot.model import WatchMode
from bot.pack import load_pack
from bot.watch.query import parse

ROOT = Path(__file__).parent.parent
FILES = {
    "claims.toml": """
[[claims]]
id = "arms"
theme = "nuclear"
kind = "position"
as_of = "2025-03"
statement = "Poland asks for nuclear arms."
""",
    "watches.toml": """
[[watches]]
name = "Arms"
query = "nuclear"
[[watches]]
name = "Ships"
query = '"frigate sails"'
mode = "alert"
""",
    "feeds.opml": '<opml version="2.0"><body>\n<outline text="Herald" xmlUrl="https://herald.example/feed"/>\n</body></opml>',
}


def folder(tmp_path: Path, **changed: str | None) -> Path:
    """A topic's folder; a file that is None is left out."""
    for name, text in (FILES | {key.replace("_", "."): value for key, value in changed.items()}).items():
        if text is not None:
            (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_folder_as_it_should_be(tmp_path: Path) -> None:
    pack = load_pack(folder(tmp_path), Guard().check_url)
    assert [claim.id for claim in pack.baseline.claims] == ["arms"]
    assert [(watch.name, watch.mode) for watch in pack.watches] == [
        ("Arms", WatchMode.MOVED),
        ("Ships", WatchMode.ALERT),
    ]
    assert [feed.url for feed in pack.feeds] == ["https://herald.example/feed"]
    assert pack.problems == ()


def test_a_watch_may_name_claims_and_themes_that_are_there(tmp_path: Path) -> None:
    themes = '[themes]\nnavy = "Ships"\nnuclear = "Arms"\n'
    watches = '[[watches]]\nname = "A"\nquery = "claim:ARMS OR theme:Nuclear OR theme:navy"\n'
    pack = load_pack(
        folder(tmp_path, claims_toml=themes + FILES["claims.toml"], watches_toml=watches), Guard().check_url
    )
    assert [watch.name for watch in pack.watches] == ["A"]


def test_watches_have_ids_of_their_own_in_each_tenant(tmp_path: Path) -> None:
    pack = load_pack(folder(tmp_path), Guard().check_url)
    ours, theirs = pack.watches_for("a", "console:a"), pack.watches_for("b", "console:b")
    assert ours == pack.watches_for("a", "console:a")
    assert len({watch.id for watch in (*ours, *theirs)}) == 4


def test_the_shipped_topic_is_whole() -> None:
    pack = load_pack(ROOT / "config" / "european-defence", Guard().check_url)
    assert pack.problems == ()
    assert len(pack.baseline.claims) == 37
    assert len(pack.feeds) >= 40
    assert all(feed.language for feed in pack.feeds)
    assert all(parse(watch.query).anchors() is not None for watch in pack.watches)  # none is tried on every entry


def test_a_bad_line_of_feeds_is_told_and_the_rest_used(tmp_path: Path) -> None:
    text = '<opml><body>\n<outline text="Bad" xmlUrl="file:///etc/passwd"/>\n<outline xmlUrl="https://a.example/"/>\n</body></opml>'
    pack = load_pack(folder(tmp_path, feeds_opml=text), Guard().check_url)
    assert [feed.url for feed in pack.feeds] == ["https://a.example/"]
    (problem,) = pack.problems
    assert problem.startswith(f"{tmp_path / 'feeds.opml'}: line 2: “Bad”")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"watches_toml": None}, ["watches.toml: no such file; a topic's folder holds claims.toml, watches.toml and"]),
        ({"claims_toml": None}, ["claims.toml: no such file; a topic's folder holds claims.toml, watches.toml and"]),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "nuclear OR claim:army"\n'},
            ["watches.toml:3: watches.0.query: no claim 'army'; the nearest are arms"],
        ),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "claim:arms NOT theme:nixda"\n'},
            ["watches.toml:3: watches.0.query: no theme 'nixda'; the nearest are nuclear"],
        ),
        (
            {"claims_toml": "", "watches_toml": '[[watches]]\nname = "A"\nquery = "claim:arms"\n'},
            ["watches.toml:3: watches.0.query: no claim 'arms'; there is none yet"],
        ),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "nato @hardware"\n'},
            [
                "watches.toml:3: watches.0.query: lists of keywords belong to a server",
                "write the words, as in (",
                "\n       ^",
            ],
        ),
        ({"watches_toml": '[watches]\nname = "A"\n'}, ["watches.toml:1: watches: expected [[watches]]"]),
        ({"feeds_opml": None}, ["feeds.opml", "cannot be read"]),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "nuclear"\n[[watches]]\nname = "B"\nquery = "(open"\n'},
            ["watches.toml:6", "watches.1.query", "(open"],
        ),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "x"\n[[watches]]\nname = "a"\nquery = "y"\n'},
            ["watches.toml:5", "watches.1.name", "twice"],
        ),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "x"\nmood = "alert"\n'},
            ["watches.toml:4", "watches.0.mood", "unknown key"],
        ),
        (
            {"watches_toml": '[[watches]]\nname = "A"\nquery = "x"\nmode = "loud"\n'},
            ["watches.toml:4", "watches.0.mode", "loud"],
        ),
        ({"claims_toml": '[[claims]]\nid = "arms"\n'}, ["claims.toml:1", "claims.0.", "missing"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, changed: dict[str, str | None], told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_pack(folder(tmp_path, **changed), Guard().check_url)
    for words in told:
        assert words in str(caught.value)
