"""A digest as messages: what moved, what was confirmed, what is new. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.alerts.pages import Section, fit, flow, paged
from bot.alerts.render import OUTLETS, SIGN
from bot.alerts.words import PAST, clock, counted, listed, long_day, not_compared
from bot.blocks import Card, Limits, Line, Message, Picture, Span, Style, bold, clip, code, line, quoted
from bot.inert import honest, inert, safe_url
from bot.model import Digest, MovedClaim, NewStory

STATEMENT = 140  # characters of a claim
BRIEFLY = 100  # of one that is told in a line
QUOTED = 6  # claims whose evidence is quoted
EXCERPT = 100  # of that evidence
WATCHES = 8


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
