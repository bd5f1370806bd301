"""The fast way says of a feed what feedparser says, or nothing: held together over documents of our own making."""

from __future__ import annotations

import random
import warnings
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.demo.formats import Article, Channel, atom, rdf, rss
from bot.feeds import document, plain
from bot.feeds.dates import quick_date, read_date
from bot.feeds.frame import Unsure
from bot.feeds.swift import scan
from bot.model import ParsedFeed

URL = "https://herald.example/news/feed.xml"
WHEN = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:own="https://herald.example/ns"'
)


def fast(body: bytes, kind: str = "application/rss+xml") -> ParsedFeed:
    return document._swift_feed(scan(body, URL, kind), URL)


def judged(body: bytes, kind: str = "application/rss+xml") -> ParsedFeed:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return document._feedparsers_feed(body, URL, kind)


def rss_with(
    item: str, channel: str = "", root: str = "", prolog: str = '<?xml version="1.0" encoding="UTF-8"?>'
) -> bytes:
    return (
        f'{prolog}<rss version="2.0" {NAMESPACES} {root}><channel><title>Herald</title><link>https://herald.example/</link>'
        f"{channel}<item>{item}</item></channel></rss>"
    ).encode()


def atom_with(entry: str, feed: str = "", root: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" {root}>'
        f"<title>Herald</title><id>urn:herald</id>{feed}<entry>{entry}</entry></feed>"
    ).encode()


ITEM = "<title>A headline</title><link>https://herald.example/1</link><guid>https://herald.example/1</guid>"
ENTRY = '<id>tag:herald.example,2026:1</id><title>A headline</title><link href="https://herald.example/1"/>'

SURE = {
    "plain": rss_with(ITEM),
    "everything usual": rss_with(
        ITEM + "<pubDate>Tue, 10 Mar 2026 12:00:00 +0100</pubDate><dc:creator>Ana</dc:creator><category>EU</category>"
        "<description>&lt;p&gt;Thirty &amp;amp; more&lt;/p&gt;</description><comments>https://herald.example/1#c</comments>"
        '<content:encoded><![CDATA[<p>Whole<br/>text</p><script>alert("x")</script>]]></content:encoded>'
        '<enclosure url="https://herald.example/1.jpg" length="1" type="image/jpeg"/><slash:comments>3</slash:comments>'
        '<media:content url="https://herald.example/1.jpg"><media:title>Another</media:title><media:credit>B</media:credit>'
        '</media:content><source url="https://wire.example/">Wire</source><own:thing a="b">x</own:thing>',
        "<description>News</description><language>en-GB</language><ttl>60</ttl><generator>G</generator>"
        '<atom:link href="https://herald.example/feed" rel="self"/><lastBuildDate>no date</lastBuildDate>'
        "<image><url>https://herald.example/i.png</url><title>Herald</title><link>https://herald.example/</link></image>"
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
    ),
    "content before description": rss_with(
        ITEM + "<content:encoded>short</content:encoded><description>longer text</description>"
    ),
    "a reference that only HTML knows": rss_with(ITEM + "<description>javascript&amp;colon;alert(1)</description>"),
    "a relative link": rss_with("<title>A</title><link>/news/1?a=1&amp;b=2;c</link>"),
    "a guid that is a link": rss_with("<title>A</title><guid>2026/1</guid>"),
    "a guid that is none": rss_with(
        '<title>A</title><guid isPermaLink="false">x y</guid><link>http://a.example</link>'
    ),
    "no title": rss_with("<link>https://herald.example/1</link>"),
    "an empty title": rss_with("<title/><description>Text</description>"),
    "twice encoded": rss_with("<title>CafÃ© Ã  GdaÅ\x84sk</title>".replace("\x84", "„")),
    "letters of all kinds": rss_with("<title>Gdańsk, Αθήνα, 東京 🛰</title><description>ß — “x”\xa0</description>"),
    "an odd date": rss_with(ITEM + "<pubDate>10 March 2026 12:00 CET</pubDate><dc:date>2026-03-10</dc:date>"),
    "a date that is none": rss_with(ITEM + "<pubDate>Tue, 31 Feb 2026 12:00:00 GMT</pubDate>"),
    "a mark of byte order": b"\xef\xbb\xbf" + rss_with(ITEM),
    "no declaration": rss_with("<title>Kraków</title>", prolog=""),
    "Atom": atom_with(
        ENTRY + "<published>2026-03-10T12:00:00.123+01:00</published><updated>2026-03-10T12:30:00Z</updated>"
        '<summary type="html">&lt;b&gt;Thirty&lt;/b&gt; &amp;amp; more</summary>'
        '<content type="text">a &lt; b &amp;amp;</content>'
        '<author><name>Ana</name><email>a@herald.example</email></author><category term="x"/>',
        '<link rel="self" href="https://herald.example/feed"/><link href="/"/><subtitle>News</subtitle>',
        'xml:lang="de-AT"',
    ),
    "Atom with several links": atom_with(
        "<id>x1</id><title>A</title>"
        '<link rel="alternate" type="application/pdf" href="https://herald.example/1.pdf"/>'
        '<link rel="alternate" type="text/html" href="https://herald.example/1"/>'
        '<link rel="replies" href="https://herald.example/r"/>'
    ),
    "Atom without a link": atom_with("<id>https://herald.example/x</id><title type='text'>a &amp;lt; b</title>"),
}

