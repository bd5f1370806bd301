"""Feeds for benches: their documents, and a server for them that is a process of its own."""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

from watches import VOCABULARY, word

from bot.demo.formats import Article, Channel, atom, rdf, rss

WAIT = 20.0
"""Seconds that a server has to start."""
GLUE = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which "
    "one you were her all she there would their we him been has when who will more no if out so said what up its about "
    "into than them can only other new some could time these two may then do first any my now such like our over man "
    "government president minister country defence talks agreement budget troops state public officials reported "
    "announced according week month year after before against between under during while because since until"
).split()
_OFTEN = list(accumulate(1 / (rank + 2.7) for rank in range(1, len(GLUE) + 1)))  # as Zipf and Mandelbrot found it
NAMES = [word(number).capitalize() for number in range(VOCABULARY)]


@dataclass(frozen=True)
class Shelf:
    """The documents of many feeds: a folder of XML files, in which a feed may be given newer entries."""

    folder: Path
    entries: int
    began: datetime

    def publish(self, feed: int, newer: int = 0) -> None:
        """Write a feed's document, which has had `newer` entries since it began."""
        site = f"https://outlet{feed}.example"
        articles = [self._article(feed, number) for number in range(newer + self.entries - 1, newer - 1, -1)]
        channel = Channel(f"Outlet {feed}", "News, reviews and opinion", site, "en", articles[0].date, articles)
        write = (rss, rss, rss, atom, atom, rdf)[feed % 6]
        part = self.folder / f"{feed}.part"
        part.write_bytes(write(channel))
        part.rename(self.folder / f"{feed}.xml")

    def _article(self, feed: int, number: int) -> Article:
        draw = random.Random(f"{feed}-{number}")
        link = f"https://outlet{feed}.example/news/{number}?utm_source=rss"
        title = _sentence(draw, 9)
        body = " ".join(f"{_sentence(draw, 18)}." for _ in range(3))
        picture, more = f'<img src="/pictures/{number}.jpg" alt="">', f'<a href="/news/{number}">Read the story</a>'
        html = f"<p>{picture}{body}</p><p>{more}</p>"
        date = self.began + timedelta(minutes=30 * (number - self.entries))
        return Article(title, "", html, link, f"outlet{feed}-{number}", "", date)


def words(draw: random.Random, count: int) -> list[str]:
    """As in a language: most from the few that glue it together, the rest names, mostly rare."""
    glue = iter(draw.choices(GLUE, cum_weights=_OFTEN, k=count))
    return [next(glue) if draw.random() < 0.6 else NAMES[int(VOCABULARY * draw.random() ** 3)] for _ in range(count)]


def _sentence(draw: random.Random, count: int) -> str:
    return " ".join(words(draw, count)).capitalize()


class Host:
    """nginx where it is installed, else a small server of ours; either is a process of its own, on loopback."""

    def __init__(self, folder: Path) -> None:
        """`folder` is its own; the documents lie in `folder`/feeds."""
        self._folder = folder
        self.feeds = folder / "feeds"
        self.feeds.mkdir()
        self.port = _free_port()
        self._nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

    @property
    def name(self) -> str:
        return "nginx" if self._nginx else "a small server of ours (nginx is not installed)"

    def url(self, feed: int) -> str:
        return f"http://127.0.0.1:{self.port}/{feed}.xml"

    def __enter__(self) -> Host:
        self.validating(True)
        command = (
            [self._nginx, "-p", str(self._folder), "-c", str(self._folder / "nginx.conf")]
            if self._nginx
            else [sys.executable, __file__, str(self._folder), str(self.port)]
        )
        self._server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(WAIT)

    def validating(self, wanted: bool) -> None:
        """Whether it answers 304 where a document is as it was, or sends the document again."""
        (self._folder / "plain").unlink(missing_ok=True)
        if not wanted:
            (self._folder / "plain").touch()
        if self._nginx:
            (self._folder / "nginx.conf").write_text(self._nginx_config(wanted))
            if hasattr(self, "_server"):
                subprocess.run(
                    [self._nginx, "-p", str(self._folder), "-c", str(self._folder / "nginx.conf"), "-s", "reload"],
                    check=True,
                    stderr=subprocess.DEVNULL,
                )
                time.sleep(1.0)  # its old workers end

    def _nginx_config(self, validating: bool) -> str:
        quiet = "" if validating else "etag off; if_modified_since off; max_ranges 0;"
        kept = "\n".join(
            f"{kind}_temp_path {self._folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root;" if os.geteuid() == 0 else ""
        return f"""
            {user} daemon off; worker_processes 1; pid {self._folder}/pid; error_log stderr crit;
            events {{ worker_connections 1024; }}
            http {{
              access_log off; sendfile on; keepalive_requests 100000; {kept}
              types {{ application/rss+xml xml; }}
              server {{ listen 127.0.0.1:{self.port}; root {self.feeds}; {quiet} }}
            }}
        """

    def _await(self) -> None:
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline and self._server.poll() is None:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            time.sleep(0.05)
        raise SystemExit("the server of the feeds does not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(folder: Path, port: int) -> None:
    """The small server: files with their ETag, or without where there is a file `plain`."""
    from aiohttp import web

    async def answer(request: web.Request) -> web.StreamResponse:
        path = folder / "feeds" / Path(request.path).name
        if (folder / "plain").exists():
            return web.Response(body=path.read_bytes(), content_type="application/rss+xml")
        return web.FileResponse(path)

    app = web.Application()
    app.router.add_get("/{name}", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))
