"""The ordinary feed, read fast: what feedparser would say of it, at a twentieth of the cost.

RSS 2.0, RSS 1.0 and Atom that is well-formed, in UTF-8, and holds only elements whose meaning is known here. Whatever
is not plainly so (another charset, a DOCTYPE, `xml:base`, XHTML inside, an element that stands twice or is unknown) is
`Unsure`, and feedparser reads the whole document. `tests/feeds/test_swift.py` holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from bot.feeds.dates import read_date
from bot.feeds.elements import (
    ATOM,
    ATOM_LEAVES,
    CHANNEL_LEAVES,
    CONTENT,
    DC,
    ENTRY_LEAVES,
    ITEM_LEAVES,
    LANG,
    LEAVES,
    PERSON,
    PICTURE,
    RDF,
    RSS1,
    SY,
    Text,
    address,
    check_aside,
    check_inside,
    check_leaf,
    cleaned,
    local,
    marked,
    note,
    resolved,
    text_of,
    title_of,
)
from bot.feeds.frame import Unsure, well_formed

MOST = 1_000
"""More entries than this are a case for the slow way."""

_TYPES = {"": False, "text": False, "text/plain": False, "html": True, "text/html": True}


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as its document has it."""

    guid: str
    links: tuple[str, ...]  # as candidates, the likeliest first
    title: Text
    texts: tuple[Text, ...]
    published: datetime | None
    updated: datetime | None
    language: str  # of its own


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as its document has it."""

    title: Text
    links: tuple[str, ...]
    language: str
    ttl: str
    period: str
    frequency: str
    items: tuple[Item, ...]


def scan(body: bytes, url: str, content_type: str) -> Document:
    """Raises `Unsure`; then nothing is said about the document."""
    root = well_formed(body, content_type)
    if root.tag == "rss":
        document = _rss(root, url)
    elif root.tag == f"{RDF}RDF":
        document = _rdf(root, url)
    elif root.tag == f"{ATOM}feed":
        document = _atom(root, url)
    else:
        raise Unsure(root.tag)
    if len(document.items) > MOST:
        raise Unsure("too many entries")
    return document


# --- RSS and RDF -------------------------------------------------------------------------------------------------


def _rss(root: Element, url: str) -> Document:
    if set(root.attrib) - {"version"} or [child.tag for child in root] != ["channel"] or root[0].attrib:
        raise Unsure("an odd frame")
    channel = root[0]
    return _channel(channel, [one for one in channel if one.tag == "item"], "", url)


def _rdf(root: Element, url: str) -> Document:
    channels = [one for one in root if one.tag == f"{RSS1}channel"]
    items = [one for one in root if one.tag == f"{RSS1}item"]
    images = [one for one in root if one.tag == f"{RSS1}image"]
    if root.attrib or len(channels) != 1 or len(root) != 1 + len(items) + len(images) or len(images) > 1:
        raise Unsure("an odd frame")
    for one in [*channels, *images]:
        if set(one.attrib) - {f"{RDF}about"}:
            raise Unsure("an odd frame")
    for image in images:
        check_inside(image, PICTURE, RSS1)
    if root[0] is not channels[0]:
        raise Unsure("an odd order")
    return _channel(channels[0], items, RSS1, url)


def _channel(channel: Element, items: Sequence[Element], space: str, url: str) -> Document:
    found: dict[str, str] = {}
    for one in channel:
        if one.tag == "item":
            continue
        name = local(one, space)
        if name in CHANNEL_LEAVES or one.tag in LEAVES:
            check_leaf(one)
        elif name in ("title", "link", "description", "language", "ttl"):
            note(found, name, text_of(one))
        elif one.tag in (f"{SY}updatePeriod", f"{SY}updateFrequency", f"{DC}language"):
            note(found, one.tag.rpartition("}")[2], text_of(one))
        elif name in ("pubDate", "lastBuildDate") or one.tag == f"{DC}date":
            check_leaf(one)
        elif name == "image" and not one.attrib:
            check_inside(one, PICTURE, space)
        elif space and name in ("items", "image"):
            continue  # the list of what follows
        else:
            check_aside(one)
    return Document(
        title=title_of(found, channel),
        links=(address(found.get("link", ""), url),),
        language=found.get("language", ""),
        ttl=found.get("ttl", ""),
        period=found.get("updatePeriod", ""),
        frequency=found.get("updateFrequency", ""),
        items=tuple(_item(one, space, url) for one in items),
    )


def _item(item: Element, space: str, url: str) -> Item:
    found: dict[str, str] = {}
    stays = True
    for name, value in item.attrib.items():
        if name != f"{RDF}about":
            raise Unsure("an odd item")
        found["guid"], stays = value, False
    for one in item:
        name = local(one, space)
        if field := _ITEM_FIELDS.get(one.tag) or _ITEM_FIELDS.get(name):
            if field == "guid":
                stays = _guid_is_link(one)
            note(found, field, text_of(one, field))
        elif name in ITEM_LEAVES or one.tag in ITEM_LEAVES:
            check_leaf(one)
        else:
            check_aside(one)
    return _rss_item(item, found, url, stays)


_ITEM_FIELDS = {
    **{name: name for name in ("title", "link", "guid", "description", "pubDate", "language")},
    f"{CONTENT}encoded": "encoded",
    f"{DC}date": "date",
    f"{DC}language": "language",
}


def _rss_item(item: Element, found: dict[str, str], url: str, stays: bool) -> Item:
    guid = found.get("guid", "")
    if stays and guid:
        guid = resolved(guid, url)
    link = address(found["link"], url) if found.get("link") else ""
    if "link" in found and not link:
        raise Unsure("an empty link")
    contents = [found[name] for name in ("encoded", "description") if name in found]
    return Item(
        guid=guid,
        links=(link or (guid if stays else ""),),
        title=title_of(found, item),
        texts=tuple(map(Text, contents)),
        published=read_date(found.get("pubDate", "")),
        updated=read_date(found.get("date", "")),
        language=found.get("language", ""),
    )


def _guid_is_link(one: Element) -> bool:
    permanent = {name.lower(): value for name, value in one.attrib.items()}
    if set(permanent) - {"ispermalink"}:
        raise Unsure("an odd guid")
    return permanent.get("ispermalink", "true") == "true"


# --- Atom --------------------------------------------------------------------------------------------------------


def _atom(root: Element, url: str) -> Document:
    language = _own_language(root)
    found: dict[str, Text] = {}
    links: list[tuple[str, str]] = []
    items: list[Item] = []
    for one in root:
        name = one.tag.removeprefix(ATOM)
        if name == "entry":
            items.append(_entry(one, language, url))
        elif name in ("title", "id"):
            note(found, name, _typed(one, language) if name == "title" else Text(text_of(one)))
        elif name == "link":
            links += _atom_link(one, url)
        elif name in ("author", "contributor"):
            _check_person(one)
        elif one.tag in ATOM_LEAVES:
            check_leaf(one)
        else:
            check_aside(one)
    identity = resolved(found["id"].value, url) if "id" in found else ""
    title = title_of(found, root)
    return Document(title, _candidates(links, identity), language, "", "", "", tuple(items))


def _entry(entry: Element, outer: str, url: str) -> Item:
    language = _own_language(entry) or outer
    found: dict[str, Text] = {}
    links: list[tuple[str, str]] = []
    for one in entry:
        name = one.tag.removeprefix(ATOM)
        if name in ("title", "summary", "content"):
            note(found, name, _typed(one, language))
        elif name in ("id", "published", "updated"):
            note(found, name, Text(text_of(one)))
        elif name == "link":
            links += _atom_link(one, url)
        elif name in ("author", "contributor"):
            _check_person(one)
        elif one.tag in ENTRY_LEAVES:
            check_leaf(one)
        else:
            check_aside(one)
    identity = resolved(found["id"].value, url) if "id" in found else ""
    texts = tuple(found[name] for name in ("content", "summary") if name in found)
    published, updated = (read_date(found[name].value) if name in found else None for name in ("published", "updated"))
    return Item(identity, _candidates(links, identity), title_of(found, entry), texts, published, updated, "")


def _own_language(one: Element) -> str:
    if set(one.attrib) - {LANG} or one.attrib.get(LANG) == "":
        raise Unsure("an odd frame")
    return one.attrib.get(LANG, "")


def _typed(one: Element, language: str) -> Text:
    kind = one.attrib.get("type", "").lower()
    if set(one.attrib) - {"type"} or kind not in _TYPES or len(one):
        raise Unsure("an odd text")
    return Text(cleaned(one.text), not _TYPES[kind], language)


def _atom_link(one: Element, url: str) -> Iterator[tuple[str, str]]:
    """(Type, address) where it leads to what the element is about."""
    if len(one) or (one.text or "").strip() or not one.attrib.get("href") or set(one.attrib) & {"url", "uri"}:
        raise Unsure("an odd link")
    if marked(one):
        raise Unsure("an odd link")
    if one.attrib.get("rel", "alternate").lower() == "alternate":
        yield one.attrib.get("type", "text/html").lower(), resolved(one.attrib["href"], url)


def _candidates(links: Sequence[tuple[str, str]], identity: str) -> tuple[str, ...]:
    pages = [address for kind, address in links if kind in ("text/html", "html", "xhtml", "application/xhtml+xml")]
    first = pages[-1] if pages else identity
    return (first, *(address for _, address in links))


def _check_person(one: Element) -> None:
    check_inside(one, PERSON, "")
