"""A web server on loopback that misbehaves in every way a feed's server can, and says what it was asked."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

AGENT = "Claimwatch-tests/1 (+mailto:tests@example.org)"
RSS = b"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Loopback Times</title><link>http://times.example/</link>
<item><guid>1</guid><title>One</title><link>http://times.example/1</link></item></channel></rss>"""


@dataclass
class Asked:
    """One request as it came over the wire."""

    target: str
    raw: bytes

    def header(self, name: str) -> bytes | None:
        for line in self.raw.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower().encode():
                return value.strip()
        return None


Answerer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


def answer(status: str = "200 OK", body: bytes = b"", **headers: str) -> bytes:
    """A whole answer; underscores in header names become dashes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class BadServer:
    """`answers` by path: bytes, or a coroutine function that writes what it likes."""

    answers: dict[str, bytes | Answerer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    busy: int = 0
    busiest: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                raw = await reader.readuntil(b"\r\n\r\n")
                asked = Asked(raw.split(b" ")[1].decode(), raw)
                self.asked.append(asked)
                self.busy += 1
                self.busiest = max(self.busiest, self.busy)
                try:
                    await self._answer(asked, writer)
                finally:
                    self.busy -= 1
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        path = asked.target.partition("?")[0]
        planned = self.answers.get(path, answer("404 Not Found"))
        if isinstance(planned, bytes):
            writer.write(planned)
        else:
            await planned(asked, writer)


async def drip(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """A byte every 50 ms, for as long as somebody listens (20 s at most)."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(400):
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Takes the request and never answers (20 s at most)."""
    await asyncio.sleep(20)


async def reset(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Half a body, then RST."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<rss>")
    await writer.drain()
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def endless(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Chunks without end (64 MiB at most)."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    for _ in range(1024):
        writer.write(chunk)
        await writer.drain()


async def echo_validators(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """304 where If-None-Match is, byte for byte, the ETag that it gives."""
    etag = 'W/"a b\\c,é"'.encode()
    if asked.header("If-None-Match") == etag:
        writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\nCache-Control: max-age=900\r\n\r\n")
    else:
        writer.write(answer(body=RSS).replace(b"\r\n\r\n", b"\r\nETag: " + etag + b"\r\n\r\n", 1))


def bomb(megabytes: int) -> bytes:
    """Gzip of that many zero megabytes."""
    return gzip.compress(bytes(megabytes * 1024 * 1024), compresslevel=9)
