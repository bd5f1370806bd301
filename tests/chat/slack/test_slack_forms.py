"""Forms, what an answer asks for, files and suggestions, through bolt and Socket Mode."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Annotated, Any

import pytest
from chat_world import BALTIC, NOW, publish
from slack_house import SOON, TENANT, said
from slack_server import Fault, SlackServer

from bot.blocks import Field, Form, Reply
from bot.chat import commands
from bot.chat.commands import LARGEST_FILE, VERBS, Ask, Attached, Comparison, Desk, Verb, answering
from bot.chat.commands.table import verb
from bot.chat.slack import SlackBot
from bot.chat.slack.files import fetched
from bot.chat.slack.forms import Uploaded, fields
from bot.errors import BadInput
from bot.model import Claim, ClaimKind, EntryPlan, Item, KeywordList, Match, Mute, MuteKind, PollPlan, Sketch, Tenant
from storage import Store

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
        "every Friday at 07:15 (Europe/Berlin)",
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


async def test_setting_up_opens_a_form_with_the_choices(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    slack.add_channel("C0DESK", "desk")
    await slack.command("setup")
    view = await slack.view()
    inputs = [block["block_id"] for block in view["blocks"]]
    assert inputs == ["alerts", "digests", "timezone", "at"]  # Slack has no roles
    values = {
        "alerts": {"type": "conversations_select", "selected_conversation": "C0NEWS"},
        "digests": {"type": "conversations_select", "selected_conversation": "C0DESK"},
        "at": {"type": "plain_text_input", "value": "06:30"},
    }
    ack = await slack.submit(view, values)
    assert "listens with" in said(ack.payload)
    policy = store.tenants.channel("slack:C0NEWS").policy
    assert (policy.digest_in, f"{policy.digest_at:%H:%M}") == ("slack:C0DESK", "06:30")
    assert store.tenants.get(TENANT).admin_channel == "slack:C0NEWS"


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
    monkeypatch.setattr("bot.chat.slack.service.HANDING_OVER", 0.0)

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


# --- what an answer asks for -----------------------------------------------------------------------------------------

ASKING = Reply.say("Say it anew.")
ASKED = replace(ASKING, form=Form("Revise", "claim revise", BALTIC.id, (Field("statement", "Wording", "It was", 500),)))


async def test_an_answer_that_asks_for_something_opens_its_form(
    slack: SlackServer, bot: SlackBot, store: Store
) -> None:
    await slack.press({"type": "button", "action_id": "press:0", "value": f"claim revise:{BALTIC.id}"})
    view = await slack.view()
    given = {block["block_id"]: block["element"]["initial_value"] for block in view["blocks"]}
    assert given["statement"] == BALTIC.statement
    values = {name: {"type": "plain_text_input", "value": value} for name, value in given.items()}
    wording = "Germany plans a brigade of 3,000 soldiers."
    ack = await slack.submit(view, values | {"statement": {"type": "plain_text_input", "value": wording}})
    assert ack.payload is not None
    assert ack.payload["response_action"] == "update"
    assert store.claims.get(TENANT, BALTIC.id).statement == wording


async def test_what_is_asked_for_is_refused_to_members_who_may_not(
    slack: SlackServer, bot: SlackBot, store: Store
) -> None:
    view = fields(ASKED.form, "C0NEWS") | {"id": "V1"}
    values = {"statement": {"type": "plain_text_input", "value": "Mine"}, "as_of": {"value": "2026-03"}}
    ack = await slack.submit(view, values, user="U0MEMBER")
    assert "needs" in said(ack.payload)
    assert store.claims.get(TENANT, BALTIC.id).statement == BALTIC.statement


async def test_inside_a_modal_a_form_is_put_on_top(
    slack: SlackServer, bot: SlackBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def press(*_: object) -> Reply:
        return ASKED

    monkeypatch.setattr(commands, "press", press)
    view = {"id": "V1", "type": "modal", "private_metadata": "{}"}
    await slack.press({"type": "button", "action_id": "press:0", "value": "claim revise:x"}, view=view)
    pushed = await slack.until(lambda: slack.called("views.push"))
    assert pushed[0].body["view"]["title"]["text"] == "Revise"


async def test_a_form_that_comes_too_late_is_answered_in_words(slack: SlackServer, bot: SlackBot) -> None:
    slack.fault("views.open", Fault(error="expired_trigger_id"))
    await slack.press({"type": "button", "action_id": "press:0", "value": f"claim revise:{BALTIC.id}"})
    assert (await slack.answer())["response_type"] == "ephemeral"


# --- files -----------------------------------------------------------------------------------------------------------


async def take(desk: Desk, asker: commands.Asker, file: Annotated[Attached, Ask("A list")]) -> Reply:
    """Take a file"""
    return Reply.say(f"{file.name}: {file.content.decode()}")


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> Verb:
    """A verb that takes a file, whatever the table's own verbs do."""
    taking = verb("status", take)
    for table in (commands.VERBS, answering._KNOWN):
        monkeypatch.setitem(table, "status", taking)
    return taking


