"""What is owed, delivered to Slack through its faults: one message, or an uncertain one that is counted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
from alerts_told import UPDATES
from chat_world import BALTIC, NOW, FixedClock
from marked_card import deliver, owed_alert
from slack_house import settings
from slack_server import TEAM, Fault, SlackServer

from bot.alerts.render import Labels
from bot.chat.commands import Desk
from bot.chat.console import ConsolePlatform
from bot.chat.slack import SlackBot, SlackPlatform
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.model import Channel, DeliveryKind, DeliveryState, Owed, Tenant
from storage import Store

NEWS = Channel("slack:C0NEWS", f"slack:{TEAM}", "slack", "C0NEWS", "#news")
OWED = Owed("0123456789abcdef", NEWS.id, DeliveryKind.NOTICE, "notice", NOW, payload="A feed is well again.")
HOME = Channel("console:home", "console:local", "console", "home", "home")
ELSEWHERE = Owed("fedcba9876543210", HOME.id, DeliveryKind.NOTICE, "notice", NOW, payload="A feed is well again.")


@pytest.fixture
def deliverer(store: Store, bot: SlackBot) -> Deliverer:
    store.tenants.put_channel(NEWS)
    store.deliveries.owe([OWED])
    platform = SlackPlatform(bot, settled=0.0, pauses=(0.0,))
    return Deliverer(store, {"slack": platform}, Composer(store, Labels()), FixedClock(), lambda: None)


async def delivered(deliverer: Deliverer) -> None:
    await deliverer.begin_due()
    await deliverer.drain(10.0)


async def test_a_post_whose_answer_is_lost_is_one_message(
    slack: SlackServer, deliverer: Deliverer, store: Store
) -> None:
    slack.fault("chat.postMessage", Fault(drop=True, accepted=True))
    await delivered(deliverer)
    (posted,) = slack.messages["C0NEWS"]
    sent = store.deliveries.get(OWED.id)
    assert (sent.state, sent.message_ref) == (DeliveryState.SENT, posted["ts"])


async def test_a_post_that_never_arrived_is_owed_again(slack: SlackServer, deliverer: Deliverer, store: Store) -> None:
    slack.fault("chat.postMessage", Fault(drop=True))
    await delivered(deliverer)
    assert store.deliveries.get(OWED.id).state is DeliveryState.OWED
    assert slack.messages["C0NEWS"] == []


async def test_where_nothing_can_tell_it_is_uncertain_and_shown(
    slack: SlackServer, deliverer: Deliverer, store: Store
) -> None:
    slack.fault("chat.postMessage", Fault(drop=True, accepted=True))
    slack.fault("conversations.history", Fault(error="not_in_channel"))
    await delivered(deliverer)
    assert store.deliveries.get(OWED.id).state is DeliveryState.UNCERTAIN
    assert len(slack.messages["C0NEWS"]) == 1
    await slack.command("status")
    assert "1 uncertain" in json.dumps(await slack.answer())


async def test_a_mark_is_shown_on_the_card(slack: SlackServer, bot: SlackBot, store: Store) -> None:
    store.tenants.put_channel(NEWS)
    store.claims.put(NEWS.tenant, [BALTIC], "", NOW)
    alert = owed_alert(store, NEWS, UPDATES)
    platform = SlackPlatform(bot, settled=0.0, pauses=(0.0,))
    await deliver(store, platform)
    await slack.press({"type": "button", "action_id": "press:0", "value": f"wrong:{alert.id}"})
    assert "Marked *wrong*" in json.dumps(await slack.answer())
    await deliver(store, platform)
    (posted,) = slack.messages["C0NEWS"]
    assert re.search(r"_Marked wrong by @[^_]+_", json.dumps(posted))


@pytest.fixture
async def distant(slack: SlackServer, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SlackBot]:
    """A bot whose Slack is away until its faults are cleared."""
    monkeypatch.setattr("bot.chat.slack.connection.RECONNECT", (0.05, 0.1))
    slack.fault("auth.test", *[Fault(status=503, html=True)] * 10_000)
    bot = SlackBot(desk, settings(slack))
    connection = asyncio.create_task(bot.run_until_closed())
    yield bot
    await bot.close()
    await asyncio.wait_for(connection, 10)


async def test_what_a_dead_process_left_on_a_slack_that_is_away_holds_up_nobody_else(
    slack: SlackServer, distant: SlackBot, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for channel in (NEWS, HOME):
        store.tenants.put(Tenant(channel.tenant, channel.platform, channel.tenant))
        store.tenants.put_channel(channel)
    store.deliveries.owe([OWED, ELSEWHERE])
    assert len(store.deliveries.claim_due(NOW, ["slack"], 5)) == 1  # and then it died
    platforms = {"slack": SlackPlatform(distant, settled=0.0), "console": ConsolePlatform()}
    deliverer = Deliverer(store, platforms, Composer(store, Labels()), FixedClock(), lambda: None)
    assert await asyncio.wait_for(deliverer.recover(), 5) == 1
    assert await deliverer.begin_due() == 1
    for _ in range(500):
        if store.deliveries.get(ELSEWHERE.id).state is DeliveryState.SENT:
            break
        await asyncio.sleep(0.01)
    assert ELSEWHERE.payload in capsys.readouterr().out
    assert store.deliveries.get(OWED.id).state is DeliveryState.SENDING
    slack.faults["auth.test"].clear()
    await deliverer.drain(20)
    assert store.deliveries.get(OWED.id).state is DeliveryState.OWED  # looked for, and not there