UNSURE = {
    "a base": rss_with(ITEM, root='xml:base="https://other.example/"'),
    "a base on a link": atom_with('<id>x</id><title>A</title><link xml:base="https://b.example/" href="1"/>'),
    "a DOCTYPE": rss_with(ITEM, prolog='<!DOCTYPE rss [<!ENTITY a "b">]>'),
    "another charset": rss_with(ITEM, prolog='<?xml version="1.0" encoding="iso-8859-2"?>'),
    "not well-formed": rss_with(ITEM + "<description>a & b</description>"),
    "markup that is not escaped": rss_with(ITEM + "<description>a <b>bold</b> word</description>"),
    "two titles": rss_with(ITEM + "<title>Another</title>"),
    "a title of another vocabulary": rss_with("<media:title>Another</media:title>"),
    "a description of another vocabulary": rss_with(ITEM + "<media:description>Another</media:description>"),
    "a prefix with another meaning": rss_with(ITEM, root='xmlns:itunes="https://other.example/"'),
    "XHTML": atom_with(ENTRY + '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></content>'),
    "a source": atom_with(ENTRY + "<source><title>Wire</title></source>"),
    "another root": b"<opml><body/></opml>",
    "nothing": b"",
}


@pytest.mark.parametrize("name", SURE)
def test_what_is_usual_is_read_fast_and_as_feedparser_reads_it(name: str) -> None:
    assert fast(SURE[name]) == judged(SURE[name])


@pytest.mark.parametrize("name", UNSURE)
def test_what_may_mean_something_else_is_left_to_feedparser(name: str) -> None:
    with pytest.raises(Unsure):
        scan(UNSURE[name], URL, "application/rss+xml")


@pytest.mark.parametrize(
    ("kind", "sure"),
    [
        ("application/xml", True),
        ("text/xml; charset=UTF-8", True),
        ('application/rss+xml; charset="utf-8"', True),
        ("text/xml; charset=iso-8859-1", False),
        ("text/html", False),
        ("", False),
    ],
)
def test_the_charset_of_the_answer_is_heeded(kind: str, sure: bool) -> None:
    body = rss_with("<title>Kraków</title>", prolog="")
    if sure:
        assert fast(body, kind) == judged(body, kind)
    else:
        with pytest.raises(Unsure):
            scan(body, URL, kind)
    assert document.read(body, URL, kind) == judged(body, kind or document.XML)


@pytest.mark.parametrize("write", [rss, atom, rdf])
def test_feeds_as_the_demo_writes_them(write) -> None:
    articles = [
        Article(
            f"Title {n}",
            f"Text & {n}",
            f"<p>Text {n}</p>" * (n % 3),
            f"https://herald.example/{n}",
            f"id{n}",
            "en",
            date,
        )
        for n, date in enumerate([WHEN, WHEN - timedelta(hours=1), None, "yesterday", WHEN])
    ]
    body = write(Channel("Herald", "News", "https://herald.example/", "en", WHEN, articles))
    assert fast(body) == judged(body)
    assert len(fast(body).entries) == 5


