"""What was held back for the quiet hours is not told where it was muted meanwhile."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from jobs_world import LATER, NOW, Newsroom, ScriptedPlatform, says, settle

from bot.alerts.render import Labels
from bot.alerts.silence import silencing
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.model import (
    Alert,
    AlertKind,
    DeliveryState,
    Entry,
    Mute,
    MuteKind,
    Policy,
    QuietHours,
    Relation,
)

HOME = "console:home"
NIGHT = Policy(quiet=QuietHours(time(11), time(22)))
SAID = (says(Relation.CONTRADICTS), says(Relation.UPDATES, "hosts"))


def mute(kind: MuteKind, subject: str) -> Mute:
    return Mute(HOME, kind, subject, subject, None, "ana", NOW)


@pytest.mark.parametrize(
    ("mutes", "silenced"),
    [
        ((), False),
        ((mute(MuteKind.STORY, "s"),), True),
        ((mute(MuteKind.STORY, "other"),), False),
        ((mute(MuteKind.FEED, "f"),), True),
        ((mute(MuteKind.CLAIM, "arms"),), False),
        ((mute(MuteKind.CLAIM, "arms"), mute(MuteKind.CLAIM, "hosts")), True),
        ((mute(MuteKind.WATCH, "w1"),), False),
        ((mute(MuteKind.WATCH, "w1"), mute(MuteKind.WATCH, "w2")), True),
    ],
)
def test_a_mute_silences_what_it_would_have_kept_from_being_decided(mutes: tuple[Mute, ...], silenced: bool) -> None:
    alert = Alert("a", HOME, "console:news", "s", "e", AlertKind.VERDICT, NOW, SAID)
    entry = Entry("e", "f", "e", "", "Title", "", NOW, NOW)
    assert bool(silencing(alert, entry, ["w1", "w2"], mutes)) is silenced


def test_a_new_development_has_no_claims_to_be_muted() -> None:
    alert = Alert("a", HOME, "console:news", "s", "e", AlertKind.NEW, NOW)
    entry = Entry("e", "f", "e", "", "Title", "", NOW, NOW)
    assert silencing(alert, entry, [], [mute(MuteKind.CLAIM, "arms")]) is None


async def held(newsroom: Newsroom) -> Alert:
    """An alert that waits for the end of the quiet hours."""
    settle(newsroom.store, policy=NIGHT)
    newsroom.server.publish("herald", newsroom.news("Older piece"))
    newsroom.follow("herald")
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.assessor.script["rules out nuclear"] = SAID[:1]
    newsroom.server.publish("herald", newsroom.news("Warsaw rules out nuclear weapons"))
    await newsroom.poll()
    (alert,) = newsroom.alerts()
    return alert


async def morning(newsroom: Newsroom) -> ScriptedPlatform:
    """Everything is delivered once the quiet hours are over."""
    newsroom.clock.forward(timedelta(hours=8))
    platform = ScriptedPlatform()
    deliverer = Deliverer(
        newsroom.store, {"console": platform}, Composer(newsroom.store, Labels()), newsroom.clock, lambda: None
    )
    while await deliverer.begin_due():
        await deliverer.drain(60)
    return platform


@pytest.mark.asyncio(loop_scope="module")
async def test_what_was_muted_meanwhile_is_not_told(newsroom: Newsroom) -> None:
    alert = await held(newsroom)
    newsroom.store.mutes.put(mute(MuteKind.STORY, alert.story))
    assert (await morning(newsroom)).calls == []
    (delivery,) = newsroom.store.deliveries.of(alert.id)
    assert delivery.state is DeliveryState.WITHDRAWN
    assert "is muted for good, by ana" in delivery.error
    stats = newsroom.store.deliveries.stats(HOME)
    assert (stats.withdrawn, stats.failed, stats.owed) == (1, 0, 0)
    assert newsroom.store.deliveries.troubles(HOME, 5) == []


@pytest.mark.asyncio(loop_scope="module")
async def test_a_mute_that_is_over_by_then_silences_nothing(newsroom: Newsroom) -> None:
    alert = await held(newsroom)
    over = newsroom.clock.now() + timedelta(hours=1)
    newsroom.store.mutes.put(Mute(HOME, MuteKind.STORY, alert.story, "it", over, "ana", NOW))
    assert len((await morning(newsroom)).did("send")) == 1
