"""What is said of many feeds at once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from bot.app import SystemClock
from bot.jobs.poll import Polled
from bot.model import FailureKind, Feed, FetchFailed
from bot.reports import IN_VAIN, Reports
from storage import Store

FEED = Feed("feed", "https://a.example/feed", "A", "", 1.0, datetime(2026, 1, 1, tzinfo=UTC))


def polled(failure: FailureKind | None) -> Polled:
    return Polled(FEED, 0, 0, 0, FetchFailed(failure, "the name cannot be resolved") if failure else None)


def test_a_machine_without_network_is_told_of_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    reports = Reports(store, SystemClock())
    with caplog.at_level(logging.INFO):
        for failure in (*[FailureKind.NETWORK] * (IN_VAIN + 5), None):
            reports.polled(polled(failure))
    ours = [record.levelname for record in caplog.records if "network" in record.message or "again" in record.message]
    assert ours == ["ERROR", "INFO"]


def test_a_feed_that_cannot_be_reached_now_and_then_is_none_of_our_doing(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    reports = Reports(store, SystemClock())
    with caplog.at_level(logging.INFO):
        for failure in [FailureKind.NETWORK, None] * IN_VAIN:
            reports.polled(polled(failure))
    assert {record.levelname for record in caplog.records} == {"WARNING"}
