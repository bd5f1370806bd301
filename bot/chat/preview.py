"""Posted messages as one self-contained HTML page: no script, no request to anywhere, foreign text escaped.

markupsafe escapes every argument of a template by itself, so that no text can be forgotten.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from pathlib import Path

from markupsafe import Markup

from bot.blocks import Button, Card, Line, Message, Picture, Span, Style, quoted
from bot.chat.console import Posted
from bot.inert import inert, inert_message

_NOTHING = Markup("")
_TAGS = {Style.BOLD: "strong", Style.ITALIC: "em", Style.CODE: "code"}
_STYLE = Path(__file__).with_name("preview.css")
_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main>{body}</main></body>
</html>
""")


def page(posts: Sequence[Posted], title: str = "Claimwatch") -> str:
    """A document that shows the messages as a chat would, channel by channel in the order of their first message."""
    channels: dict[str, list[Posted]] = {}
    for posted in posts:
        channels.setdefault(posted.channel, []).append(posted)
    body = _joined(_channel(name, of_it) for name, of_it in channels.items())
    style = Markup(_STYLE.read_text(encoding="utf-8"))  # noqa: S704 - our own file
    return str(_PAGE.format(title=inert(title), style=style, body=body or Markup("<p>Nothing was posted.</p>")))


def _channel(name: str, posts: Iterable[Posted]) -> Markup:
    return Markup("<section><h2><span>#</span>{}</h2>{}</section>").format(inert(name), _joined(map(_post, posts)))


def _post(posted: Posted) -> Markup:
    message = inert_message(posted.message)
    return Markup(
        '<article><div class="face" aria-hidden="true"><i></i></div><div class="post">'
        '<header><b>Claimwatch</b> <span class="app">APP</span>{}</header>{}</div></article>'
    ).format(Markup(' <span class="edited">edited</span>') if posted.edits else "", _message(message))


def _message(message: Message) -> Markup:
    lead = Markup("<p>{}</p>").format(_line(message.lead)) if message.lead else _NOTHING
    return lead + _joined(map(_card, message.cards)) + _buttons(message.buttons)


def _card(card: Card) -> Markup:
    parts = [
        _element("p", "badge", _line(card.badge)),
        _element("h3", "", _span(card.title) if card.title else _NOTHING),
        _element("blockquote", "", Markup("{}").format(quoted(card.quote)) if card.quote else _NOTHING),
        _joined(map(_row, card.lines)),
        _picture(card.picture) if card.picture else _NOTHING,
        _element("footer", "", _line(card.footer)),
    ]
    return Markup('<div class="card {}">{}</div>').format(card.tone.value, _joined(parts))


def _row(parts: Line) -> Markup:
    return Markup("<p>{}</p>").format(_line(parts)) if parts and any(span.text for span in parts) else Markup("<hr>")


def _line(parts: Line) -> Markup:
    return _joined(map(_span, parts))


def _span(span: Span) -> Markup:
    shown = Markup("{}").format(span.text)
    if span.at is not None:
        shown = Markup('<time datetime="{}">{}</time>').format(span.at.isoformat(), shown)
    if tag := _TAGS.get(span.style):
        shown = Markup("<{0}>{1}</{0}>").format(tag, shown)
    if span.url:
        shown = Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(span.url, shown)
    return shown


def _picture(picture: Picture) -> Markup:
    data = base64.b64encode(picture.png).decode("ascii")
    return Markup('<img src="data:image/png;base64,{}" alt="{}">').format(data, inert(picture.alt))


def _buttons(buttons: Sequence[Button]) -> Markup:
    shown = _joined(Markup('<span class="button">{}</span>').format(button.label) for button in buttons)
    return _element("div", "buttons", shown)


def _element(tag: str, css: str, content: Markup) -> Markup:
    """The element, or nothing where it would be empty."""
    return Markup('<{0} class="{1}">{2}</{0}>').format(tag, css, content) if content else _NOTHING


def _joined(parts: Iterable[Markup]) -> Markup:
    return _NOTHING.join(parts)
