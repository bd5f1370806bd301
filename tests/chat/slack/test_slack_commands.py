"""The slash command, buttons and pages, through bolt and Socket Mode against a Slack on loopback."""

from __future__ import annotations

from typing import Any

import pytest
from chat_world import BALTIC, Hooks, publish
from slack_house import SOON, TENANT, elements, said
from slack_server import BOT_USER, TEAM, Fault, SlackServer

from bot.blocks import Card, Message, Picture, Reply, line
from bot.chat import commands
from bot.chat.commands import VERBS, Comparison
from bot.chat.slack import SlackBot
from bot.model import Item, Relation, Tenant, Verdict
from storage import Store

TYPED = {
    "watch add": 'SACEUR OR "defence bonds" name:Command mode:alert',
    "watch remove": "Command",
    "watch list": "",
    "watch test": "troops",
    "feed add": "https://herald.example",
    "feed articles": "Discovered read:off",
    "feed remove": "Discovered",
    "feed list": "",
    "claim list": "theme:troops",
    "claim show": "baltic-brigade",
    "claim add": "The Union plans 800 billion euros. theme:money name:package",
    "claim revise": 'baltic-brigade statement:"Germany plans 4,800 soldiers." date:2026-03',
    "claim retire": "package",
    "claim import": 'text:"theme,statement"',
    "claim draft": "Poland will host 5,000 American troops in Warsaw by 2027.",
    "claim export": "json",
    "review": "",
    "latest": "",
    "search": "troops since:7d",
    "story": "https://nowhere.example",
    "digest now": "",
    "digest schedule": "daily 06:30 Europe/Brussels",
    "check": "Germany sends 3,000 soldiers",
    "why": "https://nowhere.example",
    "status": "",
    "help": "watch add",
}
"""What is typed after each verb; in this order, since what one adds another removes."""

EXPECTED = {
    "watch add": "Watching",
    "watch remove": "No longer watching",
    "feed add": "Discovered",
    "feed remove": "No longer following",
    "claim show": "brigade of 5,000",
    "claim add": "is held to be true, as of 2026-03-17",
    "claim revise": "holds from now on, as of March 2026: Germany plans 4,800 soldiers.",
    "claim retire": "is held no longer",
    "claim import": "holds no claims",
    "claim draft": "Claims proposed out of",
    "claim export": "claims-2026-03-17.json",
    "review": "Nothing was marked",
    "digest schedule": "daily at 06:30 (Europe/Brussels)",
    "why": "was in none of the feeds",
    "check": "ouches none",
}


# --- commands --------------------------------------------------------------------------------------------------------


async def test_the_workspace_is_welcomed_once(slack: SlackServer, bot: SlackBot, hooks: Hooks) -> None:
    await slack.command("status")
    await slack.answer()
    assert [tenant.id for tenant in hooks.welcomed] == [TENANT]


async def test_every_verb_answers_the_asker_alone(slack: SlackServer, bot: SlackBot) -> None:
    rest = {name: "x" for name, verb in VERBS.items() if name not in TYPED and verb.parameters}
    for number, (verb, words) in enumerate((TYPED | rest).items(), start=1):
        ack = await slack.command(f"{verb} {words}")
        answer = await slack.answer(number)
        assert (ack.after < SOON, ack.payload) == (True, None), verb
        assert answer["response_type"] == "ephemeral", verb
        assert EXPECTED.get(verb, "") in said(answer), verb


async def test_commands_are_named_as_they_are_typed_in_slack(slack: SlackServer, bot: SlackBot) -> None:
    await slack.command("")
    answer = said(await slack.answer())
    assert all(f"/claimwatch {name}" in answer for name in VERBS)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("wacht add x", "did you mean /claimwatch watch"),
        ("watch ad SACEUR", "did you mean /claimwatch watch add"),
        ("watch", "/claimwatch watch list"),
        ("serch troops", "did you mean /claimwatch search"),
        ("nonsense", "/claimwatch help lists"),
        ("digest schedule dayly 06:30", "expected one of"),
        ("watch add SACEUR mod:alert", "did you mean mode"),
        ("claim show baltic-brigad", "baltic-brigade"),
        ("watch add SACEUR channel:#news", "choose it from Slack"),
        ("watch add (SACEUR", "cannot be read"),
    ],
)
async def test_what_cannot_be_understood_says_what_to_do(
    slack: SlackServer, bot: SlackBot, typed: str, hint: str
) -> None:
    await slack.command(typed)
    assert hint in said(await slack.answer())


