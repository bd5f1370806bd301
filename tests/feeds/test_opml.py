from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.guard import Guard
from bot.feeds.opml import BAD_LINES, SIZE, Opml, read, write
from bot.model import Feed, FeedIntent

NOW = datetime(2025, 3, 18, tzinfo=UTC)


def imported(data: str | bytes) -> Opml:
    return read(data.encode() if isinstance(data, str) else data, Guard().check_url)


def opml(*lines: str) -> str:
    return "\n".join(('<opml version="2.0"><head><title>t</title></head><body>', *lines, "</body></opml>"))


def outline(url: str, **attributes: str) -> str:
    return f'<outline xmlUrl="{url}" ' + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + "/>"


GOOD = outline("https://a.example/feed", title="A")


def urls(found: Opml) -> list[str]:
    return [feed.url for feed in found.feeds]


def test_a_list_is_read() -> None:
    found = imported(
        opml(
            outline(
                "https://a.example/feed?a=1&amp;b=2", type="rss", text="a", title="A", language="en-GB", weight="1.5"
            ),
            outline("http://b.example/feed", text="b"),
            outline("https://c.example/feed"),
        )
    )
    assert found == Opml(
        (
            FeedIntent("https://a.example/feed?a=1&b=2", "A", "en", 1.5),
            FeedIntent("http://b.example/feed", "b"),
            FeedIntent("https://c.example/feed"),
        )
    )


def test_folders_are_opened_and_repetitions_dropped() -> None:
    found = imported(
        opml(
            '<outline text="Europe"><outline text="North">',
            GOOD,
            outline("https://b.example/feed"),
            '</outline><outline text="South">',
            outline("https://a.example/feed", title="Again"),
            "</outline></outline>",
            '<outline type="link" text="no feed" url="https://x.example/"/>',
        )
    )
    assert urls(found) == ["https://a.example/feed", "https://b.example/feed"]
    assert found.feeds[0].title == "A"
    assert found.problems == ()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('<outline type="rss" text="No address"/>', "no xmlUrl"),
        (outline("file:///etc/passwd"), "only http"),
        (outline("javascript:alert(1)"), "only http"),
        (outline("http://127.0.0.1/feed"), "may not be reached"),
        (outline("https://a.example:22/feed"), "port 22"),
        ("<outline xmlUrl=https://a.example/ />", "broken XML"),
        ('<outline xmlUrl="https://a.example/" xmlUrl="https://b.example/"/>', "broken XML"),
        ('<outline text="5 < 6" xmlUrl="https://x.example/"/>', "broken XML"),
        ("</outline>", "broken XML"),
        ("<<<<", "broken XML"),
        ('<outline xmlUrl="https://a.example/\x01"/>', "broken XML"),
    ],
)
def test_a_bad_line_is_reported_and_the_rest_imported(bad: str, words: str) -> None:
    found = imported(opml(outline("https://first.example/feed"), bad, outline("https://last.example/feed")))
    assert urls(found) == ["https://first.example/feed", "https://last.example/feed"]
    assert [problem.line for problem in found.problems] == [3]
    assert words in found.problems[0].text


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"weight": "heavy"}, "weight"),
        ({"weight": "-1"}, "weight"),
        ({"weight": "0"}, "weight"),
        ({"weight": "1e9"}, "weight"),
        ({"weight": "nan"}, "weight"),
        ({"weight": "11"}, "weight"),
        ({"language": "the King's English"}, "language"),
    ],
)
def test_a_bad_attribute_is_reported_and_the_feed_imported(attributes: dict[str, str], words: str) -> None:
    found = imported(opml(outline("https://a.example/feed", **attributes)))
    assert found.feeds == (FeedIntent("https://a.example/feed"),)
    assert words in found.problems[0].text


def test_ampersands_that_nobody_escaped() -> None:
    found = imported(opml(outline("https://a.example/?a=1&b=2&amp;c=3&copy;", title="Q&A &#38; B")))
    assert found.feeds[0] == FeedIntent("https://a.example/?a=1&b=2&c=3&copy;", "Q&A & B")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_encodings(encoding: str) -> None:
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + opml(outline("https://a.example/", title="Défense"))
    assert imported(text.encode(encoding)).feeds[0].title == "Défense"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">', '<!ENTITY a SYSTEM "file:///etc/passwd">', '<!ENTITY % p "x">']
)
def test_entities_are_refused(entity: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n<!DOCTYPE opml [{entity}]>\n{opml(GOOD)}'
    found = imported(text.encode(encoding))
    assert found.feeds == ()
    assert "entity" in found.problems[0].text


@pytest.mark.parametrize(
    "data", [b"", b"not xml", b"\0\xff\xfe", b"<html><body/></html>", b"<?xml encoding='no-such'?>"]
)
def test_what_is_no_list_holds_no_feeds(data: bytes) -> None:
    assert imported(data).feeds == ()


def test_rubbish_without_end_is_given_up() -> None:
    found = imported(opml(*["<<<<"] * 500, GOOD))
    assert len(found.problems) <= BAD_LINES + 1
    assert imported(b" " * (SIZE + 1)).problems[0].text.startswith("the file is larger")


def test_a_stored_feed_comes_back_as_it_is() -> None:
    feed = Feed("id", 'https://a.example/?a="1"&b=<2>', 'Q&A "quoted" <b>', "en", 0.5, NOW)
    assert imported(write([feed], "Feeds of <us> & others")).feeds == (FeedIntent(feed.url, feed.title, "en", 0.5),)


@given(
    st.lists(
        st.builds(
            FeedIntent,
            url=st.from_regex(r"https://[a-z]{1,9}\.example/[a-z?&=#<>\"']{0,20}", fullmatch=True),
            title=st.text(max_size=50).map(lambda text: " ".join(text.split())).filter(str.isprintable),
            language=st.sampled_from(["", "en", "de"]),
            weight=st.sampled_from([1.0, 0.5, 2.25]),
        ),
        unique_by=lambda intent: intent.url,
        max_size=10,
    )
)
def test_round_trip(intents: list[FeedIntent]) -> None:
    found = imported(write(intents, "t"))
    # A feed without a title is listed under its URL.
    named = tuple(FeedIntent(i.url, i.title or i.url, i.language, i.weight) for i in intents)
    assert found == Opml(named)


def test_of_what_is_no_list_only_the_first_trouble_is_told() -> None:
    assert [problem.line for problem in imported("no list\n" * 20).problems] == [1]
    assert [problem.line for problem in imported(opml("1 < 2", GOOD, "2 < 3")).problems] == [2, 4]
