"""A story: everything that was reported of one event, in order, and what each report does to the claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.alerts.render import SIGN
from bot.alerts.words import counted, distinct, in_article, not_compared, short_story
from bot.blocks import Card, Line, Message, Reply, Span, Style, bold, clip, line, quoted
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.table import Ask, verb
from bot.chat.commands.wording import moment
from bot.feeds.canonical import canonical
from bot.model import Entry, StoryReport, Verdict, surety

PER_PAGE = 3
MOST_VERDICTS = 3
"""So that a page fits every platform, however long the quotes are."""


async def story(
    desk: Desk,
    asker: Asker,
    story: Annotated[str, Ask("Which one: its number, or a report's address", suggestions.stories, longest=2000)],
) -> Reply:
    """Show all reports of an event in order, with what each does to the claims"""
    found = await _found(desk, asker, story)
    reports = await desk.ask(desk.store.stories.reports, asker.tenant, found)
    starts = range(0, len(reports), PER_PAGE)
    return Reply(tuple(_page(found, reports, start) for start in starts))


async def _found(desk: Desk, asker: Asker, named: str) -> str:
    """The story's id. Raises `NotFound`."""
    if named.lower().startswith(("http://", "https://")):
        entry = await desk.ask(desk.store.entries.by_url, asker.tenant, named, canonical(named))
        return await desk.ask(desk.store.stories.find, asker.tenant, entry.id)
    return await desk.ask(desk.store.stories.find, asker.tenant, named.removeprefix("story "))


def _page(found: str, reports: list[StoryReport], start: int) -> Message:
    outlets = distinct(report.entry.outlet for report in reports)
    shown = reports[start : start + PER_PAGE]
    rows = [row for report in shown for row in (*report_lines(report), line(""))][:-1]
    extent = f"{start + 1}–{start + len(shown)} of " if len(reports) > PER_PAGE else ""
    footer = f"{short_story(found)} · {extent}{counted(len(reports), 'report')} · {counted(len(outlets), 'outlet')}"
    head = Span(clip(reports[0].entry.title, 200), url=reports[0].entry.url)
    return Message((Card(title=head, lines=tuple(rows), footer=line(footer)),))


def report_lines(report: StoryReport) -> list[Line]:
    """One report: when, who and how it was headed, and under it what it says of claims."""
    entry = report.entry
    headline = Span(clip(entry.title or entry.url, 160), url=entry.url)
    rows = [line(bold(clip(entry.outlet, 40)), " · ", moment(entry.published)), line(headline)]
    if entry.unread:
        rows.append(line(f"– {not_compared(entry.unread)}"))
    more = len(report.verdicts) - MOST_VERDICTS
    rows += verdict_lines(report.entry, report.verdicts[:MOST_VERDICTS])
    return rows + ([line(f"and {counted(more, 'claim')} more")] if more > 0 else [])


def verdict_lines(entry: Entry, verdicts: Sequence[Verdict]) -> list[Line]:
    """What an entry does to claims; a sentence that speaks to several neighbours is quoted once, under the last one."""
    rows = []
    for at, verdict in enumerate(verdicts):
        change = (bold(verdict.change), " · ") if verdict.change else ()
        sure = f" ({surety(verdict.confidence)})"
        rows.append(line(f"{SIGN[verdict.relation]} ", *change, f"{verdict.relation} ", bold(verdict.claim), sure))
        if at + 1 == len(verdicts) or verdicts[at + 1].evidence != verdict.evidence:
            where = " in the article" if in_article(entry, verdict.evidence) else ""
            rows.append(line(Span(f"{quoted(clip(verdict.evidence, 250))}{where}", Style.ITALIC)))
    return rows


VERBS = (verb("story", story),)
