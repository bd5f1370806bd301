"""Neutral messages as Block Kit: what a reader sees, and every limit under hostile text."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from slack_rules import wrong_with_message, wrong_with_options, wrong_with_view

from bot.blocks import Button, Card, Message, Picture, Span, Style, Tone, bold, code, line
from bot.chat.commands import VERBS, Option
from bot.chat.slack.buttons import card_buttons, pressed, turned, turns
from bot.chat.slack.forms import answered, choices, form, waiting
from bot.chat.slack.markup import escape, fit, fit_plain, link, read, show, units
from bot.chat.slack.render import FALLBACK, TOTAL, flat, render
from bot.inert import inert

AT = datetime(2026, 3, 17, 14, 5, tzinfo=UTC)

ALERT = Message(
    (
        Card(
            tone=Tone.CONTRADICTS,
            badge=line(bold("⇄ CONTRADICTS"), " · Nuclear"),
            title=Span("Warsaw rules out nuclear weapons", Style.BOLD, url="https://news.example/a?b=1&c=2"),
            quote="The government will neither seek nor host them.",
            lines=(
                line("We held (March 2025): Tusk calls for opportunities."),
                line("Notes · ", Span("14:05", at=AT, clock_only=True), " · also: DW"),
            ),
            footer=line("likely · poland-nuclear · story 4f2a"),
        ),
    ),
    (Button("Timeline", "claim show", "poland-nuclear"), Button("Why", "why", "4f2a")),
)


def test_an_alert_reads_from_top_to_bottom() -> None:
    (card,) = render(ALERT).attachments
    section, context, actions = card["blocks"]
    assert card["color"] == "#D83C3E"
    assert section["text"]["text"].splitlines() == [
        "*⇄ CONTRADICTS* · Nuclear",
        "*<https://news.example/a?b=1&amp;c=2|Warsaw rules out nuclear weapons>*",
        "> “The government will neither seek nor host them.”",
        "We held (March 2025): Tusk calls for opportunities.",
        f"Notes · <!date^{int(AT.timestamp())}^{{time}}|14:05> · also: DW",
    ]
    assert context["elements"][0]["text"] == "likely · poland-nuclear · story 4f2a"
    assert [(each["text"]["text"], pressed(each["value"])) for each in actions["elements"]] == [
        ("Timeline", ("claim show", "poland-nuclear")),
        ("Why", ("why", "4f2a")),
    ]


def test_a_card_without_colour_is_plain_blocks_with_a_text() -> None:
    shown = render(Message((Card(title=Span("Feeds"), lines=(line("/feed list tells more"), line(""), line("end"))),)))
    assert shown.attachments == []
    assert shown.text == "Feeds · /claimwatch feed list tells more · end"
    assert shown.blocks[0]["text"]["text"] == "*Feeds*\n/claimwatch feed list tells more\n\nend"


def test_pictures_are_handed_on() -> None:
    picture = Picture("a.png", b"x", "alt")
    assert render(Message((Card(lines=(line("x"),), picture=picture),))).pictures == (picture,)


def test_nothing_at_all_is_still_a_message() -> None:
    assert wrong_with_message(render(Message(())).body()) == []
    assert wrong_with_message(render(Message((Card(tone=Tone.NEW),), (Button("A", "why", "x"),))).body()) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel> <@U1> <!here>", "&lt;!channel&gt; &lt;@U1&gt; &lt;!here&gt;"),
        ("a & b &lt;", "a &amp; b &amp;lt;"),
        ("*bold* _it_ ~no~ `code`", "∗bold∗ ˍitˍ ∼no∼ ˋcodeˋ"),
        (":skull: at 12:30:45, title:NATO", "∶skull: at 12:30:45, title:NATO"),
        ("[good](https://evil.example)", "[good](https://evil.example)"),
    ],
)
def test_foreign_text_is_inert(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (bold(" x "), " *x* "),
        (Span("x", Style.ITALIC), "_x_"),
        (code('NAT* AND "a`b" <x>'), '`NAT* AND "aˋb" &lt;x&gt;`'),
        (Span("a|b>c", url="https://x.example/a|b>c"), "<https://x.example/a%7Cb%3Ec|a∣b&gt;c>"),
        (Span("soon", at=AT), f"<!date^{int(AT.timestamp())}^{{date_short_pretty}} {{time}}|soon>"),
        (Span("", at=AT), f"<!date^{int(AT.timestamp())}^{{date_short_pretty}} {{time}}|then>"),
        (Span("far", url="https://x.example/" + "a" * 3000), "far"),
        (Span("  "), "  "),
    ],
)
def test_spans_in_slacks_markup(span: Span, shown: str) -> None:
    assert show([span]) == shown


def test_neighbours_of_one_style_share_their_marks() -> None:
    parts = (Span("by ", Style.ITALIC), Span("DW", Style.ITALIC, url="https://dw.example"), Span(": x", Style.ITALIC))
    assert show((*parts, Span(" then "), bold("a"), bold(" b "))) == "_by <https://dw.example|DW>: x_ then *a b* "


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<https://a.example/?x=1&amp;y=2|a> &lt;b&gt;", "https://a.example/?x=1&y=2 <b>"),
        ("<https://a.example>", "https://a.example"),
        ("<@U1|ann> <@U2> <#C1|news> <!here> <!subteam^S1|@desk>", "@ann @U2 #news @here @desk"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("<!date^1^{time}|14:05>", "14:05"),
        ("1 < 2 > 0", "1 < 2 > 0"),
    ],
)
def test_text_from_slack_is_read_as_it_was_written(text: str, plain: str) -> None:
    assert read(text) == plain


NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["<!channel>", "<@U0ADMIN>", "&&&&", "```", ">>> ", "*", "🇪🇺" * 20, "\n" * 9, "\u202e", ":x:"]),
    st.sampled_from(["e" + "\u0302" * 40, "\u200b", "\ud800"]),
    st.sampled_from("<>&*_~`|:\u202e\u0000 \n").flatmap(lambda char: st.integers(1, 3000).map(lambda n: char * n)),
    st.integers(1, 600).map(lambda n: "a&b <c> " * n),
)  # fmt: skip
URLS = st.sampled_from(["", "https://x.example/a|b>c&d", "javascript:alert(1)", "https://x.example/" + "a" * 1990])
SPANS = st.builds(
    Span, NASTY, st.sampled_from(Style), URLS, st.sampled_from([None, None, AT]), clock_only=st.booleans()
)
LINES = st.lists(SPANS, max_size=4).map(tuple)
CARDS = st.builds(
    Card,
    tone=st.sampled_from(Tone),
    badge=LINES,
    title=st.none() | SPANS,
    quote=NASTY,
    lines=st.lists(LINES, max_size=6).map(tuple),
    footer=LINES,
)
BUTTONS = st.builds(Button, NASTY, st.sampled_from(sorted(VERBS)), st.text("abc-:1", max_size=60))
MESSAGES = st.builds(Message, st.lists(CARDS, max_size=5).map(tuple), st.lists(BUTTONS, max_size=30).map(tuple), LINES)
HARD = tuned(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    max_examples=15,
    suppress_health_check=list(HealthCheck),
)


@HARD
@given(MESSAGES)
def test_every_limit_holds_whatever_the_text(message: Message) -> None:
    shown = render(message, turns("a" * 32, 1, 3))
    assert wrong_with_message(shown.body()) == []
    assert wrong_with_view(answered("status", message)) == []
    json.dumps(shown.body(), ensure_ascii=False).encode("utf-8")


def test_far_too_much_is_cut() -> None:
    card = Card(tone=Tone.NEW, quote="&" * 6000, lines=(line("<" * 6000),) * 4)
    assert wrong_with_message(render(Message((card,) * 10)).body()) == []


@HARD
@given(NASTY, st.integers(0, 400))
def test_cuts_keep_their_limit(text: str, limit: int) -> None:
    clean = inert(text)
    assert units(fit(clean, limit)) <= limit
    assert units(fit_plain(clean, limit)) <= limit


@HARD
@given(st.text(max_size=200))
def test_links_and_labels_never_end_early(text: str) -> None:
    shown = show([Span(f"a{text}", url=f"https://x.example/{text}")])
    assert shown.count("<") == shown.count(">") == 1
    assert not set(link(text)) & set("<>|")


def test_what_fits_the_limits_is_shown_whole() -> None:
    sentence = "A sentence about defence bonds & brigades, with a link. "
    lines = tuple(line("• ", Span(sentence, url=f"https://news.example/{number}")) for number in range(45))
    shown = flat(Message((Card(lines=lines),)))
    text = "\n".join(block["text"]["text"] for block in shown)
    assert text.count("|A sentence") == 45


def test_links_are_given_up_before_text() -> None:
    far = "https://news.example/" + "a" * 600
    lines = tuple(line("• ", Span(f"Headline {number}", url=far)) for number in range(40))
    text = "\n".join(block["text"]["text"] for block in flat(Message((Card(lines=lines),))))
    assert len(text) < TOTAL
    assert all(f"Headline {number}" in text for number in range(40))


def test_a_notification_is_short() -> None:
    assert units(render(Message((Card(quote="word " * 900),))).text) <= FALLBACK + 10


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_every_verbs_views_are_taken(verb) -> None:
    views = [waiting(verb.name), *([form(verb, "C0NEWS")] if verb.parameters else [])]
    assert [wrong for view in views for wrong in wrong_with_view(view)] == []


@HARD
@given(
    st.lists(
        st.builds(Option, st.text(min_size=1, max_size=200).filter(str.strip), st.text(min_size=1, max_size=200)),
        max_size=25,
    ),
    NASTY,
)
def test_suggestions_are_taken(options: list[Option], typed: str) -> None:  # fmt: skip
    assert wrong_with_options(choices(options, typed)) == []


@pytest.mark.parametrize(
    ("number", "pages", "labels"), [(0, 1, []), (0, 3, ["Next ▶"]), (1, 3, ["◀ Back", "Next ▶"]), (2, 3, ["◀ Back"])]
)
def test_buttons_that_turn_pages(number: int, pages: int, labels: list[str]) -> None:
    made = turns("key", number, pages)
    assert [each["text"]["text"] for each in made] == labels
    assert all(turned(each["value"])[0] == "key" for each in made)


def test_a_button_that_slack_would_not_take_is_left_out() -> None:
    assert card_buttons([Button("A", "why", "x" * 2500), Button("", "why", "x")])[0]["text"]["text"] == "…"
