"""Lines cut and packed so that cards keep a platform's limits. Pure.

A link counts with half of its address: a platform's markup may write it out, and platforms leave as much room again
as their `Limits` for markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.blocks import Card, Limits, Line, Span, bold, clip, clip_span, line, plain

LONGEST_LINK = 700  # a longer address is left out, its text stays
_LINK_MARKS = 4  # [text](address)
_MOMENT = 18  # <t:1742281500:t>


def cost(parts: Line) -> int:
    """What a line takes of `Limits.text`, its line break included."""
    return sum(_span_cost(span) for span in parts) + 1


def clip_line(parts: Line, limit: int) -> Line:
    """The line within a cost of `limit`: links that do not fit are given up first, then the line's end."""
    kept: list[Span] = []
    left = limit - 1
    for span in parts:
        span = _without_costly_link(span, left)
        if _span_cost(span) > left:
            if left > 1 and span.at is None:
                kept.append(clip_span(span, left))
            break
        kept.append(span)
        left -= _span_cost(span)
    return tuple(kept)


def fit(card: Card, limits: Limits) -> Card:
    """The card within the limits; what comes first is kept longest, but a quote leaves half of it to the lines."""
    title = clip_span(card.title, limits.title) if card.title else None
    footer = clip_line(card.footer, limits.footer + 1)
    left = min(limits.text, limits.total - len(title.text if title else "") - len(plain(footer)))
    badge = clip_line(card.badge, left)
    left -= cost(badge) if badge else 0
    quote = clip(card.quote, max(left // 2, 0))
    left -= len(quote) + 1 if quote else 0
    lines = []
    for parts in card.lines:
        shown = clip_line(parts, left)
        left -= cost(shown)
        if left < 0 or not shown:
            break
        lines.append(shown)
    return replace(card, title=title, footer=footer, badge=badge, quote=quote, lines=tuple(lines))


@dataclass(frozen=True, slots=True)
class Section:
    """Items under a heading. An item's lines stay together; a heading is repeated where its items run on."""

    heading: str
    items: tuple[tuple[Line, ...], ...]


def paged(sections: Iterable[Section], room: int) -> list[tuple[Line, ...]]:
    """Pages of lines, none dearer than `room`, on which every item stands, shortened only where a page is too small."""
    pages: list[list[Line]] = [[]]
    left = room
    for section in sections:
        heading: Line | None = line(bold(clip(section.heading, room // 4)))
        for item in section.items:
            above = _above(heading, first_on_page=not pages[-1])
            item = _shortened(item, room - room // 4 - 3)
            if _sum(above) + _sum(item) > left and pages[-1]:
                pages.append([])
                left = room
                above = (_continued(section, room) if heading is None else heading,)
            pages[-1] += [*above, *item]
            left -= _sum(above) + _sum(item)
            heading = None
    return [tuple(page) for page in pages if page]


def flow(tokens: Sequence[Line], width: int) -> tuple[tuple[Line, ...], ...]:
    """Tokens joined by middle dots into rows of at most `width`, each row an item of a `Section`."""
    rows: list[Line] = []
    for token in tokens:
        joined = (*rows[-1], Span(" · "), *token) if rows else token
        if rows and cost(joined) <= width:
            rows[-1] = joined
        else:
            rows.append(clip_line(token, width))
    return tuple((row,) for row in rows)


def _above(heading: Line | None, *, first_on_page: bool) -> tuple[Line, ...]:
    if heading is None:
        return ()
    return (heading,) if first_on_page else (line(""), heading)


def _continued(section: Section, room: int) -> Line:
    return line(bold(clip(f"{section.heading}, continued", room // 4)))


def _shortened(item: tuple[Line, ...], room: int) -> tuple[Line, ...]:
    """The item within `room`: whole where it fits, else every line has an equal share."""
    if _sum(item) <= room:
        return item
    return tuple(clip_line(parts, max(room // len(item), 2)) for parts in item)


def _sum(lines: Iterable[Line]) -> int:
    return sum(cost(parts) for parts in lines)


def _span_cost(span: Span) -> int:
    if span.at is not None:
        return max(len(span.text), _MOMENT)
    return len(span.text) + ((len(span.url) + _LINK_MARKS + 1) // 2 if span.url else 0)


def _without_costly_link(span: Span, left: int) -> Span:
    if span.url and (len(span.url) > LONGEST_LINK or _span_cost(span) > left):
        return replace(span, url="")
    return span
