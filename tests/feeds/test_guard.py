"""What may be dialled: every spelling of a private address, and a listener that must never hear of it."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from bad_server import AGENT, BadServer, answer

from bot.feeds.guard import Guard, check
from bot.feeds.web import Caps, Page, Web
from bot.model import FailureKind, FetchFailed

CLOSED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.8.8.8 127.255.255.254
168.63.129.16 169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.170 192.0.2.1
192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250
240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:7f00:1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 64:ff9b:1::8.8.8.8 100::1 100:0:0:1::1
2001::1 2001:0:53aa:64c::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe:: 2002:808:808::1
2620:4f:8000::1 3fff::1 5f00::1 4000::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff02::1
ff0e::1 2606:4700::1111%eth0 not-an-address
""".split()

OPEN = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 172.15.255.255 172.32.0.0
192.0.1.1 192.167.255.255 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700:4700::1111 2a00:1450:4001::200e
::ffff:8.8.8.8 64:ff9b::8.8.8.8
""".split()


@pytest.mark.parametrize("address", CLOSED)
def test_closed_addresses(address: str) -> None:
    assert check(address)


@pytest.mark.parametrize("address", OPEN)
def test_open_addresses(address: str) -> None:
    assert check(address) is None


REFUSED_URLS = [
    "file:///etc/passwd",
    "ftp://example.org/feed",
    "gopher://example.org/",
    "javascript:alert(1)",
    "data:text/xml,<rss/>",
    "//example.org/feed",
    "example.org/feed",
    "",
    "http://",
    "http:///feed",
    "http://:80/",
    "http://user@/",
    "http://example.org:22/",
    "http://example.org:0/",
    "http://example.org:99999/",
    "http://example.org:port/",
    "http://example.org\\@127.0.0.1/",
    "http://a@b@127.0.0.1/",
    "http://exa%6dple.org/",
    "http://127.0.0.1%2f.example.org/",
    "http://example.org/\r\nHost: inner",
    "http://example.org/\tfeed",
    " http://example.org/",
    "http://exam\u0000ple.org/",
    "http://example.org/\x85",
    "http://exa mple.org/",
    "http://example..org/",
    "http://-/",
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://00000127.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1%25eth0]/",
    "http://[::1",
    "http://example.org:80@127.0.0.1/",
    "http://169.254.169.254/latest/meta-data/",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_refused_urls(url: str) -> None:
    assert Guard().check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/feed",
        "https://example.org:8443/feed?a=b%20c",
        "HTTPS://EXAMPLE.ORG/feed",
        "https://bücher.example/feed",
        "https://xn--bcher-kva.example/feed",
        "https://user:secret@example.org/private.xml",
        "https://feeds_1.example.org./rss",
        "http://8.8.8.8/feed",
        "https://[2606:4700:4700::1111]/feed",
        "https://1.example/feed",
    ],
)
def test_accepted_urls(url: str) -> None:
    assert Guard().check_url(url) is None


def test_what_is_allowed_is_allowed_in_every_spelling_and_on_any_port() -> None:
    guard = Guard(allow=(ip_network("127.0.0.1/32"),))
    assert guard.refusal("127.0.0.1", 9) is None
    assert guard.refusal("::ffff:127.0.0.1", 9) is None
    assert guard.check_url("http://127.0.0.1:9/") is None
    assert guard.refusal("127.0.0.2", 80)
    assert guard.refusal("8.8.8.8", 9)


class Listener:
    """Accepts on loopback, over IPv4 and IPv6 where the machine has it, and counts."""

    def __init__(self) -> None:
        self.heard = 0

    def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += 1
        writer.close()


@pytest.mark.parametrize(
    "host",
    (
        "127.0.0.1 127.1 2130706433 0x7f000001 0177.0.0.1 0 0.0.0.0 localhost LOCALHOST [::1] [::] [::ffff:127.0.0.1]"
        " [::ffff:7f00:1] [::127.0.0.1] ①②⑦.⓪.⓪.① 127。0。0。1 user@127.0.0.1 example.org@127.0.0.1"
        " example.org:80@localhost"
    ).split(),
)
async def test_nothing_private_is_ever_dialled(host: str) -> None:
    listener = Listener()
    listening = await asyncio.start_server(listener.hear, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    # The port would be refused by itself: with this guard only the address can be the reason.
    web = Web(agent=AGENT, guard=Guard(ports=frozenset({port})))
    outcome = await web.get(f"http://{host}:{port}/", Caps(deadline=5))
    await web.aclose()
    listening.close()
    await listening.wait_closed()
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.REFUSED
    assert listener.heard == 0


async def test_a_redirect_to_a_private_address_is_not_followed(server: BadServer) -> None:
    listener = Listener()
    listening = await asyncio.start_server(listener.hear, "127.0.0.2", 0)
    port = listening.sockets[0].getsockname()[1]
    server.answers["/"] = answer("302 Found", Location=f"http://127.0.0.2:{port}/secret")
    web = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.1/32"),), ports=frozenset({80, port})))
    outcome = await web.get(server.url("/"))
    await web.aclose()
    listening.close()
    await listening.wait_closed()
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.REFUSED
    assert listener.heard == 0


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://[::1", "//127.0.0.3:9/", "http://a@b@c/"]
)
async def test_a_redirect_to_something_unspeakable_is_refused(server: BadServer, location: str) -> None:
    server.answers["/"] = answer("301 Moved", Location=location)
    web = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.1/32"),)))
    outcome = await web.get(server.url("/"))
    await web.aclose()
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.REFUSED
    assert len(server.asked) == 1


async def test_a_name_with_one_bad_address_is_refused_whole() -> None:
    web = Web(agent=AGENT, lookup=lambda host, port: ["8.8.8.8", "10.0.0.1"])
    outcome = await web.get("http://mixed.example/")
    await web.aclose()
    assert isinstance(outcome, FetchFailed)
    assert outcome.kind is FailureKind.REFUSED
    assert "10.0.0.1" in outcome.detail


async def test_a_rebinding_name_meets_the_address_that_was_checked(server: BadServer) -> None:
    """Good at the first look-up, bad at each later one: what is dialled is the first answer, looked up once."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.9"]

    server.answers["/"] = answer(body=b"fine")
    web = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.1/32"),)), lookup=rebinding)
    outcome = await web.get(f"http://rebinding.example:{server.port}/")
    await web.aclose()
    assert isinstance(outcome, Page)
    assert outcome.body == b"fine"
    assert asked == ["rebinding.example"]


