"""Text for Discord: escaped, measured and cut as Discord does it. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.blocks import Line, Span, Style, clip

LONGEST_URL = 2048
ASIDE = "-# "

_SPECIAL = re.compile(r"[\\*_~|`<>\[\]#]")
_LIST_START = re.compile(r"^(\s*)([-+]|\d+(?=[.)]\s))", re.MULTILINE)
_EVERYBODY = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_UNSAFE_IN_LINK = {"(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\\": "%5C", '"': "%22", "|": "%7C", "`": "%60"}
_MARKS = {Style.PLAIN: "", Style.BOLD: "**", Style.ITALIC: "*"}


def units(text: str) -> int:
    """The length as Discord's clients count it, in UTF-16 units; its servers never count more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def escape(text: str) -> str:
    """The text so that Discord shows it as it stands: no markup, no mention, no link of its own."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    escaped = _LIST_START.sub(_escape_list, escaped)
    return _EVERYBODY.sub("@\u200b", escaped.replace("://", "\\://"))


def fit(text: str, limit: int, *, escaped: bool = True) -> str:
    """The text, escaped where asked, within `limit` units; a cut ends in an ellipsis."""
    length = len(text)
    while True:
        shown = clip(text, length)
        shown = escape(shown) if escaped else shown
        excess = units(shown) - limit
        if excess <= 0 or length == 0:
            return shown if excess <= 0 else ""
        length = max(0, min(length, len(text)) - max(1, excess // 3))


def show(span: Span, longest_link: int = LONGEST_URL) -> str:
    """One span in Discord's markup; a moment is shown in each reader's own time, a longer link as its text."""
    if span.at is not None:
        return f"<t:{int(span.at.timestamp())}:{'t' if span.clock_only else 'f'}>"
    text = _styled(span)
    url = link(span.url)
    return f"[{text.strip()}]({url})" if text.strip() and 0 < units(url) <= longest_link else text


def show_line(parts: Line, longest_link: int = LONGEST_URL) -> str:
    """A line of a card; one that is in italics throughout is an aside, which Discord has small print for."""
    told = [span for span in parts if span.text.strip()]
    if not told or any(span.style is not Style.ITALIC for span in told):
        return "".join(show(span, longest_link) for span in parts)
    return ASIDE + "".join(show(replace(span, style=Style.PLAIN), longest_link) for span in parts).lstrip()


def link(url: str) -> str:
    """The URL so that no character of it ends a link early."""
    return "".join(_UNSAFE_IN_LINK.get(char, char) for char in url)


def _styled(span: Span) -> str:
    """The text in its style; blanks stay outside, since Discord marks nothing that begins or ends with one."""
    core = span.text.strip()
    if not core:
        return span.text
    head, _, tail = span.text.partition(core)
    if span.style is Style.CODE:
        return f"{head}`{core.replace('`', 'ˋ')}`{tail}"
    mark = _MARKS[span.style]
    return f"{head}{mark}{escape(core)}{mark}{tail}"


def _escape_list(found: re.Match[str]) -> str:
    return f"{found[1]}\\{found[2]}" if found[2] in "-+" else f"{found[1]}{found[2]}\u200b"