PIECES = {
    "title": [
        "A headline",
        "a &lt;b&gt;bold&lt;/b&gt; one",
        "<![CDATA[<i>x</i> &amp; y]]>",
        "",
        "&amp;colon; Ω",
        "x &amp;#60; y",
    ],
    "link": ["https://herald.example/1", "/2?a=b&amp;c=d", "//cdn.example/3", "javascript:alert(1)", "", "3.html#top"],
    "guid": ["https://herald.example/g", "abc", "a b", "urn:uuid:1", ""],
    "description": [
        "Text",
        "&lt;script&gt;x()&lt;/script&gt;y",
        "&lt;p class='a'&gt;p&lt;/p&gt;&lt;br&gt;q",
        "Ã©",
        "a &lt; b &lt;",
    ],
    "content:encoded": [
        '<![CDATA[<h2>t</h2><style>p{}</style><p title="a>b">x</p>]]>',
        "long " * 20,
        "&lt;!-- c --&gt;z",
    ],
    "pubDate": ["Tue, 10 Mar 2026 12:00:00 GMT", "10 Mar 26 12:00 EST", "2026-03-10T12:00:00+02:00", "never", ""],
    "dc:date": ["2026-03-10T12:00:00Z", "2026-03-10 12:00", "2026"],
    "dc:language": ["pl", "", "English"],
    "dc:subject": ["x"],
    "media:title": ["Another headline"],
    "media:thumbnail": ["https://herald.example/1.png"],
    "author": ["a@herald.example (Ana)"],
    "own:word": ["x"],
    "encoded": ["no namespace"],
    "date": ["2026-03-10"],
    "summary": ["A summary"],
}
ATTRIBUTES = ["", "", "", "", "", ' isPermaLink="false"', ' type="html"', ' xml:lang="fr"', ' rdf="x"']


def drawn(draw: random.Random) -> bytes:
    """An item of some elements in some order, as only feeds have them."""
    names = draw.sample(list(PIECES), draw.randint(1, 7)) + draw.choices(list(PIECES), k=draw.random() < 0.1)
    elements = (f"<{name}{draw.choice(ATTRIBUTES)}>{draw.choice(PIECES[name])}</{name}>" for name in names)
    return rss_with("".join(elements))


def test_whatever_is_read_fast_is_what_feedparser_reads() -> None:
    draw, sure = random.Random(3), 0
    for _ in range(1500):
        body = drawn(draw)
        try:
            found = fast(body)
        except Unsure:
            continue
        sure += 1
        assert found == judged(body), body.decode()
    assert sure > 150


MARKUP = """\
<p> </p> <br/> <BR> <a·href="x"> <a·href='y'·title="it's"> </a·> <img·src=x·alt> <div|id=a/> &amp; &lt; &colon; &#x41;
&#0; &nosuch; &amp & < > <·b </ <! <!--·a·--> <script>x</script> <title>t</title> <a·title='x>y'> <?pi?> ]]> <![CDATA[
" ' | · word""".split()
"""Pieces of markup, good and bad; a blank stands as · and a line's end as |."""


def test_plain_markup_is_read_as_the_parser_reads_it() -> None:
    draw, quick = random.Random(5), 0
    for _ in range(4000):
        markup = "".join(draw.choices(MARKUP, k=draw.randint(1, 8))).replace("·", " ").replace("|", "\n")
        found = plain._quick_text(markup)
        if found is None:
            continue
        quick += 1
        reader = plain._Text()
        reader.feed(plain._without_marked_sections(markup))
        reader.close()
        assert found == plain.paragraphs("".join(reader.pieces)), markup
    assert quick > 500


@pytest.mark.parametrize(
    "link",
    ["https://a.example/", "http://a.example:8080/x/../y?a=b,c&d#e", "https://a.example/?", "https://a.example/a;b"],
)
def test_a_settled_address_stays_as_it_is(link: str) -> None:
    settled = plain.SETTLED.fullmatch(link) is not None
    assert settled == (link[-1] not in "?b")
    if settled:
        assert plain.web_link(link, URL) == plain.urljoin(URL, link) == link


MAIL = product(
    ["Tue, 10 Mar 2026 23:59:59 ", "1 Jan 0001 00:00:00 ", "31 Apr 2026 12:00:00 ", "29 Feb 2024 24:00:00 "],
    ["GMT", "Z", "UT", "+0000", "-0530", "+1400", "+2500", "EST", "+02:00"],
)
ATOM = product(
    ["2026-03-10T12:00:00", "2026-03-10T12:00:60", "2026-13-10T12:00:00.5", "9999-12-31T23:59:59.999"],
    ["Z", "+00:00", "-05:30", "+0100", "", "z"],
)


@pytest.mark.parametrize("date", ["".join(one) for one in (*MAIL, *ATOM)])
def test_dates_are_read_as_the_parser_reads_them(date: str) -> None:
    (entry,) = judged(rss_with(f"{ITEM}<pubDate>{date}</pubDate>")).entries
    assert read_date(date) == entry.published
    assert quick_date(date) in (None, entry.published)


def test_usual_dates_are_read_quickly() -> None:
    assert quick_date("Tue, 10 Mar 2026 23:59:59 GMT") == datetime(2026, 3, 10, 23, 59, 59, tzinfo=UTC)
    assert quick_date("2026-03-10T12:00:00Z") == datetime(2026, 3, 10, 12, tzinfo=UTC)
