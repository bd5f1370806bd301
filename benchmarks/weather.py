"""What the fault bench lets a bot live with: feeds that misbehave, and platforms that drop, delay and refuse."""

from __future__ import annotations

import asyncio
import hashlib
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from aiohttp import web
from discord_rest import Fault as DiscordFault
from slack_server import Fault as SlackFault

FEEDS = 3
SHOWN = 80
"""Entries that a document lists, the newest ones of its feed."""


class Feeds:
    """A server of feeds that grow, and that are dropped, cut, delayed, refused, repeated or shuffled at random."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._began = datetime.now(UTC) - timedelta(days=2)
        self._entries: list[list[tuple[str, str]]] = [[] for _ in range(FEEDS)]
        self.marks: list[str] = []
        self.calm = False

    def publish(self) -> None:
        """One more entry that the watch matches, of which no other says anything like it."""
        mark = f"E{len(self.marks):05}"
        title = f"Beacon {mark} {self._words(6)}"
        item = (
            f"<item><guid isPermaLink='false'>{mark}</guid><link>https://news.example/{mark}</link>"
            f"<title>{title}</title><description>{self._words(30)}</description>"
        )
        self._draw.choice(self._entries).append((mark, item))
        self.marks.append(mark)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """A feed's document, or what goes wrong in its place."""
        chance = 1.0 if self.calm else self._draw.random()
        if chance < 0.06:
            return web.Response(status=503, headers={"Retry-After": "1"})
        if chance < 0.12:
            return _cut(request)
        if chance < 0.16:
            return web.Response(text="<html><title>We will be back</title></html>", content_type="text/html")
        if chance < 0.20:
            return web.Response(status=304)  # which is not true
        if chance < 0.32:
            await asyncio.sleep(self._draw.uniform(0.1, 1.5))
        body = self._document(int(request.match_info["number"]))
        tag = f'"{hashlib.sha256(body).hexdigest()[:12]}"'
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        if 0.32 <= chance < 0.38:
            return await _half(request, body)
        return web.Response(body=body, content_type="application/rss+xml", headers={"ETag": tag})

    def _document(self, number: int) -> bytes:
        """The entries in any order, some of them twice, some with another date than before."""
        items = [item + self._date(mark) for mark, item in self._entries[number][-SHOWN:]]
        if not self.calm:
            items += self._draw.sample(items, k=min(2, len(items)))
            self._draw.shuffle(items)
        listed = "".join(f"{item}</item>" for item in items)
        head = f"<title>Feed {number}</title><link>https://news.example/</link>"
        return f"<?xml version='1.0'?><rss version='2.0'><channel>{head}{listed}</channel></rss>".encode()

    def _date(self, mark: str) -> str:
        moved = 0 if self.calm or self._draw.random() < 0.9 else self._draw.randrange(3600)
        written = self._began + timedelta(seconds=int(mark[1:]) + moved)
        return f"<pubDate>{format_datetime(written)}</pubDate>"

    def _words(self, count: int) -> str:
        syllables = "ba de ki lo mu ra se ti vo zu na pe gri sto fle mar".split()
        return " ".join("".join(self._draw.choices(syllables, k=4)) for _ in range(count))


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _half(request: web.Request, body: bytes) -> web.StreamResponse:
    """A body that ends before it should."""
    answer = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await answer.prepare(request)
    await answer.write(body[: len(body) // 2])
    return _cut(request)


def discord_fault(draw: random.Random) -> DiscordFault:
    """What a post to Discord meets: nothing of the kind in six cases of ten."""
    chance = draw.random()
    if chance < 0.10:
        return DiscordFault.drop(after_accept=True)
    if chance < 0.18:
        return DiscordFault.drop(after_accept=False)
    if chance < 0.30:
        return DiscordFault.slow(draw.uniform(0.1, 1.5))
    if chance < 0.34:
        return DiscordFault.error(503)
    if chance < 0.37:
        return DiscordFault.error(500)
    if chance < 0.40:
        return DiscordFault.limited(draw.uniform(0.2, 1.0), everywhere=draw.random() < 0.5)
    return DiscordFault()


def slack_fault(draw: random.Random) -> SlackFault | None:
    """What a post to Slack meets: nothing in six cases of ten."""
    chance = draw.random()
    if chance < 0.10:
        return SlackFault(drop=True, accepted=True)
    if chance < 0.18:
        return SlackFault(drop=True)
    if chance < 0.30:
        return SlackFault(accepted=True, wait=draw.uniform(0.1, 1.5))
    if chance < 0.33:
        return SlackFault(status=500, accepted=True)
    if chance < 0.36:
        return SlackFault(status=503, html=True)
    if chance < 0.40:
        return SlackFault(status=429, error="ratelimited", headers={"Retry-After": "1"})
    return None


def look_fault(draw: random.Random) -> SlackFault | None:
    """What a look into a Slack channel meets."""
    return SlackFault(status=503, html=True) if draw.random() < 0.1 else None
