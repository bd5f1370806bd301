"""What is owed, delivered to Slack through its faults: one message, or an uncertain one that is counted."""

from __future__ import annotations

import json

import pytest
from chat_world import NOW, FixedClock
from slack_server import TEAM, Fault, SlackServer

from bot.alerts.render import Labels
from bot.chat.slack import SlackBot, SlackPlatform
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.model import Channel, DeliveryKind, DeliveryState, Owed
from storage import Store

NEWS = Channel("slack:C0NEWS", f"slack:{TEAM}", "slack", "C0NEWS", "#news")
OWED = Owed("0123456789abcdef", NEWS.id, DeliveryKind.NOTICE, "notice", NOW, payload="A feed is well again.")


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
