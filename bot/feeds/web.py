"""One guarded GET for whatever the bot reads from the web: feeds, the pages that name them, articles, pictures.

The guard sits in the public hooks of aiohttp's connector (its resolver and its socket factory). There are no cookies,
no proxies from the environment and no redirects but ours. How a URL is spelled on the wire is httpx's judgement, as the
guard's is; aiohttp alone carries it, since a poll that finds nothing new is mostly the work of the client.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from socket import gaierror
from urllib.parse import urldefrag, urljoin, urlsplit, urlunsplit
from weakref import WeakValueDictionary

import aiohttp
import httpx
import yarl

from bot.feeds.body import Failed, read_body
from bot.feeds.guard import Forbidden, Guard, GuardedResolver, Lookup, system_lookup
from bot.model import FailureKind, FetchFailed

PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Caps:
    """How much one GET may take."""

    size: int = 10 * 1024 * 1024  # bytes of the body, on the wire and decoded
    deadline: float = 30.0  # seconds in all, from the first name look-up to the last byte of the last hop
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of any status. `headers` have lower-case names; the body is decoded, and empty unless status is 2xx."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]
    body: bytes
    permanent_url: str = ""  # where 301/308 alone led, if anywhere


Admits = Callable[[str], Awaitable[bool]]
"""Whether a URL may be asked for, by the site's own rules."""


async def everything(url: str) -> bool:
    """Where no rules are asked about."""
    return True


class Web:
    """Make one for the whole process, inside its event loop or before, and `aclose` it."""

    def __init__(
        self, *, agent: str, guard: Guard | None = None, lookup: Lookup = system_lookup, per_host: int = 4
    ) -> None:
        """`agent` is the honest User-Agent, with a contact; `per_host` is how many GETs a host sees at once."""
        self._guard = guard or Guard()
        self._lookup, self._per_host = lookup, per_host
        self._headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}
        self._hosts: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._tls = httpx.create_ssl_context(trust_env=False)
        self._opened: aiohttp.ClientSession | None = None

    async def get(
        self,
        url: str,
        caps: Caps | None = None,
        headers: Mapping[str, str] | None = None,
        admits: Admits = everything,
    ) -> Page | FetchFailed:
        """GET with redirects followed, each hop checked by the guard. Expected failures are values.

        What `admits` says no to, the URL itself or where it leads, is not asked for.
        A GET waits at most one deadline for its turn at the host; that wait does not count against its own deadline.
        """
        try:
            return await self._follow(url, caps or Caps(), {**self._headers, **(headers or {})}, admits)
        except Failed as failed:
            return failed.failure

    async def aclose(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        """Opened by the first GET, in its event loop."""
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(self._guard, self._lookup),
            socket_factory=self._guard.socket_factory,
            ssl=self._tls,
            limit=0,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),  # `_ask` has the deadline
        )

    async def _follow(self, url: str, caps: Caps, headers: Mapping[str, str], admits: Admits) -> Page:
        left, permanent = caps.deadline, True
        hop = urldefrag(url).url
        for hops in range(caps.redirects + 1):
            self._check(hop)
            if not await admits(hop):
                raise Failed(
                    FailureKind.REFUSED, f"the robots.txt of {_host(hop)} does not let us read it, or cannot be had"
                )
            turn = await self._turn(_host(hop), caps.deadline)
            try:
                started = asyncio.get_running_loop().time()
                page = await self._ask(hop, caps, left, headers)
                left -= asyncio.get_running_loop().time() - started
            finally:
                turn.release()
            if page.status not in REDIRECTS:
                moved = hop if hops and permanent else ""
                return Page(hop, page.status, page.headers, page.body, moved)
            permanent = permanent and page.status in PERMANENT
            hop = _next_hop(hop, page)
        raise Failed(FailureKind.STATUS, f"{_host(url)} redirects more than {caps.redirects} times", page.status)

    def _check(self, url: str) -> None:
        if reason := self._guard.check_url(url):
            raise Failed(FailureKind.REFUSED, f"{redacted(url)} cannot be fetched: {reason}")

    async def _turn(self, host: str, patience: float) -> asyncio.Semaphore:
        """A place among the GETs that the host sees at once, to be released."""
        turns = self._hosts.get(host)
        if turns is None:
            turns = self._hosts[host] = asyncio.Semaphore(self._per_host)
        if not turns.locked():
            await turns.acquire()
            return turns
        try:
            async with asyncio.timeout(patience):
                await turns.acquire()
        except TimeoutError as error:
            waited = f"waited {patience:g} s for its turn at {host}, which answers slowly or is asked for too much"
            raise Failed(FailureKind.TIMEOUT, waited) from error
        return turns

    async def _ask(self, url: str, caps: Caps, left: float, headers: Mapping[str, str]) -> Page:
        try:
            async with asyncio.timeout(max(left, 0)):
                return await self._exchange(url, caps, headers)
        except TimeoutError as error:
            slow = f"{_host(url)} did not deliver within {caps.deadline:g} s"
            raise Failed(FailureKind.TIMEOUT, slow) from error
        except (httpx.InvalidURL, aiohttp.ClientError, OSError, ValueError) as error:
            raise _explain(error, _host(url)) from error

    async def _exchange(self, url: str, caps: Caps, headers: Mapping[str, str]) -> Page:
        async with self._session.get(_spelled(url), headers=headers, allow_redirects=False) as response:
            answer = _readable(response.raw_headers)
            body = await read_body(response, answer, caps.size) if 200 <= response.status < 300 else b""
            return Page(url, response.status, answer, body)


