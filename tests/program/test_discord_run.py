"""The program against a Discord on loopback, killed at the worst moments: one message, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from discord_server import DiscordServer, Fault
from feed_server import FeedServer, News
from openapi import check_all
from programs import Place, Program

RULED_OUT = "Warsaw rules out nuclear weapons on Polish soil"
TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.GloopB.0123456789abcdefghijklmnopqrstuvwxyzAB"
PASSWORD = "hunter2hunter2"
AGES_AGO = "strftime('%Y-%m-%d %H:%M:%f', first_sent, '-10 minutes') || '000'"
POST = ("POST", "/channels/*/messages")


@pytest.fixture
def discord() -> Iterator[DiscordServer]:
    with DiscordServer(TOKEN) as server:
        yield server
        check_all((one.method, one.path, one.body) for one in server.requests())


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.publish("herald", News(RULED_OUT, datetime.now(UTC)))
        yield server


@pytest.fixture
def guild(discord: DiscordServer) -> str:
    return discord.add_guild("Analysts")


@pytest.fixture
def channel(discord: DiscordServer, guild: str) -> str:
    return discord.add_channel(guild, "alerts")


@pytest.fixture
def place(tmp_path: Path, feeds: FeedServer, guild: str, channel: str) -> Place:
    url = feeds.url("herald", f"reader:{PASSWORD}@")
    return Place.made(tmp_path, url, platform="discord", address=channel, guild=guild)


def sent(place: Place) -> Callable[[], bool]:
    return lambda: place.states() == ["sent"]


def test_killed_between_commit_and_send(discord: DiscordServer, place: Place, channel: str) -> None:
    discord.fail("GET", "/users/@me", Fault.slow(60))  # it cannot log in, so it cannot send
    with Program(place, discord.environment()) as program:
        program.wait_for(lambda: place.states())
        program.kill()
    assert discord.requests(*POST) == []
    with Program(place, discord.environment()) as program:
        program.wait_for(sent(place))
        assert program.stop() == 0
    (message,) = discord.messages(channel)
    assert message["embeds"][0]["title"] == RULED_OUT


@pytest.mark.parametrize("beyond", [False, True], ids=["while nonces hold", "beyond the nonce window"])
def test_killed_between_send_and_mark(discord: DiscordServer, place: Place, channel: str, beyond: bool) -> None:
    discord.fail(*POST, Fault.slow(2.5))
    with Program(place, discord.environment()) as program:
        program.wait_for(lambda: discord.requests(*POST))
        program.kill()
    assert place.states() == ["sending"]
    discord.wait_for(lambda: discord.messages(channel))  # Discord took it all the same
    if beyond:
        discord.forget_nonces()
        place.change(f"UPDATE deliveries SET first_sent = {AGES_AGO}, last_sent = {AGES_AGO}")
    with Program(place, discord.environment()) as program:
        program.wait_for(sent(place))
        assert program.stop() == 0
    assert len(discord.messages(channel)) == 1
    assert len(discord.requests(*POST)) == (1 if beyond else 2)


def test_no_secret_is_in_the_most_talkative_log(discord: DiscordServer, place: Place, channel: str) -> None:
    with Program(place, discord.environment(), level="DEBUG") as program:
        program.wait_for(sent(place))
        program.wait_for(lambda: discord.connected() and discord.commands())
        interaction = discord.slash(channel, "status")
        assert discord.answer(interaction)["embeds"]
        assert program.stop() == 0
    log = program.logged + program.printed
    assert " DEBUG " in log
    for secret in (TOKEN, TOKEN.split(".")[2], PASSWORD, interaction):
        assert secret not in log
    assert "Traceback" not in log


def test_a_wrong_token_is_one_clear_line(discord: DiscordServer, place: Place) -> None:
    wrong = TOKEN.replace("Gloop", "Wrong")
    with Program(place, discord.environment() | {"DISCORD_TOKEN": wrong}) as program:
        assert program.ended() == 1
    told = [line for line in program.logged.splitlines() if "token" in line]
    assert len(told) == 1
    assert told[0].startswith("claimwatch: Discord does not accept the token.")
    assert "Traceback" not in program.logged
    assert wrong not in program.logged
    assert place.states() in ([], ["owed"])  # what it may have found waits for a better token
