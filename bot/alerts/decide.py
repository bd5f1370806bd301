"""What is owed to whom after one poll, and why. Pure.

Every pair of a new entry and a channel with a matching watch gets a `Decision`, also where nothing is sent: its reason
is what `/why` shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.alerts.hours import quiet_until
from bot.alerts.situation import Hit, Outcome, Situation, by_strength, fact, hits
from bot.alerts.words import clock, not_compared, short_story
from bot.model import (
    Action,
    Alert,
    AlertKind,
    Channel,
    ChannelState,
    Decision,
    DeliveryKind,
    DigestRhythm,
    Hush,
    Match,
    Mute,
    Owed,
    Policy,
    Review,
    Verdict,
    Watch,
    WatchMode,
    speaks,
    stable_id,
    surety,
)


def decide(situation: Situation) -> Outcome:
    """Alerts, owed deliveries and decisions for all new entries of one poll."""
    results = [_settle(batch, situation) for batch in _batches(situation)]
    return Outcome(
        alerts=tuple(alert for result in results for alert in result.alerts),
        owed=tuple(owed for result in results for owed in result.owed),
        decisions=tuple(decision for result in results for decision in result.decisions),
    )


# --- what may not be told ----------------------------------------------------------------------------------------


def _barred(hit: Hit, situation: Situation) -> Decision | None:
    """Why the channel is told nothing of the entry, whatever it says; None where it may be told."""
    channel, entry, hush = hit.channel, hit.newcomer.entry, situation.hush
    if mute := hit.silencing:
        return hit.decided(Action.NOTHING, muted(mute, channel.policy.timezone, situation.now))
    if not hit.listening:
        return hit.decided(Action.NOTHING, f"{_names(hit.watches)} paused")
    if channel.state is ChannelState.PAUSED:
        return hit.decided(Action.NOTHING, f"this channel is paused: {channel.state_reason or 'no reason given'}")
    if not speaks(entry.language, channel.policy.languages):
        wanted = ", ".join(sorted(channel.policy.languages))
        return hit.decided(Action.NOTHING, f"in {entry.language}; this channel wants {wanted}")
    if hush is Hush.FIRST_POLL:
        return hit.decided(Action.NOTHING, hush.value)
    if hush is Hush.FLOOD:
        return _wait(hit, hush.value)
    if all(watch.mode is WatchMode.DIGEST for watch, _ in hit.listening):
        return _wait(hit, f"{_names(hit.listening)} for the digest only")
    return None


# --- one story in one channel ------------------------------------------------------------------------------------


def _batches(situation: Situation) -> Iterable[list[Hit]]:
    """The hits of one story in one channel together, since they make one alert."""
    batches: dict[tuple[str, str], list[Hit]] = {}
    for newcomer in situation.newcomers:
        for hit in hits(newcomer, situation):
            batches.setdefault((hit.channel.id, newcomer.story), []).append(hit)
    return batches.values()


def _settle(batch: list[Hit], situation: Situation) -> Outcome:
    """Bar what may not be told; of the rest make one alert, edits of earlier ones, or matter for the digest."""
    barred = {id(hit): decision for hit in batch if (decision := _barred(hit, situation))}
    heard = [hit for hit in batch if id(hit) not in barred]
    place = (batch[0].channel.id, batch[0].newcomer.story)
    told = sorted((old for old in situation.told if (old.channel, old.story) == place), key=lambda old: old.created)
    alert = _alert(heard, told, situation.now)
    return Outcome(
        alerts=(alert,) if alert else (),
        owed=(
            *_owe_alert(alert, batch[0].channel),
            *_owe_edits(heard, told, alert, situation.now),
            *_owe_followups(heard, told, alert, situation.now),
        ),
        decisions=tuple(barred.get(id(hit)) or _decide(hit, told, alert, situation.now) for hit in batch),
    )


def _alert(heard: list[Hit], told: list[Alert], now: datetime) -> Alert | None:
    """What the story says to the channel for the first time: verdicts, or that it is there at all."""
    known = {fact(verdict) for alert in told for verdict in alert.verdicts}
    fresh = [(verdict, hit) for hit in heard for verdict in hit.alarms if fact(verdict) not in known]
    if fresh:
        verdicts = _strongest_by_claim(verdict for verdict, _ in fresh)
        maker = next(hit for verdict, hit in fresh if verdict == verdicts[0])
        return _make(maker, AlertKind.VERDICT, now, verdicts=verdicts)
    wanted = [(hit, hit.eager[1]) for hit in heard if hit.eager and not told]
    return _make(wanted[0][0], AlertKind.NEW, now, match=wanted[0][1]) if wanted else None


def _make(
    hit: Hit, kind: AlertKind, now: datetime, verdicts: tuple[Verdict, ...] = (), match: Match | None = None
) -> Alert:
    channel, newcomer = hit.channel, hit.newcomer
    what = (verdicts[0].claim, verdicts[0].relation.value) if verdicts else ("new", "")
    return Alert(
        id=stable_id(channel.id, newcomer.story, *what),
        tenant=channel.tenant,
        channel=channel.id,
        story=newcomer.story,
        entry=newcomer.entry.id,
        kind=kind,
        created=now,
        verdicts=verdicts,
        match=match,
    )


def _decide(hit: Hit, told: list[Alert], alert: Alert | None, now: datetime) -> Decision:
    zone = hit.channel.policy.timezone
    if alert and alert.entry == hit.newcomer.entry.id:
        until = quiet_until(hit.channel.policy, now)
        held = f"; quiet hours until {clock(until, zone, now)} ({zone})" if until else ""
        return hit.decided(Action.HOLD if until else Action.ALERT, _cause(hit, alert) + held)
    if told:
        when = clock(told[-1].created, zone, now)
        return hit.decided(
            Action.MERGE,
            f"joins {short_story(hit.newcomer.story)}, told here at {when}; its message is brought up to date",
        )
    if alert:
        return hit.decided(
            Action.MERGE, f"joins {short_story(hit.newcomer.story)}, told with another entry of this poll"
        )
    return _wait(hit, _shortfall(hit))


# --- what is owed ------------------------------------------------------------------------------------------------


def _owe_alert(alert: Alert | None, channel: Channel) -> Iterator[Owed]:
    if alert:
        due = quiet_until(channel.policy, alert.created) or alert.created
        yield owe(channel.id, DeliveryKind.ALERT, alert.id, due)


def _owe_edits(heard: list[Hit], told: list[Alert], alert: Alert | None, now: datetime) -> Iterator[Owed]:
    """One edit for each earlier alert that this poll adds a report to.

    Its part is drawn from the newest entry, so that every poll's edit is a delivery of its own and a repeated one
    is not.
    """
    newest = {old.id: (old, hit) for hit in heard for old in _joined(hit, told, alert)}
    for old, hit in newest.values():
        part = int(stable_id(hit.newcomer.entry.id)[:7], 16)
        due = quiet_until(hit.channel.policy, now) or now
        yield owe(old.channel, DeliveryKind.EDIT, old.id, due, part)


def _owe_followups(heard: list[Hit], told: list[Alert], alert: Alert | None, now: datetime) -> Iterator[Owed]:
    """Where the channel has threads: all that a new alert says, if its card cannot show it, and each further report."""
    for hit in heard:
        entry = hit.newcomer.entry.id
        if alert is not None and alert.entry == entry:
            target = alert if len(alert.verdicts) > 1 else None
        else:
            target = next(iter(_joined(hit, told, alert)[-1:]), alert)
        if target and hit.channel.policy.threads:
            due = quiet_until(hit.channel.policy, now) or now
            yield owe(target.channel, DeliveryKind.FOLLOWUP, target.id, due, int(stable_id(entry)[:7], 16), entry)


def _joined(hit: Hit, told: list[Alert], alert: Alert | None) -> list[Alert]:
    """The earlier alerts that say what the entry says; else the newest one, unless the entry makes its own."""
    same = [old for old in told if hit.facts & frozenset(map(fact, old.verdicts))]
    makes_own = alert is not None and alert.entry == hit.newcomer.entry.id
    return same or ([] if makes_own else told[-1:])


def correction(alert: Alert, policy: Policy, title: str, now: datetime) -> Owed:
    """The edit that brings a corrected headline to the message of an alert; the same correction is owed once."""
    part = int(stable_id("title", title)[:7], 16)
    return owe(alert.channel, DeliveryKind.EDIT, alert.id, quiet_until(policy, now) or now, part)


def marked(alert: Alert, review: Review) -> Owed:
    """The edit that shows a reader's mark on the alert's card: at once, since an edit wakes nobody."""
    part = int(stable_id("mark", review.claim, review.relation, review.mark, review.by, review.at.isoformat())[:7], 16)
    return owe(alert.channel, DeliveryKind.EDIT, alert.id, review.at, part)


def owe(channel: str, kind: DeliveryKind, subject: str, due: datetime, part: int = 0, payload: str = "") -> Owed:
    """A delivery under its key: the same call again gives the same id."""
    return Owed(stable_id(channel, subject, kind.value, str(part)), channel, kind, subject, due, part, payload)


# --- reasons -----------------------------------------------------------------------------------------------------


def muted(mute: Mute, timezone: str, now: datetime) -> str:
    """Why something is not told: what is muted, until when, and by whom."""
    until = f"until {clock(mute.until, timezone, now)} ({timezone})" if mute.until else "for good"
    return f"{mute.kind} “{mute.name}” is muted {until}, by {mute.by}"


def _cause(hit: Hit, alert: Alert) -> str:
    if alert.verdicts:
        return _said(alert.verdicts[0])
    eager = hit.eager
    return f"{_names((eager,))} to be told at once" if eager else "new"


def _shortfall(hit: Hit) -> str:
    """Why an entry that matches is not told at once."""
    policy = hit.channel.policy
    if not hit.verdicts:
        unread = hit.newcomer.entry.unread
        return not_compared(unread) if unread else "touches no claim"
    if not hit.believed:
        return f"{_said(hit.verdicts[0])}, which was marked wrong here"
    strongest = hit.believed[0]
    if strongest.confidence < policy.min_confidence:
        return f"{_said(strongest)}, below this channel's {policy.min_confidence:.2f}"
    return f"{_said(strongest)}, which this channel does not want at once"


def _wait(hit: Hit, reason: str) -> Decision:
    digests = hit.channel.policy.digest is not DigestRhythm.OFF
    where = "waits for the digest" if digests else "scheduled digests are off here, /digest now shows it"
    return hit.decided(Action.DIGEST, f"{reason}; {where}")


def _said(verdict: Verdict) -> str:
    return f"{verdict.relation.value} {verdict.claim} ({surety(verdict.confidence).value}, {verdict.confidence:.2f})"


def _names(watches: Iterable[tuple[Watch, Match]]) -> str:
    names = [f"“{watch.name}”" for watch, _ in watches]
    return f"watch {names[0]} is" if len(names) == 1 else f"watches {', '.join(names)} are"


def _strongest_by_claim(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    best: dict[str, Verdict] = {}
    for verdict in by_strength(verdicts):
        best.setdefault(verdict.claim, verdict)
    return tuple(best.values())