async def test_a_command_configures_the_channel_it_is_typed_in(
    slack: SlackServer, bot: SlackBot, store: Store, hooks: Hooks
) -> None:
    await slack.command("watch add SACEUR")
    await slack.answer()
    assert [watch.channel for watch in store.watches.all(TENANT)] == ["slack:C0NEWS"]
    assert store.tenants.channel("slack:C0NEWS").name == "#news"
    await slack.command("digest now")
    await slack.answer(2)
    assert [channel.id for channel in hooks.digests] == ["slack:C0NEWS"]


async def test_another_channel_is_named_by_slacks_mention(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    slack.add_channel("C0DESK", "desk", [BOT_USER])
    await slack.command("watch add SACEUR channel:<#C0DESK|desk>")
    assert "#desk" in said(await slack.answer())
    assert store.watches.all(TENANT)[0].channel == "slack:C0DESK"


@pytest.mark.parametrize(
    ("channel", "more", "hint"),
    [
        ("C0OUT", {"members": ["U0ADMIN"]}, "/invite @Claimwatch"),
        ("C0OLD", {"members": [BOT_USER], "is_archived": True}, "archived"),
        ("G0SECRET", {"members": [BOT_USER], "is_private": True}, "not one of this workspace that you"),
        ("D0OTHER", {"members": [BOT_USER, "U0MEMBER"], "is_im": True, "user": "U0MEMBER"}, "not one of this"),
        ("C0NOWHERE", None, "not one of this workspace"),
    ],
)
async def test_channels_where_it_cannot_be_posted_are_refused(
    slack: SlackServer, bot: SlackBot, store: Store, channel: str, more: dict[str, Any] | None, hint: str
) -> None:
    if more is not None:
        slack.add_channel(channel, "other", **more)
    await slack.command(f"watch add SACEUR channel:<#{channel}|other>")
    assert hint in said(await slack.answer())
    assert store.watches.all(TENANT) == []


@pytest.mark.parametrize(
    ("before", "typed", "zone"),
    [
        ("", "daily 06:30", "Europe/Vilnius"),
        ("digest schedule daily 06:00 Asia/Tokyo", "daily 06:30", "Asia/Tokyo"),
        ("", "daily 06:30 Europe/Paris", "Europe/Paris"),
        ("", "off", "UTC"),
    ],
)
async def test_times_are_the_channels_own_or_the_askers(
    slack: SlackServer, bot: SlackBot, store: Store, before: str, typed: str, zone: str
) -> None:
    slack.add_user("U0ADMIN", is_admin=True, tz="Europe/Vilnius")
    if before:
        await slack.command(before)
        await slack.answer()
    await slack.command(f"digest schedule {typed}")
    await slack.answer(2 if before else 1)
    assert store.tenants.channel("slack:C0NEWS").policy.timezone == zone


async def test_the_form_suggests_the_askers_zone(slack: SlackServer, bot: SlackBot) -> None:
    slack.add_user("U0ADMIN", is_admin=True, tz="Europe/Vilnius")
    await slack.command("digest schedule")
    (zone,) = elements(await slack.view(), "external_select")
    assert zone["initial_option"]["value"] == "Europe/Vilnius"


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_members_may_look_and_admins_may_configure(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    await slack.command("watch add SACEUR", user="U0MEMBER")
    assert "needs an admin of this workspace" in said(await slack.answer())
    assert store.watches.all(TENANT) == []
    await slack.command("latest", user="U0MEMBER")
    assert "Latest" in said(await slack.answer(2))


@pytest.mark.parametrize(
    "person",
    [
        {"team_id": "T0OTHER", "is_admin": True},  # an admin elsewhere, in a channel that workspaces share
        {"is_stranger": True, "is_admin": True},
        {"deleted": True, "is_admin": True},
        {"is_bot": True, "is_admin": True},
    ],
)
async def test_strangers_are_told_nothing(slack: SlackServer, bot: SlackBot, person: dict[str, Any]) -> None:
    slack.add_user("U0STRANGER", **person)
    for number, verb in enumerate(("latest", "watch add SACEUR", "digest schedule"), start=1):
        await slack.command(verb, user="U0STRANGER")
        assert "for members of this workspace" in said(await slack.answer(number))


async def test_requests_of_other_workspaces_do_nothing(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    ack = await slack.command("watch add SACEUR", team_id="T0OTHER")
    assert ack.after < SOON
    assert store.watches.all(TENANT) == []


async def test_a_workspace_that_cannot_be_asked_lets_nobody_configure(
    slack: SlackServer, bot: SlackBot, store: Store
) -> None:
    slack.fault("users.info", Fault(status=500, html=True))
    await slack.command("watch add SACEUR")
    assert "try again" in said(await slack.answer())
    assert store.watches.all(TENANT) == []


async def test_what_belongs_to_another_tenant_is_not_found(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    store.tenants.put(Tenant("slack:T0OTHER", "slack", "Other"))
    entries = publish(store, "slack:T0OTHER", "Other herald", ["Their secret headline"])
    await slack.press({"type": "button", "action_id": "press:0", "value": f"why:{entries[0].id}"})
    answer = said(await slack.answer())
    assert "was in none of the feeds" in answer
    assert "secret" not in answer


# --- buttons and pages -----------------------------------------------------------------------------------------------


async def test_buttons_run_their_verb(slack: SlackServer, bot: SlackBot) -> None:
    await slack.press({"type": "button", "action_id": "press:0", "value": f"claim show:{BALTIC.id}"})
    answer = await slack.answer()
    assert "brigade of 5,000" in said(answer)
    assert (answer["response_type"], answer["replace_original"]) == ("ephemeral", False)


@pytest.mark.parametrize("value", ["", "nonsense:x", "watch add:SACEUR", ":"])
async def test_forged_buttons_do_nothing_harmful(slack: SlackServer, bot: SlackBot, store: Store, value: str) -> None:
    ack = await slack.press({"type": "button", "action_id": "press:0", "value": value}, user="U0MEMBER")
    assert ack.after < SOON
    await slack.answer()
    assert store.watches.all(TENANT) == []


async def test_what_is_not_known_is_acknowledged_all_the_same(slack: SlackServer, bot: SlackBot) -> None:
    await slack.press({"type": "button", "action_id": "of-an-older-version", "value": "x"})
    event = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev0", "event": {"type": "message", "user": "U1"}}
    await slack.send("events_api", event)
    view = {"id": "V1", "type": "modal", "callback_id": "unknown", "state": {"values": {}}}
    await slack.interact("view_submission", {"view": view})
    assert slack.answers == []


async def test_pages_are_turned_in_place(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    publish(store, TENANT, "Wire", [f"Headline {number}" for number in range(25)])
    await slack.command("latest")
    first = await slack.answer()
    (ahead,) = elements(first, "button")
    assert ("Headline 3" in said(first), ahead["text"]["text"]) == (True, "Next ▶")
    await slack.press(ahead)
    second = await slack.answer(2)
    assert second["replace_original"] is True
    assert "11–20" in said(second)
    assert [button["text"]["text"] for button in elements(second, "button")] == ["◀ Back", "Next ▶"]


@pytest.mark.parametrize("value", ["gone:3", "", "x:y", ":::"])
async def test_pages_that_are_gone_say_so(slack: SlackServer, bot: SlackBot, value: str) -> None:
    await slack.press({"type": "button", "action_id": "turn:next", "value": value})
    assert "no longer at hand" in said(await slack.answer())


async def test_pictures_and_files_of_an_answer_come_as_a_direct_message(
    slack: SlackServer, bot: SlackBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drawn(*_: object) -> Reply:
        card = Card(lines=(line("All in one file"),), picture=Picture("days.png", b"PNG", "Days by theme"))
        return Reply((Message((card,)),), file=("claims.csv", b"id\n"))

    monkeypatch.setattr(commands, "answer", drawn)
    await slack.command("status")
    assert "direct messages" in said(await slack.answer())
    assert [(file["name"], file["channel"]) for file in slack.files] == [
        ("days.png", "D0U0ADMIN"),
        ("claims.csv", "D0U0ADMIN"),
    ]


# --- the shortcut ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ({"text": "Berlin &amp; Paris send <https://x.example|3,000> soldiers, a spokesman said this morning in Kyiv"},
         "Berlin & Paris send https://x.example soldiers, a spokesman said this morning in Kyiv"),
        ({"text": "see <https://x.example/a?b=1&amp;c=2>"}, "https://x.example/a?b=1&c=2"),
        ({"text": "", "attachments": [{"fallback": "A card says so"}]}, "A card says so"),
    ],
)  # fmt: skip
async def test_a_message_is_compared_with_the_baseline(
    slack: SlackServer, bot: SlackBot, hooks: Hooks, monkeypatch: pytest.MonkeyPatch, message: Any, asked: str
) -> None:
    texts: list[str] = []

    async def compare(tenant: str, text: str) -> Comparison:
        texts.append(text)
        verdict = Verdict(BALTIC.id, Relation.UPDATES, 0.9, "3,000 soldiers", "5,000 → 3,000 soldiers")
        return Comparison(Item("x", "Brigade", "3,000 soldiers"), (verdict,))

    object.__setattr__(bot.desk, "compare", compare)
    await slack.interact(
        "message_action",
        {
            "callback_id": "compare",
            "message": message,
            "channel": {"id": "C0NEWS", "name": "news"},
            "response_url": slack.response_url(),
        },
    )
    answer = await slack.answer()
    assert texts == [asked]
    assert "5,000 → 3,000 soldiers" in said(answer)
    assert answer["attachments"][0]["color"] == "#E8A33D"
