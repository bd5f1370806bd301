"""What goes into the thread under an alert: a further report of its story, or all that the alert says. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.alerts.pages import fit
from bot.alerts.render import SIGN, TONE, Labels, headline, held
from bot.alerts.words import clock, in_article, not_compared
from bot.blocks import Card, Limits, Line, Message, Tone, bold, clip, code, line, quoted
from bot.inert import inert, inert_lines
from bot.model import Alert, AlertKind, Claim, Entry, Verdict, surety

MOST = 6
EVIDENCE = 300
TOPIC = 90


def followup_message(
    entry: Entry, verdicts: Sequence[Verdict], claims: Mapping[str, Claim], labels: Labels, zone: str, limits: Limits
) -> Message:
    """One report with every verdict on it, the surest first, and what was held."""
    lead = verdicts[0] if verdicts else None
    more = len(verdicts) - MOST
    rows = [row for verdict in verdicts[:MOST] for row in _verdict(entry, verdict, claims.get(verdict.claim), labels)]
    if more > 0:
        rows.append(line(f"and {more} more"))
    card = Card(
        tone=TONE[lead.relation] if lead else Tone.NEUTRAL,
        badge=line(bold(f"{SIGN[lead.relation]} {lead.relation.upper()}" if lead else "also reported")),
        title=headline(entry),
        lines=tuple(rows),
        footer=line(_footer(entry, zone)),
    )
    return Message((fit(card, limits),))


def topic(title: str) -> str:
    """What the thread or post about a story is called."""
    return clip(inert(title), TOPIC) or "A story without a headline"


def tag(alert: Alert) -> str:
    """Under which word a post is filed: what the alert says of its first claim, or that it is new."""
    return "new" if alert.kind is AlertKind.NEW or not alert.verdicts else alert.verdicts[0].relation.value


def _verdict(entry: Entry, verdict: Verdict, claim: Claim | None, labels: Labels) -> list[Line]:
    change = (bold(clip(inert(verdict.change), 80)), " · ") if verdict.change else ()
    sure = surety(verdict.confidence).value
    where = " in the article" if in_article(entry, verdict.evidence) else ""
    said = quoted(clip(inert_lines(verdict.evidence), EVIDENCE))
    return [
        line(f"{SIGN[verdict.relation]} ", *change, f"{verdict.relation.value} ", code(verdict.claim), f" ({sure})"),
        line(f"{said}{where}"),
        *held(claim, labels),
    ]


def _footer(entry: Entry, zone: str) -> str:
    unread = f" · {not_compared(entry.unread)}" if entry.unread else ""
    outlet = clip(inert(entry.outlet), 60) or "unnamed outlet"
    return f"{outlet} · {clock(entry.published, zone, entry.seen)}{unread}"
