"""The HTML page of posted messages, parsed back."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from bot.blocks import Button, Card, Message, Picture, Span, Style, Tone, bold, code, line
from bot.chat.console import Posted
from bot.chat.preview import page

NOW = datetime(2026, 3, 18, 13, 5, tzinfo=UTC)
VOID = {"meta", "img", "hr", "br", "link", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


@dataclass
class Parsed(HTMLParser):
    """The page's elements, in order; every element that opens must close."""

    elements: list[Element] = field(default_factory=list)
    open: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str, css: str = "") -> list[Element]:
        return [one for one in self.elements if one.tag == tag and css in ["", *one.classes]]


def parsed(*posts: Posted) -> Parsed:
    parser = Parsed()
    parser.feed(page(posts))
    parser.close()
    assert not parser.open
    return parser


def posted(*cards: Card, channel: str = "alerts", edits: int = 0, **rest: object) -> Posted:
    return Posted("1", "nonce", channel, Message(cards, **rest), edits)  # type: ignore[arg-type]


def test_a_card_is_shown_with_all_its_parts() -> None:
    card = Card(
        tone=Tone.UPDATES,
        badge=line(bold("⟳ UPDATES"), " · Spending"),
        title=Span("A headline", url="https://news.example/a?b=1&c=2"),
        quote="Word for word.",
        lines=(line("plain ", code("a-claim"), Span(" soft", Style.ITALIC)), line(Span("14:05", at=NOW))),
        footer=line("likely"),
    )
    document = parsed(posted(card, buttons=(Button("Right", "right", "x"),), lead=line("above")))
    assert [one.text for one in document.all("div", "amber")]
    assert document.all("p", "badge")[0].text == "⟳ UPDATES · Spending"
    assert document.all("h3")[0].text == "A headline"
    assert document.all("blockquote")[0].text == "“Word for word.”"
    assert document.all("code")[0].text == "a-claim"
    assert document.all("em")[0].text == " soft"
    assert document.all("time")[0].attributes["datetime"] == NOW.isoformat()
    assert document.all("footer")[0].text == "likely"
    assert document.all("span", "button")[0].text == "Right"
    (link,) = document.all("a")
    assert link.attributes == {"href": "https://news.example/a?b=1&c=2", "rel": "noopener noreferrer nofollow"}
    assert "above" in [one.text for one in document.all("p")]


@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_has_a_colour(tone: Tone) -> None:
    document = parsed(posted(Card(tone=tone, lines=(line("x"),))))
    assert document.all("div", tone.value)
    assert f".{tone.value} {{" in document.all("style")[0].text or tone is Tone.NEUTRAL


@pytest.mark.parametrize(
    "foreign",
    [
        "<script>alert(1)</script>",
        "</style><img src=x onerror=alert(1)>",
        '" onmouseover="alert(1)',
        "&lt;b&gt;",
        "{title} {0} %s",
        "]]><!-- -->",
    ],
)
def test_foreign_text_stays_text(foreign: str) -> None:
    card = Card(
        badge=line(foreign),
        title=Span(foreign, url="https://news.example/"),
        quote=foreign,
        lines=(line(Span(foreign, Style.CODE)),),
        footer=line(foreign),
        picture=Picture("x.png", b"png", foreign),
    )
    document = parsed(posted(card, channel=foreign, buttons=(Button(foreign, "v", "a"),)))
    assert not document.all("script")
    assert [one.attributes["alt"] for one in document.all("img")] == [foreign]
    assert document.all("h2")[0].text == f"#{foreign}"
    for tag in ("h3", "footer", "code"):
        assert document.all(tag)[0].text == foreign
    assert not [name for one in document.elements for name in one.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://a@evil.example/", 'https://x.example/" onclick="x']
)
def test_only_plain_web_links_are_links(url: str) -> None:
    document = parsed(posted(Card(title=Span("A headline", url=url))))
    assert document.all("h3")[0].text == "A headline"
    assert not document.all("a")


def test_a_title_that_names_another_site_shows_the_real_one() -> None:
    document = parsed(posted(Card(title=Span("Sign in at paypal.com", url="https://evil.example/"))))
    assert document.all("h3")[0].text == "Sign in at paypal.com (evil.example)"


def test_a_picture_is_part_of_the_page() -> None:
    document = parsed(posted(Card(picture=Picture("a.png", b"\x89PNG...", "in words"))))
    (image,) = document.all("img")
    assert image.attributes["alt"] == "in words"
    data = image.attributes["src"].removeprefix("data:image/png;base64,")
    assert base64.b64decode(data) == b"\x89PNG..."


def test_the_page_asks_nobody_for_anything() -> None:
    document = parsed(posted(Card(picture=Picture("a.png", b"x", "x"))))
    assert not [one for one in document.elements if one.tag in {"script", "link", "iframe", "object"}]
    assert [one.attributes["src"].split(":")[0] for one in document.elements if "src" in one.attributes] == ["data"]
    style = document.all("style")[0].text
    assert "url(" not in style
    assert "@import" not in style
    policies = [one.attributes["content"] for one in document.all("meta") if "http-equiv" in one.attributes]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_channels_stand_apart_and_edits_are_marked() -> None:
    document = parsed(
        posted(Card(lines=(line("one"),))),
        posted(Card(lines=(line("two"),)), channel="other"),
        posted(Card(lines=(line("three"),)), edits=2),
    )
    assert [one.text for one in document.all("h2")] == ["#alerts", "#other"]
    assert [card.text for card in document.all("div", "card")] == ["one", "three", "two"]
    assert len(document.all("span", "edited")) == 1


def test_light_and_dark_are_both_there() -> None:
    assert "prefers-color-scheme: light" in parsed().all("style")[0].text


def test_an_empty_page_says_so() -> None:
    assert parsed().all("main")[0].text == "Nothing was posted."
