"""A document's frame, before any of it is understood: its charset and namespaces, and that it is well-formed.

What feedparser might judge in another way is `Unsure`.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser

PREFIXES = {
    "http://www.w3.org/2005/atom": {"", "atom", "atom10", "a10"},
    "http://purl.org/rss/1.0/": {"", "rss"},
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": {"rdf"},
    "http://purl.org/dc/elements/1.1/": {"dc"},
    "http://purl.org/dc/terms/": {"dcterms"},
    "http://purl.org/rss/1.0/modules/content/": {"content"},
    "http://search.yahoo.com/mrss/": {"media"},
    "http://purl.org/rss/1.0/modules/syndication/": {"sy"},
    "http://purl.org/rss/1.0/modules/slash/": {"slash"},
    "http://wellformedweb.org/commentapi/": {"wfw"},
    "http://purl.org/rss/1.0/modules/threading/": {"thr"},
    "http://purl.org/syndication/thread/1.0": {"thr"},
    "http://rssnamespace.org/feedburner/ext/1.0": {"feedburner"},
    "http://webns.net/mvcb/": {"admin"},
    "http://www.itunes.com/dtds/podcast-1.0.dtd": {"itunes"},
    "http://www.georss.org/georss": {"georss"},
    "http://www.w3.org/2003/01/geo/wgs84_pos#": {"geo"},
}
"""Namespaces by the prefixes that they are expected under: feedparser goes by the prefix, too."""

_TAKEN = frozenset(
    "admin ag annotate audio blogchannel cc co content cp creativecommons dc dcterms email ev feedburner fm foaf geo"
    " georss gml icbm image itunes l media pingback prism psc rdf rdfs ref reqv search slash soap ss str sub sy szf"
    " taxo thr ti trackback wfw wiki xhtml xlink xml".split()
)
"""Prefixes that mean something to feedparser, whatever namespace they stand for."""
_TAKEN_URIS = re.compile(
    "userland|/rss|netscape|newformat|necho|/echo|pie/|atom|creativecommons|/cc/|gml|xhtml|podlove|tangent|purl|mrss|w3"
)
"""Namespaces, by a part of them, that mean something to feedparser under any prefix."""
_XMLNS = re.compile(rb"""xmlns(?::([\w.-]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)


class Unsure(Exception):
    """The document may mean something else than what is read here."""


def well_formed(body: bytes, content_type: str) -> Element:
    _check_charset(body, content_type)
    markup = _CDATA.sub(b"", body)
    if b"<!D" in markup or b"<!d" in markup:
        raise Unsure("a DOCTYPE")
    for prefix, double, single in _XMLNS.findall(markup):
        _check_namespace(prefix.decode("ascii", "replace"), (double or single).decode("utf-8", "replace"))
    parser = XMLParser()  # noqa: S314 — expands no entities, since no DOCTYPE comes this far; the worker is limited
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise Unsure(str(error)) from error
    return root


def _check_charset(body: bytes, content_type: str) -> None:
    kind, *parameters = content_type.lower().split(";")
    said = [one.partition("=")[2].strip(" \"'") for one in parameters if one.strip().startswith("charset")]
    declared = _DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))
    named = [*said, *([declared[1].decode("ascii", "replace").lower()] if declared else [])]
    if any(name != "utf-8" for name in named):
        raise Unsure("another charset")
    if not named and not body.isascii() and not kind.strip().startswith("application/"):
        raise Unsure("no charset is named")
    if body[:2] in (b"\xfe\xff", b"\xff\xfe") or b"\x00" in body[:4]:
        raise Unsure("another charset")


def _check_namespace(prefix: str, uri: str) -> None:
    expected = PREFIXES.get(uri.lower())
    if expected is not None and prefix in expected:
        return
    if expected is not None or not prefix or not uri or prefix.lower() in _TAKEN or _TAKEN_URIS.search(uri.lower()):
        raise Unsure("an odd namespace")
