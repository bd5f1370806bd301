"""Posting, editing and finding, by what arrives at a Slack on loopback; and every failure as an outcome."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_house import running, settings
from slack_server import BOT_USER, Fault, SlackServer

from bot.blocks import Button, Card, Message, Picture, Span, Tone, line
from bot.chat.commands import Desk
from bot.chat.slack import SlackBot, SlackPlatform
from bot.chat.slack.platform import HISTORY
from bot.model import Channel, Denied, Later, Refused, SendOutcome, Sent, Unknown

NEWS = Channel("slack:C0NEWS", "slack:T0HOUSE", "slack", "C0NEWS", "#news")
DESK = Channel("slack:C0DESK", "slack:T0HOUSE", "slack", "C0DESK", "#desk")
NONCE = "0123456789abcdef"
ALERT = Message(
    (Card(tone=Tone.UPDATES, badge=line("⟳ UPDATES"), title=Span("A headline"), lines=(line("800 → 650"),)),),
    (Button("Right", "claim show", "baltic-brigade"),),
)
NOTE = Message((Card(lines=(line("Merely a note"),)),))


def since() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=30)


@pytest.fixture
async def platform(slack: SlackServer, bot: SlackBot) -> SlackPlatform:
    slack.add_channel("C0DESK", "desk", [BOT_USER])
    return SlackPlatform(bot, settled=0.0, pauses=(0.0, 0.0))


async def test_a_post_carries_its_delivery_and_unfurls_nothing(slack: SlackServer, platform: SlackPlatform) -> None:
    outcome = await platform.send(NEWS, ALERT, NONCE)
    (posted,) = slack.messages["C0NEWS"]
    assert outcome == Sent(posted["ts"])
    assert posted["metadata"] == {"event_type": "claimwatch_delivery", "event_payload": {"delivery": NONCE}}
    assert (posted["unfurl_links"], posted["unfurl_media"]) == (False, False)
    assert "text" not in posted  # it would stand above the card a second time
    assert posted["attachments"][0]["color"] == "#E8A33D"


async def test_what_follows_goes_into_the_thread_and_is_found_there(
    slack: SlackServer, platform: SlackPlatform
) -> None:
    card = await platform.send(NEWS, ALERT, NONCE)
    assert isinstance(card, Sent)
    further = replace(NOTE, under=card.ref, topic="A headline")
    outcome = await platform.send(NEWS, further, "fedcba9876543210")
    assert [message.get("thread_ts") for message in slack.messages["C0NEWS"]] == [None, card.ref]
    assert await platform.find(NEWS, "fedcba9876543210", since(), card.ref) == outcome
    assert isinstance(await platform.find(NEWS, NONCE, since(), card.ref), Later)
    assert await platform.find(NEWS, NONCE, since()) == card


async def test_a_thread_that_cannot_be_had_closes_no_channel(slack: SlackServer, platform: SlackPlatform) -> None:
    slack.fault("chat.postMessage", Fault(error="restricted_action_non_threadable_channel"))
    outcome = await platform.send(NEWS, replace(NOTE, under="1.000001"), NONCE)
    assert outcome == Refused("Slack answered 200 restricted_action_non_threadable_channel")


async def test_one_post_a_second_and_channel(slack: SlackServer, platform: SlackPlatform) -> None:
    began = time.monotonic()
    for channel in (NEWS, DESK, NEWS):
        assert isinstance(await platform.send(channel, NOTE, NONCE), Sent)
    times = [(call.body["channel"], call.at - began) for call in slack.called("chat.postMessage")]
    assert times[1][1] < 0.9  # another channel need not wait
    assert times[2][1] >= 0.95


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(error="channel_not_found"), Refused("Slack answered 200 channel_not_found", channel_closed=True)),
        (Fault(error="is_archived"), Refused("Slack answered 200 is_archived", channel_closed=True)),
        (Fault(error="not_in_channel"), Refused("Slack answered 200 not_in_channel", channel_closed=True)),
        (Fault(error="restricted_action"), Refused("Slack answered 200 restricted_action", channel_closed=True)),
        (Fault(error="msg_too_long"), Refused("Slack answered 200 msg_too_long")),
        (Fault(error="invalid_blocks"), Refused("Slack answered 200 invalid_blocks")),
        (Fault(error="invalid_auth"), Denied("Slack answered 200 invalid_auth")),
        (Fault(error="token_revoked"), Denied("Slack answered 200 token_revoked")),
        (
            Fault(status=429, error="ratelimited", headers={"Retry-After": "7"}),
            Later(7.0, "Slack answered 429 ratelimited"),
        ),
        (Fault(status=429, html=True, headers={"Retry-After": "3"}), Later(3.0, "Slack answered 429")),
        (Fault(status=429, error="ratelimited"), Later(30.0, "Slack answered 429 ratelimited")),
        (Fault(error="rate_limited"), Later(30.0, "Slack answered 200 rate_limited")),
        (Fault(error="team_added_to_org"), Later(300.0, "Slack answered 200 team_added_to_org", everywhere=True)),
        (Fault(error="internal_error"), Unknown("Slack answered 200 internal_error")),
        (Fault(status=503, html=True), Unknown("Slack answered 503")),
        (Fault(status=500, error="fatal_error"), Unknown("Slack answered 500 fatal_error")),
        (Fault(status=200, html=True), Unknown("Slack answered 200")),
        (Fault(drop=True), Unknown("no answer from Slack: ServerDisconnectedError")),
    ],
    ids=lambda value: value.error or f"{value.status}{'-html' * value.html}" if isinstance(value, Fault) else "",
)  # fmt: skip
async def test_every_failure_is_an_outcome(
    slack: SlackServer, platform: SlackPlatform, fault: Fault, outcome: SendOutcome
) -> None:
    slack.fault("chat.postMessage", fault)
    assert await platform.send(NEWS, NOTE, NONCE) == outcome
    assert (len(slack.faults["chat.postMessage"]), slack.messages["C0NEWS"]) == (0, [])


async def test_a_post_without_an_answer_is_sent_once_and_found(slack: SlackServer, platform: SlackPlatform) -> None:
    slack.fault("chat.postMessage", Fault(drop=True, accepted=True))
    assert isinstance(await platform.send(NEWS, ALERT, NONCE), Unknown)
    (posted,) = slack.messages["C0NEWS"]
    assert await platform.find(NEWS, NONCE, since()) == Sent(posted["ts"])
    assert await platform.find(NEWS, "f" * 16, since()) == Later(0.0, "looked for in the channel and not there")


async def test_a_slow_answer_is_no_answer(
    slack: SlackServer, platform: SlackPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.platform.PATIENCE", 0.2)
    slack.fault("chat.postMessage", Fault(accepted=True, wait=0.6))
    assert await platform.send(NEWS, NOTE, NONCE) == Unknown("no answer from Slack: TimeoutError")


async def test_what_never_arrived_is_certainly_not_there(slack: SlackServer, platform: SlackPlatform) -> None:
    slack.fault("chat.postMessage", Fault(drop=True))
    assert isinstance(await platform.send(NEWS, NOTE, NONCE), Unknown)
    assert isinstance(await platform.find(NEWS, NONCE, since()), Later)


async def test_a_message_of_somebody_else_is_not_ours(slack: SlackServer, platform: SlackPlatform) -> None:
    metadata = {"event_type": "claimwatch_delivery", "event_payload": {"delivery": NONCE}}
    slack.messages["C0NEWS"].append({"ts": f"{time.time():.6f}", "bot_id": "B0OTHER", "metadata": metadata})
    assert isinstance(await platform.find(NEWS, NONCE, since()), Later)


@pytest.mark.parametrize(
    ("faults", "outcome"),
    [
        ([Fault(error="not_in_channel")], None),
        ([Fault(error="missing_scope")], Denied("Slack answered 200 missing_scope")),
        ([Fault(error="invalid_auth")], Denied("Slack answered 200 invalid_auth")),
        ([Fault(error="channel_not_found")], Refused("Slack answered 200 channel_not_found", channel_closed=True)),
        ([Fault(status=500, html=True), Fault(status=503, html=True)], None),
        ([Fault(drop=True)], Later(0.0, "looked for in the channel and not there")),
        ([Fault(status=429, headers={"Retry-After": "1"})], Later(0.0, "looked for in the channel and not there")),
    ],
)
async def test_a_channel_that_cannot_be_read_leaves_it_open(
    slack: SlackServer, platform: SlackPlatform, faults: list[Fault], outcome: SendOutcome | None
) -> None:
    slack.fault("conversations.history", *faults)
    assert await platform.find(NEWS, NONCE, since()) == outcome


@pytest.mark.parametrize(("others", "outcome"), [(HISTORY - 1, Later), (HISTORY + 1, type(None))])
async def test_history_is_read_page_by_page_up_to_a_bound(
    slack: SlackServer, platform: SlackPlatform, others: int, outcome: type
) -> None:
    slack.messages["C0NEWS"] = [{"ts": f"{time.time():.6f}", "text": "chatter"} for _ in range(others)]
    assert isinstance(await platform.find(NEWS, NONCE, since()), outcome)
    assert len(slack.called("conversations.history")) == 5


async def test_an_edit_replaces_all_that_was_shown(slack: SlackServer, platform: SlackPlatform) -> None:
    sent = await platform.send(NEWS, ALERT, NONCE)
    assert isinstance(sent, Sent)
    assert await platform.edit(NEWS, sent.ref, NOTE) == sent
    (posted,) = slack.messages["C0NEWS"]
    assert posted["attachments"] == []
    assert "Merely a note" in posted["blocks"][0]["text"]["text"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(error="message_not_found"), Sent("1.5")),
        (Fault(error="edit_window_closed"), Refused("Slack answered 200 edit_window_closed")),
        (Fault(drop=True), Later(5.0, "no answer from Slack: ServerDisconnectedError")),
        (Fault(error="is_archived"), Refused("Slack answered 200 is_archived", channel_closed=True)),
    ],
)
async def test_edits_end_without_doubt(
    slack: SlackServer, platform: SlackPlatform, fault: Fault, outcome: SendOutcome
) -> None:
    slack.fault("chat.update", fault)
    assert await platform.edit(NEWS, "1.5", NOTE) == outcome


PICTURED = Message((Card(lines=(line("14 days"),), picture=Picture("days.png", b"\x89PNG", "Days by theme")),))


async def test_pictures_follow_in_the_messages_thread(slack: SlackServer, platform: SlackPlatform) -> None:
    sent = await platform.send(NEWS, PICTURED, NONCE)
    assert isinstance(sent, Sent)
    assert slack.files == [
        {"name": "days.png", "alt": "Days by theme", "content": b"\x89PNG", "channel": "C0NEWS", "thread": sent.ref}
    ]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
@pytest.mark.parametrize("fault", [Fault(drop=True), Fault(error="internal_error")], ids=["drop", "error"])
async def test_a_picture_that_is_not_taken_leaves_the_message(
    slack: SlackServer, platform: SlackPlatform, method: str, fault: Fault
) -> None:
    slack.fault(method, fault)
    assert isinstance(await platform.send(NEWS, PICTURED, NONCE), Sent)
    assert (len(slack.messages["C0NEWS"]), slack.files) == (1, [])


async def test_nothing_is_sent_before_and_after_being_logged_in(slack: SlackServer, desk: Desk) -> None:
    bot = SlackBot(desk, settings(slack))
    platform = SlackPlatform(bot)
    assert await platform.send(NEWS, NOTE, NONCE) == Later(5.0, "not logged in to Slack yet")
    async with running(desk, settings(slack)) as connected:
        after = SlackPlatform(connected)
    assert await after.send(NEWS, NOTE, NONCE) == Later(5.0, "not logged in to Slack yet")
    assert slack.messages["C0NEWS"] == []


async def test_a_slack_that_is_not_there_is_tried_later(
    slack: SlackServer, bot: SlackBot, platform: SlackPlatform, unused_tcp_port: int
) -> None:
    bot.client.base_url = f"http://127.0.0.1:{unused_tcp_port}/api/"
    assert await platform.send(NEWS, NOTE, NONCE) == Later(5.0, "Slack cannot be reached: ClientConnectorError")


async def test_messages_with_anything_in_them_are_taken(slack: SlackServer, platform: SlackPlatform) -> None:
    hostile: list[Any] = ["<!channel> <@U0ADMIN> & *bold* :skull:", "<https://evil.example|good.example>", "> " * 900]
    cards = tuple(Card(tone=Tone.NEW, title=Span(text, url="https://a.example/x|y>"), quote=text) for text in hostile)
    assert isinstance(await platform.send(NEWS, Message(cards), NONCE), Sent)
