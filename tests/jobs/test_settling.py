"""Who shares a transaction, whose turn it is among processes, and who works beside whom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from jobs_world import NOW, HandClock, claim, settle

from bot.errors import StoreBusy
from bot.feeds.identify import Identified
from bot.jobs.matching import Matched
from bot.jobs.settling import Finding, Settler
from bot.jobs.together import MOST
from bot.model import Entry, FeedIntent, Hush, Match
from storage import Store

HOME = "console:home"


def finding(store: Store, hush: Hush = Hush.NONE, *, matched: bool = True) -> Finding:
    """A poll that brought one entry."""
    settle(store, claims=[claim()])
    (watch,) = store.watches.all(HOME)
    feed = store.feeds.follow(HOME, FeedIntent("https://herald.example/feed"), NOW)
    entry = Entry("e1", feed.id, "1", "https://herald.example/1", "Nuclear talks", "", NOW, NOW, "en", "Herald")
    matches = (Match(watch.id, ("nuclear",)),) if matched else ()
    hits = Matched({entry.id: matches}, {watch.id: watch})
    return Finding(feed, feed, Identified((entry,), hush), hits, {}, frozenset({HOME}))


@pytest.mark.parametrize(
    ("hush", "matched", "weight"),
    [
        (Hush.NONE, True, MOST),
        (Hush.NONE, False, 2),
        (Hush.FIRST_POLL, True, 2),
        (Hush.FLOOD, True, 2),
    ],
)
def test_only_what_may_be_told_has_a_transaction_of_its_own(
    store: Store, hush: Hush, matched: bool, weight: int
) -> None:
    assert finding(store, hush, matched=matched).weight == weight


class Waiting:
    """A turn that somebody else has until it is let go, and that may be lost."""

    def __init__(self) -> None:
        self.asked, self.free, self.lost = threading.Event(), threading.Event(), False

    @contextmanager
    def turn(self, _store: Store) -> Iterator[Callable[[], None]]:
        self.asked.set()
        assert self.free.wait(20)
        yield self._still

    def _still(self) -> None:
        if self.lost:
            raise StoreBusy("lost")


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    found = Waiting()
    monkeypatch.setattr(Store, "turn", lambda store: found.turn(store))
    return found


def test_the_lane_is_free_while_a_turn_is_waited_for_and_held_while_it_is_used(store: Store, waiting: Waiting) -> None:
    lane = threading.Lock()
    settler, found = Settler(store, HandClock(), lane), finding(store)
    settling = threading.Thread(target=settler._settle, args=([found],))
    settling.start()
    assert waiting.asked.wait(20)
    assert lane.acquire(timeout=20), "others go on"
    waiting.free.set()
    time.sleep(0.1)
    assert store.entries.latest(HOME, 5) == [], "it waits for the lane"
    lane.release()
    settling.join(20)
    assert [one.id for one in store.entries.latest(HOME, 5)] == ["e1"]


def test_nothing_is_committed_in_a_turn_that_was_lost(store: Store, waiting: Waiting) -> None:
    settler, found = Settler(store, HandClock(), threading.Lock()), finding(store)
    waiting.free.set()
    waiting.lost = True
    with pytest.raises(StoreBusy, match="lost"):
        settler._settle([found])
    assert store.entries.latest(HOME, 5) == []
    waiting.lost = False
    settler._settle([found])
    assert [one.id for one in store.entries.latest(HOME, 5)] == ["e1"]
