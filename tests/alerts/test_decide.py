"""Who is told what after a poll: a table of cases, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from alerts_world import (
    CONFIRMS,
    CONTRADICTS,
    DOUBTFUL,
    NIGHT,
    NOW,
    STORY,
    TENANT,
    UPDATES,
    channel,
    newcomer,
    told,
    watch,
)

from bot.alerts.decide import decide
from bot.alerts.situation import Newcomer, Outcome, Situation
from bot.model import (
    Action,
    Alert,
    AlertKind,
    Channel,
    ChannelState,
    DeliveryKind,
    DigestRhythm,
    Hush,
    Relation,
    Verdict,
    Watch,
    WatchMode,
    stable_id,
)

MIDNIGHT = datetime(2026, 3, 18, 23, 30, tzinfo=UTC)
ALL = frozenset(Relation)


def situation(
    *newcomers: Newcomer,
    channels: tuple[Channel, ...] = (),
    watches: tuple[Watch, ...] = (),
    told: tuple[Alert, ...] = (),
    now: datetime = NOW,
    hush: Hush = Hush.NONE,
) -> Situation:
    return Situation(
        now,
        newcomers,
        {one.id: one for one in watches or (watch(),)},
        {one.id: one for one in channels or (channel(),)},
        told,
        hush,
    )


def case(name: str, action: Action, reason: str, *verdicts: Verdict, **kwargs: Any) -> Any:
    """One entry in one channel: what is done, and words that stand in the reason."""
    of_entry = {key: kwargs.pop(key) for key in ("watches", "language") if key in kwargs}
    return pytest.param(action, reason, newcomer(*verdicts, **of_entry), kwargs, id=name)


def moved(**policy: Any) -> dict[str, Any]:
    return {"channels": (channel(**policy),)}


def mode(mode: WatchMode, **policy: Any) -> dict[str, Any]:
    return {"of_watches": (watch(mode=mode),), "channels": (channel(**policy),)}


ONE_ENTRY = [
    # what moves a claim
    case("contradicts", Action.ALERT, "contradicts arms-in-poland (likely, 0.87)", CONTRADICTS),
    case("updates", Action.ALERT, "updates package-800bn (probable, 0.72)", UPDATES),
    case("the stronger one is named", Action.ALERT, "contradicts arms-in-poland", UPDATES, CONTRADICTS),
    case("sure enough at the limit", Action.ALERT, "(probable, 0.60)", replace(CONTRADICTS, confidence=0.6)),
    case("just below the limit", Action.DIGEST, "below this channel's 0.60", replace(CONTRADICTS, confidence=0.599)),
    case("doubtful", Action.DIGEST, "contradicts arms-in-poland (unsure, 0.41), below", DOUBTFUL),
    case("doubtful beside a sure one", Action.ALERT, "updates package-800bn", DOUBTFUL, UPDATES),
    case("a channel that is content with less", Action.ALERT, "(unsure, 0.41)", DOUBTFUL, **moved(min_confidence=0.4)),
    case(
        "a channel that wants more",
        Action.DIGEST,
        "below this channel's 0.90",
        CONTRADICTS,
        **moved(min_confidence=0.9),
    ),
    # what does not
    case("confirms", Action.DIGEST, "confirms troops-100k (likely, 0.91), which this channel does not want", CONFIRMS),
    case("confirms, asked for", Action.ALERT, "confirms troops-100k", CONFIRMS, **moved(alert_on=ALL)),
    case(
        "updates, not asked for",
        Action.DIGEST,
        "does not want at once",
        UPDATES,
        **moved(alert_on={Relation.CONTRADICTS}),
    ),
    case("nothing asked for", Action.DIGEST, "does not want at once", CONTRADICTS, **moved(alert_on=frozenset())),
    case("touches no claim", Action.DIGEST, "touches no claim; waits for the digest"),
    case("no digest to wait for", Action.DIGEST, "/digest now shows it", **moved(digest=DigestRhythm.OFF)),
    # modes of a watch
    case("alert: every match", Action.ALERT, "watch “nato” is to be told at once", **mode(WatchMode.ALERT)),
    case("both: every match", Action.ALERT, "told at once", **mode(WatchMode.BOTH)),
    case("alert: a confirmation, too", Action.ALERT, "confirms troops-100k", CONFIRMS, **mode(WatchMode.ALERT)),
    case("alert: a doubtful one as new", Action.ALERT, "told at once", DOUBTFUL, **mode(WatchMode.ALERT)),
    case("both: a contradiction", Action.ALERT, "contradicts arms-in-poland", CONTRADICTS, **mode(WatchMode.BOTH)),
    case(
        "digest: never at once",
        Action.DIGEST,
        "watch “nato” is for the digest only",
        CONTRADICTS,
        **mode(WatchMode.DIGEST),
    ),
    case("digest: nothing at all", Action.DIGEST, "for the digest only", **mode(WatchMode.DIGEST)),
    case(
        "digest and moved watch together",
        Action.ALERT,
        "contradicts",
        CONTRADICTS,
        watches=("nato", "slow"),
        of_watches=(watch(), watch("slow", WatchMode.DIGEST)),
    ),
    case(
        "moved and eager watch together",
        Action.ALERT,
        "watch “loud” is to be told at once",
        watches=("nato", "loud"),
        of_watches=(watch(), watch("loud", WatchMode.ALERT)),
    ),
    # pauses
    case("paused watch", Action.NOTHING, "watch “nato” is paused", CONTRADICTS, of_watches=(watch(paused=True),)),
    case(
        "all watches paused",
        Action.NOTHING,
        "watches “nato”, “b” are paused",
        CONTRADICTS,
        watches=("nato", "b"),
        of_watches=(watch(paused=True), watch("b", paused=True)),
    ),
    case(
        "one of two paused",
        Action.ALERT,
        "contradicts",
        CONTRADICTS,
        watches=("nato", "b"),
        of_watches=(watch(paused=True), watch("b")),
    ),
    case(
        "a paused watch is not eager",
        Action.DIGEST,
        "touches no claim",
        watches=("nato", "b"),
        of_watches=(watch(mode=WatchMode.ALERT, paused=True), watch("b")),
    ),
    case("paused channel", Action.NOTHING, "paused: Missing Access", CONTRADICTS, **moved(state=ChannelState.PAUSED)),
    # languages
    case(
        "language filtered",
        Action.NOTHING,
        "in tr; this channel wants de, en",
        CONTRADICTS,
        language="tr",
        **moved(languages={"en", "de"}),
    ),
    case("language wanted", Action.ALERT, "contradicts", CONTRADICTS, language="en-GB", **moved(languages={"en"})),
    case("region wanted", Action.ALERT, "contradicts", CONTRADICTS, language="DE", **moved(languages={"de-AT"})),
    case("language unknown", Action.ALERT, "contradicts", CONTRADICTS, language="", **moved(languages={"en"})),
    # polls that alert nobody
    case("first poll", Action.NOTHING, "was there before the feed was added", CONTRADICTS, hush=Hush.FIRST_POLL),
    case("flood", Action.DIGEST, "too many others at once; waits for the digest", CONTRADICTS, hush=Hush.FLOOD),
    case("flood, eager watch", Action.DIGEST, "too many others", hush=Hush.FLOOD, **mode(WatchMode.ALERT)),
    # quiet hours
    case(
        "quiet",
        Action.HOLD,
        "quiet hours until Thu 19 Mar, 07:00 (Europe/Brussels)",
        CONTRADICTS,
        now=MIDNIGHT.replace(hour=22),
        **moved(quiet=NIGHT),
    ),
    case(
        "quiet after midnight", Action.HOLD, "quiet hours until 07:00", CONTRADICTS, now=MIDNIGHT, **moved(quiet=NIGHT)
    ),
    case("quiet, eager watch", Action.HOLD, "quiet hours until", now=MIDNIGHT, **mode(WatchMode.ALERT, quiet=NIGHT)),
    case("not quiet", Action.ALERT, "(likely, 0.87)", CONTRADICTS, **moved(quiet=NIGHT)),
    case("quiet, but nothing to tell", Action.DIGEST, "touches no claim", now=MIDNIGHT, **moved(quiet=NIGHT)),
    # stories that were told
    case("told already", Action.MERGE, "joins story 4f2a, told here at 13:41", CONTRADICTS, told=(told(CONTRADICTS),)),
    case(
        "told with another evidence",
        Action.MERGE,
        "joins",
        replace(CONTRADICTS, evidence="No."),
        told=(told(CONTRADICTS),),
    ),
    case("told as something else", Action.ALERT, "updates package-800bn", UPDATES, told=(told(CONTRADICTS),)),
    case(
        "same claim, another relation",
        Action.ALERT,
        "updates arms",
        replace(CONTRADICTS, relation=Relation.UPDATES),
        told=(told(CONTRADICTS),),
    ),
    case("told as new, now it moves", Action.ALERT, "contradicts", CONTRADICTS, told=(told(),)),
    case("told, now without verdict", Action.MERGE, "joins", told=(told(CONTRADICTS),)),
    case("told as new, eager again", Action.MERGE, "joins", told=(told(),), **mode(WatchMode.ALERT)),
    case("told in another channel", Action.ALERT, "contradicts", CONTRADICTS, told=(told(CONTRADICTS, channel="b"),)),
    case("told of another story", Action.ALERT, "contradicts", CONTRADICTS, told=(told(CONTRADICTS, story="77"),)),
    case("told, doubtful now", Action.MERGE, "joins", DOUBTFUL, told=(told(CONTRADICTS),)),
]


@pytest.mark.parametrize(("action", "reason", "one", "rest"), ONE_ENTRY)
def test_one_entry_in_one_channel(action: Action, reason: str, one: Newcomer, rest: dict[str, Any]) -> None:
    rest = dict(rest)
    outcome = decide(situation(one, watches=rest.pop("of_watches", ()), **rest))
    (decision,) = outcome.decisions
    assert (decision.action, decision.entry, decision.channel) == (action, "e1", "discord:a")
    assert reason in decision.reason
    assert len(outcome.alerts) == (action in {Action.ALERT, Action.HOLD})
    assert bool(outcome.owed) == (action in {Action.ALERT, Action.HOLD, Action.MERGE})


def kinds(outcome: Outcome) -> list[tuple[DeliveryKind, str]]:
    return [(owed.kind, owed.subject) for owed in outcome.owed]


def test_an_alert_carries_its_verdicts_strongest_first() -> None:
    sure_update = replace(UPDATES, confidence=0.99)
    (alert,) = decide(situation(newcomer(sure_update, CONTRADICTS), now=NOW)).alerts
    assert alert.verdicts == (CONTRADICTS, sure_update)
    assert (alert.kind, alert.entry, alert.tenant, alert.match) == (AlertKind.VERDICT, "e1", TENANT, None)
    assert alert.id == stable_id("discord:a", STORY, "arms-in-poland", "contradicts")


def test_a_confirmation_that_nobody_wants_at_once_is_no_part_of_the_alert() -> None:
    (alert,) = decide(situation(newcomer(CONTRADICTS, CONFIRMS))).alerts
    assert alert.verdicts == (CONTRADICTS,)


def test_a_new_development_says_which_watch_matched() -> None:
    loud = (watch("slow"), watch("loud", WatchMode.BOTH))
    (alert,) = decide(situation(newcomer(watches=("slow", "loud")), watches=loud)).alerts
    assert (alert.kind, alert.verdicts) == (AlertKind.NEW, ())
    assert alert.match is not None
    assert (alert.match.watch, alert.match.words) == ("w-loud", ("LOUD",))
    assert alert.id == stable_id("discord:a", STORY, "new", "")


def test_several_watches_of_a_channel_make_one_alert() -> None:
    outcome = decide(situation(newcomer(CONTRADICTS, watches=("nato", "b")), watches=(watch(), watch("b"))))
    assert (len(outcome.alerts), len(outcome.owed), len(outcome.decisions)) == (1, 1, 1)


def test_several_entries_of_a_poll_make_one_alert_by_the_strongest() -> None:
    first, second = newcomer(UPDATES, key="e1"), newcomer(CONTRADICTS, key="e2")
    outcome = decide(situation(first, second, newcomer(key="e3")))
    (alert,) = outcome.alerts
    assert (alert.entry, alert.verdicts) == ("e2", (CONTRADICTS, UPDATES))
    assert [decision.action for decision in outcome.decisions] == [Action.MERGE, Action.ALERT, Action.MERGE]
    assert kinds(outcome) == [(DeliveryKind.ALERT, alert.id)]


def test_of_several_verdicts_on_a_claim_the_strongest_is_told() -> None:
    softer = replace(CONTRADICTS, relation=Relation.UPDATES, confidence=0.99)
    (alert,) = decide(situation(newcomer(softer, key="e1"), newcomer(CONTRADICTS, key="e2"))).alerts
    assert alert.verdicts == (CONTRADICTS,)


def test_two_channels_are_told_each_by_its_own_rules() -> None:
    channels = (channel("a"), channel("b", alert_on=frozenset({Relation.CONFIRMS})))
    watches = (watch("nato"), watch("b", channel="b"))
    outcome = decide(situation(newcomer(UPDATES, watches=("nato", "b")), channels=channels, watches=watches))
    assert {decision.channel: decision.action for decision in outcome.decisions} == {
        "discord:a": Action.ALERT,
        "discord:b": Action.DIGEST,
    }
    assert [alert.channel for alert in outcome.alerts] == ["discord:a"]


def test_verdicts_of_another_tenant_are_nobody_elses() -> None:
    other = replace(newcomer(), verdicts={"discord:other": (CONTRADICTS,)})
    outcome = decide(situation(other))
    assert not outcome.alerts
    assert "touches no claim" in outcome.decisions[0].reason


def test_two_stories_make_two_alerts() -> None:
    outcome = decide(situation(newcomer(CONTRADICTS, key="e1"), newcomer(CONTRADICTS, key="e2", story="77")))
    assert len({alert.id for alert in outcome.alerts}) == 2
    assert len({owed.id for owed in outcome.owed}) == 2


def test_a_told_story_owes_an_edit_of_the_message_that_says_the_same() -> None:
    earlier = (told(CONTRADICTS, key="first"), told(UPDATES, key="second", created=NOW))
    assert kinds(decide(situation(newcomer(CONTRADICTS), told=earlier))) == [(DeliveryKind.EDIT, "first")]


def test_what_says_nothing_new_joins_the_latest_message() -> None:
    earlier = (told(UPDATES, key="second", created=NOW), told(CONTRADICTS, key="first"))
    assert kinds(decide(situation(newcomer(), told=earlier))) == [(DeliveryKind.EDIT, "second")]


def test_a_new_fact_makes_an_alert_and_the_old_one_an_edit() -> None:
    outcome = decide(situation(newcomer(CONTRADICTS, UPDATES), told=(told(CONTRADICTS),)))
    (alert,) = outcome.alerts
    assert alert.verdicts == (UPDATES,)
    assert kinds(outcome) == [(DeliveryKind.ALERT, alert.id), (DeliveryKind.EDIT, "old")]


def test_entries_of_one_poll_owe_one_edit() -> None:
    both = (newcomer(CONTRADICTS, key="e1"), newcomer(CONTRADICTS, key="e2"))
    outcome = decide(situation(*both, told=(told(CONTRADICTS),)))
    assert kinds(outcome) == [(DeliveryKind.EDIT, "old")]
    assert [decision.action for decision in outcome.decisions] == [Action.MERGE, Action.MERGE]


def test_edits_of_later_polls_are_deliveries_of_their_own() -> None:
    first = decide(situation(newcomer(CONTRADICTS, key="e1"), told=(told(CONTRADICTS),))).owed[0]
    second = decide(situation(newcomer(CONTRADICTS, key="e2"), told=(told(CONTRADICTS),))).owed[0]
    again = decide(situation(newcomer(CONTRADICTS, key="e2"), told=(told(CONTRADICTS),))).owed[0]
    assert first.id != second.id == again.id
    assert first.part != second.part < 2**31


def test_what_is_barred_joins_no_message() -> None:
    quiet = situation(newcomer(CONTRADICTS), told=(told(CONTRADICTS),), watches=(watch(mode=WatchMode.DIGEST),))
    assert decide(quiet).owed == ()


def test_held_alerts_and_edits_are_due_when_the_quiet_hours_end() -> None:
    rest = {"channels": (channel(quiet=NIGHT),), "now": MIDNIGHT}
    morning = datetime(2026, 3, 19, 6, 0, tzinfo=UTC)
    for earlier in ((), (told(CONTRADICTS),)):
        (owed,) = decide(situation(newcomer(CONTRADICTS), told=earlier, **rest)).owed
        assert owed.due == morning


def test_the_same_poll_decided_twice_is_written_once() -> None:
    poll = situation(newcomer(CONTRADICTS, UPDATES), told=(told(CONTRADICTS),))
    assert decide(poll) == decide(poll)
    later = decide(replace(poll, now=MIDNIGHT))
    assert [owed.id for owed in later.owed] == [owed.id for owed in decide(poll).owed]


def test_every_entry_and_channel_with_a_match_has_a_reason() -> None:
    channels = tuple(channel(name) for name in "abc")
    watches = tuple(watch(name, channel=name) for name in "abc")
    batch = [newcomer(CONTRADICTS, key=f"e{n}", story=f"s{n % 2}", watches=("a", "b")) for n in range(4)]
    outcome = decide(situation(*batch, newcomer(key="e9", watches=()), channels=channels, watches=watches))
    assert {(decision.entry, decision.channel) for decision in outcome.decisions} == {
        (f"e{n}", f"discord:{name}") for n in range(4) for name in "ab"
    }
    assert all(decision.reason for decision in outcome.decisions)


def test_nothing_new_owes_nothing() -> None:
    assert decide(situation()) == Outcome()


def wrong(*verdicts: Verdict, story: str = STORY, tenant: str = TENANT) -> dict[str, Any]:
    return {"refuted": {tenant: frozenset((story, one.claim, one.relation) for one in verdicts)}}


@pytest.mark.parametrize(
    ("verdicts", "refuted", "told_of"),
    [
        ((CONTRADICTS,), wrong(CONTRADICTS), ()),
        ((CONTRADICTS, UPDATES), wrong(CONTRADICTS), (UPDATES,)),
        ((CONTRADICTS,), wrong(UPDATES), (CONTRADICTS,)),
        ((CONTRADICTS,), wrong(CONTRADICTS, story="another"), (CONTRADICTS,)),
        ((CONTRADICTS,), wrong(CONTRADICTS, tenant="discord:other"), (CONTRADICTS,)),
    ],
)
def test_what_was_marked_wrong_is_not_told_again(
    verdicts: tuple[Verdict, ...], refuted: dict[str, Any], told_of: tuple[Verdict, ...]
) -> None:
    outcome = decide(replace(situation(newcomer(*verdicts)), **refuted))
    assert tuple(verdict for alert in outcome.alerts for verdict in alert.verdicts) == told_of
    if not told_of:
        (decision,) = outcome.decisions
        assert decision.action is Action.DIGEST
        assert "contradicts arms-in-poland (likely, 0.87), which was marked wrong here" in decision.reason


# --- threads -----------------------------------------------------------------------------------------------------


def followed(outcome: Outcome) -> list[tuple[str, str]]:
    """(alert, entry) of what goes into threads."""
    return [(owed.subject, owed.payload) for owed in outcome.owed if owed.kind is DeliveryKind.FOLLOWUP]


THREADED = (channel(threads=True),)


@pytest.mark.parametrize(
    ("entries", "earlier", "expected"),
    [
        ((newcomer(CONTRADICTS),), (), []),  # the card says it all
        ((newcomer(CONTRADICTS, UPDATES),), (), [("made", "e1")]),
        ((newcomer(CONTRADICTS),), (told(CONTRADICTS),), [("old", "e1")]),
        ((newcomer(),), (told(CONTRADICTS),), [("old", "e1")]),
        ((newcomer(CONTRADICTS), newcomer(key="e2")), (), [("made", "e2")]),  # told with another of the poll
        ((newcomer(), newcomer(key="e2")), (told(CONTRADICTS),), [("old", "e1"), ("old", "e2")]),
        ((newcomer(UPDATES),), (told(CONTRADICTS),), []),  # makes a card of its own
        ((newcomer(),), (), []),  # told to nobody
    ],
)
def test_threads_hold_what_the_card_cannot(
    entries: tuple[Newcomer, ...], earlier: tuple[Alert, ...], expected: list[tuple[str, str]]
) -> None:
    outcome = decide(situation(*entries, channels=THREADED, told=earlier))
    made = {alert.id: "made" for alert in outcome.alerts}
    assert [(made.get(alert, alert), entry) for alert, entry in followed(outcome)] == expected
    assert followed(decide(situation(*entries, told=earlier))) == []


def test_what_goes_into_a_thread_waits_for_the_end_of_the_quiet_hours() -> None:
    night = (channel(threads=True, quiet=NIGHT),)
    outcome = decide(situation(newcomer(), channels=night, told=(told(CONTRADICTS),), now=MIDNIGHT))
    assert {owed.due for owed in outcome.owed} == {datetime(2026, 3, 19, 6, 0, tzinfo=UTC)}
