from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.demo.news import News, load_news

NOW = datetime(2026, 3, 18, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def news() -> News:
    return load_news()


@pytest.fixture
def now() -> datetime:
    return NOW
