"""A feed's document in RSS 2.0, Atom, RSS 1.0 and JSON Feed. Pure.

Every word goes through ElementTree or json, so that what an entry says can break no document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from xml.etree import ElementTree as ET

from bot.demo.news import Format

_ATOM = "http://www.w3.org/2005/Atom"
_RSS1 = "http://purl.org/rss/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_JSON_FEED = "https://jsonfeed.org/version/1.1"


@dataclass(frozen=True, slots=True)
class Article:
    """An entry as its feed carries it; what is empty or None is left out of the document."""

    title: str
    text: str  # plain
    html: str  # in place of `text`
    link: str
    guid: str
    language: str
    date: datetime | str | None  # a text is written as it stands

    @property
    def markup(self) -> str:
        """The body as HTML."""
        return self.html or escape(self.text, quote=False)


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed and its articles, in document order."""

    title: str
    about: str
    site: str
    language: str
    updated: datetime
    articles: Sequence[Article]


def rss(channel: Channel) -> bytes:
    """RSS 2.0."""
    root = ET.Element("rss", {"version": "2.0", "xmlns:dc": _DUBLIN_CORE})
    feed = ET.SubElement(root, "channel")
    _leaf(feed, "title", channel.title)
    _leaf(feed, "link", channel.site)
    _leaf(feed, "description", channel.about)
    _leaf(feed, "language", channel.language)
    _leaf(feed, "lastBuildDate", _mail_date(channel.updated))
    for article in channel.articles:
        item = ET.SubElement(feed, "item")
        _leaf(item, "title", article.title)
        _leaf(item, "link", article.link)
        _leaf(item, "guid", article.guid, {"isPermaLink": str(article.guid == article.link).lower()})
        _leaf(item, "pubDate", _written(article.date, _mail_date))
        _leaf(item, "dc:language", article.language)
        _leaf(item, "description", article.markup)
    return _bytes(root)


def atom(channel: Channel) -> bytes:
    """Atom 1.0."""
    root = ET.Element("feed", {"xmlns": _ATOM, **_language(channel.language)})
    _leaf(root, "id", channel.site)
    _leaf(root, "title", channel.title)
    _leaf(root, "subtitle", channel.about)
    _leaf(root, "updated", channel.updated.isoformat())
    ET.SubElement(root, "link", {"href": channel.site})
    _leaf(ET.SubElement(root, "author"), "name", channel.title)
    for article in channel.articles:
        entry = ET.SubElement(root, "entry", _language(article.language))
        _leaf(entry, "id", article.guid)
        _leaf(entry, "title", article.title)
        ET.SubElement(entry, "link", {"rel": "alternate", "href": article.link})
        for tag in ("published", "updated"):
            _leaf(entry, tag, _written(article.date, datetime.isoformat))
        _leaf(entry, "summary", article.text)
        _leaf(entry, "content", article.html, {"type": "html"})
    return _bytes(root)


def rdf(channel: Channel) -> bytes:
    """RSS 1.0, whose items stand beside their channel."""
    root = ET.Element(
        "rdf:RDF", {"xmlns": _RSS1, "xmlns:rdf": _RDF, "xmlns:dc": _DUBLIN_CORE, "xmlns:content": _CONTENT}
    )
    feed = ET.SubElement(root, "channel", {"rdf:about": channel.site})
    _leaf(feed, "title", channel.title)
    _leaf(feed, "link", channel.site)
    _leaf(feed, "description", channel.about)
    _leaf(feed, "dc:language", channel.language)
    _leaf(feed, "dc:date", channel.updated.isoformat())
    listed = ET.SubElement(ET.SubElement(feed, "items"), "rdf:Seq")
    for article in channel.articles:
        ET.SubElement(listed, "rdf:li", {"rdf:resource": article.guid})
        item = ET.SubElement(root, "item", {"rdf:about": article.guid})
        _leaf(item, "title", article.title)
        _leaf(item, "link", article.link)
        _leaf(item, "dc:date", _written(article.date, datetime.isoformat))
        _leaf(item, "dc:language", article.language)
        _leaf(item, "description", escape(article.text, quote=False))  # readers take it for HTML
        _leaf(item, "content:encoded", article.html)
    return _bytes(root)


def json_feed(channel: Channel) -> bytes:
    """JSON Feed 1.1."""
    document = {
        "version": _JSON_FEED,
        "title": channel.title,
        "description": channel.about,
        "home_page_url": channel.site,
        "language": channel.language,
        "items": [_json_item(article) for article in channel.articles],
    }
    return json.dumps(_present(document), ensure_ascii=False, indent=1).encode("utf-8")


RENDERERS: Mapping[Format, tuple[str, Callable[[Channel], bytes]]] = {
    Format.RSS: ("application/rss+xml; charset=utf-8", rss),
    Format.ATOM: ("application/atom+xml; charset=utf-8", atom),
    Format.RDF: ("application/rdf+xml; charset=utf-8", rdf),
    Format.JSON: ("application/feed+json", json_feed),
}
"""For each format its content type and what writes it."""


def _json_item(article: Article) -> dict[str, Any]:
    return _present(
        {
            "id": article.guid,
            "url": article.link,
            "title": article.title,
            "content_text": article.text,
            "content_html": article.html,
            "date_published": _written(article.date, datetime.isoformat),
            "language": article.language,
        }
    )


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value or name == "items"}


def _leaf(parent: ET.Element, tag: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
    if text:
        ET.SubElement(parent, tag, dict(attributes or {})).text = text


def _language(tag: str) -> dict[str, str]:
    return {"xml:lang": tag} if tag else {}


def _written(date: datetime | str | None, form: Callable[[datetime], str]) -> str:
    return form(date) if isinstance(date, datetime) else date or ""


def _mail_date(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
