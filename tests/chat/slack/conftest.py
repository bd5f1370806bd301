"""A bot that is connected to a Slack on loopback, over a real store."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from chat_world import Hooks
from slack_house import running, settings
from slack_server import BOT_USER, SlackServer, slack_server

from bot.chat.commands import Desk
from bot.chat.slack import SlackBot


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackServer]:
    """A Slack with #news, in which the bot is, and that takes all that it is sent."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)  # slack_sdk would send what is meant for loopback there
    async with slack_server() as server:
        server.add_channel("C0NEWS", "news", [BOT_USER, "U0ADMIN", "U0MEMBER"])
        yield server
        assert server.broken_rules == []


@pytest.fixture
async def bot(slack: SlackServer, desk: Desk, hooks: Hooks) -> AsyncIterator[SlackBot]:
    async with running(desk, settings(slack)) as connected:
        await slack.open_sockets()
        yield connected
