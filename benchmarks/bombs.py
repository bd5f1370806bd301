"""Documents that are bombs and traps, and servers that are: what a hostile feed's address may answer."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Awaitable, Callable

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def rss(items: str, title: str = "Trap") -> bytes:
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


def laughs(encoding: str) -> bytes:
    """Entities of entities, ten to the twelfth characters in all."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE rss [<!ENTITY a0 "{"ha" * 500}">{levels}]>'
    return f'{head}<rss version="2.0"><channel><title>&a9;</title></channel></rss>'.encode(encoding)


def plain(body: bytes, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(2000):
        await response.write(b"x" * 0x10000)
    return response


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000000"})
    await response.prepare(request)
    for _ in range(1000):
        await response.write(b"<")
        await asyncio.sleep(0.05)
    return response


async def silence(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


def fresh(body: Callable[[int], bytes]) -> Answer:
    """A document that is another one each time, so that it is read each time."""
    asked = iter(range(10**9))

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body(next(asked)))

    return answer


def lot(number: int) -> str:
    return f"<item><guid>{number}</guid><title>Lot {number}</title></item>"


def traps() -> dict[str, Answer]:
    bomb = gzip.compress(bytes(100 * 2**20), 9)
    return {
        "gzip bomb": plain(bomb, Content_Encoding="gzip"),
        "stacked bomb": plain(gzip.compress(bomb), Content_Encoding="gzip, gzip"),
        "deflate bomb": plain(zlib.compress(bytes(100 * 2**20), 9), Content_Encoding="deflate"),
        "entities": fresh(lambda n: laughs("utf-8") + b" " * n),
        "entities in UTF-16": fresh(lambda n: laughs("utf-16") + b" \0" * n),
        "e-mail-like": fresh(lambda n: rss(f"<item><fullitem/><author>{'a.' * 60_000}{n}</author></item>")),
        "style": fresh(lambda n: rss(f"<item><description>&lt;p style=&quot;{'a:' * 60_000}{n}</description></item>")),
        "open comments": fresh(lambda n: rss(f"<item><description>{'&lt;!--' * 30_000}{n}</description></item>")),
        "deep": fresh(lambda n: b'<rss version="2.0"><channel>' + b"<a>" * (60_000 + n)),
        "deep JSON": fresh(lambda n: b'{"version":"https://jsonfeed.org/version/1","items":' + b"[" * (200_000 + n)),
        "5,000 new entries": fresh(
            lambda n: rss(
                "".join(f"<item><guid>{n}-{at}</guid><title>Lot {n} {at}</title></item>" for at in range(5000))
            )
        ),
        "endless": endless,
        "drip": drip,
        "silence": silence,
    }
