"""The elements of a feed that is read fast: which of them say nothing of what is kept, and what the others say.

What feedparser might judge in another way is `Unsure`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from bot.feeds.frame import PREFIXES, Unsure
from bot.feeds.plain import SETTLED

ATOM = "{http://www.w3.org/2005/Atom}"
RSS1 = "{http://purl.org/rss/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
LEAVES = frozenset(
    [
        *(f"{DC}{name}" for name in ("creator", "publisher", "rights", "subject", "contributor", "identifier", "type")),
        *(f"{DC}{name}" for name in ("source", "format", "relation", "coverage")),
        *(f"{{http://purl.org/rss/1.0/modules/slash/}}{name}" for name in ("comments", "section", "department")),
        *(f"{{http://wellformedweb.org/CommentAPI/}}{name}" for name in ("commentRss", "comment")),
        *(f"{SY}{name}" for name in ("updateBase",)),
        *(f"{{http://rssnamespace.org/feedburner/ext/1.0}}{name}" for name in ("origLink", "feedburnerHostname")),
        *(f"{{http://www.georss.org/georss}}{name}" for name in ("featurename",)),
        *(f"{{http://purl.org/syndication/thread/1.0}}{name}" for name in ("total", "in-reply-to")),
        *(f"{MEDIA}{name}" for name in ("thumbnail", "credit", "keywords", "category", "title", "rating", "copyright")),
    ]
)
"""Elements without elements inside that say nothing of what is kept."""
ITEM_LEAVES = LEAVES | {"author", "category", "comments", "enclosure", "source"}
CHANNEL_LEAVES = LEAVES | {"category", "copyright", "docs", "generator", "managingEditor", "webMaster"}
ENTRY_LEAVES = LEAVES | {f"{ATOM}{name}" for name in ("category", "rights")}
ATOM_LEAVES = ENTRY_LEAVES | {f"{ATOM}{name}" for name in ("generator", "icon", "logo", "subtitle", "updated")}
PERSON = frozenset(f"{ATOM}{name}" for name in ("name", "email", "uri"))
PICTURE = frozenset(("url", "title", "link", "width", "height", "description"))

_ODD = re.compile("[\x7f-\x9f]")
_ADDRESS = re.compile("[!-~]*")
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_Noted = TypeVar("_Noted", str, "Text")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a document: a title, summary or content."""

    value: str
    literal: bool = False  # plain text; else it is taken for markup
    language: str = ""


def local(one: Element, space: str) -> str:
    """The name within the feed's own namespace; else the whole tag."""
    return one.tag[len(space) :] if one.tag.startswith(space) else one.tag


def note(found: dict[str, _Noted], name: str, value: _Noted) -> None:
    """For what stands once."""
    if name in found:
        raise Unsure(f"{name} twice")
    found[name] = value


def title_of(found: Mapping[str, Text | str], around: Element) -> Text:
    """The title; where there is none, another vocabulary's may stand in for it."""
    title = found.get("title", "")
    if not (title.value if isinstance(title, Text) else title) and next(around.iter(f"{MEDIA}title"), None) is not None:
        raise Unsure("another title")
    return title if isinstance(title, Text) else Text(title)


def text_of(one: Element, name: str = "") -> str:
    """The text of an element that has nothing else."""
    if len(one) or (one.attrib and name != "guid"):
        raise Unsure("an odd element")
    return cleaned(one.text)


def cleaned(text: str | None) -> str:
    """As feedparser repairs it: UTF-8 that was taken for Latin-1 and encoded once more."""
    bare = (text or "").strip()
    if bare.isascii() and "\x7f" not in bare:
        return bare
    with suppress(UnicodeEncodeError, UnicodeDecodeError):  # it was not
        bare = bare.encode("iso-8859-1").decode("utf-8")
    if _ODD.search(bare):
        raise Unsure("controls in the text")
    return bare


def address(text: str, url: str) -> str:
    """The address that a `link` element holds."""
    return _REFERENCE.sub(r"&\g<1>", resolved(text, url).replace("&amp;", "&")) if text else ""


def resolved(text: str, url: str) -> str:
    """An address, or an identity that looks like none, beside the feed's own address."""
    if SETTLED.fullmatch(text):
        return text
    if not _ADDRESS.fullmatch(text) or ":///" in text:
        raise Unsure("an odd address")
    try:
        return urljoin(url, text)
    except ValueError as error:
        raise Unsure("an odd address") from error


def marked(one: Element) -> bool:
    """Whether it changes what addresses or languages inside it mean."""
    return any(name.startswith("{http://www.w3.org/XML/") or name in ("base", "lang") for name in one.attrib)


def check_leaf(one: Element) -> None:
    if len(one) or marked(one):
        raise Unsure("an odd element")


def check_inside(one: Element, known: frozenset[str], space: str) -> None:
    for child in one:
        if local(child, space) not in known or len(child) or child.attrib:
            raise Unsure("an odd element")


def check_aside(one: Element) -> None:
    """That an element of a vocabulary that is not the feed's own says nothing of what is kept."""
    if one.tag == f"{ATOM}link" and one.attrib.get("rel", "").lower() in _ASIDE_LINKS and not len(one):
        return
    if one.tag in (f"{MEDIA}content", f"{MEDIA}group") and not marked(one):
        for child in one:
            if child.tag in LEAVES:
                check_leaf(child)
            else:
                check_aside(child)
        return
    space = one.tag[1:].partition("}")[0].lower() if one.tag.startswith("{") else ""
    if not space or space in PREFIXES or len(one) or marked(one):
        raise Unsure(one.tag)


_ASIDE_LINKS = frozenset(("self", "hub", "next", "first", "last", "previous", "replies", "http://api.w.org/"))
