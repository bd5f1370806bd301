"""The doors through which files and documents come in: whatever they are handed, they read it or say what is wrong.

The doors of queries, figures, sentences, search words and typed commands are fuzzed in their own rooms' tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bot.claims.baseline import load_baseline
from bot.errors import ConfigError
from bot.feeds import document, opml, worker
from bot.feeds.wire import ENTRY
from bot.pack import load_pack
from bot.settings import load_settings

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data" / "feeds"
TOPIC = ROOT / "config" / "european-defence"
URL = "https://documents.example/feed"
FEW = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example writes the same file anew
)
PIECES = st.sampled_from(
    [
        *b"< > & ]]> <!-- <![CDATA[ \" ' = [ { [[claims]] -1 &#x110000; \x00 \xff\xfe \xed\xa0\xbd".split(),
        b"<!DOCTYPE x [",
        b"\n",
        b"\t",
        b"9" * 400,
        "é\u202e".encode(),
    ],
)


@st.composite
def spoilt(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of the originals with some of its bytes cut out, doubled or replaced."""
    body = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 6))):
        at, length = draw(st.integers(0, len(body))), draw(st.integers(0, 40))
        filling = draw(PIECES | st.binary(max_size=12) | st.just(body[at : at + 200]))
        body = body[:at] + filling + body[at + length :]
    return body


def files(*paths: Path) -> list[bytes]:
    return [path.read_bytes() for path in paths]


FEEDS = files(*(DATA / name for name in ("rss20.xml", "rss091.xml", "rdf10.xml", "atom10.xml", "feed.json")))


@pytest.mark.filterwarnings("default")  # what a library warns of is as foreign as the document
@given(spoilt(FEEDS) | st.binary(max_size=300), st.sampled_from(["", "text/xml; charset=x", "application/json"]))
@FEW
def test_a_document_is_read_or_the_worker_says_why_not(body: bytes, kind: str) -> None:
    head, *lines = worker._answer({"op": "feed", "url": URL, "type": kind}, body)
    if "error" in head:
        assert head["error"]
        return
    assert head["lines"] == len(lines)
    assert all("\n" not in json.dumps(line, default=str) for line in lines), "a line of the answer is one line"
    entries = [dict(zip(ENTRY, fields, strict=True)) for line in lines for fields in line["entries"]]
    assert len(entries) <= document.ENTRIES
    for entry in entries:
        assert len(entry["title"]) <= document.TITLE
        assert len(entry["text"]) <= document.TEXT
        assert not entry["link"] or entry["link"].startswith(("http://", "https://"))
        assert entry["published"] is None or entry["published"].tzinfo is not None


@given(spoilt(files(TOPIC / "feeds.opml")) | st.binary(max_size=300))
@example(b"\r")
@example(b"<opml>\r\r<outline xmlUrl='https://a.example/'\r</opml>")
@FEW
def test_a_list_of_feeds_is_read_as_far_as_it_can_be(data: bytes) -> None:
    found = opml.read(data, lambda url: None if url.startswith("https://") else "not one of ours")
    assert all(feed.url.startswith("https://") for feed in found.feeds)
    assert all(problem.line >= 1 for problem in found.problems)
    assert len({feed.url for feed in found.feeds}) == len(found.feeds)


@pytest.mark.parametrize("suffix", [".toml", ".tsv"])
@given(data=st.data())
@FEW
def test_a_baseline_is_read_or_its_file_is_named(data: st.DataObject, suffix: str, tmp_path: Path) -> None:
    table = b"id\ttheme\tkind\tsource\tas_of\tstatement\na\tb\tplan\tc\t2025-03\tNorway sends frigates.\n"
    path = tmp_path / f"claims{suffix}"
    path.write_bytes(data.draw(spoilt([TOPIC.joinpath("claims.toml").read_bytes() if suffix == ".toml" else table])))
    assert read_or_named(path, lambda: load_baseline(path))


@given(body=spoilt(files(ROOT / "config" / "claimwatch.toml")))
@FEW
def test_settings_are_read_or_their_file_is_named(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "european-defence").mkdir(exist_ok=True)
    path = tmp_path / "claimwatch.toml"
    path.write_bytes(body)
    assert read_or_named(path, lambda: load_settings(tmp_path, {}))


@given(body=spoilt(files(TOPIC / "watches.toml")))
@FEW
def test_watches_are_read_or_their_file_is_named(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "claims.toml").write_text("")
    (tmp_path / "feeds.opml").write_text("<opml><body/></opml>")
    path = tmp_path / "watches.toml"
    path.write_bytes(body)
    assert read_or_named(path, lambda: load_pack(tmp_path, lambda _: None))


def read_or_named(path: Path, read: Callable[[], object]) -> bool:
    """Whether it was read, or refused by the one error that is expected, which names the file."""
    try:
        read()
    except ConfigError as error:
        return path.name in str(error)
    return True
