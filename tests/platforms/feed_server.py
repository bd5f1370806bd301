"""Feeds on loopback that a test writes by hand: RSS with ETags, failures, and answers that are held back."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from xml.sax.saxutils import escape

HOLD = 30.0
"""Seconds for which an answer is held back at most."""


@dataclass(frozen=True)
class News:
    """One entry of a feed."""

    title: str
    date: datetime
    text: str = ""
    key: str = ""
    link: str = ""

    def rss(self) -> str:
        key = self.key or sha256(self.title.encode()).hexdigest()[:12]
        return (
            f"<item><guid isPermaLink='false'>{escape(key)}</guid><title>{escape(self.title)}</title>"
            f"<link>{escape(self.link or f'https://news.example/{key}')}</link><description>{escape(self.text)}</description>"
            f"<pubDate>{format_datetime(self.date)}</pubDate></item>"
        )


@dataclass
class Page:
    body: bytes = b""
    status: int = 200
    etag: str = ""
    free: threading.Event = field(default_factory=threading.Event)  # the answer waits for it
    asked: threading.Event = field(default_factory=threading.Event)  # somebody has asked


class FeedServer:
    """Runs in threads of its own; `asked` lists the paths in the order in which they were asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.unchanged = 0  # answers of 304
        self.connections: set[socket.socket] = set()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for page in self.pages.values():
            page.free.set()
        self._http.shutdown()
        self._http.server_close()
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)  # ends its thread
        self._thread.join(10)

    def url(self, name: str, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self._http.server_address[1]}/{name}"

    def publish(self, name: str, *news: News, etag: bool = True) -> None:
        """From now on the feed holds this."""
        body = (
            f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{escape(name.title())}</title>"
            f"<link>https://{escape(name)}.example/</link>{''.join(one.rss() for one in news)}</channel></rss>"
        ).encode()
        self._put(name, Page(body, etag=f'"{sha256(body).hexdigest()[:16]}"' if etag else ""))

    def serve(self, name: str, text: str) -> str:
        """From now on there is this page or file; its address."""
        self._put(name, Page(text.encode()))
        return self.url(name)

    def fail(self, name: str, status: int = 500) -> None:
        self._put(name, Page(status=status))

    def hold(self, name: str) -> Page:
        """Answers of that feed wait until `free` is set."""
        page = self.pages[f"/{name}"]
        page.free.clear()
        page.asked.clear()
        return page

    def count(self, name: str) -> int:
        return self.asked.count(f"/{name}")

    def _put(self, name: str, page: Page) -> None:
        page.free.set()
        self.pages[f"/{name}"] = page


def _handler(server: FeedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections.add(self.connection)

        def finish(self) -> None:
            server.connections.discard(self.connection)
            super().finish()

        def do_GET(self) -> None:
            server.asked.append(self.path)
            page = server.pages.get(self.path, Page(status=404))
            page.asked.set()
            if self.path in server.pages:
                page.free.wait(HOLD)
            if page.status == 200 and page.etag and self.headers.get("If-None-Match") == page.etag:
                server.unchanged += 1
                self._answer(304, b"", page.etag)
            else:
                self._answer(page.status, page.body, page.etag)

        def _answer(self, status: int, body: bytes, etag: str) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/rss+xml")
                self.send_header("Content-Length", str(len(body)))
                if etag:
                    self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True  # whoever asked is gone

        def log_message(self, *_: object) -> None:
            """Not to the test's output."""

    return Handler
