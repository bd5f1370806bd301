"""Plain text out of markup that anybody may have written. Runs in the parsing worker, whose limits bound it. Pure."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

URL_CAP = 2_000

_SILENT = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "head", "textarea"})
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main"
    " nav ol option p pre section table tbody td tfoot th thead tr ul".split()
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


_TAG = re.compile(
    r"""<(?:([a-z][a-z0-9]*)(?:\s+[a-z_:][-\w:.]*(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>=`]+))?)*\s*/?|/([a-z][a-z0-9]*)\s*)>""",
    re.IGNORECASE | re.ASCII,
)
"""A tag that everybody reads alike."""
_SPECIAL = _SILENT | {"title", "xmp", "noembed", "noframes", "plaintext", "listing", "image"}
SETTLED = re.compile(
    r"https?://[a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?/[A-Za-z0-9/._~%+,=&$()*:@-]*"
    r"(?:\?[A-Za-z0-9/._~%+,=&$()*:@?-]+)?(?:#[A-Za-z0-9/._~%+,=&$()*:@?!-]+)?"
)
"""A URL in which nothing is to be resolved or spelled in another way."""


class _Text(HTMLParser):
    """Collects what a reader would see; blocks begin new lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent.append(tag)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(data)


def text_of(markup: str) -> str:
    """The text of an HTML fragment: no tags, references decoded once, blocks on lines of their own."""
    if "<" not in markup and "&" not in markup:
        return paragraphs(markup)
    quick = _quick_text(markup)
    if quick is not None:
        return quick
    reader = _Text()
    reader.feed(_without_marked_sections(markup))
    reader.close()
    return paragraphs("".join(reader.pieces))


def _quick_text(markup: str) -> str | None:
    """What `_Text` makes of it, where all markup in it is plain tags; else None."""
    text, *rest = _TAG.split(markup)
    if "<" in text or "]]>" in markup:
        return None
    pieces = [unescape(text)]
    for opened, closed, after in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        name = (opened or closed).lower()
        if name in _SPECIAL or "<" in after:
            return None
        if name in _BLOCKS:
            pieces.append("\n")
        if after:
            pieces.append(unescape(after) if "&" in after else after)
    return paragraphs("".join(pieces))


def _without_marked_sections(markup: str) -> str:
    """`<![` opens what HTML does not have, and on some Python versions what its parser trips over."""
    return markup.replace("<![CDATA[", "").replace("]]>", "").replace("<![", "")


def paragraphs(text: str) -> str:
    """Text with single spaces, no blank lines, and nothing that a database or a screen chokes on."""
    lines = (" ".join(line.split()) for line in clean(text).splitlines())
    return "\n".join(line for line in lines if line)


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Without control characters and lone surrogates, which no text has and some stores refuse."""
    return _CONTROLS.sub("", text)


def cut(text: str, limit: int) -> str:
    """`text` within `limit` characters; a cut is marked by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def web_link(link: str, base: str) -> str:
    """An absolute http(s) URL, or empty: a link may say javascript:, file: or nothing that makes sense.

    It holds no user and password: a relative link would take over those of the feed's own URL.
    """
    if len(link) <= URL_CAP and SETTLED.fullmatch(link):
        return link
    try:
        absolute = urljoin(base, "".join(clean(link).split("\n")).strip())
        parts = urlsplit(absolute)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or len(absolute) > URL_CAP:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().replace(" ", "%20")
