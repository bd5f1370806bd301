"""Reading documents: golden pairs for each format, nasty ones, and hostile ones in a worker that must not survive."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import tracemalloc
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest

from bot.feeds import document
from bot.feeds.document import NoFeed, read
from bot.feeds.parse import Limits, Parser, ReaderError
from bot.model import FailureKind, Fetched, FetchFailed, ParsedEntry, ParsedFeed

DATA = Path(__file__).parents[1] / "data" / "feeds"
URL = "https://documents.example/feeds/feed"
MIB = 1024 * 1024


def rss(items: str, head: str = "") -> bytes:
    return f'<rss version="2.0"><channel><title>T</title>{head}{items}</channel></rss>'.encode()


def one(body: bytes, content_type: str = "text/xml; charset=utf-8") -> ParsedEntry:
    (entry,) = read(body, URL, content_type).entries
    return entry


# --- formats -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["rss20.xml", "rss091.xml", "rdf10.xml", "atom10.xml", "feed.json"])
def test_golden_pairs(name: str) -> None:
    kind = "application/json" if name.endswith("json") else "application/xml"
    parsed = read((DATA / name).read_bytes(), URL, kind)
    golden = json.loads((DATA / name).with_suffix(".golden.json").read_text("utf-8"))
    plain = json.loads(json.dumps(asdict(parsed), default=datetime.isoformat))
    assert plain == golden


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("a &amp;lt; b", "a < b"),
        ("&amp;amp;lt;b&amp;amp;gt;", "&lt;b&gt;"),
        ("&lt;b&gt;bold&lt;/b&gt; words", "bold words"),
        ("one&lt;br&gt;two&lt;br/&gt;three", "one\ntwo\nthree"),
        ("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;", "one\ntwo"),
        ("&lt;td&gt;one&lt;/td&gt;&lt;td&gt;two&lt;/td&gt;", "one\ntwo"),
        ("in&lt;i&gt;side&lt;/i&gt; a word", "inside a word"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;seen", "seen"),
        ("&lt;style&gt;p{}&lt;/style&gt;seen&lt;iframe&gt;x&lt;/iframe&gt;", "seen"),
        ("&lt;img src=x onerror=alert(1)&gt;seen", "seen"),
        ("&lt;!-- hidden --&gt;seen", "seen"),
        ("&lt;![CDATA[seen]]&gt;", "seen"),
        ("&lt;![if IE]&gt;seen", "if IE]>seen"),
        ("&lt;a href='https://evil.example'&gt;good&lt;/a&gt;", "good"),
        ("5 &lt; 6 and 7 &gt; 2", "5 < 6 and 7 > 2"),
        ("  many \n\n\n spaces\t here ", "many\nspaces here"),
        ("@everyone {e.bot.token}", "@everyone {e.bot.token}"),
        ("soft&amp;#0;&amp;#x1F;&amp;#xD800;ware", "soft\ufffdware"),
    ],
)
def test_texts_come_out_plain(markup: str, text: str) -> None:
    got = one(rss(f"<item><description>{markup}</description></item>")).text
    assert got.replace("\ufffd\ufffd", "\ufffd") == text


@pytest.mark.parametrize(
    ("stated", "link"),
    [
        ("https://a.example/x", "https://a.example/x"),
        ("/x", "https://documents.example/x"),
        ("x?a=1&amp;b=2", "https://documents.example/feeds/x?a=1&b=2"),
        ("//b.example/x", "https://b.example/x"),
        (" https://a.example/a b ", "https://a.example/a%20b"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("mailto:a@b.example", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("https://a.example/" + "x" * 3000, ""),
    ],
)
def test_links_are_absolute_or_none(stated: str, link: str) -> None:
    assert one(rss(f"<item><title>t</title><link>{stated}</link></item>")).link == link


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("Tue, 18 Mar 2025 14:05:00 GMT", "2025-03-18T14:05:00+00:00"),
        ("2025-03-18T14:05:00+01:00", "2025-03-18T13:05:00+00:00"),
        ("2025-03-18", "2025-03-18T00:00:00+00:00"),
        ("Tue, 18 Mar 2025 14:05 EST", "2025-03-18T19:05:00+00:00"),
        ("0000-00-00", None),
        ("-1", None),
        ("gestern", None),
        ("", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", None),
    ],
)
def test_dates(stated: str, date: str | None) -> None:
    published = one(rss(f"<item><title>t</title><pubDate>{stated}</pubDate></item>")).published
    assert (published.isoformat() if published else None) == date


@pytest.mark.parametrize(
    ("head", "interval"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("", None),
    ],
)
def test_intervals(head: str, interval: float | None) -> None:
    assert read(rss("", head), URL, "").interval == interval


ITEM = '<rss version="2.0"><channel><item><title>Défense – oui</title></item></channel></rss>'


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>{ITEM}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (declared("windows-1252").encode("cp1252"), "text/xml"),
        (declared("iso-8859-1").encode(), "application/xml; charset=utf-8"),
        (declared("utf-16").encode("utf-16"), "application/xml"),
        (ITEM.encode(), "text/html; charset=nonsense"),
        (f"\ufeff  {ITEM}".encode(), ""),
        (ITEM.replace("</item>", "<broken></item>").encode(), "text/xml; charset=utf-8"),
        (ITEM.replace("é", "&eacute;").replace("–", "&ndash;").encode(), "text/xml"),
    ],
)
def test_charsets_and_broken_xml(body: bytes, content_type: str) -> None:
    assert one(body, content_type).title == "Défense – oui"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"<!DOCTYPE html><html><head><title>News</title></head><body>404</body></html>", "web page"),
        (b"/etc/passwd", "no feed"),
        (b"http://127.0.0.1/feed", "no feed"),
        (b'{"error": "gone"}', "no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 7}', "no JSON Feed"),
        (b"{not json", "no valid JSON"),
        (b"<opml version='2.0'><body/></opml>", "no feed"),
        (bytes(range(256)) * 20, "no feed"),
    ],
)
def test_what_is_no_feed_is_called_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(NoFeed, match=words):
        read(body, URL, "")


def test_an_empty_feed_is_a_feed() -> None:
    assert read(rss(""), URL, "").entries == ()


# --- caps --------------------------------------------------------------------------------------------------------


def test_the_newest_entries_are_kept() -> None:
    count = document.ENTRIES + 50
    items = (
        f"<item><title>{n}</title><pubDate>2025-01-01T00:{n // 60:02}:{n % 60:02}Z</pubDate></item>"
        for n in range(count)
    )
    titles = [int(entry.title) for entry in read(rss("".join(items)), URL, "").entries]
    assert titles == list(range(50, count))


def test_of_undated_entries_the_first_are_kept() -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(document.ENTRIES + 50))
    titles = [int(entry.title) for entry in read(rss(items), URL, "").entries]
    assert titles == list(range(document.ENTRIES))


def test_long_texts_are_cut() -> None:
    entry = one(rss(f"<item><title>{'t ' * 5000}</title><description>{'x ' * 200_000}</description></item>"))
    assert len(entry.title) <= document.TITLE
    assert len(entry.text) <= document.TEXT
    assert entry.text.endswith("…")


def test_texts_are_capped_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "TEXTS", 250)
    items = f"<item><title>t</title><description>{'x' * 100}</description></item>" * 5
    assert [len(entry.text) for entry in read(rss(items), URL, "").entries] == [100, 100, 50, 0, 0]


# --- the worker --------------------------------------------------------------------------------------------------


async def test_the_worker_reads_what_the_room_reads(parser: Parser) -> None:
    for name in ("rss20.xml", "atom10.xml", "feed.json"):
        body = (DATA / name).read_bytes()
        assert await parser.parse(Fetched(URL, body, "application/xml")) == read(body, URL, "application/xml")


async def test_failures_are_values(parser: Parser) -> None:
    outcome = await parser.parse(Fetched(URL, b"<html><body/></html>", "text/html"))
    assert outcome == FetchFailed(FailureKind.PARSE, "it is a web page, not a feed")


async def test_links_of_a_page(parser: Parser) -> None:
    page = b"""<!DOCTYPE html><html><head><base href="https://site.example/news/">
    <link rel="alternate" type="application/rss+xml" title="All &amp; sundry" href="/feed">
    <link rel='ALTERNATE home' type='application/atom+xml; charset=utf-8' href='atom.xml'>
    <link rel="alternate" type="application/feed+json" href="javascript:alert(1)">
    <link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="application/rss+xml" href="/no">
    <link rel="alternate" type="application/rss+xml" href="/feed"></head></html>"""
    assert await parser.links(page, "https://www.site.example/") == [
        ("https://site.example/feed", "All & sundry"),
        ("https://site.example/news/atom.xml", ""),
    ]


def laughs(encoding: str) -> bytes:
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    declared = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE rss [<!ENTITY a0 "{"ha" * 500}">{levels}]>'
    return f'{declared}<rss version="2.0"><channel><title>&a9;</title></channel></rss>'.encode(encoding)


HOSTILE = {
    "entities": laughs("utf-8"),
    "entities in UTF-16": laughs("utf-16"),
    "e-mail-like": rss(f"<item><fullitem/><author>{'a.' * 60_000}</author></item>"),  # not for the fast way
    "style": rss(f"<item><description>&lt;p style=&quot;{'a:' * 60_000}&quot;&gt;</description></item>"),
    "ampersands": rss(f"<item><title>{'&' * 120_000}</title></item>"),
    "open comments": rss(f"<item><description>{'&lt;!--' * 30_000}</description></item>"),
    "open attributes": rss(f"<item><description>{'&lt;a b=&quot;' * 30_000}</description></item>"),
    "deep": b'<rss version="2.0"><channel>' + b"<a>" * 60_000,
    "deep JSON": b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * 200_000,
    "numbers in JSON": b'{"version":"https://jsonfeed.org/version/1","items":[' + b"9" * 200_000 + b"]}",
    "many entities": b"<!DOCTYPE r ["
    + b"".join(b'<!ENTITY e%d "x">' % n for n in range(4000))
    + b']><rss version="2.0"><channel><title>'
    + b"".join(b"&e%d;" % n for n in range(4000)),
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_documents_are_read_or_refused_and_hurt_nobody(kind: str) -> None:
    gap, running = 0.0, True

    async def watch() -> None:
        nonlocal gap
        while running:
            before = time.monotonic()
            await asyncio.sleep(0.01)
            gap = max(gap, time.monotonic() - before)

    watching = asyncio.create_task(watch())
    parser = Parser(Limits(workers=1, memory=256 * MIB, deadline=3))
    tracemalloc.start()
    outcome = await parser.parse(Fetched(URL, HOSTILE[kind], "text/xml"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    running = False
    await watching
    after = await parser.parse(Fetched(URL, rss("<item><title>still here</title></item>"), "text/xml"))
    await parser.aclose()
    assert isinstance(outcome, ParsedFeed) or outcome.kind is FailureKind.PARSE
    assert isinstance(after, ParsedFeed)
    assert after.entries[0].title == "still here"
    assert peak < 50 * MIB
    assert gap < 1


async def test_a_document_that_takes_too_long_is_given_up(parser: Parser) -> None:
    slow = Parser(Limits(workers=1, deadline=1))
    outcome = await slow.parse(Fetched(URL, HOSTILE["e-mail-like"], "text/xml"))
    await slow.aclose()
    assert outcome == FetchFailed(FailureKind.PARSE, "reading it took more than 1 s")


async def test_a_document_that_takes_too_much_memory_is_given_up() -> None:
    small = Parser(Limits(workers=1, memory=120 * MIB, deadline=60))
    huge = rss("<item><title>t</title><description>words and words</description></item>" * 100_000)
    outcome = await small.parse(Fetched(URL, huge, "text/xml"))
    after = await small.parse(Fetched(URL, rss(""), "text/xml"))
    await small.aclose()
    assert outcome == FetchFailed(FailureKind.PARSE, "it needs more memory or time than a feed may")
    assert isinstance(after, ParsedFeed)


async def test_several_at_once_and_workers_that_are_replaced() -> None:
    pool = Parser(Limits(workers=2, documents=2))
    body = (DATA / "rss20.xml").read_bytes()
    outcomes = await asyncio.gather(*(pool.parse(Fetched(URL, body, "text/xml")) for _ in range(9)))
    await pool.aclose()
    assert len({outcome.title for outcome in outcomes if isinstance(outcome, ParsedFeed)}) == 1


@pytest.mark.parametrize(("held", "kept"), [(1, 0), (Limits().held, 1)])
async def test_a_worker_that_has_become_large_is_replaced(held: int, kept: int) -> None:
    pool = Parser(Limits(workers=1, held=held))
    outcome = await pool.parse(Fetched(URL, rss(""), "text/xml"))
    rested = len(pool._idle)
    await pool.aclose()
    assert isinstance(outcome, ParsedFeed)
    assert rested == kept


async def test_a_worker_that_died_idle_is_replaced(parser: Parser) -> None:
    assert isinstance(await parser.parse(Fetched(URL, rss(""), "text/xml")), ParsedFeed)
    (worker,) = parser._idle
    await worker.kill()
    assert isinstance(await parser.parse(Fetched(URL, rss(""), "text/xml")), ParsedFeed)


async def test_workers_that_cannot_start_are_no_feeds_fault(monkeypatch: pytest.MonkeyPatch, parser: Parser) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReaderError, match="does not start"):
        await parser.parse(Fetched(URL, rss(""), "text/xml"))


def test_a_feeds_password_gets_into_no_link() -> None:
    parsed = read(rss("<item><title>t</title><link>/x</link></item>"), "https://u:hunter2@a.example/feed", "")
    assert parsed.entries[0].link == "https://a.example/x"


async def test_a_cancelled_reader_leaves_no_process_behind() -> None:
    pool = Parser(Limits(workers=1, deadline=30))
    reading = asyncio.create_task(pool.parse(Fetched(URL, HOSTILE["e-mail-like"], "text/xml")))
    await asyncio.sleep(0.5)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert isinstance(await pool.parse(Fetched(URL, rss(""), "text/xml")), ParsedFeed)
    await pool.aclose()
    assert isinstance(await pool.parse(Fetched(URL, rss(""), "text/xml")), FetchFailed)


async def test_the_worker_knows_no_secret(monkeypatch: pytest.MonkeyPatch, parser: Parser) -> None:
    monkeypatch.setenv("CLAIMWATCH_TEST_TOKEN", "secret-that-stays-here")
    await parser.parse(Fetched(URL, rss(""), "text/xml"))
    environments = b"".join(Path(f"/proc/{process}/environ").read_bytes() for process in _children())
    assert b"PYTHONPATH" in environments
    assert b"secret-that-stays-here" not in environments


def _children() -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"bot.feeds.worker" in status.read_bytes():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        ("&#x110000;", "\ufffd"),
        ("&#99999999999999999999;", "\ufffd"),
        ("&#0;", "\ufffd"),
        ("&#xD800;", "\ufffd"),
        ("&#xFFFF;", "\ufffd"),
        ("&#x10FFFD;", "\U0010fffd"),
        ("&#0065;", "A"),
    ],
)
def test_an_impossible_character_costs_no_more_than_itself(reference: str, shown: str) -> None:
    body = rss(f"<item><title>Before {reference} after</title></item><item><title>Another</title></item>")
    assert [entry.title for entry in document.read(body, URL, "text/xml").entries] == [
        f"Before {shown} after",
        "Another",
    ]
