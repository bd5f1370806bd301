"""The slash command, its forms, buttons and home tab, through bolt and Socket Mode against a Slack on loopback."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from chat_world import BALTIC, NOW, Hooks, publish
from slack_server import BOT_USER, TEAM, Fault, SlackServer

from bot.blocks import Card, Message, Picture, Reply, line
from bot.chat import commands
from bot.chat.commands import VERBS, Comparison, Desk
from bot.chat.slack import SlackBot
from bot.model import Claim, ClaimKind, ClaimState, Item, Level, Relation, Tenant, Verdict
from storage import Store

TENANT = f"slack:{TEAM}"
SOON = 3.0
TYPED = {
    "watch add": 'SACEUR OR "defence bonds" name:Command mode:alert',
    "watch remove": "Command",
    "watch list": "",
    "watch test": "troops",
    "feed add": "https://herald.example",
    "feed remove": "Discovered",
    "feed list": "",
    "claim list": "theme:troops",
    "claim show": "baltic-brigade",
    "latest": "",
    "search": "troops",
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
    "digest schedule": "daily at 06:30 (Europe/Brussels)",
    "why": "was in none of the feeds",
    "check": "ouches none",
}


def said(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False)


def elements(body: Any, kind: str) -> list[dict[str, Any]]:
    """All buttons, selects and the like of a message or view."""
    blocks = [*(body.get("blocks") or []), *(b for each in body.get("attachments") or [] for b in each["blocks"])]
    found = [element for block in blocks for element in [*block.get("elements", []), block.get("element") or {}]]
    return [element for element in found if element.get("type") == kind]


# --- commands --------------------------------------------------------------------------------------------------------


async def test_the_workspace_is_welcomed_once(slack: SlackServer, bot: SlackBot, hooks: Hooks) -> None:
    await slack.command("status")
    await slack.answer()
    assert [tenant.id for tenant in hooks.welcomed] == [TENANT]


async def test_every_verb_answers_the_asker_alone(slack: SlackServer, bot: SlackBot) -> None:
    assert set(VERBS) <= set(TYPED)
    for number, (verb, words) in enumerate(TYPED.items(), start=1):
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


# --- who may ---------------------------------------------------------------------------------------------------------


async def test_members_may_look_and_admins_may_configure(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    await slack.command("watch add SACEUR", user="U0MEMBER")
    assert "needs" in said(await slack.answer())
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
    for number, verb in enumerate(("latest", "watch add SACEUR"), start=1):
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


# --- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [verb for verb in VERBS.values() if any(p.required for p in verb.parameters)])
async def test_a_verb_that_needs_something_opens_its_form(slack: SlackServer, bot: SlackBot, verb: Any) -> None:
    await slack.command(verb.name)
    view = await slack.view()
    assert [block["block_id"] for block in view["blocks"]] == [parameter.name for parameter in verb.parameters]


async def test_a_form_that_slack_does_not_open_is_answered_in_words(slack: SlackServer, bot: SlackBot) -> None:
    slack.fault("views.open", Fault(error="expired_trigger_id"))
    await slack.command("watch add")
    assert "needs query" in said(await slack.answer())


SUBMITTED = {
    "watch add": (
        {
            "query": {"type": "plain_text_input", "value": "SACEUR"},
            "name": {"type": "plain_text_input", "value": None},
            "mode": {"type": "static_select", "selected_option": {"value": "alert"}},
            "channel": {"type": "conversations_select", "selected_conversation": "C0DESK"},
        },
        "Watching",
    ),
    "feed add": ({"url": {"type": "plain_text_input", "value": "https://herald.example"}}, "Discovered"),
    "claim show": ({"claim": {"type": "external_select", "selected_option": {"value": BALTIC.id}}}, "5,000"),
    "digest schedule": (
        {
            "rhythm": {"type": "static_select", "selected_option": {"value": "weekly"}},
            "at": {"type": "plain_text_input", "value": "07:15"},
            "timezone": {"type": "external_select", "selected_option": {"value": "Europe/Berlin"}},
            "weekday": {"type": "static_select", "selected_option": {"value": "friday"}},
            "channel": {"type": "conversations_select", "selected_conversation": None},
        },
        "every friday at 07:15 (Europe/Berlin)",
    ),
    "watch remove": ({"name": {"type": "external_select", "selected_option": {"value": "nothing"}}}, "nothing"),
}


@pytest.mark.parametrize("verb", SUBMITTED)
async def test_a_form_is_answered_in_its_place(slack: SlackServer, bot: SlackBot, verb: str) -> None:
    slack.add_channel("C0DESK", "desk")
    values, expected = SUBMITTED[verb]
    await slack.command(verb)
    ack = await slack.submit(await slack.view(), values)
    assert ack.after < SOON
    assert ack.payload is not None
    assert ack.payload["response_action"] == "update"
    assert expected in said(ack.payload["view"])


async def test_a_form_says_at_the_input_what_cannot_be_used(slack: SlackServer, bot: SlackBot) -> None:
    await slack.command("watch add")
    ack = await slack.submit(await slack.view(), {"query": {"type": "plain_text_input", "value": "x" * 2500}})
    assert ack.payload is not None
    assert ack.payload["response_action"] == "errors"
    assert "characters" in ack.payload["errors"]["query"]


async def test_forms_are_refused_to_members_who_may_not(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    await slack.command("watch add", user="U0MEMBER")
    values = {"query": {"type": "plain_text_input", "value": "SACEUR"}}
    ack = await slack.submit(await slack.view(), values, user="U0MEMBER")
    assert "needs" in said(ack.payload)
    assert store.watches.all(TENANT) == []


async def test_a_slow_answer_comes_into_the_form_later(
    slack: SlackServer, bot: SlackBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.reception.SUBMITTING", 0.1)
    monkeypatch.setattr("bot.chat.slack.reception.HANDING_OVER", 0.0)

    async def compare(tenant: str, text: str) -> Comparison:
        await asyncio.sleep(0.4)
        return Comparison(Item("x", "A slow page", ""), ())

    object.__setattr__(bot.desk, "compare", compare)
    await slack.command("check")
    ack = await slack.submit(await slack.view(), {"text": {"type": "plain_text_input", "value": "words"}})
    assert "One moment" in said(ack.payload)
    updated = await slack.until(lambda: slack.called("views.update"))
    assert "A slow page" in said(updated[0].body)


async def test_a_form_that_comes_twice_is_answered_twice_and_done_once(slack: SlackServer, bot: SlackBot) -> None:
    await slack.command("feed add")
    ack = await slack.submit(
        await slack.view(), {"url": {"type": "plain_text_input", "value": "https://herald.example"}}, times=2
    )
    assert "Following" in said(ack.payload)
    await slack.command("feed list")
    assert "Discovered" in said(await slack.answer())


SUGGESTED = [
    (verb.name, parameter.name)
    for verb in VERBS.values()
    for parameter in verb.parameters
    if parameter.ask.suggest is not None
]


@pytest.mark.parametrize(("verb", "parameter"), SUGGESTED)
async def test_inputs_suggest_what_the_tenant_has(
    slack: SlackServer, bot: SlackBot, store: Store, verb: str, parameter: str
) -> None:
    store.tenants.put(Tenant("slack:T0OTHER", "slack", "Other"))
    store.claims.put("slack:T0OTHER", [Claim("theirs", "theirs", ClaimKind.PLAN, "x", "2025-03", "Theirs.")], "", NOW)
    publish(store, "slack:T0OTHER", "Theirs", ["Theirs"])
    await slack.command("watch add SACEUR name:Command")
    await slack.answer()
    view = {"id": "V1", "type": "modal", "private_metadata": json.dumps({"verb": verb, "channel": "C0NEWS"})}
    options = await slack.suggest(view, parameter, "")
    assert options
    assert "Theirs" not in said(options)


async def test_suggestions_follow_what_is_typed(slack: SlackServer, bot: SlackBot) -> None:
    view = {"id": "V1", "private_metadata": json.dumps({"verb": "claim show", "channel": ""})}
    assert [option["value"] for option in await slack.suggest(view, "claim", "balt")] == [BALTIC.id]
    assert [option["value"] for option in await slack.suggest(view, "claim", "my own")] == ["my own"]


@pytest.mark.parametrize(
    "view",
    [
        {"id": "V1", "private_metadata": json.dumps({"verb": "nonsense", "channel": ""})},
        {"id": "V1", "private_metadata": "no JSON"},
        {"id": "V1"},
    ],
)
async def test_suggestions_for_nothing_are_none(slack: SlackServer, bot: SlackBot, view: Any) -> None:
    assert await slack.suggest(view, "claim", "") == []


async def test_suggestions_that_take_too_long_are_none(
    slack: SlackServer, bot: SlackBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.chat.slack.reception.SUGGESTING", 0.1)
    slack.fault("users.info", Fault(error="internal_error", wait=1.0))
    view = {"id": "V1", "private_metadata": json.dumps({"verb": "claim show", "channel": ""})}
    assert await slack.suggest(view, "claim", "") == []


# --- the home tab ----------------------------------------------------------------------------------------------------


async def test_home_shows_how_all_is_going(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    moved = Claim("bonds", "money", ClaimKind.PLAN, "herald", "2025-03", "There will be bonds.", ClaimState.CHALLENGED)
    store.claims.put(TENANT, [moved], "", NOW)
    await slack.open_home()
    home = (await slack.until(lambda: slack.homes))["U0ADMIN"]
    assert all(part in said(home) for part in ("Status", "Claims that moved", "bonds"))
    allowed = {button["value"] for button in elements(home, "button")}
    assert {"watch add", "feed list"} <= allowed


async def test_home_offers_members_what_they_may(slack: SlackServer, bot: SlackBot) -> None:
    await slack.open_home("U0MEMBER")
    home = (await slack.until(lambda: slack.homes))["U0MEMBER"]
    offered = {button["value"] for button in elements(home, "button")}
    assert offered
    assert all(VERBS[name].level is Level.READ for name in offered)


async def test_home_shows_what_a_channel_is_told(slack: SlackServer, bot: SlackBot) -> None:
    await slack.command("watch add SACEUR name:Command")
    await slack.answer()
    await slack.open_home()
    home = (await slack.until(lambda: slack.homes))["U0ADMIN"]
    chooser = {"type": "conversations_select", "action_id": "home:channel", "selected_conversation": "C0NEWS"}
    await slack.press(chooser, view=home)
    await slack.until(lambda: "Command" in said(slack.homes["U0ADMIN"]))
    assert "At once" in said(slack.homes["U0ADMIN"])
    slack.homes["U0ADMIN"]["blocks"] = []
    await slack.open_home()
    await slack.until(lambda: "Command" in said(slack.homes["U0ADMIN"]))


async def test_home_hides_channels_that_are_not_the_lookers(slack: SlackServer, bot: SlackBot) -> None:
    slack.add_channel("G0BOARD", "board", [BOT_USER, "U0ADMIN"], is_private=True)
    await slack.command("watch add secretword channel:<#G0BOARD|board>")
    assert "#board" in said(await slack.answer())
    await slack.open_home("U0MEMBER")
    home = (await slack.until(lambda: slack.homes))["U0MEMBER"]
    chooser = {"type": "conversations_select", "action_id": "home:channel", "selected_conversation": "G0BOARD"}
    await slack.press(chooser, user="U0MEMBER", view=home)
    await slack.until(lambda: "that you and the bot can see" in said(slack.homes["U0MEMBER"]))
    assert "secretword" not in said(slack.homes["U0MEMBER"])


async def test_homes_buttons_open_forms_and_answers(slack: SlackServer, bot: SlackBot) -> None:
    await slack.open_home()
    home = (await slack.until(lambda: slack.homes))["U0ADMIN"]
    for number, button in enumerate(elements(home, "button"), start=1):
        await slack.press(button, view=home)
        view = await slack.view(number)
        assert view["title"]["text"].lower() == button["value"], button
    direct = {"watch list", "feed list", "claim list", "latest", "help"}
    updated = await slack.until(lambda: slack.called("views.update"), lambda calls: len(calls) >= len(direct))
    assert {call.body["view"]["title"]["text"].lower() for call in updated} == direct


async def test_pages_turn_inside_a_modal(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    publish(store, TENANT, "Wire", [f"Headline {number}" for number in range(25)])
    await slack.open_home()
    home = (await slack.until(lambda: slack.homes))["U0ADMIN"]
    (latest,) = [button for button in elements(home, "button") if button["value"] == "latest"]
    await slack.press(latest, view=home)
    shown = await slack.view()
    await slack.until(lambda: slack.called("views.update"))
    (ahead,) = elements(slack.views[shown["id"]], "button")
    await slack.press(ahead, view=slack.views[shown["id"]])
    await slack.until(lambda: "11–20" in said(slack.views[shown["id"]]))


async def test_the_desk_is_shared_with_other_platforms(bot: SlackBot, desk: Desk) -> None:
    assert bot.desk is desk
