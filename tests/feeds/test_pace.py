from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.feeds.pace import Change, Pace, fault_is_ours, next_poll, request_for, same_body
from bot.model import (
    FailureKind,
    Feed,
    FeedState,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchRequest,
    NotModified,
    ParsedEntry,
    ParsedFeed,
)

NOW = datetime(2025, 3, 18, 12, 0, tzinfo=UTC)
URL = "https://a.example/feed"
FEED = Feed(
    id="feed", url=URL, title="", language="", weight=1.0, next_poll=NOW, etag='"e"', last_modified="L",
    last_ok=NOW - timedelta(hours=1), last_full=NOW - timedelta(hours=1), interval=1200.0,
)  # fmt: skip
CONDITIONAL = FetchRequest(URL, '"e"', "L")
TIMEOUT = FetchFailed(FailureKind.TIMEOUT, "slow")
NOT_FOUND = FetchFailed(FailureKind.STATUS, "404", 404)
DAY = 86400


def parsed(*gaps_back: float, interval: float | None = None) -> ParsedFeed:
    """A document whose entries are that many seconds old."""
    entries = (ParsedEntry("g", "", "t", "", NOW - timedelta(seconds=gap)) for gap in gaps_back)
    return ParsedFeed("Parsed title", "https://a.example/", "en", tuple(entries), interval)


def wait(outcome: FetchOutcome, feed: Feed = FEED, jitter: float = 0.0, document: ParsedFeed | None = None) -> float:
    after = next_poll(feed, CONDITIONAL, outcome, NOW, jitter, parsed=document).feed
    return (after.next_poll - NOW).total_seconds()


# --- requests ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_full", "conditional"),
    [(None, False), (timedelta(hours=1), True), (timedelta(hours=23, minutes=59), True), (timedelta(days=1), False)],
)
def test_one_request_a_day_is_unconditional(last_full: timedelta | None, conditional: bool) -> None:
    feed = replace(FEED, last_full=None if last_full is None else NOW - last_full)
    assert request_for(feed, NOW) == (CONDITIONAL if conditional else FetchRequest(URL))


@pytest.mark.parametrize("outcome", [TIMEOUT, NOT_FOUND, NotModified(), Fetched(URL, b"x", etag='"f"')])
def test_an_unconditional_request_counts_whatever_came_of_it(outcome: FetchOutcome) -> None:
    assert next_poll(FEED, FetchRequest(URL), outcome, NOW, 0).feed.last_full == NOW
    assert next_poll(FEED, CONDITIONAL, outcome, NOW, 0).feed.last_full == FEED.last_full


def test_validators_are_those_of_the_last_body() -> None:
    after = next_poll(FEED, CONDITIONAL, Fetched(URL, b"x", etag='W/"new"'), NOW, 0).feed
    assert (after.etag, after.last_modified) == ('W/"new"', "")
    kept = next_poll(FEED, CONDITIONAL, NotModified(), NOW, 0).feed
    assert (kept.etag, kept.last_modified) == (FEED.etag, FEED.last_modified)
    assert next_poll(FEED, CONDITIONAL, TIMEOUT, NOW, 0).feed.etag == FEED.etag


def test_the_same_body_is_known_again() -> None:
    fetched = Fetched(URL, b"body")
    after = next_poll(FEED, CONDITIONAL, fetched, NOW, 0).feed
    assert same_body(after, fetched)
    assert not same_body(after, Fetched(URL, b"other"))
    assert not same_body(FEED, fetched)


# --- pace --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        (parsed(*(60 * n for n in range(1, 21))), 300),  # a wire: the floor
        (parsed(*(3600 * n for n in range(1, 21))), 900),  # hourly: a quarter of an hour
        (parsed(*(DAY * n for n in range(1, 21))), 3 * 3600),  # daily: the slowest that we choose ourselves
        (parsed(*(300 * DAY + n for n in range(1, 21))), 3 * 3600),
        (parsed(60, 120), 1800),  # too few to learn from
        (parsed(), 1800),
        (parsed(-3600, -7200, -9999), 1800),  # dates that lie
        (parsed(*(60 * n for n in range(1, 21)), interval=3600), 3600),  # ttl
        (parsed(*(60 * n for n in range(1, 21)), interval=30 * DAY), DAY),
        (None, 1200),  # the same body as before
    ],
)
def test_the_pace_follows_history_and_what_is_asked(document: ParsedFeed | None, seconds: float) -> None:
    assert wait(Fetched(URL, b"x"), document=document) == seconds


@pytest.mark.parametrize(("max_age", "seconds"), [(None, 1200), (60, 1200), (7200, 7200), (DAY, DAY), (365 * DAY, DAY)])
def test_max_age_is_respected_up_to_a_day(max_age: float | None, seconds: float) -> None:
    assert wait(NotModified(max_age)) == seconds
    assert wait(Fetched(URL, b"x", max_age=max_age)) == seconds


def test_jitter_only_adds() -> None:
    assert wait(NotModified(7200), jitter=0.0) == 7200
    assert wait(NotModified(7200), jitter=0.5) == 7560


