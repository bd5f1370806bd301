"""The home tab and what its buttons lead to."""

from __future__ import annotations

import re

from chat_world import NOW, publish
from slack_house import TENANT, elements, said
from slack_server import BOT_USER, SlackServer

from bot.chat.commands import VERBS, Desk
from bot.chat.slack import SlackBot
from bot.model import Claim, ClaimKind, ClaimState, Level
from storage import Store


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
    first = headlines(slack.views[shown["id"]])
    (ahead,) = elements(slack.views[shown["id"]], "button")
    await slack.press(ahead, view=slack.views[shown["id"]])
    second = headlines(await slack.until(lambda: slack.views[shown["id"]], lambda view: "11–20" in said(view)))
    assert first == {f"Headline {number}" for number in range(9)}  # and one that the house had before
    assert second == {f"Headline {number}" for number in range(9, 19)}


def headlines(view: object) -> set[str]:
    return set(re.findall(r"Headline \d+", said(view)))


async def test_the_desk_is_shared_with_other_platforms(bot: SlackBot, desk: Desk) -> None:
    assert bot.desk is desk
