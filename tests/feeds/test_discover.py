"""Finding a site's feeds, against sites on loopback."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from bad_server import AGENT, RSS, BadServer, answer

from bot.feeds.discover import REQUESTS, Found, discover
from bot.feeds.fetch import HttpFetcher
from bot.feeds.guard import Guard
from bot.feeds.parse import Parser
from bot.feeds.web import Web
from bot.model import FailureKind, FetchFailed

NOW = datetime(2025, 3, 18, tzinfo=UTC)
JSON = b'{"version": "https://jsonfeed.org/version/1", "title": "JSON", "items": []}'


@pytest.fixture
def fetcher(web: Web) -> HttpFetcher:
    return HttpFetcher(web, lambda: NOW)


def page(*links: str) -> bytes:
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return answer(body=f"<!DOCTYPE html><html><head>{named}</head><body>News</body></html>".encode())


async def test_a_feed_is_its_own(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    server.answers["/feed"] = answer(body=RSS)
    assert await discover(server.url("/feed"), fetcher, parser) == (Found(server.url("/feed"), "Loopback Times", 1),)
    assert len(server.asked) == 1


async def test_feeds_that_the_page_names(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    server.answers |= {
        "/": page("/a.xml", "gone.xml", "/b.json", "/page"),
        "/a.xml": answer(body=RSS),
        "/b.json": answer(body=JSON),
        "/page": page(),
    }
    found = await discover(server.url("/"), fetcher, parser)
    assert found == (
        Found(server.url("/a.xml"), "Loopback Times", 1),
        Found(server.url("/b.json"), "JSON", 0),
    )


async def test_the_usual_places(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    server.answers |= {"/news": page(), "/feed.xml": answer(body=RSS), "/rss": answer(body=RSS)}
    found = await discover(server.url("/news"), fetcher, parser)
    assert found == (Found(server.url("/feed.xml"), "Loopback Times", 1),)


async def test_no_feed_is_said(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    server.answers["/"] = page()
    outcome = await discover(server.url("/"), fetcher, parser)
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.PARSE
    assert len(server.asked) <= REQUESTS


async def test_a_page_of_links_costs_few_requests(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    server.answers["/"] = page(*(f"/{number}.xml" for number in range(500)))
    assert isinstance(await discover(server.url("/"), fetcher, parser), FetchFailed)
    assert len(server.asked) <= REQUESTS


async def test_a_page_does_not_lead_us_astray(server: BadServer, parser: Parser) -> None:
    """It may name what only our machine can reach."""
    server.answers["/"] = page("http://127.0.0.2:9/inner", "file:///etc/passwd", "/feed")
    server.answers["/feed"] = answer(body=RSS)
    web = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.1/32"),)))
    found = await discover(server.url("/"), HttpFetcher(web, lambda: NOW), parser)
    await web.aclose()
    assert found == (Found(server.url("/feed"), "Loopback Times", 1),)


@pytest.mark.parametrize("url", ["127.0.0.1:22", "file:///etc/passwd", "http://", "not a url", "javascript:alert(1)"])
async def test_what_cannot_be_asked_is_refused(fetcher: HttpFetcher, parser: Parser, url: str) -> None:
    outcome = await discover(url, fetcher, parser)
    assert isinstance(outcome, FetchFailed)


async def test_a_page_that_is_not_there(server: BadServer, fetcher: HttpFetcher, parser: Parser) -> None:
    outcome = await discover(server.url("/missing"), fetcher, parser)
    assert isinstance(outcome, FetchFailed)
    assert outcome.status == 404
