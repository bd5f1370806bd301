"""Setting up, settings, mutes, lists and permissions through discord.py itself, against a simulated Discord."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any

import discord
import pytest
from alerts_told import UPDATES, composed, tell
from chat_world import BALTIC, NOW, Hooks, publish
from discord_town import Town, shown
from openapi import check_all
from simcord import Env

from bot.alerts.render import Labels
from bot.blocks import plain
from bot.chat.commands import Asker, Desk, Place, choose
from bot.chat.discord import DiscordBot, DiscordPlatform
from bot.feeds.guard import Guard
from bot.jobs.compose import Composer
from bot.model import (
    Channel,
    DeliveryKind,
    KeywordList,
    Level,
    MuteKind,
    Quotas,
    Relation,
    Sent,
    Watch,
    WatchMode,
    stable_id,
)
from bot.ports import Store as AnyStore
from storage import Store


def bring(store: AnyStore, channel: Channel) -> None:
    """A pack of one watch, which listens in the channel that was set up last."""
    watch = Watch(stable_id(channel.tenant, "pack"), channel.tenant, channel.id, "Nuclear", "warhead*")
    there = {one.id for one in store.watches.all(channel.tenant)}
    (store.watches.replace if watch.id in there else store.watches.add)(watch)


@pytest.fixture
def simcord_bot(desk: Desk) -> DiscordBot:
    return DiscordBot(replace(desk, bring_watches=bring, refusal=Guard().check_url))


@pytest.fixture(autouse=True)
def checked(simcord_env: Env) -> Iterator[None]:
    yield
    check_all((one.method, one.path, one.json) for one in simcord_env.http_requests)


@pytest.fixture
async def town(simcord_env: Env) -> Town:
    town = Town(simcord_env, "home")
    await simcord_env.settle()
    return town


def picks(result: Any) -> dict[str, str]:
    """The verbs of the choices under an answer, with their custom ids."""
    children = [child for row in result.response.components for child in row["components"]]
    return {each["custom_id"].split(":")[2]: each["custom_id"] for each in children if each["custom_id"][:3] == "cp:"}


def chosen(result: Any, verb: str) -> list[str]:
    """What a choice shows as chosen."""
    for row in result.response.components:
        for each in row["components"]:
            if f":{verb}:" in each["custom_id"]:
                named = [str(one["id"]) for one in each.get("default_values", [])]
                return named + [one["value"] for one in each.get("options", []) if one.get("default")]
    raise AssertionError(f"no choice {verb} in {picks(result)}")


def beside(result: Any) -> str:
    """What was told beside the message whose choice was used."""
    (told,) = result.followups
    return told.embeds[0].description or ""


def channel_of(town: Town, store: Store) -> Channel:
    return store.tenants.channel(f"discord:{town.channel.id}")


# --- setting up --------------------------------------------------------------------------------------------------


async def test_from_the_invitation_to_the_first_digest(
    town: Town, store: Store, hooks: Hooks, simcord_env: Env
) -> None:
    alerts, digests = town.guild.create_text_channel("alerts"), town.guild.create_text_channel("digests")
    editors = town.guild.create_role("Editors")
    first = await town.owner.slash(town.channel, "setup")
    assert "Set up, 1 of 2: where" in shown(first)
    assert list(picks(first)) == ["setup alerts", "setup digests", "setup ping"]
    await town.owner.select(first.response, [alerts], custom_id=picks(first)["setup alerts"])
    assert "where · \\#alerts" in shown(first)
    assert chosen(first, "setup alerts") == [str(alerts.id)]
    await town.owner.select(first.response, [digests], custom_id=picks(first)["setup digests"])
    await town.owner.select(first.response, [editors], custom_id=picks(first)["setup ping"])
    assert chosen(first, "setup ping") == [str(editors.id)]
    await town.owner.click(first.response, label="Next: when ▶")
    assert "2 of 2: when" in shown(first)
    await town.owner.select(first.response, ["Europe/Brussels"], custom_id=picks(first)["setup zone"])
    await town.owner.select(first.response, ["06:00"], custom_id=picks(first)["setup hour"])
    assert (chosen(first, "setup zone"), chosen(first, "setup hour")) == (["Europe/Brussels"], ["06:00"])
    await town.owner.click(first.response, label="Start watching")
    assert "\\#alerts listens with 1 watch" in shown(first)

    channel = store.tenants.channel(f"discord:{alerts.id}")
    policy = channel.policy
    assert (policy.timezone, policy.digest_at, policy.ping) == ("Europe/Brussels", time(6), str(editors.id))
    assert policy.digest_in == f"discord:{digests.id}"
    assert store.tenants.get(town.tenant).admin_channel == f"discord:{town.channel.id}"
    assert [watch.channel for watch in store.watches.all(town.tenant)] == [channel.id]
    assert [one.id for one in hooks.digests] == [channel.id]
    (preview,) = store.deliveries.claim_due(NOW, ["discord"], 5)
    assert (preview.kind, preview.channel) == (DeliveryKind.PREVIEW, channel.id)
    message = await Composer(store, Labels()).compose(preview, DiscordPlatform.limits)
    assert isinstance(await DiscordPlatform(simcord_env.bot).send(channel, message, preview.id), Sent)
    card = alerts.history()[-1]
    assert "Preview:" in card.content
    assert BALTIC.statement in (card.embeds[0].description or "")
    assert card.components == []


async def test_setting_up_survives_a_restart_in_between(town: Town, store: Store, simcord_env: Env, desk: Desk) -> None:
    first = await town.owner.slash(town.channel, "setup")
    await simcord_env.restart_bot(DiscordBot(replace(desk, bring_watches=bring)))
    await town.owner.click(first.response, label="Next: when ▶")
    await town.owner.select(first.response, ["07:00"], custom_id=picks(first)["setup hour"])
    await town.owner.click(first.response, label="Start watching")
    assert "listens with 1 watch" in shown(first)


async def test_what_is_typed_sets_up_at_once_and_doing_it_again_moves_the_watches(town: Town, store: Store) -> None:
    other = town.guild.create_text_channel("other")
    done = await town.owner.slash(town.channel, "setup", timezone="Europe/Warsaw", at="05:45")
    assert "listens with 1 watch" in shown(done)
    policy = channel_of(town, store).policy
    assert (policy.timezone, policy.digest_at) == ("Europe/Warsaw", time(5, 45))
    await town.owner.slash(town.channel, "setup", alerts=other)
    assert [watch.channel for watch in store.watches.all(town.tenant)] == [f"discord:{other.id}"]


async def test_a_channel_where_the_bot_may_not_post_is_told_beside_the_message(
    town: Town, store: Store, simcord_env: Env
) -> None:
    silent = discord.PermissionOverwrite(send_messages=False)
    closed = town.guild.create_text_channel("closed", overwrites={simcord_env.bot.user: silent})
    first = await town.owner.slash(town.channel, "setup")
    told = await town.owner.select(first.response, [closed], custom_id=picks(first)["setup alerts"])
    assert "give it Send Messages" in beside(told)
    assert "1 of 2: where" in shown(first)
    refused = await town.owner.slash(town.channel, "setup", timezone="Mars/Olympus")
    assert "expected an IANA name" in shown(refused)
    everyone = town.guild.roles["@everyone"]
    told = await town.owner.select(first.response, [everyone], custom_id=picks(first)["setup ping"])
    assert "which everybody has" in beside(told)
    assert channel_of(town, store).policy.ping == ""


# --- settings ----------------------------------------------------------------------------------------------------


async def test_settings_change_what_they_name_and_show_the_rest(town: Town, store: Store) -> None:
    ping = town.guild.create_role("Desk")
    result = await town.owner.slash(
        town.channel,
        "settings",
        alerts="contradictions alone",
        confidence="75%",
        quiet="22:00-07:00",
        languages="en, DE",
        rhythm="weekly",
        at="06:30",
        weekday="friday",
        timezone="Europe/Paris",
        ping=ping,
        admin=town.channel,
    )
    text = shown(result).replace("**", "")
    assert "At once contradictions alone, probable or surer (from 0.75)" in text
    assert "Languages de, en" in text
    assert "Quiet hours 22:00–07:00 (Europe/Paris)" in text
    assert "Digest every Friday at 06:30 (Europe/Paris)" in text
    assert "Pings @Desk" in text
    assert "Troubles are told in \\#home-alerts" in text
    assert "1 of 300 feeds, 0 of 200 watches, 1 of 1,000 claims" in text
    policy = channel_of(town, store).policy
    assert policy.alert_on == {Relation.CONTRADICTS}
    await town.owner.slash(town.channel, "settings", unset="quiet hours")
    assert channel_of(town, store).policy == replace(policy, quiet=None)
    await town.owner.slash(town.channel, "settings", unset="role ping")
    assert channel_of(town, store).policy.ping == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"confidence": "1.5"}, "expected a number from 0 to 1"),
        ({"confidence": "high"}, "expected a number from 0 to 1"),
        ({"quiet": "late"}, "expected two local times such as 22:00-07:00"),
        ({"quiet": "25:00-07:00"}, "expected two local times"),
        ({"quiet": "07:00-07:00"}, "expected two local times"),
        ({"languages": "english!"}, "expected codes such as en, de, or all"),
        ({"at": "7"}, "expected a time of day"),
        ({"timezone": "CET/Nowhere"}, "expected an IANA name"),
    ],
)
async def test_settings_that_cannot_be_are_refused_whole(
    town: Town, store: Store, given: dict[str, str], told: str
) -> None:
    await town.owner.slash(town.channel, "settings", rhythm="weekly")
    before = channel_of(town, store)
    assert told in shown(await town.owner.slash(town.channel, "settings", rhythm="off", **given))
    assert channel_of(town, store) == before


async def test_only_the_role_that_settings_name_is_pinged(town: Town, store: Store, simcord_env: Env) -> None:
    desk_role = town.guild.create_role("Desk")
    await town.owner.slash(town.channel, "settings", ping=desk_role)
    alert = tell(store, channel_of(town, store), UPDATES)
    message = await composed(store, alert, DiscordPlatform.limits)
    await DiscordPlatform(simcord_env.bot).send(channel_of(town, store), message, "0123456789abcdef")
    sent = [one for one in simcord_env.http_requests if one.method == "POST" and one.path.endswith("/messages")][-1]
    assert sent.json["content"] == f"<@&{desk_role.id}>"
    assert sent.json["allowed_mentions"] == {"parse": [], "roles": [desk_role.id]}


async def test_a_role_that_the_bot_may_not_ping_is_refused_with_what_to_do(
    town: Town, store: Store, simcord_env: Env
) -> None:
    guild = simcord_env.bot.get_guild(int(town.guild.id))
    shy = town.guild.create_role("Shy")
    await simcord_env.settle()
    assert guild is not None
    guild.me.roles[-1]._permissions = discord.Permissions(send_messages=True, view_channel=True).value
    guild.default_role._permissions &= ~discord.Permissions(mention_everyone=True).value
    refused = await town.owner.slash(town.channel, "settings", ping=shy)
    assert "allow anyone to @mention the role" in shown(refused)


# --- who may -----------------------------------------------------------------------------------------------------


async def test_a_role_that_settings_name_may_configure(town: Town, store: Store, simcord_env: Env) -> None:
    editors = town.guild.create_role("Editors")
    editor = town.guild.add_member(simcord_env.create_user("editor"), roles=[editors])
    assert "needs the permission Manage Server." in shown(await editor.slash(town.channel, "mute feed", feed="x"))
    await town.owner.slash(town.channel, "settings", configurers=editors)
    assert "listens" not in shown(await editor.slash(town.channel, "watch add", query="nato"))
    assert [watch.query for watch in store.watches.all(town.tenant)] == ["nato"]
    denied = shown(await town.member.slash(town.channel, "watch add", query="eu"))
    assert "needs the permission Manage Server or the role Editors" in denied
    await town.owner.slash(town.channel, "settings", unset="configuring role")
    assert "needs the permission" in shown(await editor.slash(town.channel, "watch add", query="eu"))


async def test_the_log_says_who_changed_what_and_who_was_refused(town: Town) -> None:
    await town.owner.slash(town.channel, "watch add", query="nato", name="Alliance")
    await town.owner.slash(town.channel, "watch edit", name="alliance", mode="both")
    await town.owner.slash(town.channel, "settings", admin=town.channel, rhythm="off")
    await town.member.slash(town.channel, "watch remove", name="Alliance")
    rows = shown(await town.owner.slash(town.channel, "audit")).replace("**", "").split("\n")
    assert "home-member · /watch remove · ✗ refused: /watch remove changes what everybody" in rows[1]
    assert "home-owner · /settings · settings: added: admin channel \\#home-alerts" in rows[2]
    assert "/settings · channel \\#home-alerts: digest daily → digest off" in rows[3]
    assert "/watch edit · watch Alliance: mode moved → mode both" in rows[4]
    assert "/watch add · watch Alliance: added: channel \\#home-alerts, name Alliance" in rows[5]


@pytest.fixture
async def away(simcord_env: Env, town: Town) -> Town:
    away = Town(simcord_env, "away")
    await simcord_env.settle()
    return away


async def test_two_guilds_with_contrary_settings_see_nothing_of_each_other(
    town: Town, away: Town, store: Store, desk: Desk
) -> None:
    await town.owner.slash(town.channel, "settings", rhythm="off", alerts="nothing", quiet="22:00-07:00")
    await away.owner.slash(away.channel, "settings", rhythm="weekly", alerts="confirmations too", confidence="0.1")
    for one in (town, away):
        words = f"{one.guild.name} word"
        await one.owner.slash(one.channel, "list add", name="shared", words=words)
        await one.owner.slash(one.channel, "watch add", query="@shared", name=f"Watch of {one.guild.name}")
        await one.owner.slash(one.channel, "mute claim", claim=BALTIC.id, length="forever")
    await away.owner.slash(away.channel, "unmute", mute=f"claim {BALTIC.id}")
    home_policy, away_policy = (store.tenants.channel(f"discord:{one.channel.id}").policy for one in (town, away))
    assert (home_policy.alert_on, away_policy.alert_on) == (frozenset(), frozenset(Relation))
    assert home_policy.quiet
    assert not away_policy.quiet
    assert store.lists.all(town.tenant) == [KeywordList(town.tenant, "shared", ("home word",))]
    assert [mute.subject for mute in store.mutes.active(town.tenant, NOW)] == [BALTIC.id]
    assert store.mutes.active(away.tenant, NOW) == []
    for name in ("settings", "audit", "mutes", "list show", "watch list", "feed list", "feed export", "status"):
        seen = await town.owner.slash(town.channel, name)
        files = b"".join([await each.read() for each in seen.response.attachments]).decode()
        assert "away" not in shown(seen) + files, name
    for command, parameter in (
        ("unmute", "mute"),
        ("list show", "name"),
        ("watch edit", "name"),
        ("mute feed", "feed"),
    ):
        offered = await away.owner.autocomplete(away.channel, command, parameter, "")
        assert "home" not in str(offered), command


async def test_ids_of_another_guild_are_not_found_and_noted(
    town: Town, away: Town, store: Store, simcord_env: Env
) -> None:
    await away.owner.slash(away.channel, "watch add", query="nato", name="Theirs")
    alert = tell(store, store.tenants.channel(f"discord:{away.channel.id}"), UPDATES)
    (watch,) = [one for one in store.watches.all(away.tenant) if one.name == "Theirs"]
    message = await composed(store, alert, DiscordPlatform.limits)
    here = Channel(f"discord:{town.channel.id}", town.tenant, "discord", str(town.channel.id), "here")
    await DiscordPlatform(simcord_env.bot).send(here, message, "0123456789abcdef")
    for label in ("Mute story", "Wrong"):
        assert "not one of yours" in shown(await town.owner.click(town.channel.history()[-1], label=label))
    for name, given in (
        ("watch edit", {"name": "Theirs"}),
        ("mute watch", {"name": "Theirs"}),
        ("mute watch", {"name": watch.id}),
        ("unmute", {"mute": f"watch {watch.id}"}),
        ("mute feed", {"feed": store.feeds.followed(away.tenant)[-1].id}),
        ("mute story", {"entry": alert.entry}),
    ):
        assert "no " in shown(await town.owner.slash(town.channel, name, **given)).lower()
    assert store.mutes.active(town.tenant, NOW) == []
    assert store.mutes.active(away.tenant, NOW) == []
    refused = [line.actor.command for line in store.audit.latest(town.tenant, 50) if line.refused]
    assert refused[::-1][:3] == ["/hush", "/wrong", "/watch edit"]
    assert len(refused) == 8
    assert not [line for line in store.audit.latest(away.tenant, 50) if line.refused]


@pytest.mark.parametrize(
    "verb", ["setup where", "setup when", "setup start", "setup zone", "setup hour", "setup alerts", "setup digests"]
)
async def test_a_forged_channel_is_set_up_by_nobody(
    town: Town, away: Town, store: Store, desk: Desk, verb: str
) -> None:
    await away.owner.slash(away.channel, "settings", rhythm="off")
    before = store.tenants.channels(away.tenant)
    here = Place(str(town.channel.id), "#home-alerts")
    asker = Asker(town.tenant, "discord", here, "home-owner", Level.CONFIGURE)
    value = here if verb in ("setup alerts", "setup digests") else "06:00" if verb == "setup hour" else "UTC"
    steps = ("setup where", "setup when", "setup start")
    forged = await choose(desk, asker, verb, str(away.channel.id), None if verb in steps else value)
    assert "no channel" in plain(forged.pages[0].cards[0].lines[0])
    assert store.tenants.channels(away.tenant) == before
    assert [line.refused for line in store.audit.latest(town.tenant, 5)] == [True]


# --- mutes, lists, watches ---------------------------------------------------------------------------------------


async def test_a_story_is_muted_under_its_card_for_as_long_as_one_likes(
    town: Town, store: Store, simcord_env: Env
) -> None:
    await town.owner.slash(town.channel, "settings")
    channel = Channel(f"discord:{town.channel.id}", town.tenant, "discord", str(town.channel.id), "#home-alerts")
    alert = tell(store, channel, UPDATES)
    message = await composed(store, alert, DiscordPlatform.limits)
    await DiscordPlatform(simcord_env.bot).send(channel, message, "0123456789abcdef")
    card = town.channel.history()[-1]
    denied = await town.member.click(card, label="Mute story")
    assert "needs the permission Manage Server" in shown(denied)
    pressed = await town.owner.click(card, label="Mute story")
    assert "The story **Berlin sends fewer** is muted until" in shown(pressed)
    (mute,) = store.mutes.active(town.tenant, NOW)
    assert (mute.kind, mute.subject, mute.by) == (MuteKind.STORY, alert.story, "home-owner")
    longer = await town.owner.click(pressed.response, label="forever")
    assert "is muted for good" in shown(longer)
    assert [one.until for one in store.mutes.active(town.tenant, NOW)] == [None]
    assert "Berlin sends fewer" in shown(await town.member.slash(town.channel, "mutes"))
    again = await town.owner.click(longer.response, label="Unmute")
    assert "is heard of again" in shown(again)
    assert store.mutes.active(town.tenant, NOW) == []


@pytest.mark.parametrize(("length", "hours"), [("1h", 1), ("1d", 24), ("7d", 168), ("forever", None)])
async def test_a_mute_lasts_as_long_as_it_says(town: Town, store: Store, length: str, hours: int | None) -> None:
    await town.owner.slash(town.channel, "mute feed", feed="home herald", length=length)
    (mute,) = store.mutes.active(town.tenant, NOW)
    assert (mute.until and (mute.until - NOW).total_seconds() / 3600) == hours
    offered = await town.owner.autocomplete(town.channel, "unmute", "mute", "herald")
    assert [choice["name"] for choice in offered] == ["feed: home herald"]
    await town.owner.slash(town.channel, "unmute", mute=offered[0]["value"])
    assert store.mutes.active(town.tenant, NOW) == []


async def test_a_watch_is_edited_in_a_form_and_an_error_points_at_the_place(town: Town, store: Store) -> None:
    await town.owner.slash(town.channel, "watch add", query="nato", name="Alliance")
    opened = await town.owner.slash(town.channel, "watch edit", name="alliance")
    assert opened.modal is not None
    inputs = [row["component"] for row in opened.modal["components"]]
    assert [each["value"] for each in inputs] == ["nato", "Alliance"]
    query, name = (each["custom_id"] for each in inputs)
    wrong = await town.owner.submit_modal(opened, {query: "nato AND (eu OR", name: "Alliance"})
    assert "nato AND ▸(eu OR" in shown(wrong)
    assert "this parenthesis is never closed" in shown(wrong)
    opened = await town.owner.slash(town.channel, "watch edit", name="alliance")
    query, name = (row["component"]["custom_id"] for row in opened.modal["components"])
    await town.owner.submit_modal(opened, {query: "nato OR eu", name: "Union"})
    (watch,) = store.watches.all(town.tenant)
    assert (watch.name, watch.query) == ("Union", "nato OR eu")
    before = watch
    await town.owner.slash(town.channel, "watch pause", name="union")
    assert store.watches.find(town.tenant, "union") == replace(before, paused=True)
    assert "paused" in shown(await town.member.slash(town.channel, "watch list"))
    await town.owner.slash(town.channel, "watch resume", name="union")
    await town.owner.slash(town.channel, "watch edit", name="union", mode="digest")
    assert store.watches.find(town.tenant, "union") == replace(before, mode=WatchMode.DIGEST)


async def test_a_list_is_used_by_its_name_and_kept_while_it_is(town: Town, store: Store) -> None:
    publish(store, town.tenant, "Wire", ["Frigates sail north"])
    unknown = await town.owner.slash(town.channel, "watch add", query="@ships AND north", name="Ships")
    assert "▸@ships AND north" in shown(unknown)
    await town.owner.slash(town.channel, "list add", name="@Ships", words='frigate*; "aircraft carrier", frigate*')
    assert store.lists.get(town.tenant, "ships").words == ("frigate*", "aircraft carrier")
    await town.owner.slash(town.channel, "watch add", query="@ships AND north", name="Ships")
    assert "holds for **1**" in shown(await town.member.slash(town.channel, "watch test", query="@ships"))
    assert "Used by Ships." in shown(await town.member.slash(town.channel, "list show", name="ships"))
    kept = await town.owner.slash(town.channel, "list remove", name="ships")
    assert "@ships is used by Ships" in shown(kept)
    await town.owner.slash(town.channel, "list remove", name="ships", words="frigate*")
    assert store.lists.get(town.tenant, "ships").words == ("aircraft carrier",)
    for bad, told in ((" , ", "words is empty"), ("a*", "at least two letters"), ("x" * 81, "has 81 characters")):
        assert told in shown(await town.owner.slash(town.channel, "list add", name="bad", words=bad))
    assert "expected up to 32 letters" in shown(await town.owner.slash(town.channel, "list add", name="a b", words="c"))


async def test_a_query_that_finds_nothing_says_what_the_nearest_miss_lacked(town: Town, store: Store) -> None:
    publish(store, town.tenant, "Wire", ["Football", "Frigates sail north", "North wind"])
    text = shown(await town.member.slash(town.channel, "watch test", query="frigates AND north AND carrier"))
    assert "holds for **0**" in text
    assert "Nearest miss: [Frigates sail north]" in text
    assert "It has `frigate AND north` and lacks `carrier`." in text


async def test_a_query_over_claims_is_tested_against_what_was_compared(town: Town, store: Store) -> None:
    await town.owner.slash(town.channel, "settings", rhythm="daily")
    tell(store, channel_of(town, store), UPDATES)
    for query, count in (
        (f"claim:{BALTIC.id}", 1),
        (f"theme:{BALTIC.theme} AND berlin", 1),
        (f"claim:{BALTIC.id} AND berne", 0),
    ):
        text = shown(await town.member.slash(town.channel, "watch test", query=query))
        assert f"holds for **{count}**" in text
        assert "Claims are known only of entries that were compared" in text


# --- feeds as OPML -----------------------------------------------------------------------------------------------

OPML = b"""<opml version="2.0"><body>
<outline text="Wire" xmlUrl="https://wire.example/rss"/>
<outline text="Courier" xmlUrl="https://courier.example/rss"/>
<outline text="Inside" xmlUrl="http://127.0.0.1/rss"/>
</body></opml>"""


async def test_feeds_come_in_after_a_look_and_go_out_again(town: Town, store: Store) -> None:
    shown_first = await town.owner.slash(town.channel, "feed import", file=("feeds.opml", OPML))
    text = shown(shown_first)
    assert "To be followed: 2 feeds" in text
    assert "“Inside” is left out" in text
    assert "1 of 300 feeds are used" in shown_first.response.content
    assert len(store.feeds.followed(town.tenant)) == 1
    done = await town.owner.click(shown_first.response, label="Follow 2 feeds")
    assert "2 feeds added" in shown(done)
    assert {feed.title for feed in store.feeds.followed(town.tenant)} == {"home herald", "Wire", "Courier"}
    given = await town.member.slash(town.channel, "feed export")
    (file,) = given.response.attachments
    assert file.filename == "feeds-2026-03-17.opml"
    back = await town.owner.slash(town.channel, "feed import", file=(file.filename, await file.read()))
    assert "3 feeds there, all followed already" in shown(back)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"<html>no list</html>", b"root:x:0:0"])
async def test_a_file_without_feeds_says_so(town: Town, content: bytes) -> None:
    assert "No feed in it." in shown(await town.owner.slash(town.channel, "feed import", file=("f", content or b" ")))


async def test_quotas_say_how_much_is_used(town: Town, store: Store) -> None:
    tenant = store.tenants.get(town.tenant)
    store.tenants.put(replace(tenant, quotas=Quotas(feeds=2, watches=1, claims=1)))
    listed = await town.owner.slash(town.channel, "feed import", file=("feeds.opml", OPML))
    assert "1 of 2 feeds are used; 1 feed would be too many and left out." in listed.response.content
    followed = shown(await town.owner.click(listed.response, label="Follow 2 feeds"))
    assert "1 feed added" in followed
    assert "1 feed left out: 2 of 2 feeds are followed already" in followed
    await town.owner.slash(town.channel, "watch add", query="nato")
    assert "1 of 1 watches" in shown(await town.owner.slash(town.channel, "watch add", query="eu"))
    refused = await town.owner.slash(town.channel, "claim add", statement="The Union plans 800 billion.", theme="money")
    assert "2 claims would be more than the 1 allowed here" in shown(refused)
