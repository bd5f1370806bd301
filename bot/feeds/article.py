"""The text of an article's page, without what stands around it. Runs in the parsing worker. Pure."""

from __future__ import annotations

from bot.feeds.document import TEXT, TITLE, NoFeed
from bot.feeds.plain import cut, one_line, paragraphs
from bot.feeds.wire import Article

PAGE = 5_000_000


def read_article(body: bytes, url: str) -> Article:
    """The article of a page. Raises `NoFeed` where it holds none."""
    # Only articles are read with it, and importing it takes half of a worker's start.
    from trafilatura import bare_extraction

    found = bare_extraction(body[:PAGE], url=url, include_comments=False, with_metadata=True)
    if found is None or isinstance(found, dict) or not found.text:
        raise NoFeed("no article was found in the page; give its text instead of its address")
    title = cut(one_line(found.title or ""), TITLE)
    text = found.text.removeprefix(found.title or "")
    return Article(title, cut(paragraphs(text), TEXT))
