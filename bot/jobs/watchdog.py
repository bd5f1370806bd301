"""watchdog: says in the admin channels when no feed could be read for many intervals, and when one could again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.alerts.notices import silence_notices
from bot.model import Feed, FeedState
from bot.ports import Store

log = logging.getLogger(__name__)

SILENT_SINCE = "watchdog:silent-since"
"""The fact that holds, while no feed can be read, since when; empty otherwise. It survives a restart."""


class Watchdog:
    """Looks now and then whether any feed was read. Its methods block."""

    def __init__(self, store: Store, intervals: int, shortest: float, started: datetime) -> None:
        """It barks after so many intervals of the feed that is due most often, of `shortest` seconds at least."""
        self._store, self._intervals, self._shortest, self._started = store, intervals, shortest, started

    def look(self, now: datetime) -> str:
        """What is wrong, in words; empty where all is well. Owes one notice a tenant whenever that changes."""
        feeds = self._feeds()
        noted = self._store.meta.get(SILENT_SINCE)
        if not noted:
            silent_since = self._begun(feeds, now)
            return self._say(silent_since, now) if silent_since else ""
        silent_since = datetime.fromisoformat(noted)
        if feeds and not any(feed.last_ok and feed.last_ok > silent_since for feed in feeds):
            return _words(silent_since)
        return self._say_over(silent_since, now)

    def _feeds(self) -> Sequence[Feed]:
        """Those that are to be read."""
        tenants = self._store.tenants.all()
        followed = {feed.id: feed for tenant in tenants for feed in self._store.feeds.followed(tenant.id)}
        return [feed for feed in followed.values() if feed.state is not FeedState.GONE]

    def _begun(self, feeds: Sequence[Feed], now: datetime) -> datetime | None:
        """Since when no feed was read, where that is longer than it should be."""
        if not feeds:
            return None
        interval = max(min(feed.interval or self._shortest for feed in feeds), self._shortest)
        last = max((feed.last_ok for feed in feeds if feed.last_ok), default=self._started)
        # A bot that was off for a night and has just been started gets its time.
        silence = now - max(last, self._started)
        return last if silence > timedelta(seconds=self._intervals * interval) else None

    # Notices are owed before the fact is noted: where that is cut off, the same notices are owed again, which is once.

    def _say(self, silent_since: datetime, now: datetime) -> str:
        self._tell(silent_since, now, over=False)
        self._store.meta.put(SILENT_SINCE, silent_since.isoformat())
        log.warning("%s", _words(silent_since))
        return _words(silent_since)

    def _say_over(self, silent_since: datetime, now: datetime) -> str:
        self._tell(silent_since, now, over=True)
        self._store.meta.put(SILENT_SINCE, "")
        log.info("feeds can be read again")
        return ""

    def _tell(self, silent_since: datetime, now: datetime, *, over: bool) -> None:
        self._store.deliveries.owe(silence_notices(self._store.tenants.all(), silent_since, now, over=over))


def _words(silent_since: datetime) -> str:
    return f"no feed could be read since {silent_since:%Y-%m-%d %H:%M} UTC"
