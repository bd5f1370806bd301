"""What is muted is told to nobody, and /why says for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from alerts_world import CONTRADICTS, NOW, STORY, TENANT, UPDATES, channel, newcomer, told, watch

from bot.alerts.decide import decide
from bot.alerts.situation import Newcomer, Outcome, Situation
from bot.model import Action, Alert, DeliveryKind, Mute, MuteKind, Verdict, Watch, WatchMode

SOON = NOW + timedelta(hours=2)


def mute(kind: MuteKind, subject: str, name: str = "it", until: datetime | None = SOON, tenant: str = TENANT) -> Mute:
    return Mute(tenant, kind, subject, name, until, "ana", NOW)


def decided(
    come: Newcomer,
    *mutes: Mute,
    watches: tuple[Watch, ...] = (),
    told: tuple[Alert, ...] = (),
) -> Outcome:
    by_tenant = {one.tenant: [other for other in mutes if other.tenant == one.tenant] for one in mutes}
    listening = {one.id: one for one in watches or (watch(),)}
    place = channel()
    return decide(Situation(NOW, [come], listening, {place.id: place}, told, mutes=by_tenant))


STORY_MUTE = mute(MuteKind.STORY, STORY, "story 4f2a")
FEED_MUTE = mute(MuteKind.FEED, "f1", "The Courier")
WATCH_MUTE = mute(MuteKind.WATCH, "w-nato", "nato")
CLAIM_MUTE = mute(MuteKind.CLAIM, CONTRADICTS.claim, CONTRADICTS.claim)


@pytest.mark.parametrize(
    ("muted", "reason"),
    [
        (STORY_MUTE, "story “story 4f2a” is muted until 16:05 (Europe/Brussels), by ana"),
        (FEED_MUTE, "feed “The Courier” is muted until 16:05 (Europe/Brussels), by ana"),
        (WATCH_MUTE, "watch “nato” is muted until 16:05 (Europe/Brussels), by ana"),
        (CLAIM_MUTE, "claim “arms-in-poland” is muted until 16:05 (Europe/Brussels), by ana"),
        (replace(STORY_MUTE, until=None), "story “story 4f2a” is muted for good, by ana"),
    ],
)
@pytest.mark.parametrize("mode", WatchMode)
def test_what_is_muted_is_nothing_whatever_the_watch_wants(muted: Mute, reason: str, mode: WatchMode) -> None:
    outcome = decided(newcomer(CONTRADICTS), muted, watches=(watch(mode=mode),))
    (decision,) = outcome.decisions
    assert (decision.action, decision.reason) == (Action.NOTHING, reason)
    assert (outcome.alerts, outcome.owed) == ((), ())


@pytest.mark.parametrize(
    "other",
    [
        mute(MuteKind.STORY, "another"),
        mute(MuteKind.FEED, "f2"),
        mute(MuteKind.WATCH, "w-other"),
        mute(MuteKind.CLAIM, UPDATES.claim),
        mute(MuteKind.CLAIM, STORY),  # the id of another kind of thing
        replace(STORY_MUTE, tenant="discord:other"),
    ],
)
def test_a_mute_of_something_else_or_of_another_tenant_silences_nothing(other: Mute) -> None:
    assert [one.action for one in decided(newcomer(CONTRADICTS), other).decisions] == [Action.ALERT]


@pytest.mark.parametrize(
    ("verdicts", "action", "kept"),
    [
        ((CONTRADICTS, UPDATES), Action.ALERT, (UPDATES,)),
        ((UPDATES,), Action.ALERT, (UPDATES,)),
        ((CONTRADICTS,), Action.NOTHING, ()),
        ((), Action.DIGEST, ()),
    ],
)
def test_a_muted_claim_is_left_out_of_what_is_told(
    verdicts: tuple[Verdict, ...], action: Action, kept: tuple[Verdict, ...]
) -> None:
    outcome = decided(newcomer(*verdicts), CLAIM_MUTE)
    assert [one.action for one in outcome.decisions] == [action]
    assert tuple(verdict for alert in outcome.alerts for verdict in alert.verdicts) == kept


def test_a_muted_watch_leaves_the_entry_to_the_others() -> None:
    both = (watch(mode=WatchMode.ALERT), watch("b"))
    outcome = decided(newcomer(watches=("nato", "b")), WATCH_MUTE, watches=both)
    assert [(one.action, one.reason.split(";")[0]) for one in outcome.decisions] == [
        (Action.DIGEST, "touches no claim")
    ]


def test_of_a_muted_and_a_paused_watch_the_mute_is_the_reason() -> None:
    both = (watch(), watch("b", paused=True))
    (decision,) = decided(newcomer(watches=("nato", "b")), WATCH_MUTE, watches=both).decisions
    assert "muted" in decision.reason


def test_a_message_that_is_there_is_not_edited_while_its_story_is_muted() -> None:
    earlier = told(CONTRADICTS)
    assert [one.kind for one in decided(newcomer(CONTRADICTS), told=(earlier,)).owed] == [DeliveryKind.EDIT]
    assert not decided(newcomer(CONTRADICTS), STORY_MUTE, told=(earlier,)).owed
