"""Staying connected, acknowledging in time and acting once, whatever the sockets do; and HTTP instead of them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from chat_world import Hooks
from slack_house import running, said, settings
from slack_server import APP_TOKEN, BOT_TOKEN, TEAM, Fault, SlackServer

from bot.chat.commands import Comparison, Desk
from bot.chat.slack import SlackBot, SlackSettings
from bot.chat.slack.connection import SCOPES
from bot.chat.slack.errands import Errands
from bot.chat.slack.reception import COMPARE
from bot.chat.slack.render import COMMAND
from bot.errors import ConfigError, PlatformError
from bot.model import Item
from storage import Store

TENANT = f"slack:{TEAM}"
SOON = 3.0
SECRET = "signing-secret"


async def replies(slack: SlackServer) -> bool:
    """Whether a command that is typed now is answered, as the first one."""
    ack = await slack.command("status")
    return ack.after < SOON and "Feeds" in said(await slack.answer())


async def test_an_envelope_that_comes_twice_acts_once(slack: SlackServer, bot: SlackBot, hooks: Hooks) -> None:
    await slack.command("digest now", times=2)
    await slack.answer()
    await slack.command("status")
    await slack.answer(2)
    assert len(hooks.digests) == 1
    assert len(slack.answers) == 2


async def test_an_envelope_that_comes_over_two_sockets_acts_once(slack: SlackServer, desk: Desk, hooks: Hooks) -> None:
    async with running(desk, settings(slack, sockets=2)):
        await slack.open_sockets(2)
        await slack.command("digest now", times=2, apart=True)
        await slack.answer()
        await slack.command("status")
        await slack.answer(2)
    assert len(hooks.digests) == 1


async def test_sockets_that_close_are_replaced(slack: SlackServer, desk: Desk) -> None:
    async with running(desk, settings(slack, sockets=2)):
        closed = list(await slack.open_sockets(2))
        for socket in closed:
            await socket.close()
        assert not {*map(id, closed)} & {*map(id, await slack.open_sockets(2))}
        assert await replies(slack)


async def test_slack_renews_a_socket_by_asking(slack: SlackServer, bot: SlackBot) -> None:
    (socket,) = await slack.open_sockets()
    await socket.send_str(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))
    await slack.until(lambda: slack.tickets, lambda tickets: tickets == 2)
    await slack.until(lambda: socket.closed)
    assert await replies(slack)


async def test_a_socket_that_slack_does_not_renew_is_made_anew(
    slack: SlackServer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.connection.LOST", 2)
    async with running(desk, settings(slack, ping=0.1)):
        (socket,) = await slack.open_sockets()
        slack.fault("apps.connections.open", *[Fault(status=500, html=True)] * 3)
        await socket.close()
        await slack.until(lambda: [s for s in slack.sockets if not s.closed and s is not socket])
        assert await replies(slack)


async def test_acknowledgements_come_in_time_whatever_the_load(slack: SlackServer, bot: SlackBot) -> None:
    async def compare(tenant: str, text: str) -> Comparison:
        await asyncio.sleep(0.05)
        return Comparison(Item("x", text, ""), ())

    object.__setattr__(bot.desk, "compare", compare)
    acks = await asyncio.gather(*(slack.command(f"check number {number}") for number in range(120)))
    assert max(ack.after for ack in acks) < SOON
    await slack.answer(120)
    assert len(slack.answers) == 120


async def test_too_much_at_once_is_turned_away_in_words(
    slack: SlackServer, bot: SlackBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def compare(tenant: str, text: str) -> Comparison:
        await gate.wait()
        return Comparison(Item("x", text, ""), ())

    object.__setattr__(bot.desk, "compare", compare)
    monkeypatch.setattr(Errands, "full", property(lambda errands: len(errands._running) >= 2))
    acks = [await slack.command(f"check number {number}") for number in range(3)]
    assert [bool(ack.payload) for ack in acks] == [False, False, True]
    assert "try again" in (acks[2].payload or {})["text"]
    gate.set()
    await slack.answer(2)


async def test_answers_that_were_begun_end_before_the_bot_leaves(slack: SlackServer, desk: Desk) -> None:
    async def compare(tenant: str, text: str) -> Comparison:
        await asyncio.sleep(0.3)
        return Comparison(Item("x", "late", ""), ())

    object.__setattr__(desk, "compare", compare)
    async with running(desk, settings(slack)):
        await slack.open_sockets()
        await slack.command("check words")
    assert "late" in json.dumps(slack.answers)


@pytest.mark.parametrize("fault", [Fault(status=429), Fault(status=500), Fault(drop=True)])
async def test_an_answer_that_slack_does_not_take_at_first_is_sent_again(
    slack: SlackServer, bot: SlackBot, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.answers.PAUSES", (0.0, 0.0, 0.0))
    slack.fault("response_url", fault)
    assert await replies(slack)
    assert not slack.faults["response_url"], "it was turned away first"


async def test_an_answer_that_slack_refuses_is_noted(
    slack: SlackServer, bot: SlackBot, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fault("response_url", Fault(status=404, error="used_url"))
    await slack.command("status")
    await slack.command("latest")
    await slack.answer()
    assert "404 used_url" in caplog.text


# --- logging in ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_a_refused_token_ends_it_with_a_clear_line(slack: SlackServer, desk: Desk, method: str) -> None:
    slack.fault(method, Fault(error="invalid_auth"))
    with pytest.raises(PlatformError, match="does not accept a token"):
        async with asyncio.timeout(SOON * 3):
            await SlackBot(desk, settings(slack)).run_until_closed()


@pytest.mark.parametrize("method", ["auth.test", "apps.connections.open"])
async def test_a_slack_that_cannot_be_reached_is_waited_for(
    slack: SlackServer, desk: Desk, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr("bot.chat.slack.connection.RECONNECT", (0.05, 0.1))
    slack.fault(method, Fault(drop=True), Fault(status=503, html=True))
    async with running(desk, settings(slack)):
        await slack.open_sockets()
        assert await replies(slack)
    assert not slack.faults[method], "it was away at first"


async def test_leaving_while_slack_is_away_is_no_failure(slack: SlackServer, desk: Desk) -> None:
    slack.fault("auth.test", *[Fault(status=503, html=True)] * 3)
    bot = SlackBot(desk, settings(slack))
    task = asyncio.create_task(bot.run_until_closed())
    await slack.until(lambda: len(slack.faults["auth.test"]) < 3)
    await bot.close()
    await asyncio.wait({task}, timeout=SOON)
    assert task.done()
    assert task.exception() is None


async def test_a_process_that_only_posts_takes_nothing(slack: SlackServer, desk: Desk) -> None:
    bot = SlackBot(desk, settings(slack))
    task = asyncio.create_task(bot.run_until_closed(listen=False))
    await bot.ready.wait()
    assert slack.tickets == 0
    await bot.close()
    await task


async def test_missing_scopes_are_told(slack: SlackServer, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    slack.scopes = "chat:write,commands"
    async with running(desk, settings(slack)):
        assert "channels:history" in caplog.text


async def test_members_of_the_named_group_may_configure(slack: SlackServer, desk: Desk, store: Store) -> None:
    slack.groups = {"S0EDITORS": {"handle": "editors", "users": ["U0MEMBER"]}, "S0ALL": {"handle": "all", "users": []}}
    async with running(desk, settings(slack, configurers="@editors")):
        await slack.open_sockets()
        await slack.command("watch add SACEUR", user="U0MEMBER")
        await slack.answer()
        slack.add_user("U0GUEST")
        await slack.command("watch add Ankara", user="U0GUEST")
        assert "member of the user group editors" in json.dumps(await slack.answer(2))
    assert [watch.query for watch in store.watches.all(TENANT)] == ["SACEUR"]


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"bot_token": ""}, "SLACK_BOT_TOKEN: missing"),
        ({"bot_token": "xapp-1"}, "SLACK_BOT_TOKEN: does not look like one"),
        ({"app_token": ""}, "SLACK_APP_TOKEN: missing"),
        ({"app_token": "xoxb-1"}, "SLACK_APP_TOKEN"),
        ({"http": True}, "SLACK_SIGNING_SECRET"),
        ({"sockets": 11}, "slack.sockets"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], key: str) -> None:
    with pytest.raises(ConfigError, match=key) as refused:
        SlackSettings(**{"bot_token": "xoxb-1", "app_token": "xapp-1", **given})
    assert "xapp-1" not in str(refused.value)


async def test_nothing_that_answers_or_logs_in_is_logged(
    slack: SlackServer, desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running(desk, settings(slack)) as bot:
        (socket,) = await slack.open_sockets()
        await slack.command("status")
        await slack.answer()
        await slack.press({"type": "button", "action_id": "press:0", "value": "latest:"})
        await slack.answer(2)
        await socket.close()
        await slack.until(lambda: [s for s in slack.sockets if not s.closed and s is not socket])
        slack.fault("auth.test", Fault(status=500, html=True))
        assert repr(bot)
    for secret in (BOT_TOKEN, APP_TOKEN, "/response/", "one-time-"):
        assert secret not in caplog.text
    assert BOT_TOKEN not in repr(settings(slack))


def test_the_manifest_asks_for_what_the_bot_uses() -> None:
    manifest = (Path(__file__).parents[3] / "config" / "slack-manifest.yaml").read_text()
    listed = {line.strip().removeprefix("- ") for line in manifest.splitlines() if line.strip().startswith("- ")}
    assert listed >= SCOPES | {"app_home_opened", f"command: {COMMAND}"}
    assert f"callback_id: {COMPARE}" in manifest
    assert "socket_mode_enabled: true" in manifest
    assert "should_escape: true" in manifest


# --- HTTP ------------------------------------------------------------------------------------------------------------


def signed(body: str, secret: str, at: float) -> dict[str, str]:
    base = f"v0:{int(at)}:{body}"
    signature = "v0=" + hmac.new(secret.encode(), base.encode(), hashlib.sha256).hexdigest()
    return {
        "X-Slack-Request-Timestamp": str(int(at)),
        "X-Slack-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.mark.parametrize(
    ("secret", "age", "status"),
    [(SECRET, 0, 200), ("another", 0, 401), (SECRET, 3600, 401)],
    ids=["signed", "forged", "replayed"],
)
async def test_requests_over_http_need_slacks_signature(
    slack: SlackServer, desk: Desk, hooks: Hooks, secret: str, age: float, status: int
) -> None:
    wanted = settings(slack, http=True, signing_secret=SECRET, app_token="", port=0)
    async with running(desk, wanted) as bot, aiohttp.ClientSession() as session:
        await until_listening(bot)
        body = urlencode(slack.command_payload("digest now", "U0ADMIN", "C0NEWS"))
        headers = signed(body, secret, time.time() - age)
        for _ in range(2):
            async with session.post(
                f"http://127.0.0.1:{bot.port}/slack/events", data=body, headers=headers
            ) as response:
                assert response.status == status
        if status == 200:
            await slack.answer()
    assert len(hooks.digests) == (1 if status == 200 else 0)
    assert slack.sockets == []


async def until_listening(bot: SlackBot) -> None:
    async with asyncio.timeout(SOON):
        while not bot.port:
            await asyncio.sleep(0.01)
