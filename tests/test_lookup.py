"""What commands read from the web on the spot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from feed_server import FeedServer, News, Page

from bot.chat.commands import Page as Handed
from bot.errors import BadInput
from bot.feeds.fetch import HttpFetcher
from bot.feeds.guard import Guard
from bot.feeds.parse import Limits, Parser
from bot.feeds.web import Web
from bot.lookup import Lookup
from bot.model import Claim, ClaimKind, Item, Relation, Tenant, Verdict
from storage import Store

HOME = "console:local"
CLAIM = Claim("arms", "nuclear", ClaimKind.POSITION, "Herald", "2025-03", "Poland asks for nuclear arms.")
SAYS = Verdict("arms", Relation.CONTRADICTS, 0.9, "rules out")
ARTICLE = f"""<html><head><title>Warsaw rules it out</title></head><body><nav>Home</nav><article>
<h1>Warsaw rules it out</h1><p>{"The government rules out nuclear arms on Polish soil. " * 8}</p></article></body>
</html>"""


class Echo:
    """Remembers what it was asked, and always says the same."""

    name = "echo"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.asked: list[Item] = []

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        assert list(claims) == [CLAIM]
        self.asked += items
        return [(SAYS,) for _ in items]


@pytest.fixture
def assessor() -> Echo:
    return Echo()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        yield running


@pytest.fixture
async def lookup(store: Store, assessor: Echo) -> AsyncIterator[Lookup]:
    store.tenants.put(Tenant(HOME, "console", "local"))
    store.claims.put(HOME, [CLAIM], "", datetime.now(UTC))
    web = Web(agent="Claimwatch-tests/1", guard=Guard(allow=(ip_network("127.0.0.0/8"),)))
    parser = Parser(Limits(workers=1, deadline=60.0))
    yield Lookup(store, HttpFetcher(web, lambda: datetime.now(UTC)), parser, assessor)
    await parser.aclose()
    await web.aclose()


def page(server: FeedServer, name: str, text: str, status: int = 200) -> str:
    answered = Page(text.encode(), status)
    answered.free.set()
    server.pages[f"/{name}"] = answered
    return server.url(name)


async def test_a_text_is_compared_as_it_is(lookup: Lookup, assessor: Echo) -> None:
    text = "Warsaw rules it out: see https://herald.example/1 and more"
    found = await lookup.compare(HOME, f"  {text} ")
    assert (found.item.title, found.item.text, found.verdicts) == ("", text, (SAYS,))
    assert assessor.asked == [found.item]


async def test_a_page_that_was_handed_in_is_compared_by_its_article(lookup: Lookup, assessor: Echo) -> None:
    found = await lookup.compare(HOME, Handed(ARTICLE.encode()))
    assert (found.url, found.verdicts) == ("", (SAYS,))
    assert assessor.asked[0].title == "Warsaw rules it out"
    with pytest.raises(BadInput, match="the file: no article"):
        await lookup.compare(HOME, Handed(b"<html></html>"))


async def test_a_text_in_a_language_that_nothing_reads_is_not_compared(lookup: Lookup, assessor: Echo) -> None:
    found = await lookup.compare(HOME, "Polska wyklucza obecność broni jądrowej na swoim terytorium, mówi minister.")
    assert (found.unread, found.verdicts, assessor.asked) == ("pl", (), [])


async def test_an_address_is_compared_by_its_article(lookup: Lookup, server: FeedServer) -> None:
    found = await lookup.compare(HOME, page(server, "news", ARTICLE))
    assert found.item.title == "Warsaw rules it out"
    assert found.item.text.startswith("The government rules out nuclear arms")
    assert "Home" not in found.item.text
    assert found.verdicts == (SAYS,)


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_an_error_page_is_no_article(lookup: Lookup, server: FeedServer, assessor: Echo, status: int) -> None:
    with pytest.raises(BadInput, match=f"answers {status}"):
        await lookup.compare(HOME, page(server, "news", ARTICLE, status))
    assert assessor.asked == []


async def test_what_is_refused_says_why_and_no_password(lookup: Lookup, server: FeedServer) -> None:
    for asked in ("http://reader:hunter2@169.254.169.254/", server.url("missing", "reader:hunter2@")):
        with pytest.raises(BadInput) as caught:
            await lookup.compare(HOME, asked)
        assert "hunter2" not in str(caught.value)
        with pytest.raises(BadInput) as caught:
            await lookup.discover(asked)
        assert "hunter2" not in str(caught.value)


async def test_a_feed_is_found_by_its_address(lookup: Lookup, server: FeedServer) -> None:
    server.publish("herald", News("Poland's plans", datetime.now(UTC)))
    found = await lookup.discover(server.url("herald"))
    assert (found.url, found.title) == (server.url("herald"), "Herald")
