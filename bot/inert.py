"""Foreign text made inert: what can hide, reorder or overload what a reader sees is taken out. Standard library only.

Every platform passes a message through `inert_message` before it escapes it for its own markup. All functions may be
applied twice: the second time changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from bot.blocks import Card, Line, Message, Span

MARKS = 3
"""Combining marks that a base character keeps: enough for Vietnamese, Thai and pointed Hebrew, too few for zalgo."""

_HOST_SHOWN = 60
_BLANK = {"\u3164", "\uffa0", "\u115f", "\u1160", "\u2800"}  # letters and symbols by category, but drawn as nothing
_JOINERS = {"\u200c", "\u200d"}  # Persian and the scripts of India need them, Latin text does not
_SPACES = re.compile(r"\s+")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")


def inert(text: str) -> str:
    """One line of text without controls, bidi controls, invisible characters or piles of marks; spaces collapsed."""
    return _SPACES.sub(" ", "".join(_visible(text))).strip()


def inert_lines(text: str) -> str:
    """`inert`, but line breaks stay, two in a row at most."""
    rows = "\n".join(inert(row) for row in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", rows).strip("\n")


def safe_url(url: str) -> str:
    """The URL where it is plain http(s) without user name, blanks and controls; else an empty text: no link."""
    return url if _host(url) and "@" not in urlsplit(url).netloc else ""


def domain(url: str) -> str:
    """The host that an http(s) URL really leads to, in ASCII, without "www."; empty where there is none."""
    host = _host(url).rstrip(".").removeprefix("www.")
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host.encode("ascii", "backslashreplace").decode("ascii")


def _host(url: str) -> str:
    if any(char.isspace() or not char.isprintable() for char in url):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in {"http", "https"} else ""


def honest(text: str, url: str) -> str:
    """Link text that cannot pass for another site: where it names one, the real domain follows in brackets."""
    real = domain(url)
    if not real:
        return text
    shown = f"({real if len(real) <= _HOST_SHOWN else '…' + real[-_HOST_SHOWN:]})"
    named = _DOMAIN.findall(unicodedata.normalize("NFKC", text.removesuffix(shown)).lower())
    if text.endswith(shown) or all(_same_site(name, real) for name in named):
        return text
    return f"{text} {shown}"


def inert_span(span: Span) -> Span:
    """The span with inert text, and with a link only where it is safe and its text is honest about it."""
    url = safe_url(span.url)
    return replace(span, text=honest(_keep_edges(span.text), url), url=url)


def inert_line(parts: Iterable[Span]) -> Line:
    return tuple(inert_span(span) for span in parts)


def inert_card(card: Card) -> Card:
    return replace(
        card,
        badge=inert_line(card.badge),
        title=inert_span(card.title) if card.title else None,
        quote=inert_lines(card.quote),
        lines=tuple(inert_line(parts) for parts in card.lines),
        footer=inert_line(card.footer),
    )


def inert_message(message: Message) -> Message:
    """The message with all of its text inert and all of its links safe and honest."""
    return replace(
        message,
        cards=tuple(inert_card(card) for card in message.cards),
        buttons=tuple(replace(button, label=inert(button.label)) for button in message.buttons),
        lead=inert_line(message.lead),
    )


def _visible(text: str) -> Iterable[str]:
    """The characters that stay. What is taken out never counts as a base, so that marks cannot pile up behind it."""
    marks = 0
    before = ""
    for char in text:
        category = unicodedata.category(char)
        if char.isspace():
            marks, before = 0, ""
            yield " "
        elif category in {"Mn", "Me"}:
            marks += 1
            if marks <= MARKS:
                yield char
        elif char in _JOINERS:
            if before and unicodedata.category(before) in {"Lo", "So", "Sk"}:
                before = ""
                yield char
        elif category not in {"Cc", "Cf", "Cs", "Co"} and char not in _BLANK:
            marks, before = 0, char
            yield char


def _keep_edges(text: str) -> str:
    """`inert`, but a blank at either end stays: spans are joined without one."""
    clean = inert(text)
    head = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() else ""
    return f"{head}{clean}{tail}" if clean else head


def _same_site(named: str, real: str) -> bool:
    bare = named.removeprefix("www.")
    return real == bare or real.endswith(f".{bare}") or bare.endswith(f".{real}")
