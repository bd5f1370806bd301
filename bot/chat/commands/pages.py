"""Long answers as pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks import Card, Line, Message, Reply, Span, Tone, bold, line

PER_PAGE = 10


def paged(
    title: str, lines: Sequence[Line], *, empty: str, per_page: int = PER_PAGE, tone: Tone = Tone.NEUTRAL
) -> Reply:
    """The lines under a title, so many a page, and which of them each page shows; `empty` where there are none."""
    if not lines:
        return Reply.say(line(bold(title)), empty, tone=tone)
    starts = range(0, len(lines), per_page)
    return Reply(tuple(_page(title, lines, start, per_page, tone) for start in starts))


def _page(title: str, lines: Sequence[Line], start: int, per_page: int, tone: Tone) -> Message:
    shown = tuple(lines[start : start + per_page])
    extent = f"{start + 1}–{start + len(shown)} of {len(lines)}" if len(lines) > per_page else f"{len(lines)}"
    return Message((Card(tone=tone, title=Span(title), lines=shown, footer=line(extent)),))
