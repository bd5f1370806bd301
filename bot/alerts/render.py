"""Alerts, digests and notices as neutral blocks, laid out for reading. Pure.

A card answers in this order: what happened, to which claim, by whose word, how sure. One sign a card, one an item of
a digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.alerts.pages import fit
from bot.alerts.words import (
    as_of,
    clock,
    counted,
    distinct,
    in_article,
    not_compared,
    short_story,
)
from bot.blocks import Button, Card, Limits, Line, Message, Span, Style, Tone, bold, clip, code, line, quoted
from bot.inert import honest, inert, inert_lines, safe_url
from bot.model import (
    Alert,
    AlertKind,
    Claim,
    Entry,
    Relation,
    Report,
    Review,
    Verdict,
    surety,
)

SIGN = {Relation.CONTRADICTS: "⇄", Relation.UPDATES: "⟳", Relation.CONFIRMS: "✓"}
NEW_SIGN = "+"
TONE = {
    Relation.CONTRADICTS: Tone.CONTRADICTS,
    Relation.UPDATES: Tone.UPDATES,
    Relation.CONFIRMS: Tone.CONFIRMS,
}

QUOTE = 600
HELD = 450
SENTENCE = 280
ASIDE = 220
MORE_VERDICTS = 3
OUTLETS = 2  # named beside the first; the others are counted
NOTICE = 1000

_SENTENCE_END = re.compile(r"(?<=[.!?…])[”\"»)]?\s")


@dataclass(frozen=True, slots=True)
class Labels:
    """How themes and sources are called; what has no name is shown by its key."""

    themes: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def theme(self, key: str) -> str:
        return self.themes.get(key) or key.replace("-", " ").capitalize()

    def source(self, key: str) -> str:
        return self.sources.get(key) or key


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert with all that its card shows."""

    alert: Alert
    entry: Entry  # the one that made the alert
    claims: Mapping[str, Claim]  # by id, those of its verdicts
    reports: Sequence[Report]  # of its story, earliest first
    labels: Labels = field(default_factory=Labels)
    watch: str = ""  # name of the watch that matched, for a new development
    timezone: str = "UTC"
    marks: Sequence[Review] = ()  # what readers said of its verdicts, the latest word on each
    reworded: str = ""  # who has given the first verdict's claim a new wording since; empty: nobody


# --- alerts ------------------------------------------------------------------------------------------------------


def alert_message(view: AlertView, limits: Limits, buttons: Sequence[Button] = ()) -> Message:
    """The alert as it is posted, and as its message is edited to once there are more reports."""
    card = _new_card(view) if view.alert.kind is AlertKind.NEW else _verdict_card(view)
    return Message((fit(card, limits),), tuple(buttons))


def _verdict_card(view: AlertView) -> Card:
    lead, *more = view.alert.verdicts
    claim = view.claims.get(lead.claim)
    return Card(
        tone=TONE[lead.relation],
        badge=_badge(lead, claim, view.labels),
        title=headline(view.entry),
        quote=clip(inert_lines(lead.evidence), QUOTE),
        lines=(
            *_whence(view.entry, lead),
            *held(claim, view.labels),
            *(_aside(verdict) for verdict in more[:MORE_VERDICTS]),
            *_uncounted(len(more) - MORE_VERDICTS),
            _outlets_line(view),
            *_marks(view),
        ),
        footer=line(f"{surety(lead.confidence).value} · {lead.claim} · {short_story(view.alert.story)}"),
    )


def _badge(verdict: Verdict, claim: Claim | None, labels: Labels) -> Line:
    """Sign, relation and theme; for figures also what changed, before anything else is read."""
    theme = line(f" · {labels.theme(claim.theme)}") if claim else ()
    change = line(" · ", bold(clip(inert(verdict.change), 80))) if verdict.change else ()
    return line(bold(f"{SIGN[verdict.relation]} {verdict.relation.upper()}"), *theme, *change)


def headline(entry: Entry) -> Span:
    url = safe_url(entry.url)
    return Span(honest(inert(entry.title) or "(no headline)", url), Style.BOLD, url=url)


