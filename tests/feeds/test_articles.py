"""Articles behind teasers: asked for once, by the site's rules, within bounds; what fails leaves the teaser."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from bad_server import BadServer, answer, bomb, drip, endless, reset, silence

from bot.feeds.articles import Articles, Bounds
from bot.feeds.fetch import HttpFetcher
from bot.feeds.parse import Parser
from bot.feeds.robots import AGAIN, FRESH, Robots
from bot.feeds.web import Caps, Web
from bot.model import Entry, FetchFailed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SENTENCES = (
    "The government will neither seek nor host nuclear weapons, the minister told parliament on Tuesday morning.",
    "He said that the decision had been taken together with the allies after months of talks in four capitals.",
    "The opposition asked for a debate, which the speaker of the house announced for the coming week.",
)
TEXT = "\n".join(SENTENCES)
PAGE = (
    "<html><head><title>Ruled out</title></head><body><article><h1>Ruled out</h1>"
    + "".join(f"<p>{one}</p>" for one in SENTENCES)
    + "</article></body></html>"
)
BOUNDS = Bounds(seconds=20.0, page=Caps(size=256 * 1024, deadline=1.5))


def html(body: str = PAGE, **headers: str) -> bytes:
    return answer(body=body.encode(), Content_Type="text/html; charset=utf-8", **headers)


def entry(url: str, text: str = "Ruled out. […]", name: str = "") -> Entry:
    return Entry(name or url, "feed", url, url, "Ruled out", text, NOW, NOW)


class Shelf:
    """Articles over the misbehaving server."""

    def __init__(self, server: BadServer, web: Web, parser: Parser) -> None:
        self.server, self.now = server, NOW
        fetcher = HttpFetcher(web, self.clock, Caps(deadline=2.0))
        self.robots = Robots(fetcher, parser, self.clock)
        self.articles = Articles(fetcher, parser, self.robots, BOUNDS)

    def clock(self) -> datetime:
        return self.now

    async def text(self, path: str = "/a", teaser: str = "Ruled out. […]") -> str:
        url = self.server.url(path)
        return (await self.articles.read([entry(url, teaser)])).get(url, "")

    def count(self, path: str) -> int:
        return sum(asked.target.partition("?")[0] == path for asked in self.server.asked)


@pytest.fixture
def shelf(server: BadServer, web: Web, parser: Parser) -> Shelf:
    server.answers["/a"] = html()
    return Shelf(server, web, parser)


async def test_the_article_behind_a_teaser_is_read_once(shelf: Shelf) -> None:
    assert await shelf.text() == TEXT
    assert await shelf.text() == TEXT
    assert (shelf.count("/a"), shelf.count("/robots.txt")) == (1, 1)
    agent = shelf.server.asked[-1].header("User-Agent")
    assert agent
    assert b"Claimwatch" in agent


async def test_feeds_that_name_an_article_at_the_same_time_ask_for_it_once(shelf: Shelf) -> None:
    url = shelf.server.url("/a")
    found = await asyncio.gather(*(shelf.articles.read([entry(url, name=name)]) for name in "abc"))
    assert [list(texts.items()) for texts in found] == [[(name, TEXT)] for name in "abc"]
    assert shelf.count("/a") == 1


async def test_a_whole_text_and_an_entry_without_a_link_ask_for_nothing(shelf: Shelf) -> None:
    assert await shelf.text(teaser=TEXT * 3) == ""
    assert await shelf.articles.read([entry("")]) == {}
    assert shelf.server.asked == []


@pytest.mark.parametrize(
    ("rules", "read"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /private\n", True),
        ("User-agent: *\nDisallow: /a\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /a\n", True),  # the longest rule counts
        ("User-agent: *\nDisallow: /*a$\n", False),
        ("User-agent: Claimwatch\nDisallow: /\n\nUser-agent: *\nAllow: /\n", False),
        ("User-agent: Claimwatch\nAllow: /\n\nUser-agent: *\nDisallow: /\n", True),
        ("User-agent: GPTBot\nDisallow: /\n", True),
        ("<html>not found</html>", True),
    ],
)
async def test_the_sites_rules_are_obeyed(shelf: Shelf, rules: str, read: bool) -> None:
    shelf.server.answers["/robots.txt"] = answer(body=rules.encode())
    assert await shelf.text() == (TEXT if read else "")
    assert shelf.count("/a") == int(read)


@pytest.mark.parametrize(
    ("status", "read"), [("404 Not Found", True), ("403 Forbidden", True), ("503 Away", False), ("429 Slow", False)]
)
async def test_a_site_without_rules_allows_and_one_that_fails_does_not(shelf: Shelf, status: str, read: bool) -> None:
    shelf.server.answers["/robots.txt"] = answer(status)
    assert bool(await shelf.text()) is read


async def test_rules_are_asked_for_again_after_a_day_and_sooner_where_they_failed(shelf: Shelf) -> None:
    url = shelf.server.url("/a")
    shelf.server.answers["/robots.txt"] = answer("500 Broken")
    assert not await shelf.robots.allow(url)
    shelf.now += AGAIN
    shelf.server.answers["/robots.txt"] = answer(body=b"User-agent: *\nAllow: /")
    assert await shelf.robots.allow(url)
    shelf.now += FRESH - timedelta(seconds=1)
    assert await shelf.robots.allow(url)
    assert shelf.count("/robots.txt") == 2
    shelf.now += timedelta(seconds=1)
    assert await shelf.robots.allow(url)
    assert shelf.count("/robots.txt") == 3


async def test_many_at_once_ask_a_site_for_its_rules_once(shelf: Shelf) -> None:
    shelf.server.answers |= {f"/{number}": html() for number in range(6)}
    urls = [shelf.server.url(f"/{number}") for number in range(6)]
    found = await shelf.articles.read([entry(url) for url in urls])
    assert set(found) == set(urls)
    assert shelf.count("/robots.txt") == 1


async def test_rules_that_are_made_to_take_for_ever_do_not(shelf: Shelf) -> None:
    trap = f"User-agent: *\nDisallow: /{'*a' * 60}*b\n" * 50
    shelf.server.answers["/robots.txt"] = answer(body=trap.encode())
    assert await shelf.robots.allow(shelf.server.url("/" + "a" * 1500))


async def test_a_redirect_to_what_its_own_site_forbids_is_not_followed(shelf: Shelf) -> None:
    shelf.server.answers["/robots.txt"] = answer(body=b"User-agent: *\nDisallow: /a")
    shelf.server.answers["/moved"] = answer("302 Found", Location="/a")
    assert await shelf.text("/moved") == ""
    assert (shelf.count("/moved"), shelf.count("/a")) == (1, 0)


async def test_a_redirect_to_another_site_is_read_by_that_sites_rules(shelf: Shelf) -> None:
    port = urlsplit(shelf.server.url("/")).port
    shelf.server.answers["/robots.txt"] = hosts(port)
    shelf.server.answers["/away"] = answer("302 Found", Location=f"http://localhost:{port}/a")
    assert await shelf.text("/away") == ""
    assert shelf.count("/a") == 0


@pytest.mark.parametrize(
    "fault",
    [
        drip,
        silence,
        reset,
        endless,
        answer("404 Not Found"),
        answer("500 Broken"),
        answer(body=bomb(64), Content_Encoding="gzip"),
        answer(body=b"<html><body>Please accept our cookies.</body></html>"),
        answer(body=b"\x00\xff" * 4000, Content_Type="application/pdf"),
        answer("302 Found", Location="file:///etc/passwd"),
        answer("302 Found", Location="http://169.254.169.254/"),
    ],
    ids=["drip", "silence", "reset", "endless", "404", "500", "bomb", "cookies", "binary", "file", "private"],
)
async def test_what_fails_leaves_the_teaser_and_the_others_their_article(shelf: Shelf, fault: object) -> None:
    shelf.server.answers["/bad"] = fault  # type: ignore[assignment]
    good, bad = shelf.server.url("/a"), shelf.server.url("/bad")
    assert await shelf.articles.read([entry(bad), entry(good)]) == {good: TEXT}


async def test_a_polls_articles_share_one_deadline(server: BadServer, web: Web, parser: Parser) -> None:
    fetcher = HttpFetcher(web, lambda: NOW, Caps(deadline=2.0))
    bounds = Bounds(at_once=2, seconds=2.0, page=Caps(deadline=60.0))
    articles = Articles(fetcher, parser, Robots(fetcher, parser, lambda: NOW), bounds)
    server.answers |= {f"/{number}": silence for number in range(8)}
    started = time.monotonic()
    assert await articles.read([entry(server.url(f"/{number}")) for number in range(8)]) == {}
    assert time.monotonic() - started < 10
    server.answers["/a"] = html()  # and its places are free again
    assert await articles.read([entry(server.url("/a"))]) == {server.url("/a"): TEXT}


async def test_no_poll_reads_more_than_its_share(server: BadServer, web: Web, parser: Parser) -> None:
    fetcher = HttpFetcher(web, lambda: NOW)
    articles = Articles(fetcher, parser, Robots(fetcher, parser, lambda: NOW), Bounds(a_poll=2))
    server.answers |= {f"/{number}": html() for number in range(4)}
    assert len(await articles.read([entry(server.url(f"/{number}")) for number in range(4)])) == 2


async def test_who_gives_up_waiting_leaves_nothing_behind(shelf: Shelf) -> None:
    shelf.server.answers["/slow"] = silence
    reading = asyncio.create_task(shelf.articles.read([entry(shelf.server.url("/slow"))]))
    await asyncio.sleep(0.2)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not any("Articles._article" in repr(task.get_coro()) for task in asyncio.all_tasks())


async def test_a_worker_says_what_a_robots_txt_allows(parser: Parser) -> None:
    rules = b"User-agent: *\nDisallow: /news/*.pdf$\n"
    assert await parser.allowed(rules, "https://herald.example/news/1", "Claimwatch") is True
    assert await parser.allowed(rules, "https://herald.example/news/1.pdf", "Claimwatch") is False
    assert not isinstance(await parser.allowed(b"\xff\xfe\x00", "https://herald.example/", "Claimwatch"), FetchFailed)


def hosts(port: int | None):
    """Rules that allow all under 127.0.0.1 and nothing under another name."""

    async def rules(asked, writer) -> None:
        here = asked.header("Host") == f"127.0.0.1:{port}".encode()
        writer.write(answer(body=b"User-agent: *\nDisallow:" + (b"\n" if here else b" /\n")))

    return rules
