"""Text for Slack: escaped, measured and cut, and text from Slack made plain. Pure.

Sources: https://docs.slack.dev/messaging/formatting-message-text (escaping, links, dates) and the text object's
`verbatim`, which keeps Slack from finding links and mentions of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import groupby

from bot.blocks import Span, Style, clip

LONGEST_URL = 2000

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOKALIKES = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]*[a-z_+'-][a-z0-9_+'-]*:)", re.IGNORECASE)
_UNSAFE_IN_LINK = {"<": "%3C", ">": "%3E", "|": "%7C", '"': "%22", "`": "%60", "*": "%2A", "~": "%7E"}
_MARKS = {Style.PLAIN: "", Style.BOLD: "*", Style.ITALIC: "_", Style.CODE: "`"}
_REFERENCE = re.compile(r"<((?:https?://|mailto:|tel:|[#@!])[^<>|]*)(?:\|([^<>]*))?>")


def units(text: str) -> int:
    """The length in UTF-16 units: Slack promises none, and no other count is longer."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str) -> str:
    """The text so that Slack shows it as it stands: no mention, no link, no mark-up and no emoji of its own.

    Slack knows no escape for its marks, so that look-alikes stand in for them.
    """
    return _EMOJI.sub("∶", text.translate(_LOOKALIKES)).translate(_ENTITIES)


def escape_plain(text: str) -> str:
    """The text for places without mark-up: notifications and fall-backs still read mentions."""
    return text.translate(_ENTITIES)


def fit(text: str, limit: int) -> str:
    """The text, escaped, within `limit` units; a cut ends in an ellipsis."""
    return _cut(text, limit, escape)


def fit_plain(text: str, limit: int) -> str:
    """The text as it is, for `plain_text` objects, within `limit` units."""
    return _cut(text, limit, str)


def _cut(text: str, limit: int, form: Callable[[str], str]) -> str:
    """As much of the text as fits in its form: shortened by what is too much, which no character takes six times."""
    length = len(text)
    while length > 0:
        shown = form(clip(text, length))
        excess = units(shown) - limit
        if excess <= 0:
            return shown
        length -= max(1, excess // 6)
    return ""


def show(parts: Iterable[Span], *, links: bool = True) -> str:
    """A line in Slack's mark-up; a moment is shown in each reader's own time.

    Neighbours of one style share one pair of marks: Slack reads none that touch.
    """
    groups = groupby(parts, key=lambda span: span.style)
    return "".join(_marked(style, "".join(_inner(span, links) for span in group)) for style, group in groups)


def _inner(span: Span, links: bool) -> str:
    """The span without the marks of its style."""
    if span.at is not None:
        form = "{time}" if span.clock_only else "{date_short_pretty} {time}"
        return f"<!date^{int(span.at.timestamp())}^{form}|{_label(span.text) or 'then'}>"
    if span.style is Style.CODE:
        return span.text.replace("`", "ˋ").translate(_ENTITIES)
    core = span.text.strip()
    if links and span.url and core and units(link(span.url)) <= LONGEST_URL:
        head, _, tail = span.text.partition(core)
        return f"{head}<{link(span.url)}|{_label(core)}>{tail}"
    return escape(span.text)


def _marked(style: Style, text: str) -> str:
    """The text between its marks; blanks stay outside, since Slack marks nothing that begins or ends with one."""
    core = text.strip()
    if not core:
        return text
    head, _, tail = text.partition(core)
    return f"{head}{_MARKS[style]}{core}{_MARKS[style]}{tail}"


def link(url: str) -> str:
    """The URL so that no character of it ends a link early or is taken for a mark; & is an entity in links, too."""
    return "".join(_UNSAFE_IN_LINK.get(char, char) for char in url).replace("&", "&amp;")


def read(text: str) -> str:
    """Text that came from Slack, as a person wrote it: links by address, mentions by name, entities resolved."""
    plain = _REFERENCE.sub(lambda found: _referred(found[1], found[2] or ""), text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _referred(target: str, label: str) -> str:
    if target.startswith(("http://", "https://")):
        return target
    if target.startswith(("#", "@")):
        return f"{target[0]}{label.lstrip('#@') or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    return label or target.partition(":")[2]


def _label(text: str) -> str:
    """What stands after the bar of a reference: without a bar of its own, and `escape` leaves no > in it."""
    return escape(text).replace("|", "∣")
