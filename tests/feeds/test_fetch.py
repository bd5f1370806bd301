"""Fetching, against a server on loopback that does what servers should not."""

from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bad_server import (
    AGENT,
    RSS,
    Answerer,
    Asked,
    BadServer,
    answer,
    bomb,
    drip,
    echo_validators,
    endless,
    reset,
    silence,
)

from bot.feeds.fetch import HttpFetcher, max_age, retry_after
from bot.feeds.web import Caps, Page, Web, redacted
from bot.model import FailureKind, Fetched, FetchFailed, FetchRequest, NotModified

NOW = datetime(2025, 3, 18, 12, 0, tzinfo=UTC)
MIB = 1024 * 1024
SELF_SIGNED = Path(__file__).parents[1] / "data" / "feeds" / "self-signed.pem"


@pytest.fixture
def fetcher(web: Web) -> HttpFetcher:
    return HttpFetcher(web, lambda: NOW, Caps(deadline=10))


async def fetched(fetcher: HttpFetcher, url: str) -> Fetched:
    outcome = await fetcher.fetch(FetchRequest(url))
    assert isinstance(outcome, Fetched), outcome
    return outcome


async def failed(fetcher: HttpFetcher, url: str) -> FetchFailed:
    outcome = await fetcher.fetch(FetchRequest(url))
    assert isinstance(outcome, FetchFailed), outcome
    return outcome


# --- manners -----------------------------------------------------------------------------------------------------


