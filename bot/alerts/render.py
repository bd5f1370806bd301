"""Alerts, digests and notices as neutral blocks, laid out for reading. Pure.

A card answers in this order: what happened, to which claim, by whose word, how sure. One sign a card, one an item of
a digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from bot.alerts.pages import Section, fit, flow, paged
from bot.alerts.words import (
    PAST,
    as_of,
    clock,
    counted,
    distinct,
    in_article,
    listed,
    long_day,
    not_compared,
    short_story,
)
from bot.blocks import Button, Card, Limits, Line, Message, Picture, Span, Style, Tone, bold, clip, code, line, quoted
from bot.inert import honest, inert, inert_lines, safe_url
from bot.model import (
    Alert,
    AlertKind,
    Claim,
    Digest,
    Entry,
    MovedClaim,
    NewStory,
    Relation,
    Report,
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
STATEMENT = 140  # of a claim in a digest
BRIEFLY = 100  # of one that is told in a line
QUOTED = 6  # claims in a digest whose evidence is quoted
EXCERPT = 100  # of evidence in a digest
MORE_VERDICTS = 3
OUTLETS = 2  # named beside the first; the others are counted
WATCHES = 8
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


# --- digests -----------------------------------------------------------------------------------------------------


def digest_pages(digest: Digest, limits: Limits, picture: Picture | None = None) -> list[Message]:
    """The digest as messages within the limits, in order; the picture is on the last one. No item is left out."""
    head = _digest_head(digest)
    footer_room = min(limits.footer, 160)
    badge = fit(Card(badge=head), replace(limits, text=limits.text // 4)).badge
    taken = sum(len(span.text) for span in badge) + 1
    room = min(limits.text, limits.total - footer_room) - taken
    pages = paged(_sections(digest, room), room)
    return [
        Message((fit(_page(digest, badge, lines, number, len(pages), picture), limits),))
        for number, lines in enumerate(pages, start=1)
    ]


def notice_message(text: str) -> Message:
    """A notice about the bot's own affairs."""
    rows = clip(inert_lines(text), NOTICE).split("\n")
    return Message((Card(lines=tuple(line(row) for row in rows)),))


def _digest_head(digest: Digest) -> Line:
    when = clock(digest.made, digest.timezone)
    return line(bold(inert(digest.topic)), f" · {long_day(digest.day)} · {when} ({digest.timezone})")


def _page(
    digest: Digest, badge: Line, lines: tuple[Line, ...], number: int, pages: int, picture: Picture | None
) -> Card:
    last = number == pages
    parts = [f"page {number} of {pages}"] if pages > 1 else []
    parts += [_counts(digest)] if last else []
    return Card(badge=badge, lines=lines, footer=line(" · ".join(parts)), picture=picture if last else None)


def _counts(digest: Digest) -> str:
    told = f"{counted(digest.entries, 'entry', 'entries')} matched in {counted(digest.feeds, 'feed')}"
    return told + (f", {counted(digest.failing, 'feed')} failing (/feed list)" if digest.failing else "")


def _sections(digest: Digest, room: int) -> list[Section]:
    sections = [
        Section(f"Moved ({len(digest.moved)})", _all_moved(digest.moved)),
        Section(f"Confirmed ({len(digest.confirmed)})", flow(_confirmed(digest), min(300, room // 2))),
        Section(f"New developments ({len(digest.fresh)})", tuple((_fresh(story),) for story in digest.fresh)),
    ]
    filled = [section for section in sections if section.items]
    return filled or [Section(_quiet_heading(digest), ((_watched(digest),),))]


def _all_moved(moved: Sequence[MovedClaim]) -> tuple[tuple[Line, ...], ...]:
    """Those that most outlets told of with what they said, the others in a line each."""
    return tuple(_moved(item) if at < QUOTED else (_moved_briefly(item),) for at, item in enumerate(moved))


def _moved_briefly(item: MovedClaim) -> Line:
    change = (bold(clip(inert(item.change), 80)), " · ") if item.change else ()
    url = safe_url(item.url)
    outlet = honest(clip(inert(item.outlet), 60) or "one outlet", url)
    more = f" +{item.outlets - 1}" if item.outlets > 1 else ""
    told = (f" · {PAST[item.relation]} by ", Span(outlet, url=url), more)
    return line(f"{SIGN[item.relation]} ", *change, clip(inert(item.statement), BRIEFLY), *told)


def _moved(item: MovedClaim) -> tuple[Line, ...]:
    change = (bold(clip(inert(item.change), 80)), " · ") if item.change else ()
    told = f"{PAST[item.relation]} by {counted(item.outlets, 'outlet')} · "
    url = safe_url(item.url)
    return (
        line(f"{SIGN[item.relation]} ", *change, clip(inert(item.statement), STATEMENT)),
        line(
            Span(told, Style.ITALIC),
            Span(honest(clip(inert(item.outlet), 60) or "report", url), Style.ITALIC, url=url),
            Span(f": {quoted(clip(inert(item.evidence), EXCERPT))}", Style.ITALIC),
        ),
    )


def _confirmed(digest: Digest) -> list[Line]:
    return [line(code(clip(claim, 80)), f" ×{outlets}") for claim, outlets in digest.confirmed]


def _fresh(story: NewStory) -> Line:
    url = safe_url(story.url)
    title = honest(clip(inert(story.title), 200) or "(no headline)", url)
    outlets = listed([clip(inert(name), 40) for name in story.outlets], OUTLETS + 1)
    unread = f" · {not_compared(story.unread)}" if story.unread else ""
    return line("• ", Span(title, url=url), f" · {outlets}" if outlets else "", unread)


def _quiet_heading(digest: Digest) -> str:
    since: date = digest.since.date()
    return "A quiet day" if digest.made - digest.since < timedelta(hours=36) else f"Quiet since {long_day(since)}"


def _watched(digest: Digest) -> Line:
    names = listed([f"“{clip(inert(name), 60)}”" for name in digest.watched], WATCHES) or "nothing yet (/watch add)"
    return line(f"No claim moved and nothing new came in. Watched: {names} in {counted(digest.feeds, 'feed')}.")
