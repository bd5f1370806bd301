"""What is new: polls of one feed in a row, with a store's memory between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.feeds.identify import Listed, corrections, identify
from bot.model import Entry, Feed, Hush, ParsedEntry, ParsedFeed

NOW = datetime(2025, 3, 18, 12, 0, tzinfo=UTC)
FEED = Feed(
    id="feed", url="https://a.example/feed", title="A", language="", weight=1.0, next_poll=NOW,
    last_ok=NOW - timedelta(hours=1),
)  # fmt: skip


def entry(
    guid: str = "", link: str = "", title: str = "", text: str = "", published: datetime | None = None
) -> ParsedEntry:
    return ParsedEntry(guid=guid, link=link, title=title, text=text, published=published)


def story(number: int, guid: str | None = None, published: datetime | None = None) -> ParsedEntry:
    link = f"https://a.example/{number}"
    return entry(guid if guid is not None else f"g{number}", link, f"Title {number}", f"Text {number}", published)


class Reader:
    """Polls one feed and remembers what a store would."""

    def __init__(self, feed: Feed = FEED) -> None:
        self.feed = feed
        self.known: set[str] = set()

    def poll(self, *entries: ParsedEntry) -> list[str]:
        """Titles of the new entries."""
        return [new.title for new in self.identified(*entries)]

    def identified(self, *entries: ParsedEntry) -> tuple[Entry, ...]:
        listed = Listed.of(document(*entries))
        new = identify(self.feed, listed, listed.keys & self.known, NOW).entries
        self.known |= {key for found in new for key in (found.key, *found.aliases)}
        return new


def document(*entries: ParsedEntry) -> ParsedFeed:
    return ParsedFeed("A Times", "https://a.example/", "en", entries)


def test_what_was_seen_is_not_new() -> None:
    reader = Reader()
    assert reader.poll(story(2), story(1)) == ["Title 2", "Title 1"]
    assert reader.poll(story(3), story(2), story(1)) == ["Title 3"]
    assert reader.poll(story(3), story(2), story(1)) == []


@pytest.mark.parametrize(
    "changed",
    [
        replace(story(1), title="Another title"),
        replace(story(1), text="Another text"),
        replace(story(1), link="https://a.example/moved"),
        replace(story(1), published=NOW),
        replace(story(1), title="Another", text="Another", link="", published=NOW),
    ],
)
def test_a_changed_entry_is_no_new_one(changed: ParsedEntry) -> None:
    reader = Reader()
    reader.poll(story(1))
    assert reader.poll(changed) == []


def test_without_guid_the_link_tells() -> None:
    reader = Reader()
    reader.poll(entry(link="https://a.example/1?utm_source=rss", title="One"))
    assert reader.poll(entry(link="http://www.a.example/1/", title="One, corrected")) == []
    assert reader.poll(entry(link="https://a.example/2", title="One")) == ["One"]


def test_without_guid_and_link_the_content_tells() -> None:
    reader = Reader()
    reader.poll(entry(title="One", text="text"))
    assert reader.poll(entry(title="One", text="text", published=NOW)) == []
    assert reader.poll(entry(title="Two", text="text")) == ["Two"]


def test_duplicates_within_a_document_are_told_apart_by_content() -> None:
    reader = Reader()
    same = [entry("g", "https://a.example/", title, title) for title in ("One", "Two", "Two")]
    assert reader.poll(*same) == ["One", "Two"]
    assert reader.poll(*same) == []
    assert reader.poll(entry("g", "https://a.example/", "Three", "Three"), *same) == ["Three"]


def test_a_guid_that_comes_to_be_shared() -> None:
    reader = Reader()
    reader.poll(entry("g", "https://a.example/1", "One"))
    shared = [entry("g", "https://a.example/2", "Two"), entry("g", "https://a.example/1", "One")]
    assert reader.poll(*shared) == ["Two"]
    assert reader.poll(shared[0]) == []


def test_ids_differ_where_keys_differ() -> None:
    reader = Reader()
    new = reader.identified(*(entry("g", f"https://a.example/{n % 2}", f"T{n}") for n in range(6)))
    assert len({found.id for found in new}) == len(new) == 6


@pytest.mark.parametrize("length", [1, 2, 3, 40, 500])
def test_all_guids_change_at_once(length: int) -> None:
    reader = Reader()
    reader.poll(*(story(number) for number in range(length)))
    renamed = [story(number, guid=f"https://a.example/?p={number}") for number in range(length)]
    assert reader.poll(story(1000, guid="new"), *renamed) == ["Title 1000"]


@pytest.mark.parametrize("length", [4, 40])
def test_guids_and_links_change_at_once(length: int) -> None:
    """A site that moves to another domain. While old entries leave the document, they stay known."""
    reader = Reader()
    old = NOW - timedelta(days=2)
    reader.poll(*(story(number, published=old) for number in range(length)))
    moved = [replace(story(n, f"new{n}", old), link=f"https://b.example/{n}") for n in range(length)]
    for still_there in range(length, 0, -1):
        fresh = story(1000 + still_there, published=NOW)
        assert reader.poll(fresh, *moved[:still_there]) == [fresh.title]


def test_guids_are_dropped_and_come_back() -> None:
    reader = Reader()
    reader.poll(story(1), story(2))
    assert reader.poll(story(1, guid=""), story(2, guid="")) == []
    assert reader.poll(story(1), story(2)) == []


def test_one_link_for_all_entries_means_nothing() -> None:
    """A ticker whose entries all lead to the same page."""
    reader = Reader()
    page = "https://a.example/ticker"
    assert len(reader.poll(*(entry(f"g{n}", page, f"T{n}") for n in range(5)))) == 5
    assert reader.poll(*(entry(f"g{n}", page, f"T{n}") for n in range(8))) == ["T5", "T6", "T7"]


def test_a_constant_title_means_nothing() -> None:
    reader = Reader()
    reader.poll(*(entry(f"g{n}", f"https://a.example/{n}", "Daily report") for n in range(3)))
    assert len(reader.poll(entry("g9", "https://a.example/9", "Daily report"))) == 1


def test_the_same_headline_every_day_is_news_every_day() -> None:
    """Bulletins under constant titles, even at one constant address, with a guid and a date of their own each time."""
    reader = Reader()
    names = ["Morning", "Noon", "Evening", "Night"]
    today = [
        [
            entry(f"{name}-{day}", f"https://a.example/{name}", name, f"Day {day}", NOW + timedelta(days=day))
            for name in names
        ]
        for day in (0, 1)
    ]
    assert reader.poll(today[0][0]) == ["Morning"]
    assert reader.poll(today[1][0]) == ["Morning"]
    elsewhere = [replace(bulletin, link=f"{bulletin.link}/2") for bulletin in today[1]]
    reader.poll(*today[0])
    assert reader.poll(*elsewhere) == ["Noon", "Evening", "Night"]


@pytest.mark.parametrize(
    ("stated", "published"),
    [
        (None, NOW),
        (NOW - timedelta(hours=1), NOW - timedelta(hours=1)),
        (NOW + timedelta(seconds=1), NOW),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), NOW),
        (datetime(1, 1, 1, tzinfo=UTC), NOW),
        (datetime(1970, 1, 1, tzinfo=UTC), NOW),
    ],
)
def test_nothing_is_newest_for_ever(stated: datetime | None, published: datetime) -> None:
    (new,) = Reader().identified(story(1, published=stated))
    assert new.published == published
    assert new.seen == NOW


def test_a_false_date_gives_way_to_a_true_one() -> None:
    updated = NOW - timedelta(days=1)
    (new,) = Reader().identified(replace(story(1, published=NOW + timedelta(days=1)), updated=updated))
    assert new.published == updated


@pytest.mark.parametrize(
    ("title", "text", "shown"),
    [("T", "x", "T"), ("", "First line\nsecond", "First line"), ("", "", "https://a.example/1")],
)
def test_an_entry_without_title_gets_one(title: str, text: str, shown: str) -> None:
    (new,) = Reader().identified(entry("g", "https://a.example/1", title, text))
    assert new.title == shown


@pytest.mark.parametrize(("feed", "own", "language"), [("de", "pl", "de"), ("", "pl", "pl"), ("", "", "en")])
def test_language(feed: str, own: str, language: str) -> None:
    (new,) = Reader(replace(FEED, language=feed)).identified(replace(story(1), language=own))
    assert new.language == language


@pytest.mark.parametrize(
    ("feed", "count", "hush"),
    [
        (FEED, 1, Hush.NONE),
        (FEED, 200, Hush.NONE),
        (FEED, 201, Hush.FLOOD),
        (FEED, 5000, Hush.FLOOD),
        (replace(FEED, last_ok=None), 1, Hush.FIRST_POLL),
        (replace(FEED, last_ok=None), 5000, Hush.FIRST_POLL),
        (replace(FEED, last_ok=None, announce_existing=True), 10, Hush.NONE),
        (replace(FEED, last_ok=None, announce_existing=True), 5000, Hush.FLOOD),
        # A busy wire, and we were away for three days: what comes is what was to be expected.
        (replace(FEED, last_ok=NOW - timedelta(days=3), interval=300), 500, Hush.NONE),
        (replace(FEED, last_ok=NOW - timedelta(hours=1), interval=300), 500, Hush.FLOOD),
    ],
)
def test_hush(feed: Feed, count: int, hush: Hush) -> None:
    parsed = document(*(story(number) for number in range(count)))
    found = identify(feed, Listed.of(parsed), frozenset(), NOW)
    assert (len(found.entries), found.hush) == (count, hush)


@pytest.mark.parametrize(
    ("shown", "stored", "corrected"),
    [
        ({"e": "New words"}, {"e": "Old words"}, [("e", "New words")]),
        ({"e": "Same  words "}, {"e": "Same words"}, []),
        ({"e": "New words"}, {}, []),
        ({}, {"e": "Old words"}, []),
        ({"e": "words"}, {"e": "Words"}, [("e", "words")]),
    ],
)
def test_headlines_are_corrected_where_their_words_changed(
    shown: dict[str, str], stored: dict[str, str], corrected: list[tuple[str, str]]
) -> None:
    assert [(one.entry, one.title) for one in corrections(shown, stored)] == corrected
