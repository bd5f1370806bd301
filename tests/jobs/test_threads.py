"""What follows on a story: reports and details in its thread, corrected headlines on its card."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from jobs_world import LATER, Newsroom, ScriptedPlatform, claim, says, settle

from bot.alerts.render import Labels
from bot.blocks import Message, plain
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.model import Channel, DeliveryKind, Policy, Relation, SendOutcome, Sent, Unknown, WatchMode

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOME = "console:home"
RULED_OUT = "Warsaw rules out nuclear weapons on Polish soil"
ALIKE = "Warsaw rules out nuclear weapons on Polish soil, minister says"
TEXT = "The government will neither seek nor host nuclear weapons, the minister told parliament."


@dataclass
class Remembering(ScriptedPlatform):
    """Keeps the messages that it was given."""

    sent: list[Message] = field(default_factory=list)
    edited: list[Message] = field(default_factory=list)

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        self.sent.append(message)
        return await super().send(channel, message, nonce)

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        self.edited.append(message)
        return await super().edit(channel, ref, message)


@pytest.fixture
def platform() -> Remembering:
    return Remembering()


async def begun(newsroom: Newsroom, *names: str) -> None:
    for name in names:
        newsroom.server.publish(name, newsroom.news(f"Older piece in {name}"))
        newsroom.follow(name)
    await newsroom.poll()
    newsroom.clock.forward(LATER)


async def deliver(newsroom: Newsroom, platform: Remembering) -> None:
    composer = Composer(newsroom.store, Labels())
    deliverer = Deliverer(newsroom.store, {"console": platform}, composer, newsroom.clock, lambda: None)
    for _ in range(20):
        if not await deliverer.begin_due():
            return
        await deliverer.drain(60)


def said(message: Message) -> str:
    card = message.cards[0]
    return "\n".join([plain(card.badge), card.title.text if card.title else "", *map(plain, card.lines)])


async def test_reports_and_details_go_into_the_thread_under_the_card(newsroom: Newsroom, platform: Remembering) -> None:
    settle(newsroom.store, claims=[claim(), claim("hosts", "Poland hosts allies.")], policy=Policy(threads=True))
    newsroom.assessor.script["rules out nuclear"] = (says(Relation.CONTRADICTS), says(Relation.UPDATES, "hosts", 0.8))
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, TEXT))
    await newsroom.poll()
    await deliver(newsroom, platform)
    card, details = platform.sent
    assert (card.under, card.topic, card.tag) == ("", RULED_OUT, "contradicts")
    assert (details.under, details.topic) == ("m1", RULED_OUT)
    assert "hosts" in said(details)
    assert "Poland hosts allies." in said(details)
    newsroom.clock.forward(LATER)
    newsroom.server.publish("courier", newsroom.news(ALIKE, TEXT))
    await newsroom.poll()
    await deliver(newsroom, platform)
    report = platform.sent[2]
    assert (report.under, report.cards[0].title and report.cards[0].title.text) == ("m1", ALIKE)
    assert len(platform.edited) == 1
    assert not any(button.label == "Details" for button in card.buttons)


async def test_without_threads_the_details_are_behind_a_button(newsroom: Newsroom, platform: Remembering) -> None:
    settle(newsroom.store)
    newsroom.assessor.script["rules out nuclear"] = (says(Relation.CONTRADICTS),)
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, TEXT))
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.server.publish("courier", newsroom.news(ALIKE, TEXT))
    await newsroom.poll()
    await deliver(newsroom, platform)
    assert [message.under for message in platform.sent] == [""]
    (alert,) = newsroom.alerts()
    assert [(button.verb, button.argument) for button in platform.edited[0].buttons if button.label == "Details"] == [
        ("story", alert.story)
    ]


async def test_what_follows_is_looked_for_in_its_thread(newsroom: Newsroom, platform: Remembering) -> None:
    settle(newsroom.store, claims=[claim(), claim("hosts", "Poland hosts allies.")], policy=Policy(threads=True))
    newsroom.assessor.script["rules out nuclear"] = (says(Relation.CONTRADICTS), says(Relation.UPDATES, "hosts", 0.8))
    await begun(newsroom, "herald")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, TEXT))
    await newsroom.poll()
    platform.repeat_safe = 0.0
    platform.outcomes = [Sent("m1"), Unknown("no answer")]
    platform.found = [Sent("m2")]
    await deliver(newsroom, platform)
    (look,) = platform.did("find")
    assert look.text == "m1"


async def test_a_corrected_headline_is_stored_found_and_brought_to_the_card(
    newsroom: Newsroom, platform: Remembering
) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    await begun(newsroom, "herald")
    newsroom.server.publish("herald", newsroom.news("Warsaw wants nuclear arms", key="1"))
    await newsroom.poll()
    await deliver(newsroom, platform)
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Warsaw  wants nuclear arms ", key="1"))  # no word has changed
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Correction: Warsaw wants no nuclear arms", key="1"))
    (polled,) = await newsroom.poll()
    assert (polled.new, polled.alerts) == (0, 0)
    await deliver(newsroom, platform)
    assert [message.cards[0].title and message.cards[0].title.text for message in platform.edited] == [
        "Correction: Warsaw wants no nuclear arms"
    ]
    assert [entry.title for entry in newsroom.store.entries.search(HOME, "correction", 5)] == [
        "Correction: Warsaw wants no nuclear arms"
    ]
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Correction: Warsaw wants no nuclear arms", "New text.", key="1"))
    await newsroom.poll()
    await deliver(newsroom, platform)
    assert len(platform.edited) == 1
    kinds = [delivery.kind for delivery in newsroom.store.deliveries.of(newsroom.alerts()[0].id)]
    assert kinds == [DeliveryKind.ALERT, DeliveryKind.EDIT]
