"""Which addresses may be dialled, so that nobody uses the bot to reach what only its machine can reach.

Chat users may add feeds, and feeds may redirect, so a URL proves nothing. `check_url` refuses early and says why; what
holds is the dialling: `GuardedResolver` checks every address of a name, and `socket_factory` checks the literal address
and port at the moment a socket is made for it. Nothing is looked up between that check and the connection.

`ipaddress.is_global` alone is not enough: it is true for NAT64 and 6to4 spellings of private addresses, for
`::127.0.0.1`, for multicast and for fec0::.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Lookup = Callable[[str, int], Sequence[str]]
"""A host's addresses as literals; it blocks, and raises `OSError` where the name has none."""

WEB_PORTS = frozenset({80, 443, 8080, 8443})
NAMES_AT_ONCE = 128
"""Names looked up at the same time. A name that never resolves keeps its thread for up to half a minute."""

_CLOSED_V4 = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "a provider's inner network"),
        ("127.0.0.0/8", "this machine"),
        ("168.63.129.16/32", "a cloud's control address"),
        ("169.254.0.0/16", "link-local, where clouds keep their secrets"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "reserved for protocols"),
        ("192.0.2.0/24", "reserved for documentation"),
        ("192.31.196.0/24", "reserved for protocols"),
        ("192.52.193.0/24", "reserved for protocols"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "reserved for protocols"),
        ("198.18.0.0/15", "reserved for measurements"),
        ("198.51.100.0/24", "reserved for documentation"),
        ("203.0.113.0/24", "reserved for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)
_OPEN_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/32", "a Teredo tunnel"),
        ("2001::/23", "reserved for protocols"),
        ("2001:db8::/32", "reserved for documentation"),
        ("2002::/16", "a 6to4 tunnel"),
        ("2620:4f:8000::/48", "reserved for protocols"),
        ("3fff::/20", "reserved for documentation"),
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")


class Forbidden(OSError):
    """The guard does not let us dial there; `str()` says why."""


def check(address: str | Address) -> str | None:
    """Why an address may not be dialled, or None where it may.

    IPv6 spellings that carry an IPv4 address (mapped, NAT64) are judged by what they carry; tunnels never pass.
    """
    try:
        spoken = _plain(ip_address(address))
    except ValueError:
        return "it is no address"
    if isinstance(spoken, IPv4Address):
        return next((reason for network, reason in _CLOSED_V4 if spoken in network), None)
    if spoken.scope_id:
        return "it belongs to one network card"
    if spoken not in _OPEN_V6:
        return "it is outside the public IPv6 space"
    return next((reason for network, reason in _CLOSED_V6 if spoken in network), None)


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 spelling carries, where a router or the kernel would dial that."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


@dataclass(frozen=True, slots=True)
class Guard:
    """The rule of one bot. `allow` names networks that its operator opens, on any port, for instance 127.0.0.1/32."""

    allow: tuple[Network, ...] = ()
    ports: frozenset[int] = WEB_PORTS

    def refusal(self, address: str, port: int) -> str | None:
        """Why that address and port may not be dialled, or None where they may."""
        if self._allowed(address):
            return None
        if reason := check(address):
            return f"{address} may not be reached: {reason}"
        return None if port in self.ports else self._port_refusal(port)

    def check_url(self, url: str) -> str | None:
        """Why a URL cannot be fetched, as far as its text tells, or None. The dialling is checked besides."""
        return _url_refusal(self, url)

    def _url_refusal(self, url: str) -> str | None:
        if any(ord(character) <= 0x20 or 0x7F <= ord(character) <= 0x9F for character in url) or "\\" in url:
            return "it holds blanks, backslashes or control characters"
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            return "only http:// and https:// can be fetched"
        if parts.netloc.count("@") > 1 or "%" in parts.netloc.rpartition("@")[2]:
            return "its host is written in a misleading way"
        target = httpx.URL(url)
        host = target.raw_host.decode("ascii").lower()
        if not host:
            return "it names no host"
        port = parts.port if parts.port is not None else {"http": 80, "https": 443}[parts.scheme]
        return self._host_refusal(host.strip("[]"), port)

    def _host_refusal(self, host: str, port: int) -> str | None:
        if ":" in host:
            return self.refusal(host, port)
        if not _HOST.fullmatch(host) or ".." in host:
            return "its host is no host name"
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            return self.refusal(host, port) if _is_literal(host) else "its host is an address in a misleading spelling"
        # What the name stands for is not known yet: with networks allowed, its port is judged when it is dialled.
        return None if self.allow or port in self.ports else self._port_refusal(port)

    def _port_refusal(self, port: int) -> str:
        return f"port {port} may not be used, only {', '.join(map(str, sorted(self.ports)))}"

    def _allowed(self, address: str) -> bool:
        if not _is_literal(address):
            return False
        spoken = _plain(ip_address(address))
        return any(spoken in network for network in self.allow if network.version == spoken.version)

    def socket_factory(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """A socket for one literal address, checked this moment; raises `Forbidden`. For aiohttp's connector."""
        family, kind, protocol, _, target = info
        if reason := self.refusal(str(target[0]), int(str(target[1]))):
            raise Forbidden(reason)
        return socket.socket(family=family, type=kind, proto=protocol)


@lru_cache(maxsize=8192)  # the same feeds are polled again and again
def _url_refusal(guard: Guard, url: str) -> str | None:
    try:
        return guard._url_refusal(url)
    except (ValueError, httpx.InvalidURL):
        return "it is not a valid URL"  # the error would quote a part of it, which may be of a password


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def system_lookup(host: str, port: int) -> list[str]:
    """The machine's own resolver, without the duplicates."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(target[0]) for *_, target in found))


class GuardedResolver(AbstractResolver):
    """Looks names up, and gives their addresses only where the guard lets every one of them be dialled.

    Look-ups run in threads of their own: one that never ends holds up no other work, and no shutdown.
    """

    def __init__(self, guard: Guard, lookup: Lookup = system_lookup) -> None:
        self._guard, self._lookup = guard, lookup
        self._free = asyncio.Semaphore(NAMES_AT_ONCE)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._look_up(host, port)
        for address in addresses:
            if reason := self._guard.refusal(address, port):
                raise Forbidden(f"{host} stands for an address that is closed to feeds: {reason}")
        if not addresses:
            raise OSError(f"{host} has no address")
        return [_result(host, address, port) for address in addresses]

    async def close(self) -> None:
        """Nothing is held."""

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def deliver(found: Sequence[str], error: Exception | None) -> None:
            self._free.release()
            if answer.cancelled():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def work() -> None:
            found: Sequence[str] = ()
            problem: Exception | None = None
            try:
                found = self._lookup(host, port)
            except (OSError, UnicodeError) as error:
                problem = error if isinstance(error, OSError) else OSError(f"{host} is no host name")
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
                loop.call_soon_threadsafe(deliver, found, problem)

        threading.Thread(target=work, name="name look-up", daemon=True).start()
        return await answer


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    numeric = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=numeric)
