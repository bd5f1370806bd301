"""An OpenAI-speaking server on loopback that answers as it is told, and misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Clock:
    time: datetime = datetime(2025, 3, 20, 23, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@dataclass
class Server:
    """Answers as `handler` does and remembers what it was asked."""

    handler: Handler
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        return await self.handler(request)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[Server]:
    server = Server(handler)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield server
    finally:
        await runner.cleanup()


def says(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    """A server whose model says `content`; what is no text is told as JSON."""
    text = content if isinstance(content, str) else json.dumps(content)

    async def handle(_: web.Request) -> web.Response:
        body = {"choices": [{"message": {"role": "assistant", "content": text}}]}
        return web.json_response(body, status=status, headers=headers)

    return handle


def replies(body: bytes, **more: object) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=body, **more)  # type: ignore[arg-type]

    return handle


async def hangs(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def drips(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(600):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response