def file_of(slack: SlackServer, name: str, address: str = "", size: int = 10) -> dict[str, Any]:
    where = address or f"{slack.base}/download/{name}"
    return {"type": "file_input", "files": [{"id": "F1", "name": name, "size": size, "url_private_download": where}]}


async def test_a_file_is_put_into_a_form(slack: SlackServer, bot: SlackBot, taking: Verb) -> None:
    slack.downloads["claims.csv"] = b"id,statement"
    await slack.command("status")
    view = await slack.view()
    assert view["blocks"][0]["element"]["type"] == "file_input"
    ack = await slack.submit(view, {"file": file_of(slack, "claims.csv")})
    assert "claims.csv: id,statement" in said(ack.payload)


@pytest.mark.parametrize(
    ("address", "size", "content", "problem"),
    [
        ("https://evil.example/claims.csv", 10, b"x", "did not hand out"),
        ("http://files.slack.com/claims.csv", 10, b"x", "did not hand out"),
        ("", 10, b"x" * (LARGEST_FILE + 1), "larger than"),
        ("", LARGEST_FILE + 1, b"x", "at most"),
    ],
)
async def test_files_from_elsewhere_or_too_large_are_refused(
    slack: SlackServer, bot: SlackBot, taking: Verb, address: str, size: int, content: bytes, problem: str
) -> None:
    slack.downloads["claims.csv"] = content
    await slack.command("status")
    ack = await slack.submit(await slack.view(), {"file": file_of(slack, "claims.csv", address, size)})
    assert problem in said(ack.payload)


async def test_a_file_that_slack_does_not_hand_out_is_told(slack: SlackServer, bot: SlackBot) -> None:
    slack.downloads["claims.csv"] = b"x"
    file = Uploaded("claims.csv", f"{slack.base}/download/claims.csv", 1)
    session = bot.client.session
    assert session is not None
    with pytest.raises(BadInput, match="did not hand out"):
        await fetched(session, "xoxb-without-the-scope", bot.client.base_url, file)


def matched(store: Store) -> None:
    """The workspace's watch matches what is there."""
    (watch,) = store.watches.all(TENANT)
    entry = store.entries.latest(TENANT, 1)[0]
    plan = EntryPlan(entry, Sketch(entry.id, entry.id, "", b"", NOW), (Match(watch.id, ("troops",)),))
    store.commit([PollPlan(store.feeds.get(entry.feed), NOW, (plan,))])


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
    matched(store)
    for tenant, name in ((TENANT, "ours"), ("slack:T0OTHER", "Theirs")):
        store.lists.put(KeywordList(tenant, name, ("frigate",)))
        store.mutes.put(Mute(tenant, MuteKind.CLAIM, name, name, None, "somebody", NOW))
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
