"""An office in a folder of its own; the logging of each command is undone after it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_world import Office

SLACK = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office.made(tmp_path)


@pytest.fixture(autouse=True)
def logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands set up logging for their process, which is that of all tests here."""
    for name in ("DISCORD_TOKEN", *SLACK, "CLAIMWATCH_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    for name in ("apscheduler", "alembic", "httpx", "httpcore", "discord", "matplotlib", "procrastinate"):
        logging.getLogger(name).setLevel(logging.NOTSET)