def test_the_socket_itself_is_guarded() -> None:
    """The last gate: even a resolver that lies cannot have a private address dialled."""
    for address, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        with pytest.raises(OSError, match="may not be reached"):
            Guard().socket_factory((family, socket.SOCK_STREAM, 0, "", (address, 80)))
    with pytest.raises(OSError, match="port 25"):
        Guard().socket_factory((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("8.8.8.8", 25)))


async def test_a_name_that_never_resolves_meets_the_deadline_and_holds_nobody_up(server: BadServer) -> None:
    release = threading.Event()

    def lookup(host: str, port: int) -> Sequence[str]:
        if host.startswith("never"):
            release.wait(30)
        return ["127.0.0.1"]

    server.answers["/"] = answer(body=b"fine")
    web = Web(agent=AGENT, guard=Guard(allow=(ip_network("127.0.0.1/32"),)), lookup=lookup)
    began = time.monotonic()
    stuck = [web.get(f"http://never{number}.example/", Caps(deadline=1)) for number in range(40)]
    *hung, good = await asyncio.gather(*stuck, web.get(f"http://good.example:{server.port}/", Caps(deadline=10)))
    took = time.monotonic() - began
    release.set()
    await web.aclose()
    assert {outcome.kind for outcome in hung if isinstance(outcome, FetchFailed)} == {FailureKind.TIMEOUT}
    assert isinstance(good, Page)
    assert took < 9


async def test_a_name_that_does_not_exist_says_so() -> None:
    def lookup(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    web = Web(agent=AGENT, lookup=lookup)
    outcome = await web.get("http://user:secret@nowhere.example/")
    await web.aclose()
    assert outcome == FetchFailed(FailureKind.NETWORK, "the name nowhere.example cannot be resolved")