def test_what_a_document_tells_is_learnt_but_not_put_over_the_operators_word() -> None:
    after = next_poll(FEED, CONDITIONAL, Fetched(URL, b"x"), NOW, 0, parsed=parsed()).feed
    assert (after.title, after.site) == ("Parsed title", "https://a.example/")
    named = replace(FEED, title="Ours")
    assert next_poll(named, CONDITIONAL, Fetched(URL, b"x"), NOW, 0, parsed=parsed()).feed.title == "Ours"


# --- failures ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 1200), (1, 2400), (2, 4800), (5, 38400), (6, 76800), (7, DAY), (500, DAY)]
)
def test_failures_back_off_and_never_stop(failures: int, seconds: float) -> None:
    assert wait(NOT_FOUND, replace(FEED, failures=failures)) == seconds


@pytest.mark.parametrize(
    ("status", "retry_after", "seconds"),
    [
        (429, 7200, 7200),
        (503, 7200, 7200),
        (429, 5, 1200),
        (429, None, 1200),
        (503, 40 * DAY, DAY),
        (503, float("inf"), DAY),
        (500, 7200, 1200),
        (404, 7200, 1200),
    ],
)
def test_retry_after_is_obeyed_up_to_a_day(status: int, retry_after: float | None, seconds: float) -> None:
    assert wait(FetchFailed(FailureKind.STATUS, "no", status, retry_after)) == seconds


def test_a_feed_breaks_once_and_recovers_once() -> None:
    feed, changes = FEED, []
    outcomes: list[FetchOutcome] = [*[TIMEOUT] * 7, NotModified(), NotModified(), TIMEOUT, NotModified()]
    for outcome in outcomes:
        paced = next_poll(feed, CONDITIONAL, outcome, NOW, 0)
        feed = paced.feed
        changes.append(paced.change)
    assert [change for change in changes if change] == [Change.BROKE, Change.RECOVERED]
    assert changes[4] is Change.BROKE
    assert (feed.state, feed.failures, feed.last_error) == (FeedState.ACTIVE, 0, "")


def test_a_failing_feed_says_why() -> None:
    assert next_poll(FEED, CONDITIONAL, NOT_FOUND, NOW, 0).feed.last_error == "404"


def test_gone_is_said_once() -> None:
    gone = FetchFailed(FailureKind.GONE, "410", 410)
    first = next_poll(FEED, CONDITIONAL, gone, NOW, 0)
    assert (first.feed.state, first.change) == (FeedState.GONE, Change.GONE)
    assert next_poll(first.feed, CONDITIONAL, gone, NOW, 0).change is Change.NONE


def test_our_own_fault_is_not_counted() -> None:
    paced = next_poll(FEED, CONDITIONAL, TIMEOUT, NOW, 0, ours=True)
    assert (paced.feed.failures, paced.feed.state, paced.change) == (0, FeedState.ACTIVE, Change.NONE)
    assert paced.feed.next_poll == NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("recent", "ours"),
    [
        ([TIMEOUT] * 3, True),
        ([FetchFailed(FailureKind.NETWORK, "x")] * 30, True),
        ([TIMEOUT] * 2, False),
        ([], False),
        ([TIMEOUT] * 9 + [NotModified()], False),
        ([TIMEOUT] * 9 + [NOT_FOUND], False),
        ([NOT_FOUND] * 9, False),
    ],
)
def test_whose_fault(recent: list[FetchOutcome], ours: bool) -> None:
    assert fault_is_ours(recent) is ours


# --- moves -------------------------------------------------------------------------------------------------------


def test_a_permanent_redirect_is_believed_after_a_fortnight() -> None:
    feed, new = FEED, "https://b.example/feed"
    for day in range(14):
        paced = next_poll(feed, CONDITIONAL, NotModified(permanent_url=new), NOW + timedelta(days=day), 0)
        feed = paced.feed
        assert (feed.url, feed.moved_to, feed.moved_since, paced.change) == (URL, new, NOW, Change.NONE)
    paced = next_poll(feed, CONDITIONAL, NotModified(permanent_url=new), NOW + timedelta(days=14), 0)
    assert (paced.feed.url, paced.feed.moved_to, paced.change) == (new, "", Change.MOVED)
    assert paced.feed.id == FEED.id


@pytest.mark.parametrize("between", ["", "https://c.example/feed", URL])
def test_a_break_starts_the_fortnight_anew(between: str) -> None:
    feed = replace(FEED, moved_to="https://b.example/feed", moved_since=NOW - timedelta(days=13))
    feed = next_poll(feed, CONDITIONAL, NotModified(permanent_url=between), NOW, 0).feed
    paced = next_poll(
        feed, CONDITIONAL, NotModified(permanent_url="https://b.example/feed"), NOW + timedelta(days=2), 0
    )
    assert paced.feed.url == URL
    assert paced.feed.moved_since == NOW + timedelta(days=2)


def test_a_failure_neither_breaks_nor_confirms_a_move() -> None:
    feed = replace(FEED, moved_to="https://b.example/feed", moved_since=NOW - timedelta(days=20))
    assert next_poll(feed, CONDITIONAL, TIMEOUT, NOW, 0).feed.moved_since == feed.moved_since


def test_the_bounds_are_the_operators() -> None:
    pace = Pace(floor=30, broken_after=1)
    paced = next_poll(replace(FEED, interval=40), CONDITIONAL, TIMEOUT, NOW, 0, pace=pace)
    assert paced.change is Change.BROKE
    assert paced.feed.next_poll == NOW + timedelta(seconds=40)
