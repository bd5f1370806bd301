"""Cards as embeds: nothing foreign is obeyed, and every limit is kept at its edge."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks import Button, Card, Message, Picture, Span, Style, Tone, bold, code, line
from bot.chat.discord.buttons import button_row
from bot.chat.discord.markup import escape, fit, show, show_line, units
from bot.chat.discord.render import AUTHOR, COLOURS, DESCRIPTION, EMBEDS, FOOTER, LIMITS, TITLE, TOTAL, render

MOMENT = datetime(2026, 3, 17, 10, 0, tzinfo=UTC)
HOSTILE = [
    "@everyone", "@here", "<@123456789012345678>", "<@&123456789012345678>", "<#123456789012345678>",
    "[good](https://evil.example)", "**bold**", "__x__", "~~x~~", "||spoiler||", "`code`", "```block```",
    "> quote", ">>> quote", "# Heading", "-# small", "- item", "1. item", "<t:0:R>", "<:emoji:123456789012345678>",
    "https://evil.example", "\\[x](y)", "{e.bot.token}", "a_b_c", "<https://evil.example>",
]  # fmt: skip


def card_of(text: str) -> Card:
    return Card(badge=line(text), title=Span(text), quote=text, lines=(line(text), line(bold(text))), footer=line(text))


def size(message: Message) -> list[int]:
    """The length of each embed, as Discord sums it."""
    return [
        sum(units(part or "") for part in (e.author.name, e.title, e.description, e.footer.text))
        for e in render(message).embeds
    ]


ACTIVE = re.compile(r"(?<!\\)(?:\\\\)*(?:[*_~|`<>\[\]#]|@(?:everyone|here)|://|(?m:^\s*[-+] |^\s*\d+[.)] ))")


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_is_shown_and_not_obeyed(text: str) -> None:
    assert not ACTIVE.search(escape(text))
    assert re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", escape(text)).replace("\u200b", "") == text


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_text_at_all_is_obeyed(text: str) -> None:
    assert not ACTIVE.search(escape(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_inert_in_every_part_of_a_card(text: str) -> None:
    (embed,) = render(Message((card_of(text),))).embeds
    shown = (embed.description or "").replace("**", "").replace("> ", "", 1)
    assert not ACTIVE.search(shown)
    assert not ACTIVE.search(embed.title or "")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://herald.example/a", "[News](https://herald.example/a)"),
        ("https://herald.example/a_(b)", "[News](https://herald.example/a_%28b%29)"),
        ("https://herald.example/?a=1|2", "[News](https://herald.example/?a=1%7C2)"),
        ("https://herald.example/" + "a" * 2048, "News"),
    ],
)
def test_links_hold_their_address(url: str, shown: str) -> None:
    assert show(Span("News", url=url)) == shown


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.example", "https://user@x.example"]
)
def test_other_links_are_none(url: str) -> None:
    (embed,) = render(Message((Card(title=Span("News", url=url), lines=(line(Span("News", url=url)),)),))).embeds
    assert embed.url is None
    assert embed.description == "News"


def test_a_link_cannot_pass_for_another_site() -> None:
    span = Span("bank.example: log in", url="https://evil.example/x")
    (embed,) = render(Message((Card(title=span, lines=(line(span),)),))).embeds
    assert "evil.example" in (embed.title or "")
    assert "(evil.example)](" in (embed.description or "").replace("\\", "")


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (Span("so", Style.BOLD), "**so**"),
        (Span(" so ", Style.BOLD), " **so** "),
        (Span("a*b", Style.ITALIC), "*a\\*b*"),
        (code("a`b*c"), "`aˋb*c`"),
        (Span("  ", Style.BOLD), "  "),
        (Span("noon", at=datetime(2026, 3, 17, 12, 0, tzinfo=UTC)), "<t:1773748800:f>"),
        (Span("noon", at=datetime(2026, 3, 17, 12, 0, tzinfo=UTC), clock_only=True), "<t:1773748800:t>"),
    ],
)
def test_styles_and_moments(span: Span, shown: str) -> None:
    assert show(span) == shown


@pytest.mark.parametrize("text", ["plain " * 60, "*" * 300, "𝔄" * 300, "@here " * 60, "://" * 120])
@pytest.mark.parametrize("limit", [0, 1, 2, 20, 255, 256])
def test_what_is_cut_fits(text: str, limit: int) -> None:
    assert units(fit(text, limit)) <= limit
    assert limit < 20 or fit(text, limit).endswith("…")


@pytest.mark.parametrize("extra", [0, 1])
def test_each_part_is_kept_whole_up_to_its_limit(extra: int) -> None:
    card = Card(
        badge=line("b" * (AUTHOR + extra)),
        title=Span("t" * (TITLE + extra)),
        lines=(line("d" * 3000),),
    )
    (embed,) = render(Message((card,))).embeds
    for shown, limit in ((embed.author.name, AUTHOR), (embed.title, TITLE)):
        assert units(shown or "") == limit
        assert (shown or "").endswith("…") is bool(extra)


@pytest.mark.parametrize(("length", "cut"), [(DESCRIPTION, False), (DESCRIPTION + 1, True)])
def test_a_description_is_cut_only_beyond_its_limit(length: int, cut: bool) -> None:
    (embed,) = render(Message((Card(lines=(line("d" * length),)),))).embeds
    assert units(embed.description or "") == DESCRIPTION
    assert (embed.description or "").endswith("…") is cut


@pytest.mark.parametrize(("count", "short", "long"), [(3, True, True), (30, True, False), (90, False, False)])
def test_links_are_given_up_before_words_and_the_longest_first(count: int, short: bool, long: bool) -> None:
    near, far = Span("near", url="https://herald.example/n"), Span("far", url=f"https://herald.example/{'a' * 230}")
    filling = Span("x" * (4096 // count // 3))
    (embed,) = render(Message((Card(lines=(line(near, far, filling),) * count),))).embeds
    shown = embed.description or ""
    assert (shown.count("near"), shown.count("far")) == (count, count)
    assert ("[near](" in shown, "[far](" in shown) == (short, long)


def test_a_message_stays_within_the_sum_of_its_embeds() -> None:
    message = Message(tuple(card_of("*" * 900) for _ in range(EMBEDS + 3)))
    sizes = size(message)
    assert len(sizes) == EMBEDS
    assert sum(sizes) <= TOTAL


@given(st.lists(st.text(min_size=1, max_size=3000), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_every_limit_holds_whatever_is_said(texts: list[str]) -> None:
    shown = render(Message(tuple(card_of(text) for text in texts), lead=line(texts[0])), mark="ref 01234567")
    assert len(shown.embeds) <= EMBEDS
    assert units(shown.content) <= 2000
    for embed in shown.embeds:
        assert units(embed.title or "") <= TITLE
        assert units(embed.author.name or "") <= AUTHOR
        assert units(embed.description or "") <= DESCRIPTION
        assert units(embed.footer.text or "") <= FOOTER
    assert sum(len(embed) for embed in shown.embeds) <= TOTAL


def test_what_the_limits_promise_fits_whole() -> None:
    """A card that fills what other rooms may put into it is shown to its last word, links included."""
    link = Span("w" * 100, url="https://herald.example/" + "a" * 90)
    lines = tuple(line(link) for _ in range(LIMITS.text // 100))
    card = Card(title=Span("t" * LIMITS.title), lines=lines, footer=line("f" * LIMITS.footer))
    (embed,) = render(Message((card,))).embeds
    assert (embed.description or "").count("](https://") == len(lines)
    assert embed.title == "t" * LIMITS.title
    assert embed.footer.text == "f" * LIMITS.footer


def test_every_tone_has_a_colour_of_its_own() -> None:
    assert set(COLOURS) == set(Tone)
    assert len(set(COLOURS.values())) == len(Tone)


def test_a_picture_is_attached_once() -> None:
    picture = Picture("themes.png", b"png", "Nine verdicts on troops")
    shown = render(Message((Card(lines=(line("x"),), picture=picture),)))
    assert shown.embeds[0].image.url == "attachment://themes.png"
    assert [(file.filename, file.description) for file in shown.files] == [("themes.png", "Nine verdicts on troops")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((Span("DW", Style.ITALIC), Span(" · ", Style.ITALIC), Span("-# x", Style.ITALIC)), "-# DW · \\-\\# x"),
        (
            (Span("seen ", Style.ITALIC), Span("then", Style.ITALIC, at=MOMENT)),
            "-# seen <t:1773741600:f>",
        ),
        ((Span("We held: ", Style.ITALIC), Span("that")), "*We held:* that"),
        ((), ""),
    ],
)
def test_an_aside_is_in_small_print(parts: tuple[Span, ...], expected: str) -> None:
    assert show_line(parts) == expected


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (5, [5]), (6, [3, 3]), (7, [4, 3]), (11, [4, 4, 3])])
async def test_buttons_stand_in_even_rows(count: int, rows: list[int]) -> None:
    view = button_row([Button(str(number), "right", str(number)) for number in range(count)])
    assert view is not None
    assert [len(row["components"]) for row in view.to_components()] == rows
