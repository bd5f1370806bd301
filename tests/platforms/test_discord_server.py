"""The loopback Discord is honest: what it says of itself is what other tests rely on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import discord_server
import httpx
import pytest
from discord_server import DiscordServer, Fault

POST = {"content": "hello", "nonce": "n1", "enforce_nonce": True}


@pytest.fixture
def channel(discord_server: DiscordServer) -> str:
    return discord_server.add_channel(discord_server.add_guild("Analysts"), "alerts")


def post(server: DiscordServer, channel: str, body: dict[str, Any], token: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bot {token or server.token}"}
    return httpx.post(f"{server.api}/channels/{channel}/messages", json=body, headers=headers, trust_env=False)


def test_a_repeated_nonce_is_the_same_message_until_it_is_forgotten(
    discord_server: DiscordServer, channel: str
) -> None:
    first, again = (post(discord_server, channel, POST).json() for _ in range(2))
    assert first["id"] == again["id"]
    assert "nonce" not in discord_server.messages(channel)[0]
    discord_server.forget_nonces()
    assert post(discord_server, channel, POST).json()["id"] != first["id"]


def test_another_token_is_refused(discord_server: DiscordServer, channel: str) -> None:
    assert post(discord_server, channel, POST, token="another").status_code == 401
    assert discord_server.messages(channel) == []


@pytest.mark.parametrize(("accepted", "messages"), [(True, 1), (False, 0)])
def test_a_dropped_connection_has_or_has_not_done_its_work(
    discord_server: DiscordServer, channel: str, accepted: bool, messages: int
) -> None:
    discord_server.fail("POST", "/channels/*/messages", Fault.drop(after_accept=accepted))
    with pytest.raises(httpx.TransportError):
        post(discord_server, channel, POST)
    assert len(discord_server.messages(channel)) == messages


def test_faults_are_met_as_often_as_they_were_armed(discord_server: DiscordServer, channel: str) -> None:
    discord_server.fail("POST", "/channels/*/messages", Fault.limited(9.0, everywhere=True), times=2)
    answers = [post(discord_server, channel, POST) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].json()["global"] is True
    assert answers[0].headers["X-RateLimit-Scope"] == "global"


def test_it_runs_as_a_process_of_its_own() -> None:
    command = [sys.executable, str(Path(discord_server.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        api = json.loads(process.stdout.readline())["CLAIMWATCH_DISCORD_API"]

        def order(do: str, **given: Any) -> Any:
            answer = httpx.post(f"{api[: -len('/api/v10')]}/_control", json={"do": do, "with": given}, trust_env=False)
            return answer.json()["result"]

        try:
            channel = order("add_channel", guild=order("add_guild", name="Analysts"), name="alerts")
            order("fail", method="POST", path="*", fault={"status": 503})
            assert order("messages", channel=channel) == []
        finally:
            process.stdin.close()
            assert process.wait(20) == 0