async def test_a_request_is_honest_and_carries_nothing_else(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/feed"] = answer(body=RSS, Set_Cookie="track=1; Path=/")
    await fetched(fetcher, server.url("/feed"))
    await fetched(fetcher, server.url("/feed"))
    for asked in server.asked:
        assert asked.header("User-Agent") == AGENT.encode()
        assert asked.header("Accept-Encoding") == b"gzip"
        assert asked.header("Cookie") is None
        assert asked.header("Referer") is None
        assert asked.header("Authorization") is None


async def test_the_environment_has_no_say(
    server: BadServer, fetcher: HttpFetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.answers["/feed"] = answer(body=RSS)
    assert (await fetched(fetcher, server.url("/feed"))).body == RSS


async def test_a_url_is_asked_for_as_it_is_spelled(server: BadServer, fetcher: HttpFetcher) -> None:
    target = "/a%7Eb/%2F?sig=a%3D%3D&x=%2F~%7E&y=b%20c+d"
    await failed(fetcher, server.url(f"{target}#fragment"))
    assert server.asked[0].target == target


async def test_validators_go_back_byte_for_byte(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/feed"] = echo_validators
    first = await fetched(fetcher, server.url("/feed"))
    second = await fetcher.fetch(FetchRequest(server.url("/feed"), first.etag, "Tue, 18 Mar 2025 12:00:00 +0000"))
    assert second == NotModified(max_age=900)
    assert server.asked[1].header("If-Modified-Since") == b"Tue, 18 Mar 2025 12:00:00 +0000"


async def test_an_etag_that_is_no_text_is_not_kept(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/feed"] = answer(body=RSS).replace(b"\r\n\r\n", b'\r\nETag: "\xe9"\r\n\r\n', 1)
    assert (await fetched(fetcher, server.url("/feed"))).etag == ""


async def test_a_304_that_nobody_asked_for_is_a_failure(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/feed"] = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    assert (await failed(fetcher, server.url("/feed"))).status == 304


async def test_a_host_sees_few_requests_at_once(server: BadServer, fetcher: HttpFetcher) -> None:
    async def slowly(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.05)
        writer.write(answer(body=RSS))

    server.answers["/feed"] = slowly
    outcomes = await asyncio.gather(*(fetcher.fetch(FetchRequest(server.url("/feed"))) for _ in range(20)))
    assert all(isinstance(outcome, Fetched) for outcome in outcomes)
    assert 1 < server.busiest <= 4


async def test_waiting_for_a_turn_ends_too(server: BadServer, web: Web) -> None:
    server.answers["/silence"] = silence
    caps = Caps(deadline=0.5)
    outcomes = await asyncio.gather(*(web.get(server.url("/silence"), caps) for _ in range(30)))
    assert {outcome.kind for outcome in outcomes if isinstance(outcome, FetchFailed)} == {FailureKind.TIMEOUT}
    assert any("turn" in outcome.detail for outcome in outcomes if isinstance(outcome, FetchFailed))


# --- redirects ---------------------------------------------------------------------------------------------------


def chain(server: BadServer, *statuses: int) -> str:
    """/0 → /1 → … with these statuses; the last is the feed. The URL of the first."""
    for number, status in enumerate(statuses):
        server.answers[f"/{number}"] = answer(f"{status} Moved", Location=f"/{number + 1}")
    server.answers[f"/{len(statuses)}"] = answer(body=RSS)
    return server.url("/0")


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((), False),
        ((301,), True),
        ((308,), True),
        ((301, 308, 301), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 302), False),
        ((302, 301), False),
        ((301, 301, 301, 301, 301), True),
    ],
)
async def test_redirects(server: BadServer, fetcher: HttpFetcher, statuses: tuple[int, ...], permanent: bool) -> None:
    outcome = await fetched(fetcher, chain(server, *statuses))
    assert outcome.url == server.url(f"/{len(statuses)}")
    assert outcome.permanent_url == (outcome.url if permanent else "")


@pytest.mark.parametrize("statuses", [(301,) * 6, (302,) * 50])
async def test_long_chains_end(server: BadServer, fetcher: HttpFetcher, statuses: tuple[int, ...]) -> None:
    outcome = await failed(fetcher, chain(server, *statuses))
    assert outcome.kind is FailureKind.STATUS
    assert len(server.asked) == 6


async def test_a_loop_ends(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/loop"] = answer("302 Found", Location="/loop")
    assert "redirects more than 5 times" in (await failed(fetcher, server.url("/loop"))).detail


async def test_a_redirect_without_a_target(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/nowhere"] = answer("301 Moved")
    assert "without saying where" in (await failed(fetcher, server.url("/nowhere"))).detail


async def test_a_password_stays_with_its_host(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/private"] = answer("302 Found", Location="/here")
    server.answers["/here"] = answer("302 Found", Location=f"http://localhost:{server.port}/there")
    server.answers["/there"] = answer(body=RSS)
    await fetched(fetcher, f"http://reader:hunter2@127.0.0.1:{server.port}/private")
    assert [bool(asked.header("Authorization")) for asked in server.asked] == [True, True, False]


# --- what servers say --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("410 Gone", FailureKind.GONE),
        ("404 Not Found", FailureKind.STATUS),
        ("401 Unauthorized", FailureKind.STATUS),
        ("500 Oops", FailureKind.STATUS),
        ("299 Odd", None),
        ("999 Odd", FailureKind.STATUS),
    ],
)
async def test_statuses(server: BadServer, fetcher: HttpFetcher, status: str, kind: FailureKind | None) -> None:
    server.answers["/feed"] = answer(status, b"<rss/>")
    outcome = await fetcher.fetch(FetchRequest(server.url("/feed")))
    if kind is None:
        assert isinstance(outcome, Fetched)
    else:
        assert isinstance(outcome, FetchFailed)
        assert (outcome.kind, outcome.status) == (kind, int(status[:3]))


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_retry_after(server: BadServer, fetcher: HttpFetcher, status: str) -> None:
    server.answers["/feed"] = answer(status, Retry_After="120")
    assert (await failed(fetcher, server.url("/feed"))).retry_after == 120


@pytest.mark.parametrize(
    ("stated", "seconds"),
    [
        ("0", 0),
        ("3600", 3600),
        ("Tue, 18 Mar 2025 12:10:00 GMT", 600),
        ("Tue, 18 Mar 2025 11:00:00 GMT", 0),
        ("Tuesday, 18-Mar-25 12:10:00 GMT", 600),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Tue, 99 Mar 2025 12:10:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_reading_retry_after(stated: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": stated}, NOW) == seconds


def test_retry_after_is_counted_by_the_servers_own_clock() -> None:
    headers = {"retry-after": "Wed, 01 Jan 2020 00:05:00 GMT", "date": "Wed, 01 Jan 2020 00:00:00 GMT"}
    assert retry_after(headers, NOW) == 300


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=600"}, 600),
        ({"cache-control": "public, Max-Age=600, must-revalidate"}, 600),
        ({"cache-control": 'max-age="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=600", "age": "900"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "max-age=x"}, None),
        ({"cache-control": "max-age=60", "expires": "Tue, 18 Mar 2025 13:00:00 GMT"}, 60),
        ({"expires": "Tue, 18 Mar 2025 13:00:00 GMT"}, 3600),
        ({"expires": "Tue, 18 Mar 2025 13:00:00 GMT", "date": "Tue, 18 Mar 2025 12:30:00 GMT"}, 1800),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({"expires": "Tue, 18 Mar 2025 11:00:00 GMT"}, None),
    ],
)
def test_freshness(headers: dict[str, str], seconds: float | None) -> None:
    assert max_age(headers, NOW) == seconds


# --- hostile bodies ----------------------------------------------------------------------------------------------


async def test_gzip_is_read(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/feed"] = answer(body=gzip.compress(RSS), Content_Encoding="gzip")
    assert (await fetched(fetcher, server.url("/feed"))).body == RSS


@pytest.mark.parametrize("padding", [b"", b"\0" * 10, b"rubbish"])
async def test_gzip_of_several_members(server: BadServer, fetcher: HttpFetcher, padding: bytes) -> None:
    members = gzip.compress(RSS[:50]) + gzip.compress(b"") + gzip.compress(RSS[50:]) + padding
    server.answers["/feed"] = answer(body=members, Content_Encoding="x-gzip")
    assert (await fetched(fetcher, server.url("/feed"))).body == RSS


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip", gzip.compress(bomb(1))),
        ("gzip,identity,gzip", gzip.compress(bomb(1))),
        ("br", b"\x00"),
        ("deflate", b"\x00"),
        ("zstd", b"\x00"),
        ("gzip", b"this is no gzip"),
        ("gzip", gzip.compress(RSS)[:-20]),
        ("gzip", gzip.compress(RSS)[:3]),
        ("gzip", gzip.compress(RSS)[:-8] + b"\0" * 8),
    ],
)
async def test_encodings_that_are_refused(server: BadServer, fetcher: HttpFetcher, coding: str, body: bytes) -> None:
    server.answers["/feed"] = answer(body=body, Content_Encoding=coding)
    outcome = await failed(fetcher, server.url("/feed"))
    assert outcome.kind is FailureKind.ENCODING


async def test_stacked_headers_are_stacked_encodings(server: BadServer, fetcher: HttpFetcher) -> None:
    stacked = answer(body=gzip.compress(bomb(1)), Content_Encoding="gzip")
    server.answers["/feed"] = stacked.replace(b"\r\n\r\n", b"\r\ncontent-encoding: gzip\r\n\r\n", 1)
    assert (await failed(fetcher, server.url("/feed"))).kind is FailureKind.ENCODING


async def test_a_bomb_does_not_go_off(server: BadServer, fetcher: HttpFetcher) -> None:
    server.answers["/bomb"] = answer(body=bomb(200), Content_Encoding="gzip")
    tracemalloc.start()
    outcome = await failed(fetcher, server.url("/bomb"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert outcome.kind is FailureKind.TOO_LARGE
    assert peak < 50 * MIB


async def test_gzip_without_content_is_capped_by_what_comes(server: BadServer, web: Web) -> None:
    server.answers["/bomb"] = answer(body=gzip.compress(b"") * 100_000, Content_Encoding="gzip")
    outcome = await web.get(server.url("/bomb"), Caps(size=MIB, deadline=20))
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.TOO_LARGE


@pytest.mark.parametrize(
    ("misdeed", "kind"),
    [
        (endless, FailureKind.TOO_LARGE),
        (drip, FailureKind.TIMEOUT),
        (silence, FailureKind.TIMEOUT),
        (reset, FailureKind.NETWORK),
        (answer(body=b"x" * (2 * MIB)), FailureKind.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\nshort", FailureKind.TIMEOUT),
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", FailureKind.NETWORK),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", FailureKind.NETWORK),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", FailureKind.NETWORK),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", FailureKind.NETWORK),
    ],
)
async def test_misdeeds_are_values(server: BadServer, web: Web, misdeed: bytes | Answerer, kind: FailureKind) -> None:
    server.answers["/feed"] = misdeed
    began = time.monotonic()
    outcome = await web.get(server.url("/feed"), Caps(size=MIB, deadline=2))
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is kind, outcome
    assert time.monotonic() - began < 8


async def test_one_that_drips_holds_up_nobody(server: BadServer, web: Web) -> None:
    server.answers.update({"/drip": drip, "/feed": answer(body=RSS)})
    dripping = asyncio.create_task(web.get(server.url("/drip"), Caps(deadline=4)))
    await asyncio.sleep(0.1)
    good = await web.get(server.url("/feed"), Caps(deadline=3))
    assert isinstance(good, Page)
    assert not dripping.done()
    assert isinstance(await dripping, FetchFailed)


async def test_a_server_that_is_not_there(fetcher: HttpFetcher) -> None:
    listening = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    outcome = await failed(fetcher, f"http://reader:hunter2@127.0.0.1:{port}/feed")
    assert outcome == FetchFailed(FailureKind.NETWORK, "127.0.0.1 refuses connections")


async def test_tls_where_there_is_none(fetcher: HttpFetcher) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answer("400 Bad Request"))
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    outcome = await failed(fetcher, f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/")
    listening.close()
    await listening.wait_closed()
    assert outcome == FetchFailed(FailureKind.NETWORK, "127.0.0.1 does not speak TLS as expected")


async def test_certificates_are_checked(fetcher: HttpFetcher) -> None:
    """A server for exactly that name, whose certificate nobody trusts, gets no request."""
    heard = 0

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += 1
        writer.close()

    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(SELF_SIGNED)
    listening = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=tls)
    outcome = await failed(fetcher, f"https://localhost:{listening.sockets[0].getsockname()[1]}/")
    listening.close()
    await listening.wait_closed()
    assert outcome == FetchFailed(FailureKind.NETWORK, "the certificate of localhost is not valid for it")
    assert heard == 0


@pytest.mark.parametrize("path", ["/feed", "/reset", "/loop", "/bad", "/refused"])
async def test_no_password_is_ever_told(
    server: BadServer, fetcher: HttpFetcher, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers["/reset"] = reset
    server.answers["/loop"] = answer("302 Found", Location="/loop")
    server.answers["/bad"] = answer("302 Found", Location="file:///etc/passwd")
    server.answers["/refused"] = answer("302 Found", Location="http://u:hunter2@10.0.0.1/")
    outcome = await failed(fetcher, f"http://reader:hunter2@127.0.0.1:{server.port}{path}")
    assert "hunter2" not in outcome.detail
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/feed", "https://a.example/feed"),
        ("https://u:p@a.example:8080/feed?key=secret#x", "https://a.example:8080/feed?…"),
        ("https://u:p@x@a.example/@user/feed", "https://a.example/@user/feed"),
        ("http://u:p@[::1]:80/feed", "http://[::1]:80/feed"),
        ("http://user:pa/ss@a.example/", "that URL"),
        ("http://user:pass?@a.example/", "that URL"),
        ("user:pass@a.example", "that URL"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_max_age_of_a_long_life() -> None:
    far = (NOW + timedelta(days=400)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    assert max_age({"expires": far}, NOW) == 400 * 86400