def _whence(entry: Entry, verdict: Verdict) -> tuple[Line, ...]:
    """Where the quoted sentence stands, if not in what the feed itself shows."""
    return (line(Span("in the article", Style.ITALIC)),) if in_article(entry, verdict.evidence) else ()


def held(claim: Claim | None, labels: Labels) -> tuple[Line, ...]:
    if claim is None:
        return ()
    since = f"{as_of(claim.as_of)}, {labels.source(claim.source)}" if claim.source else as_of(claim.as_of)
    return (line(Span(f"We held ({since}): ", Style.ITALIC), clip(inert(claim.statement), HELD)),)


def _aside(verdict: Verdict) -> Line:
    """A further verdict of the same story, in one line."""
    what = inert(verdict.change) if verdict.change else quoted(inert(verdict.evidence))
    sure = surety(verdict.confidence).value
    return line(f"Also {verdict.relation.value} ", code(verdict.claim), f" ({sure}): {clip(what, ASIDE)}")


def _marks(view: AlertView) -> Iterator[Line]:
    """What readers made of it, in small print: that is all that became of it here."""
    lead = view.alert.verdicts[0]
    for mark in view.marks:
        of = "" if (mark.claim, mark.relation) == (lead.claim, lead.relation) else f": {mark.relation} {mark.claim}"
        yield line(Span(f"Marked {mark.mark} by @{clip(inert(mark.by), 60)}{of}", Style.ITALIC))
    if view.reworded:
        yield line(Span(f"New baseline accepted by @{clip(inert(view.reworded), 60)}", Style.ITALIC))


def _uncounted(number: int) -> tuple[Line, ...]:
    return (line(f"and {counted(number, 'claim')} more"),) if number > 0 else ()


def _new_card(view: AlertView) -> Card:
    words = ", ".join(f"“{inert(word)}”" for word in (view.alert.match.words if view.alert.match else ()))
    watch = clip(inert(view.watch), 80)
    sentence = _first_sentence(view.entry.text)
    return Card(
        tone=Tone.NEW,
        badge=line(bold(f"{NEW_SIGN} NEW"), f" · {watch}" if watch else ""),
        title=headline(view.entry),
        lines=(
            *((line(sentence),) if sentence else ()),
            *((line(Span(clip(f"Matched {words}", ASIDE), Style.ITALIC)),) if words else ()),
            _outlets_line(view),
        ),
        footer=line(" · ".join(_new_footer(view))),
    )


def _new_footer(view: AlertView) -> list[str]:
    unread = [not_compared(view.entry.unread)] if view.entry.unread else []
    return ["new development", *unread, short_story(view.alert.story)]


def _first_sentence(text: str) -> str:
    flat = inert(text)
    end = _SENTENCE_END.search(flat)
    return clip(flat[: end.end()].rstrip() if end else flat, SENTENCE)


def _outlets_line(view: AlertView) -> Line:
    """ "Notes from Poland · 14:05 · also: DW, Politico Europe +3"; it grows as others report the story."""
    entry, created = view.entry, view.alert.created
    recent = abs(created - entry.published) < timedelta(hours=12)
    when = clock(entry.published, view.timezone, created)
    told = line(
        clip(inert(entry.outlet), 60) or "unnamed outlet",
        " · ",
        Span(when, at=entry.published, clock_only=recent),
        *_also(entry, view.reports),
    )
    return tuple(replace(span, style=Style.ITALIC) for span in told)


def _also(entry: Entry, reports: Sequence[Report]) -> Line:
    others = {inert(report.outlet): report for report in reversed(reports) if report.outlet != entry.outlet}
    names = [name for name in distinct(inert(report.outlet) for report in reports) if name in others]
    spans: list[Span] = []
    for name in names[:OUTLETS]:
        url = safe_url(others[name].url)
        spans += [Span(", ")] if spans else []
        spans.append(Span(honest(clip(name, 60), url), url=url))
    if len(names) > OUTLETS:
        spans.append(Span(f" +{len(names) - OUTLETS}"))
    return line(" · also: ", *spans) if spans else ()


# --- notices ------------------------------------------------------------------------------------------------------


def notice_message(text: str) -> Message:
    """A notice about the bot's own affairs."""
    rows = clip(inert_lines(text), NOTICE).split("\n")
    return Message((Card(lines=tuple(line(row) for row in rows)),))