@lru_cache(maxsize=8192)
def _spelled(url: str) -> yarl.URL:
    """The URL as it goes out: path and query are not quoted anew, which would break signed URLs."""
    return yarl.URL(str(httpx.URL(url)), encoded=True)


def redacted(url: str) -> str:
    """A URL fit to be shown: without its user's name, password and query, which may be secrets."""
    try:
        parts = urlsplit(url)
        named = parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        named = False
    if not named or parts.scheme not in ("http", "https"):
        return "that URL"
    query = "…" if parts.query else ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _next_hop(url: str, page: Page) -> str:
    """The next URL; a relative one stays with its host, and so keeps the user's name and password."""
    location = page.headers.get("location", "")
    if not location:
        raise Failed(FailureKind.STATUS, f"{_host(url)} redirects ({page.status}) without saying where", page.status)
    try:
        return urldefrag(urljoin(url, location)).url
    except ValueError as error:
        raise Failed(FailureKind.REFUSED, f"{_host(url)} redirects to something that is no URL") from error


def _readable(raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined. One that is not UTF-8 cannot be sent back, so it is dropped."""
    headers: dict[str, str] = {}
    for name, value in raw:
        try:
            key, text = name.decode().lower(), value.decode()
        except UnicodeDecodeError:
            continue
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


_WORDS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((gaierror,), "the name {host} cannot be resolved"),
    ((ssl.SSLCertVerificationError,), "the certificate of {host} is not valid for it"),
    ((ssl.SSLError,), "{host} does not speak TLS as expected"),
    ((ConnectionRefusedError,), "{host} refuses connections"),
    (
        (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionResetError),
        "{host} broke the connection off before the answer was complete",
    ),
    ((aiohttp.ClientResponseError, aiohttp.http_exceptions.HttpProcessingError), "{host} does not speak HTTP properly"),
)


def _explain(error: Exception, host: str) -> Failed:
    """What went wrong with a connection, in our own words: those of libraries may hold a URL's password."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, Forbidden):
            return Failed(FailureKind.REFUSED, str(cause))
        for types, words in _WORDS:
            if isinstance(cause, types):
                return Failed(FailureKind.NETWORK, words.replace("{host}", host))
    return Failed(FailureKind.NETWORK, f"no connection to {host} ({type(causes[-1]).__name__})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or getattr(cause, "os_error", None)


def status_words(status: int) -> str:
    """“404 (Not Found)”."""
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
