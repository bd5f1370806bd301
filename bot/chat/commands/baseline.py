"""Accepting what the news says as the new wording of a claim; its history keeps the old one."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.alerts.buttons import BASELINE
from bot.alerts.words import as_of as dated
from bot.blocks import Button, Field, Form, Reply, bold, code, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.review import keep
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.told import verdict_told
from bot.claims.baseline import month_or_day
from bot.claims.rewording import reworded
from bot.errors import BadInput
from bot.model import Claim, Level, Mark

ACCEPT = "baseline accept"
REVISE = "claim revise"
LONGEST = 2000
SHORTEST = 3

Spot = Annotated[str, Ask("The verdict's alert", longest=40)]
Wording = Annotated[str, Ask("The new wording; left out, a form opens with the present one", longest=LONGEST)]
Day = Annotated[str, Ask("Since when it holds: a month or day such as 2026-03 or 2026-03-20", longest=10)]


async def propose(desk: Desk, asker: Asker, alert: Spot) -> Reply:
    """Accept what the news says as the claim's new wording"""
    told = await verdict_told(desk, asker, alert)
    claim = await desk.ask(desk.store.claims.get, asker.tenant, told.verdict.claim)
    entry = await desk.ask(desk.store.entries.get, told.alert.entry)
    proposed = reworded(claim.statement, told.verdict.evidence)
    form = Form("New baseline", ACCEPT, alert, wording_fields(proposed, entry.published.date().isoformat()))
    return asking(form, claim, BASELINE, alert)


async def accept(desk: Desk, asker: Asker, alert: Spot, statement: Wording, date: Day) -> Reply:
    """Put the accepted wording in place of the old one"""
    told = await verdict_told(desk, asker, alert)
    claim = await desk.ask(desk.store.claims.get, asker.tenant, told.verdict.claim)
    reply = await reword(desk, asker, claim, statement, date)
    await keep(desk, asker, told, Mark.RIGHT)
    return reply


async def revise(
    desk: Desk,
    asker: Asker,
    claim: Annotated[str, Ask("Which claim", suggest=suggestions.claim_ids)],
    statement: Wording = "",
    date: Day = "",
) -> Reply:
    """Give a claim a new wording; the old one stays in its history"""
    held = await desk.ask(desk.store.claims.get, asker.tenant, claim)
    if statement:
        return await reword(desk, asker, held, statement, date or desk.clock.now().date().isoformat())
    form = Form("Revise the claim", REVISE, held.id, wording_fields(held.statement, date or held.as_of))
    return asking(form, held, REVISE, held.id)


def wording_fields(statement: str, as_of: str) -> tuple[Field, ...]:
    """What is asked about a claim's wording."""
    return (
        Field("statement", "The claim holds that …", statement, LONGEST, "A sentence that can be read by itself"),
        Field("date", "As of", as_of, 10, "A month or a day, such as 2026-03 or 2026-03-20"),
    )


def asking(form: Form, claim: Claim, verb: str, argument: str) -> Reply:
    """The form; where none can be opened any more, a button that leads to it."""
    shown = Reply.say(
        line(bold(claim.id), f" holds, as of {dated(claim.as_of)}: {claim.statement}"),
        line("To word it anew, press the button or use ", code(f"/{REVISE}"), "."),
    )
    page = replace(shown.pages[0], buttons=(Button(form.title, verb, argument),))
    return replace(shown, pages=(page,), form=form)


async def reword(desk: Desk, asker: Asker, claim: Claim, statement: str, as_of: str) -> Reply:
    """Put the wording into the store, and tell what was put in place of what. Raises `BadInput`."""
    new = replace(claim, statement=checked_statement(statement), as_of=checked_day(as_of))
    changed = await desk.ask(desk.store.claims.put, asker.tenant, [new], asker.name, desk.clock.now())
    if not changed:
        return Reply.say(line(bold(claim.id), " holds that already."))
    return Reply.say(
        line(bold(claim.id), f" holds from now on, as of {dated(new.as_of)}: {new.statement}"),
        line(f"Before, as of {dated(claim.as_of)}: {claim.statement}"),
        "What comes in from now on is compared with the new wording; /claim show keeps the old one.",
    )


def checked_statement(text: str) -> str:
    """The statement in one line. Raises `BadInput`."""
    statement = " ".join(text.split())
    if not SHORTEST <= len(statement) <= LONGEST:
        raise BadInput(f"the statement has {len(statement)} characters; expected {SHORTEST} to {LONGEST:,}")
    return statement


def checked_day(text: str) -> str:
    """The month or day. Raises `BadInput`."""
    try:
        return month_or_day(text.strip())
    except ValueError as error:
        raise BadInput(f"the date is {text!r}; {error}") from None


VERBS = (verb(REVISE, revise, Level.CONFIGURE, asks=True),)
PRESSED = (
    verb(BASELINE, propose, Level.CONFIGURE, asks=True),
    verb(ACCEPT, accept, Level.CONFIGURE),
)
