"""When a feed is polled next, and what a poll's outcome makes of it. Pure.

The rules are those of polite feed fetching: what a server asks for is done, up to a day; failures make polls rarer, but
never end them (but for 410); a permanent redirect is believed after a fortnight without a break.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus

from bot.model import (
    FailureKind,
    Feed,
    FeedState,
    Fetched,
    FetchFailed,
    FetchOutcome,
    FetchRequest,
    NotModified,
    ParsedFeed,
)

DAY = 86_400.0
OURS_FROM = 3
_OUR_KINDS = frozenset({FailureKind.NETWORK, FailureKind.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Pace:
    """The bounds, in seconds."""

    floor: float = 300.0
    ceiling: float = DAY
    unlearnt: float = 1_800.0  # for feeds whose history tells nothing
    slowest: float = 3 * 3_600.0  # for feeds that hardly ever write, unless their server asks for more
    broken_after: int = 5  # failures in a row
    believe_moves_after: timedelta = timedelta(days=14)
    unconditional_every: timedelta = timedelta(days=1)


class Change(StrEnum):
    """What people are told of, once."""

    NONE = ""
    BROKE = "fails again and again"
    RECOVERED = "works again"
    GONE = "is gone for good"
    MOVED = "has moved"


@dataclass(frozen=True, slots=True)
class Paced:
    feed: Feed  # as it shall be stored
    change: Change = Change.NONE


DEFAULT = Pace()


def request_for(feed: Feed, now: datetime, pace: Pace = DEFAULT) -> FetchRequest:
    """Conditional wherever it can be, but for one request a day, in case the server's 304s are not true."""
    if feed.last_full is None or now - feed.last_full >= pace.unconditional_every:
        return FetchRequest(feed.url)
    return FetchRequest(feed.url, feed.etag, feed.last_modified)


def same_body(feed: Feed, fetched: Fetched) -> bool:
    """Whether the document is, byte for byte, the one that was read last, so that it need not be read again."""
    return feed.body_hash == _hash(fetched.body)


def fault_is_ours(recent: Sequence[FetchOutcome]) -> bool:
    """Whether the last polls, of different feeds, look like a network of ours that is down."""
    failures = [outcome for outcome in recent if isinstance(outcome, FetchFailed) and outcome.kind in _OUR_KINDS]
    return len(recent) >= OURS_FROM and len(failures) == len(recent)


def next_poll(
    feed: Feed,
    request: FetchRequest,
    outcome: FetchOutcome,
    now: datetime,
    jitter: float,
    *,
    parsed: ParsedFeed | None = None,
    ours: bool = False,
    pace: Pace = DEFAULT,
) -> Paced:
    """The feed after a poll.

    `jitter` lies in [0, 1) and spreads the polls; `parsed` is what a `Fetched` body held (None: as before); a body that
    is no feed is handed in as `FetchFailed(PARSE)`. With `ours`, a failure is not counted against the feed.
    """
    asked = feed if request.etag or request.last_modified else replace(feed, last_full=now)
    if isinstance(outcome, FetchFailed):
        return _after_failure(asked, outcome, now, jitter, ours, pace)
    return _after_success(asked, outcome, parsed, now, jitter, pace)


def _after_success(
    feed: Feed, outcome: Fetched | NotModified, parsed: ParsedFeed | None, now: datetime, jitter: float, pace: Pace
) -> Paced:
    well = replace(feed, state=FeedState.ACTIVE, failures=0, last_error="", last_ok=now)
    if isinstance(outcome, Fetched):
        body = _hash(outcome.body)
        well = replace(well, etag=outcome.etag, last_modified=outcome.last_modified, body_hash=body)
    if parsed is not None:
        well = _learnt(well, parsed, now, pace)
    settled, moved = _followed_moves(well, outcome.permanent_url, now, pace)
    wait = max(well.interval or pace.unlearnt, min(outcome.max_age or 0.0, DAY))
    due = replace(settled, next_poll=_in(now, wait, jitter, pace))
    if moved:
        return Paced(due, Change.MOVED)
    return Paced(due, Change.RECOVERED if feed.state is FeedState.BROKEN else Change.NONE)


def _after_failure(feed: Feed, failed: FetchFailed, now: datetime, jitter: float, ours: bool, pace: Pace) -> Paced:
    if failed.kind is FailureKind.GONE:
        gone = replace(feed, state=FeedState.GONE, last_error=failed.detail, next_poll=_in(now, DAY, jitter, pace))
        return Paced(gone, Change.NONE if feed.state is FeedState.GONE else Change.GONE)
    if ours:
        return Paced(replace(feed, next_poll=_in(now, pace.floor, jitter, pace)))
    failures = feed.failures + 1
    wait = max((feed.interval or pace.unlearnt) * 2.0 ** min(failures - 1, 20), _asked_to_wait(failed))
    broken = failures >= pace.broken_after
    worse = replace(
        feed,
        state=FeedState.BROKEN if broken else feed.state,
        failures=failures,
        last_error=failed.detail,
        next_poll=_in(now, wait, jitter, pace),
    )
    return Paced(worse, Change.BROKE if broken and feed.state is not FeedState.BROKEN else Change.NONE)


def _asked_to_wait(failed: FetchFailed) -> float:
    asked = failed.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return min(failed.retry_after or 0.0, DAY) if asked else 0.0


def _in(now: datetime, wait: float, jitter: float, pace: Pace) -> datetime:
    """`wait` seconds or up to a tenth more from now, within the bounds; never less than what was asked for."""
    return now + timedelta(seconds=min(max(wait, pace.floor), pace.ceiling) * (1 + jitter / 10))


def _learnt(feed: Feed, parsed: ParsedFeed, now: datetime, pace: Pace) -> Feed:
    own = _rhythm(parsed, now)
    learnt = pace.unlearnt if own is None else min(max(own, pace.floor), pace.slowest)
    return replace(
        feed,
        title=feed.title or parsed.title,
        site=parsed.site or feed.site,
        interval=max(learnt, min(parsed.interval or 0.0, DAY)),
    )


def _rhythm(parsed: ParsedFeed, now: datetime) -> float | None:
    """A quarter of the mean gap between the feed's last entries, in seconds; None where too few are dated."""
    stated = (entry.published or entry.updated for entry in parsed.entries)
    dates = sorted((date for date in stated if date is not None and date <= now), reverse=True)[:20]
    return (now - dates[-1]).total_seconds() / len(dates) / 4 if len(dates) >= 3 else None


def _followed_moves(feed: Feed, target: str, now: datetime, pace: Pace) -> tuple[Feed, bool]:
    """Keeps account of where permanent redirects point to; True where they are believed now."""
    if not target or target == feed.url:
        return replace(feed, moved_to="", moved_since=None), False
    if target != feed.moved_to or feed.moved_since is None:
        return replace(feed, moved_to=target, moved_since=now), False
    if now - feed.moved_since < pace.believe_moves_after:
        return feed, False
    return replace(feed, url=target, moved_to="", moved_since=None), True


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
