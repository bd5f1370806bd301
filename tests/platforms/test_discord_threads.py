"""Threads under cards, forums, and channels that are threads: where messages go, once, and what failures mean there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from discord_server import DiscordServer, Fault

from bot.blocks import Button, Card, Message, Picture, Span, line
from bot.chat.discord import DiscordBot, DiscordPlatform
from bot.model import Channel, Later, Refused, Sent, Unknown

NONCE, ANOTHER, THIRD = "0123456789abcdef", "fedcba9876543210", "00000000000000aa"
HEADLINE = "Warsaw rules out nuclear weapons on Polish soil"
CARD = Message(
    (Card(title=Span(HEADLINE, url="https://herald.example/1"), lines=(line("By ANSA"),)),),
    (Button("Why", "why", "4f2a"),),
    topic=HEADLINE,
    tag="contradicts",
)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def guild(discord_server: DiscordServer) -> str:
    return discord_server.add_guild("Analysts")


@pytest.fixture
def posting(bot: DiscordBot) -> DiscordPlatform:
    return DiscordPlatform(bot)


def place(address: str, guild: str = "1") -> Channel:
    return Channel(f"discord:{address}", f"discord:{guild}", "discord", address, "alerts")


def follow_up(under: str, text: str = "Also by DW", topic: str = HEADLINE) -> Message:
    return Message((Card(lines=(line(text),)),), under=under, topic=topic)


def minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


# --- threads under cards -----------------------------------------------------------------------------------------


async def test_what_follows_opens_one_thread_under_the_card(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    channel = place(discord_server.add_channel(guild, "alerts"), guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    for nonce, text in ((ANOTHER, "Also by DW"), (THIRD, "Also by ANSA")):
        assert isinstance(await posting.send(channel, follow_up(card.ref, text), nonce), Sent)
    (thread,) = discord_server.threads(channel.address)
    assert (thread["id"], thread["name"]) == (card.ref, HEADLINE)
    assert [one["embeds"][0]["description"] for one in discord_server.messages(card.ref)] == [
        "Also by DW",
        "Also by ANSA",
    ]
    assert len(discord_server.messages(channel.address)) == 1


@pytest.mark.parametrize(("topic", "name"), [("x" * 300, "x" * 99 + "…"), ("\u202e \u200b", "Story"), ("a\nb", "a b")])
async def test_a_threads_name_is_within_limits_and_inert(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str, topic: str, name: str
) -> None:
    channel = place(discord_server.add_channel(guild, "alerts"), guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    await posting.send(channel, follow_up(card.ref, topic=topic), ANOTHER)
    assert [thread["name"] for thread in discord_server.threads(channel.address)] == [name]


async def test_a_follow_up_that_was_taken_and_cut_off_is_found_in_its_thread(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    channel = place(discord_server.add_channel(guild, "alerts"), guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    discord_server.fail("POST", f"/channels/{card.ref}/messages", Fault.drop(after_accept=True))
    assert isinstance(await posting.send(channel, follow_up(card.ref), ANOTHER), Unknown)
    (posted,) = discord_server.messages(card.ref)
    assert await posting.find(channel, ANOTHER, minute_ago(), card.ref) == Sent(posted["id"])
    assert isinstance(await posting.find(channel, THIRD, minute_ago(), card.ref), Later)
    assert await posting.send(channel, follow_up(card.ref), ANOTHER) == Sent(posted["id"])  # the nonce holds there, too


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/channels/*/messages/*/threads", Fault.error(403, 50013)),
        ("/channels/*/messages/*/threads", Fault.error(404, 10008)),
        ("/channels/[!x]*/messages", Fault.error(404, 10003)),
        ("/channels/[!x]*/messages", Fault.error(400, 50083)),
    ],
)
async def test_a_thread_that_cannot_be_had_closes_no_channel(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str, path: str, fault: Fault
) -> None:
    channel = place(discord_server.add_channel(guild, "alerts"), guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    discord_server.fail("POST", path, fault)
    outcome = await posting.send(channel, follow_up(card.ref), ANOTHER)
    assert isinstance(outcome, Refused)
    assert not outcome.channel_closed


async def test_a_channel_that_is_a_thread_takes_everything_itself(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str, bot: DiscordBot
) -> None:
    await bot.wait_until_ready()
    thread = discord_server.add_thread(discord_server.add_channel(guild, "general"), "Defence")
    channel = place(thread, guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    assert isinstance(await posting.send(channel, follow_up(card.ref), ANOTHER), Sent)
    assert len(discord_server.messages(thread)) == 2
    assert await posting.edit(channel, card.ref, CARD) == card
    assert isinstance(await posting.find(channel, ANOTHER, minute_ago(), card.ref), Sent)


# --- forums ------------------------------------------------------------------------------------------------------


async def test_a_forum_gets_a_post_for_each_story_and_what_follows_in_it(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    forum = discord_server.add_forum(guild, "stories", "Updates", "Contradicts")
    channel = place(forum, guild)
    outcome = await posting.send(channel, CARD, NONCE)
    (post,) = discord_server.threads(forum)
    assert outcome == Sent(post["id"])
    assert post["name"] == HEADLINE
    tags = {tag["id"]: tag["name"] for tag in discord_server.place(forum)["available_tags"]}
    assert [tags[tag] for tag in post["applied_tags"]] == ["Contradicts"]
    assert isinstance(await posting.send(channel, follow_up(post["id"]), ANOTHER), Sent)
    first, second = discord_server.messages(post["id"])
    assert first["embeds"][0]["title"] == HEADLINE
    assert second["embeds"][0]["description"] == "Also by DW"
    (request,) = discord_server.requests("POST", "/channels/*/threads")
    assert request.body["message"]["allowed_mentions"]["parse"] == []


async def test_a_posts_picture_goes_along(posting: DiscordPlatform, discord_server: DiscordServer, guild: str) -> None:
    channel = place(discord_server.add_forum(guild, "digests"), guild)
    card = Card(badge=line("Tuesday 17 March"), picture=Picture("themes.png", PNG, "Troops lead with 9 verdicts"))
    assert isinstance(await posting.send(channel, Message((card,)), NONCE), Sent)
    (post,) = discord_server.threads(channel.address)
    assert post["name"] == "Tuesday 17 March"
    (message,) = discord_server.messages(post["id"])
    assert message["attachments"][0]["description"] == "Troops lead with 9 verdicts"


async def test_a_notice_in_a_forum_is_called_by_its_first_words(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    channel = place(discord_server.add_forum(guild, "admin"), guild)
    await posting.send(channel, Message((Card(lines=(line("The feed is well again."), line("More."))),)), NONCE)
    assert [post["name"] for post in discord_server.threads(channel.address)] == ["The feed is well again."]


@pytest.mark.parametrize(
    ("there", "may_tag", "needs_tag", "filed"),
    [
        ((), True, False, ["contradicts"]),  # made, once
        ((), False, False, []),
        (("Other",), False, True, ["Other"]),
        (tuple(f"t{number}" for number in range(20)), True, False, []),  # no room for one more
    ],
)
async def test_a_tag_that_is_missing_is_made_where_that_is_allowed(
    posting: DiscordPlatform,
    discord_server: DiscordServer,
    guild: str,
    bot: DiscordBot,
    there: tuple[str, ...],
    may_tag: bool,
    needs_tag: bool,
    filed: list[str],
) -> None:
    await bot.wait_until_ready()
    forum = discord_server.add_forum(guild, "stories", *there, may_tag=may_tag, needs_tag=needs_tag)
    assert isinstance(await posting.send(place(forum, guild), CARD, NONCE), Sent)
    tags = {tag["id"]: tag["name"] for tag in discord_server.place(forum)["available_tags"]}
    (post,) = discord_server.threads(forum)
    assert [tags[tag] for tag in post["applied_tags"]] == filed


async def test_a_tag_that_we_are_refused_is_left_out(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str, bot: DiscordBot
) -> None:
    await bot.wait_until_ready()
    forum = discord_server.add_forum(guild, "stories", may_tag=True)
    discord_server.fail("PATCH", f"/channels/{forum}", Fault.error(403, 50013))
    assert isinstance(await posting.send(place(forum, guild), CARD, NONCE), Sent)
    assert [post["applied_tags"] for post in discord_server.threads(forum)] == [[]]


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_post_whose_answer_was_lost_is_there_once(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str, accepted: bool
) -> None:
    forum = discord_server.add_forum(guild, "stories")
    channel = place(forum, guild)
    await posting.send(channel, CARD, ANOTHER)  # a post of the same name, of another delivery
    discord_server.fail("POST", f"/channels/{forum}/threads", Fault.drop(after_accept=accepted))
    assert isinstance(await posting.send(channel, CARD, NONCE), Unknown)
    found = await posting.find(channel, NONCE, minute_ago())
    assert isinstance(found, Sent if accepted else Later)
    assert isinstance(await posting.send(channel, CARD, NONCE), Sent)
    assert len(discord_server.threads(forum)) == 2


async def test_a_post_is_edited_and_a_deleted_one_closes_no_forum(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    channel = place(discord_server.add_forum(guild, "stories"), guild)
    card = await posting.send(channel, CARD, NONCE)
    assert isinstance(card, Sent)
    changed = Message((Card(title=Span("Corrected"), lines=()),))
    assert await posting.edit(channel, card.ref, changed) == card
    assert discord_server.messages(card.ref)[0]["embeds"][0]["title"] == "Corrected"
    discord_server.fail("PATCH", f"/channels/{card.ref}/messages/*", Fault.error(404, 10003))
    assert await posting.edit(channel, card.ref, changed) == card


async def test_a_forum_where_we_may_not_post_is_closed(
    posting: DiscordPlatform, discord_server: DiscordServer, guild: str
) -> None:
    channel = place(discord_server.add_forum(guild, "stories"), guild)
    discord_server.fail("POST", f"/channels/{channel.address}/threads", Fault.error(403, 50013))
    outcome = await posting.send(channel, CARD, NONCE)
    assert isinstance(outcome, Refused)
    assert outcome.channel_closed
