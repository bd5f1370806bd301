"""Review: readers say which verdicts are right, and how often they were is measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from bot.alerts.buttons import RIGHT, WRONG, mark_buttons
from bot.alerts.decide import marked
from bot.alerts.render import SIGN
from bot.blocks import Button, Card, Line, Message, Reply, Span, bold, code, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.pages import paged
from bot.chat.commands.precision import ENOUGH, THRESHOLDS, Tally, by_threshold, tallies, tally
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.told import Told, verdict_told
from bot.errors import BadInput, NotFound
from bot.model import Channel, ClaimState, Level, Mark, Relation, Review

DAYS = 30
CONFIDENCE = "confidence"

Spot = Annotated[str, Ask("The verdict's alert", longest=40)]


async def right(desk: Desk, asker: Asker, alert: Spot) -> Reply:
    """Say that a verdict is right"""
    return await _marked(desk, asker, alert, Mark.RIGHT)


async def wrong(desk: Desk, asker: Asker, alert: Spot) -> Reply:
    """Say that a verdict is wrong"""
    return await _marked(desk, asker, alert, Mark.WRONG)


async def _marked(desk: Desk, asker: Asker, alert: str, mark: Mark) -> Reply:
    told = await verdict_told(desk, asker, alert)
    before = (await desk.ask(desk.store.claims.get, asker.tenant, told.verdict.claim)).state
    after = await keep(desk, asker, told, mark)
    further = [
        (number, verdict) for number, verdict in enumerate(told.alert.verdicts) if number != told.number and number < 4
    ]
    others = [f"{verdict.relation} {verdict.claim}" for _, verdict in further]
    buttons = [
        replace(button, label=f"{button.label}: {name}")
        for (number, _), name in zip(further, others, strict=True)
        for button in mark_buttons(told.alert, number)
    ]
    card = Card(lines=tuple(_said(told, mark, before, after)))
    return Reply((Message((card,), tuple(buttons)),))


async def keep(desk: Desk, asker: Asker, told: Told, mark: Mark) -> ClaimState:
    """Write the asker's mark down; the claim's state after it."""
    alert, verdict = told.alert, told.verdict
    review = Review(
        tenant=asker.tenant,
        alert=alert.id,
        story=alert.story,
        claim=verdict.claim,
        relation=verdict.relation,
        confidence=verdict.confidence,
        mark=mark,
        by=asker.name,
        at=desk.clock.now(),
    )
    return await desk.ask(desk.store.reviews.put, review, [marked(alert, review)])


def _said(told: Told, mark: Mark, before: ClaimState, after: ClaimState) -> Iterator[Line]:
    verdict = told.verdict
    yield line("Marked ", bold(mark), f": {verdict.relation} ", code(verdict.claim), ". The card will say so.")
    if mark is Mark.WRONG:
        yield line("It is not told again for this story, and digests leave it out.")
    if after is not before:
        yield line("The claim was ", bold(before), " and is now ", bold(after), ".")
    yield line("/review shows how often verdicts are right.")


# --- measuring ---------------------------------------------------------------------------------------------------


async def review(desk: Desk, asker: Asker) -> Reply:
    """Show how often verdicts were right, and what another threshold would have shown"""
    since = desk.clock.now() - timedelta(days=DAYS)
    reviews = await desk.ask(desk.store.reviews.latest, asker.tenant, since)
    if not reviews:
        return Reply.say(f"Nothing was marked in the last {DAYS} days: press Right or Wrong under an alert.")
    channel = await _channel(desk, asker)
    first = Message((_overview(reviews, channel),), _offers(reviews, channel))
    by_claim = [line(code(claim), f" {found}") for claim, found in tallies(reviews, lambda one: one.claim).items()]
    return Reply((first, *paged("By claim, what was wrong most often first", by_claim, empty="").pages))


async def _channel(desk: Desk, asker: Asker) -> Channel | None:
    """The channel that the asker is in, if anything is told there."""
    try:
        return await desk.channel(asker, None)
    except NotFound:
        return None


def _overview(marked: Sequence[Review], channel: Channel | None) -> Card:
    relations = tallies(marked, lambda one: one.relation)
    return Card(
        title=Span(f"Verdicts marked in the last {DAYS} days"),
        lines=(
            line(bold(str(tally(marked)))),
            *(line(f"{SIGN[each]} {each}: {relations[each]}") for each in Relation if each in relations),
            line(bold("What a threshold would have given")),
            *_table(marked, channel),
            line("Only what was told could be marked: of what lay below a channel's threshold nothing is known."),
        ),
        footer=line("the latest mark on a verdict counts"),
    )


def _table(marked: Sequence[Review], channel: Channel | None) -> Iterator[Line]:
    present = round(channel.policy.min_confidence, 2) if channel else THRESHOLDS[0]
    for least, found in by_threshold(marked, present).items():
        here = f" ← {channel.name} now" if channel and least == present else ""
        yield line(code(_row(least, found)), here)


def _row(least: float, found: Tally) -> str:
    share = f" ({found.precision:.0%})" if found.shown >= ENOUGH else ""
    return f"from {least:.2f}: {found.shown} shown, {found.right} right{share}"


def _offers(marked: Sequence[Review], channel: Channel | None) -> tuple[Button, ...]:
    """A button for each threshold that would have shown something, and not the same as the present one."""
    if channel is None:
        return ()
    present = round(channel.policy.min_confidence, 2)
    given = by_threshold(marked, present)
    return tuple(
        Button(f"Tell {channel.name} from {least:.2f}", CONFIDENCE, f"{least:.2f}")
        for least, counts in given.items()
        if counts.shown and counts != given[present]
    )


async def confidence(
    desk: Desk, asker: Asker, least: Annotated[str, Ask("From which confidence, such as 0.70", longest=6)]
) -> Reply:
    """Set from which confidence this channel is told of verdicts"""
    try:
        wanted = float(least)
    except ValueError:
        wanted = -1.0
    if not 0 <= wanted <= 1:
        raise BadInput(f"{least!r} is no confidence; expected a number from 0 to 1, such as 0.70")
    channel = await desk.channel(asker, None)
    policy = replace(channel.policy, min_confidence=wanted)
    await desk.ask(desk.store.tenants.put_channel, replace(channel, policy=policy))
    before = f"it was {channel.policy.min_confidence:.2f}"
    return Reply.say(line(bold(channel.name), f" is told of verdicts from {wanted:.2f} on; {before}."))


VERBS = (verb("review", review),)
PRESSED = (
    verb(RIGHT, right, Level.CONFIGURE),
    verb(WRONG, wrong, Level.CONFIGURE),
    verb(CONFIDENCE, confidence, Level.CONFIGURE),
)
