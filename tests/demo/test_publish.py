"""Each feed's document says what its entries say, whatever they say, and is broken only where it is meant to be."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from bot.demo.formats import RENDERERS, Article, Channel
from bot.demo.news import DAYS, Fault, Format, OutletForm, load_news
from bot.demo.publish import BOMB_SIZE, Document, documents, end_of, feed_list, path_of
from bot.feeds import opml
from bot.feeds.document import NoFeed, read
from bot.model import ParsedFeed

pytestmark = pytest.mark.filterwarnings("ignore:To avoid breaking existing software:DeprecationWarning")  # feedparser's

NEWS = load_news()
WHOLE = [(outlet, day) for outlet in NEWS.outlets for day in range(1, DAYS + 1) if outlet.fault_on(day) is None]
NASTY = "<b>a & b</b> ]]> \"'@everyone <!channel> [x](y) \u202e {0} é"


def parsed(document: Document) -> ParsedFeed:
    return read(document.body, "https://feed.example/", document.content_type)


def listed(outlet: OutletForm, day: int) -> int:
    return sum(entry.feed == outlet.id for entries in NEWS.days[:day] for entry in entries)


def outlet_with(fault: Fault) -> OutletForm:
    return next(outlet for outlet in NEWS.outlets if outlet.fault is fault)


@pytest.mark.parametrize(("outlet", "day"), WHOLE, ids=[f"{outlet.id}-{day}" for outlet, day in WHOLE])
def test_a_document_holds_what_its_outlet_wrote_up_to_that_day(outlet, day, now):
    feed = parsed(documents(NEWS, day, now)[path_of(outlet)])
    assert feed.title == outlet.title
    assert feed.language == outlet.language
    assert len(feed.entries) == listed(outlet, day)


@pytest.mark.parametrize("outlet", [one for one, day in WHOLE if day == 3 and one.format is not Format.JSON])
def test_xml_is_well_formed(outlet, now):
    found = feedparser.parse(io.BytesIO(documents(NEWS, 3, now)[path_of(outlet)].body))
    assert not found.bozo
    assert len(found.entries) == listed(outlet, 3)


@pytest.mark.parametrize("day", [1, 2, 3])
def test_nothing_is_dated_after_the_end_of_its_day_but_what_says_so(day, now):
    feeds = [parsed(documents(NEWS, day, now)[path_of(outlet)]) for outlet, one in WHOLE if one == day]
    dates = [entry.published for feed in feeds for entry in feed.entries if entry.published]
    assert len([date for date in dates if date > end_of(day, now)]) == (day >= 2)
    assert max(date for date in dates if date.year < 9999) > end_of(day, now) - timedelta(hours=12)
    assert min(dates) > end_of(1, now) - timedelta(days=1)


def test_the_same_moment_gives_the_same_documents_so_that_a_quiet_feed_is_unchanged(now):
    second, third = documents(NEWS, 2, now), documents(NEWS, 3, now)
    assert second == documents(NEWS, 2, now)
    assert second["/gazette.xml"].etag == third["/gazette.xml"].etag
    assert second["/meridian.xml"].etag != third["/meridian.xml"].etag


@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("body", ["text", "html"])
def test_no_word_breaks_a_document(form, body):
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    markup = "<p>one &amp; two</p><p>three</p>"
    article = Article(
        title="T",
        text=NASTY if body == "text" else "",
        html=markup if body == "html" else "",
        link="https://a.example/1?x=1&y=2",
        guid="urn:x-demo:<1>&2",
        language="fr",
        date=moment,
    )
    content_type, render = RENDERERS[form]
    (entry,) = read(
        render(Channel(NASTY, "about", "https://a.example/", "en", moment, [article])),
        "https://a.example/",
        content_type,
    ).entries
    assert (entry.link, entry.guid, entry.language) == (article.link, article.guid, "fr")
    assert (entry.published or entry.updated) == moment
    assert entry.text == ("one & two\nthree" if body == "html" else NASTY)


def test_nasty_entries_arrive_as_nasty_as_they_were_written(now):
    feed = parsed(documents(NEWS, 3, now)["/openmic.xml"])
    undated = next(entry for entry in feed.entries if "without a date" in entry.title)
    assert (undated.guid, undated.link, undated.published) == ("", "", None)
    assert any(entry.published and entry.published.year == 9999 for entry in feed.entries)
    assert sum(entry.guid == "open-mic-poem" for entry in feed.entries) == 2
    assert any("\u202e" in entry.title for entry in feed.entries)
    body = documents(NEWS, 3, now)["/openmic.xml"].body
    assert all(
        part in body for part in (b"@everyone &lt;!channel&gt;", b"javascript:alert", b"](https://nato-press.evil")
    )


def test_a_truncated_document_is_no_xml(now):
    document = documents(NEWS, 3, now)[path_of(outlet_with(Fault.TRUNCATED))]
    assert feedparser.parse(io.BytesIO(document.body)).bozo


def test_a_page_is_no_feed(now):
    document = documents(NEWS, 1, now)[path_of(outlet_with(Fault.PAGE))]
    with pytest.raises(NoFeed, match="web page"):
        parsed(document)


def test_the_other_faults_are_told_to_the_server(now):
    served = documents(NEWS, 1, now)
    assert served[path_of(outlet_with(Fault.ERROR))].status == 500
    assert served[path_of(outlet_with(Fault.DRIP))].drips
    bomb = served[path_of(outlet_with(Fault.BOMB))]
    assert bomb.encoding == "gzip"
    assert len(bomb.body) < 100_000
    assert len(gzip.decompress(bomb.body)) > BOMB_SIZE


def test_the_list_of_feeds_can_be_imported():
    found = opml.read(feed_list(NEWS, "http://127.0.0.1:8000"), lambda _: None)
    assert not found.problems
    assert [(feed.url, feed.title, feed.language) for feed in found.feeds] == [
        (f"http://127.0.0.1:8000{path_of(outlet)}", outlet.title, outlet.language) for outlet in NEWS.outlets
    ]
