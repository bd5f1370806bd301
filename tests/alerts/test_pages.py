"""No page over a limit and no item lost, whatever the lengths."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from alerts_world import text
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.alerts.digest_view import digest_pages
from bot.alerts.pages import Section, clip_line, cost, fit, flow, paged
from bot.blocks import Card, Limits, Line, Message, Picture, Span, Style, bold, line, plain
from bot.model import Digest, MovedClaim, NewStory, Relation

NOW = datetime(2026, 3, 18, 5, 30, tzinfo=UTC)
PICTURE = Picture("activity.png", b"png", "in words")

limits = st.builds(
    Limits,
    title=st.integers(20, 300),
    text=st.integers(400, 2500),
    footer=st.integers(60, 500),
    total=st.integers(700, 4000),
    cards=st.integers(1, 10),
)
words = st.text(st.characters(blacklist_categories=("Cs",)), max_size=400)
urls = st.sampled_from(["", "https://news.example/a", "https://news.example/" + "x" * 300, "javascript:alert(1)"])
spans = st.builds(Span, words, st.sampled_from(Style), urls, st.sampled_from([None, NOW]))
lines = st.lists(spans, max_size=5).map(tuple)
cards = st.builds(
    Card,
    badge=lines,
    title=st.none() | spans,
    quote=words,
    lines=st.lists(lines, max_size=8).map(tuple),
    footer=lines,
)


def overruns(message: Message, limit: Limits) -> dict[str, int]:
    """By how much the message is over each limit that it does not keep."""
    cards = message.cards
    over = {
        "text": max(map(_said, cards), default=0) - limit.text - 1,  # the last line has no line break
        "footer": max((len(plain(card.footer)) for card in cards), default=0) - limit.footer,
        "title": max((len(card.title.text) for card in cards if card.title), default=0) - limit.title,
        "total": sum(len(text(Message((card,)))) for card in cards) - limit.total - 3,
        "cards": len(cards) - limit.cards,
    }
    return {name: by for name, by in over.items() if by > 0}


def _said(card: Card) -> int:
    return sum(cost(parts) for parts in (card.badge, *card.lines) if parts) + len(card.quote)


def tagged(kind: str, number: int, rest: str) -> str:
    """Text that can be found again by its beginning."""
    return f"{kind}{number}; {rest}"


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    long = st.text("abc öд½ \n\u202e_*`", max_size=900)
    relations = st.sampled_from([Relation.CONTRADICTS, Relation.UPDATES])
    moved = tuple(
        MovedClaim(
            claim=f"claim-{n}",
            statement=tagged("M", n, draw(long)),
            relation=draw(relations),
            outlets=n + 1,
            outlet=draw(long),
            evidence=draw(long),
            change=draw(st.none() | long),
            url=draw(urls),
        )
        for n in range(draw(st.integers(0, 25)))
    )
    confirmed = tuple((tagged("C", n, "c" * draw(st.integers(0, 90))), n) for n in range(draw(st.integers(0, 60))))
    fresh = tuple(
        NewStory(f"story{n}", tagged("N", n, draw(long)), draw(urls), tuple(draw(st.lists(long, max_size=6))))
        for n in range(draw(st.integers(0, 60)))
    )
    return Digest(
        id="d", channel="c", day=date(2026, 3, 18), made=NOW, since=NOW, topic=draw(long), timezone="Europe/Brussels",
        moved=moved, confirmed=confirmed, fresh=fresh, entries=41, feeds=38, failing=draw(st.integers(0, 3)),
        watched=tuple(draw(st.lists(long, max_size=12))),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(digest=digests(), limit=limits)
def test_a_digest_keeps_every_limit_and_loses_nothing(digest: Digest, limit: Limits) -> None:
    pages = digest_pages(digest, limit, PICTURE)
    assert [overruns(page, limit) for page in pages] == [{}] * len(pages)
    said = "\n".join(text(page) for page in pages)
    assert all(f"M{n};" in said for n in range(len(digest.moved)))
    assert all(f"C{n};" in said for n in range(len(digest.confirmed)))
    assert all(f"N{n};" in said for n in range(len(digest.fresh)))
    assert [page.cards[0].picture for page in pages] == [None] * (len(pages) - 1) + [PICTURE]


@settings(max_examples=150, deadline=None)
@given(card=cards, limit=limits)
def test_a_card_is_made_to_fit(card: Card, limit: Limits) -> None:
    assert overruns(Message((fit(card, limit),)), limit) == {}


def test_a_card_that_fits_stays_as_it_is() -> None:
    card = Card(badge=line("b"), title=Span("t"), quote="q", lines=(line("l"), line("")), footer=line("f"))
    assert fit(card, Limits(10, 100, 10, 200, 1)).lines[:1] == card.lines[:1]
    assert fit(card, Limits(10, 100, 10, 200, 1)).quote == "q"


@given(parts=lines, limit=st.integers(1, 300))
def test_a_clipped_line_costs_no_more(parts: Line, limit: int) -> None:
    assert cost(clip_line(parts, limit)) <= limit


def test_a_link_is_given_up_before_its_text() -> None:
    parts = (Span("a headline", url="https://news.example/" + "x" * 80),)
    assert clip_line(parts, 200) == parts
    assert clip_line(parts, 20) == (Span("a headline"),)


def test_an_item_is_never_torn_between_pages() -> None:
    items = tuple((line(f"head {n}"), line("x" * 60)) for n in range(10))
    pages = paged([Section("Moved (10)", items)], 200)
    assert len(pages) > 2
    for page in pages:
        said = [plain(parts) for parts in page]
        assert said[0].startswith("Moved (10)")
        assert said[1::2] == [row for row in said if row.startswith("head")]
    assert [plain(page[0]) for page in pages[1:]] == ["Moved (10), continued"] * (len(pages) - 1)


@pytest.mark.parametrize("room", [120, 121, 122, 123, 124])
def test_a_page_is_filled_to_its_edge(room: int) -> None:
    """Ten characters a row with the line break; the heading takes nine."""
    pages = paged([Section("New (99)", tuple((line("x" * 9),) for _ in range(99)))], room)
    assert sum(cost(parts) for parts in pages[0]) <= room < sum(cost(parts) for parts in pages[0]) + 10
    assert sum(plain(parts) == "x" * 9 for page in pages for parts in page) == 99


def test_sections_are_set_apart() -> None:
    (page,) = paged([Section("A", ((line("a"),),)), Section("B", ((line("b"),),))], 400)
    assert page == (line(bold("A")), line("a"), line(""), line(bold("B")), line("b"))


def test_tokens_flow_into_rows() -> None:
    rows = flow([line(f"claim-{n}") for n in range(5)], 20)
    assert [plain(row) for (row,) in rows] == ["claim-0 · claim-1", "claim-2 · claim-3", "claim-4"]
    assert flow([], 20) == ()
