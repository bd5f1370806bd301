"""The feeds that a web page names in its head. Runs in the parsing worker. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

from bot.feeds.plain import cut, one_line, web_link

PAGE = 1_000_000
MOST = 20
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)


class _Alternates(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = url
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "base" and values.get("href"):
            self.base = web_link(values["href"], self.base) or self.base
        if tag in ("link", "a") and _names_a_feed(values):
            link = web_link(values.get("href", ""), self.base)
            if link and len(self.found) < MOST:
                self.found.setdefault(link, cut(one_line(values.get("title", "")), 200))


def _names_a_feed(values: dict[str, str]) -> bool:
    kind = values.get("type", "").partition(";")[0].strip().lower()
    return kind in _FEED_TYPES and "alternate" in values.get("rel", "").lower().split() and bool(values.get("href"))


def feeds_named(body: bytes, url: str) -> list[tuple[str, str]]:
    """(URL, title) of the feeds that the page names, in its order."""
    page = _Alternates(url)
    page.feed(body[:PAGE].decode("utf-8", "replace").replace("<![", ""))
    return list(page.found.items())
