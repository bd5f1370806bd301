"""Lists of feeds as OPML 2.0. Pure.

A feed is an `outline` with `xmlUrl`; `title` (else `text`), `language` and `weight` are read besides, the last being an
attribute of ours. Folders may be nested and are not kept. A file may come from anybody: entities are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.feeds.plain import clean, cut, one_line
from bot.model import Feed, FeedIntent

SIZE = 5 * 1024 * 1024
BAD_LINES = 50
"""Lines of broken XML that are stepped over before the rest is given up."""
HEAVIEST = 10.0

_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
_LINE_END = re.compile(r"\r\n?|\n")  # as XML counts lines
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")
Refusal = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Problem:
    line: int  # 1-based
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Opml:
    """What could be read, in file order without repetitions, and what could not."""

    feeds: tuple[FeedIntent, ...]
    problems: tuple[Problem, ...] = ()


class _EntityDeclared(Exception):
    """The file declares entities, which no list of feeds needs and with which bombs are built."""


def read(data: bytes, refusal: Refusal) -> Opml:
    """Read a list. `refusal` says why a URL cannot be followed, or None (`Guard.check_url`). Never raises.

    A long list with many broken lines takes seconds: call it in a thread.
    """
    if len(data) > SIZE:
        return Opml((), (Problem(1, f"the file is larger than {SIZE // 1024 // 1024} MiB"),))
    lines = _LINE_END.split(_BARE_AMPERSAND.sub("&amp;", _decoded(data)))
    broken: list[Problem] = []
    while True:
        reader = _Reader(refusal)
        try:
            reader.read("\n".join(lines))
        except _EntityDeclared:
            return Opml((), (Problem(reader.line, "entity declarations are not accepted: remove the DOCTYPE"),))
        except expat.ExpatError as error:
            broken.append(Problem(error.lineno, f"broken XML ({expat.ErrorString(error.code)})"))
            if len(broken) <= BAD_LINES and lines[error.lineno - 1].strip():
                lines[error.lineno - 1] = ""
                continue
        if not reader.feeds and not reader.problems:
            del broken[1:]  # it is no list, and what else is broken in it follows from that
        return Opml(_once(reader.feeds), tuple(sorted([*broken, *reader.problems], key=lambda problem: problem.line)))


def _once(feeds: Iterable[FeedIntent]) -> tuple[FeedIntent, ...]:
    found: dict[str, FeedIntent] = {}
    for feed in feeds:
        found.setdefault(feed.url, feed)
    return tuple(found.values())


def _decoded(data: bytes) -> str:
    """The text, by its byte order mark or declaration, else UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    declared = re.search(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.-]+)", data[:200])
    try:
        return data.decode(declared[1].decode("ascii") if declared else "utf-8-sig", "replace").removeprefix("\ufeff")
    except LookupError:
        return data.decode("utf-8-sig", "replace")


class _Reader:
    """One pass over the file."""

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal
        self._parser = expat.ParserCreate("utf-8")  # said from outside: the declaration is of the undecoded file
        self._parser.StartElementHandler = self._start
        self._parser.EntityDeclHandler = self._entity
        self.feeds: list[FeedIntent] = []
        self.problems: list[Problem] = []

    @property
    def line(self) -> int:
        return self._parser.CurrentLineNumber

    def read(self, text: str) -> None:
        self._parser.Parse(text.encode("utf-8", "replace"), True)

    def _entity(self, *_: object) -> None:
        raise _EntityDeclared

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        values = {key.lower(): one_line(value) for key, value in attributes.items()}
        if name.lower() != "outline" or not ({"xmlurl", "type"} & values.keys()):
            return
        if values.get("type", "rss").lower() not in ("rss", "atom", "feed", "json", ""):
            return  # a link or an inclusion, which are no feeds
        url = values.get("xmlurl", "")
        reason = "it has no xmlUrl" if not url else self._refusal(url)
        if reason:
            self._report(f"“{values.get('text') or values.get('title') or url}” is left out: {reason}")
            return
        self.feeds.append(
            FeedIntent(
                url=url,
                title=cut(values.get("title") or values.get("text") or "", 200),
                language=self._language(values.get("language", "")),
                weight=self._weight(values.get("weight", "")),
            )
        )

    def _language(self, stated: str) -> str:
        if not stated or _LANGUAGE.fullmatch(stated):
            return re.split("[-_]", stated.lower())[0]
        self._report(f"language “{stated[:20]}” is no language tag such as “en”; taken as unknown")
        return ""

    def _weight(self, stated: str) -> float:
        if not stated:
            return 1.0
        if re.fullmatch(r"\d{1,3}(\.\d{1,6})?", stated, re.ASCII) and 0 < float(stated) <= HEAVIEST:
            return float(stated)
        self._report(f"weight “{stated[:20]}” is no number above 0 and up to {HEAVIEST:g}; taken as 1")
        return 1.0

    def _report(self, text: str) -> None:
        self.problems.append(Problem(self.line, cut(text, 300)))


def write(feeds: Iterable[Feed | FeedIntent], title: str) -> bytes:
    """The list as a file that `read` gives back the same."""
    body = "".join(f"    <outline {_attributes(feed)}/>\n" for feed in feeds)
    head = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head><title>{_text(title)}</title></head>\n'
    )
    return f"{head}  <body>\n{body}  </body>\n</opml>\n".encode()


def _attributes(feed: Feed | FeedIntent) -> str:
    title = feed.title or feed.url
    values = {"type": "rss", "text": title, "title": feed.title, "xmlUrl": feed.url, "language": feed.language}
    if feed.weight != 1.0:
        values["weight"] = f"{feed.weight:g}"
    return " ".join(f"{name}={quoteattr(clean(value))}" for name, value in values.items() if value)


def _text(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
