"""Serves the demo's feeds on loopback as web servers do: with ETag and Last-Modified, and some of them brokenly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.demo.news import DAYS, News
from bot.demo.publish import LIST_PATH, Document, documents, feed_list

HOST = "127.0.0.1"
DRIP_EVERY = 1.0  # seconds
_PATIENCE = 1.0  # seconds that the last requests get when the server stops


class FeedServer:
    """`async with FeedServer(news, now) as server` serves day 1 at `server.url`, on a free port.

    `turn_to` changes the day; `now` is the end of the last one.
    """

    def __init__(self, news: News, now: datetime) -> None:
        self._news, self._now = news, now
        self._documents: Mapping[str, Document] = {}
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.turn_to(1)

    def turn_to(self, day: int) -> None:
        """Serve that day from now on. Raises `ValueError` where there is no such day."""
        if not 1 <= day <= DAYS:
            raise ValueError(f"the demo has the days 1 to {DAYS}, not {day}")
        self._documents = documents(self._news, day, self._now)

    def feed_list(self) -> bytes:
        """The feeds as OPML, with the addresses at which they are served; also at `/demo.opml`."""
        return feed_list(self._news, self.url)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_PATIENCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == LIST_PATH:
            return web.Response(body=self.feed_list(), content_type="text/x-opml")
        document = self._documents.get(request.path)
        if document is None:
            raise web.HTTPNotFound(text=f"no feed here; {LIST_PATH} lists them\n")
        if document.drips:
            return await self._drip(request, document)
        return _unchanged(document) if _has_it(request, document) else _whole(document)

    async def _drip(self, request: web.Request, document: Document) -> web.StreamResponse:
        """A byte at a time, until all is sent, the reader has gone or the server stops."""
        response = web.StreamResponse(headers={"Content-Type": document.content_type})
        await response.prepare(request)
        with suppress(ConnectionError):  # the reader has lost patience, as it should
            for at in range(len(document.body)):
                await response.write(document.body[at : at + 1])
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), DRIP_EVERY)
                    break
        return response


def _has_it(request: web.Request, document: Document) -> bool:
    """Whether the reader's copy is current; an entity tag, where one is sent, decides alone (RFC 9110, 13.2.2)."""
    if document.status != 200:
        return False
    if request.if_none_match is not None:
        return any(tag.value in (document.etag, "*") for tag in request.if_none_match)
    return request.if_modified_since is not None and document.modified <= request.if_modified_since


def _whole(document: Document) -> web.Response:
    headers = {"Content-Type": document.content_type}
    if document.encoding:
        headers["Content-Encoding"] = document.encoding
    response = web.Response(status=document.status, body=document.body, headers=headers)
    return _stamped(response, document) if document.status == 200 else response


def _unchanged(document: Document) -> web.Response:
    return _stamped(web.Response(status=304), document)


def _stamped(response: web.Response, document: Document) -> web.Response:
    response.etag = document.etag
    response.last_modified = document.modified
    return response
