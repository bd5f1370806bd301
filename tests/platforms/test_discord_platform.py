"""`DiscordPlatform` against a Discord on loopback: every failure has the outcome that the delivery loop needs."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from discord_server import DiscordServer, Fault

from bot.blocks import Button, Card, Message, Picture, Span, bold, line
from bot.chat.discord import DiscordBot, DiscordPlatform, platform
from bot.model import Channel, Denied, Later, Refused, SendOutcome, Sent, Unknown

NONCE, ANOTHER = "0123456789abcdef", "fedcba9876543210"
CARD = Message(
    (Card(title=Span("Warsaw rules it out", url="https://herald.example/1"), lines=(line("By ", bold("ANSA")),)),)
)
PRESSABLE = Message(CARD.cards, buttons=(Button("Why", "why", "4f2a"),))
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def channel(discord_server: DiscordServer) -> Channel:
    guild = discord_server.add_guild("Analysts")
    return place(discord_server.add_channel(guild, "alerts"), guild)


@pytest.fixture
def posting(channel: Channel, bot: DiscordBot) -> DiscordPlatform:
    return DiscordPlatform(bot)


def place(address: str, guild: str = "1") -> Channel:
    return Channel(f"discord:{address}", f"discord:{guild}", "discord", address, "alerts")


def minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


async def test_a_card_is_posted_as_an_embed(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    outcome = await posting.send(channel, CARD, NONCE)
    (message,) = discord_server.messages(channel.address)
    assert outcome == Sent(message["id"])
    assert message["embeds"][0]["title"] == "Warsaw rules it out"
    assert message["embeds"][0]["description"] == "By **ANSA**"
    (request,) = discord_server.requests("POST", "/channels/*/messages")
    assert (request.body["nonce"], request.body["enforce_nonce"]) == (NONCE, True)
    assert request.body["allowed_mentions"] == {"parse": [], "roles": []}


async def test_a_picture_goes_along_with_its_alternative_text(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    card = Card(lines=(line("Fourteen days"),), picture=Picture("themes.png", PNG, "Troops lead with 9 verdicts"))
    assert isinstance(await posting.send(channel, Message((card,)), NONCE), Sent)
    (message,) = discord_server.messages(channel.address)
    assert message["embeds"][0]["image"]["url"] == "attachment://themes.png"
    (attachment,) = message["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("themes.png", len(PNG))
    assert attachment["description"] == "Troops lead with 9 verdicts"


@pytest.mark.parametrize("message", [CARD, PRESSABLE], ids=["without buttons", "with a button"])
async def test_taken_and_then_cut_off_is_one_message(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer, message: Message
) -> None:
    discord_server.fail("POST", "/channels/*/messages", Fault.drop(after_accept=True))
    assert isinstance(await posting.send(channel, message, NONCE), Unknown)
    (posted,) = discord_server.messages(channel.address)
    assert await posting.send(channel, message, NONCE) == Sent(posted["id"])  # the nonce holds
    discord_server.forget_nonces()
    assert await posting.find(channel, NONCE, minute_ago()) == Sent(posted["id"])  # the message itself tells
    assert len(discord_server.messages(channel.address)) == 1


async def test_cut_off_before_it_was_taken_is_found_missing(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    discord_server.fail("POST", "/channels/*/messages", Fault.drop(after_accept=False))
    assert isinstance(await posting.send(channel, CARD, NONCE), Unknown)
    await posting.send(channel, CARD, ANOTHER)
    assert isinstance(await posting.find(channel, NONCE, minute_ago()), Later)


async def test_what_was_posted_long_before_is_not_looked_at(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    await posting.send(channel, CARD, NONCE)
    later = datetime.now(UTC) + platform.CLOCK_SKEW + timedelta(minutes=1)
    assert isinstance(await posting.find(channel, NONCE, later), Later)


async def test_a_look_is_repeated_and_then_given_up(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "PAUSES", (0.0, 0.0, 0.0))
    posted = await posting.send(channel, CARD, NONCE)
    discord_server.fail("GET", "/channels/*/messages", Fault.error(503), times=2)
    assert await posting.find(channel, NONCE, minute_ago()) == posted
    discord_server.fail("GET", "/channels/*/messages", Fault.error(503), times=3)
    assert await posting.find(channel, NONCE, minute_ago()) is None


async def test_a_channel_with_too_much_to_look_through_tells_nothing(
    posting: DiscordPlatform, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await posting.send(channel, CARD, f"{number:016x}")
    monkeypatch.setattr(platform, "HISTORY", 3)
    assert await posting.find(channel, NONCE, minute_ago()) is None


FAILURES: list[tuple[Fault, SendOutcome]] = [
    (Fault.error(401), Denied("")),
    (Fault.error(404, 10003), Refused("", channel_closed=True)),
    (Fault.error(403, 50001), Refused("", channel_closed=True)),
    (Fault.error(403, 50013), Refused("", channel_closed=True)),
    (Fault.error(403, 0), Refused("", channel_closed=True)),
    (Fault.error(400, 50035), Refused("")),
    (Fault.error(413, 40005), Refused("")),
    (Fault.error(503), Later(5.0, "")),
    (Fault.limited(300.0), Later(300.0, "")),
    (Fault.limited(300.0, everywhere=True), Later(300.0, "", everywhere=True)),
]


@pytest.mark.parametrize(("fault", "expected"), FAILURES, ids=lambda value: str(value)[:60])
async def test_each_failure_has_its_outcome(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer, fault: Fault, expected: SendOutcome
) -> None:
    discord_server.fail("POST", "/channels/*/messages", fault)
    outcome = await posting.send(channel, CARD, NONCE)
    told = {name: value for name, value in vars_of(outcome).items() if name != "reason"}
    assert (type(outcome), told) == (type(expected), {k: v for k, v in vars_of(expected).items() if k != "reason"})
    assert len(discord_server.requests("POST", "/channels/*/messages")) == 1


def vars_of(outcome: SendOutcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in outcome.__slots__}


async def test_server_errors_are_tried_again_and_then_unknown(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    discord_server.fail("POST", "/channels/*/messages", Fault.error(502), times=5)
    real_sleep = asyncio.sleep
    with patch("discord.http.asyncio.sleep", lambda seconds: real_sleep(0)):
        assert isinstance(await posting.send(channel, CARD, NONCE), Unknown)
    assert len(discord_server.requests("POST", "/channels/*/messages")) == 5
    assert discord_server.messages(channel.address) == []


async def test_a_long_limit_of_one_channel_leaves_the_others_alone(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    other = place(discord_server.add_channel(channel.tenant.removeprefix("discord:"), "other"))
    discord_server.fail("POST", f"/channels/{channel.address}/messages", Fault.limited(300.0))
    limited, posted = await asyncio.gather(posting.send(channel, CARD, NONCE), posting.send(other, CARD, ANOTHER))
    assert isinstance(limited, Later)
    assert not limited.everywhere
    assert isinstance(posted, Sent)


async def test_an_answer_that_never_comes_is_unknown(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "PATIENCE", 0.2)
    discord_server.fail("POST", "/channels/*/messages", Fault.slow(1.5))
    assert isinstance(await posting.send(channel, CARD, NONCE), Unknown)


async def test_the_same_card_to_two_channels_is_two_posts(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    other = place(discord_server.add_channel(channel.tenant.removeprefix("discord:"), "other"))
    await posting.send(channel, CARD, NONCE)
    await posting.send(other, CARD, ANOTHER)
    assert len(discord_server.messages(channel.address)) == len(discord_server.messages(other.address)) == 1


async def test_a_post_is_edited_and_one_that_is_gone_counts_as_done(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    posted = await posting.send(channel, PRESSABLE, NONCE)
    assert isinstance(posted, Sent)
    assert await posting.edit(channel, posted.ref, CARD) == posted
    (message,) = discord_server.messages(channel.address)
    assert message["components"] == []
    discord_server.delete(channel.address, posted.ref)
    assert await posting.edit(channel, posted.ref, CARD) == posted
    gone = await posting.edit(place("404"), posted.ref, CARD)
    assert isinstance(gone, Refused)
    assert gone.channel_closed


async def test_an_edit_is_never_unknown(
    posting: DiscordPlatform, channel: Channel, discord_server: DiscordServer
) -> None:
    posted = await posting.send(channel, CARD, NONCE)
    assert isinstance(posted, Sent)
    discord_server.fail("PATCH", "*", Fault.drop(after_accept=True))
    assert isinstance(await posting.edit(channel, posted.ref, CARD), Later)


async def test_nothing_is_sent_before_logging_in(desk: object, channel: Channel, discord_server: DiscordServer) -> None:
    early = DiscordPlatform(DiscordBot(desk))  # type: ignore[arg-type]
    assert isinstance(await early.send(channel, CARD, NONCE), Later)
    assert discord_server.requests() == []


async def test_nothing_is_sent_after_closing(
    posting: DiscordPlatform, bot: DiscordBot, channel: Channel, discord_server: DiscordServer
) -> None:
    await bot.close()
    assert isinstance(await posting.send(channel, CARD, NONCE), Later)
    assert discord_server.messages(channel.address) == []


async def test_no_token_reaches_a_log(
    bot: DiscordBot, channel: Channel, discord_server: DiscordServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await asyncio.to_thread(discord_server.wait_for, lambda: bot.get_channel(int(channel.address)))
    await DiscordPlatform(bot).send(channel, CARD, NONCE)
    token = await asyncio.to_thread(discord_server.slash, channel.address, "status")
    await asyncio.to_thread(discord_server.answer, token)
    assert token not in caplog.text
    assert discord_server.token not in caplog.text
