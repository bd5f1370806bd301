"""Reading documents in worker processes that can be killed.

feedparser can be made to take gigabytes or minutes by a hundred kilobytes, and holds the interpreter's lock meanwhile.
So it runs elsewhere: with a limit on memory, a deadline, no secrets in its environment, and JSON lines as its only way
to talk. The parent takes an answer line by line, so that its event loop never waits long.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.errors import ClaimwatchError
from bot.feeds.wire import ENTRY, READY, Article
from bot.model import FailureKind, Fetched, FetchFailed, ParsedEntry, ParsedFeed

LINE = 1024 * 1024
"""Bytes of one answer line at most: what fits into a line, 100,000 characters of text, and the rest of an entry."""

QUICK = 2.0
"""Seconds after which a document makes room for the next: what takes longer is read on beside, by as many more."""

START = 60.0
"""Seconds in which a worker must be up, on however busy a machine."""
_PACKAGES = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class Limits:
    workers: int = 2  # and as many again while documents take long
    memory: int = 512 * 1024 * 1024  # bytes of address space, the interpreter included
    deadline: float = 20.0  # seconds a document
    held: int = 128 * 1024 * 1024  # bytes in use after a document, from which on a worker is replaced
    documents: int = 10_000  # after which it is replaced, too, so that nothing piles up in it


class ReaderError(ClaimwatchError):
    """No worker can be started."""


class _Broken(Exception):
    """The worker did not answer as it should; it is to be killed."""


class Parser:
    """A small pool of workers, started when first needed; `aclose` it.

    All questions raise `ReaderError` where workers do not start.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._free = asyncio.Semaphore(self._limits.workers)
        self._slow = asyncio.Semaphore(self._limits.workers)
        self._closed = False

    async def parse(self, fetched: Fetched) -> ParsedFeed | FetchFailed:
        """What the document holds, or `FetchFailed(PARSE)` with words that a person understands."""
        question = {"op": "feed", "url": fetched.url, "type": fetched.content_type}
        answer = await self._ask(question, fetched.body)
        if isinstance(answer, FetchFailed):
            return answer
        head, *lines = answer
        return ParsedFeed(
            title=head["title"],
            site=head["site"],
            language=head["language"],
            interval=head["interval"],
            entries=tuple(_entry(fields) for line in lines for fields in line["entries"]),
        )

    async def links(self, body: bytes, url: str) -> list[tuple[str, str]] | FetchFailed:
        """(URL, title) of the feeds that a web page names."""
        answer = await self._ask({"op": "links", "url": url, "type": ""}, body)
        return answer if isinstance(answer, FetchFailed) else [(line["url"], line["title"]) for line in answer[1:]]

    async def article(self, body: bytes, url: str) -> Article | FetchFailed:
        """The headline and text of an article's page."""
        answer = await self._ask({"op": "article", "url": url, "type": ""}, body)
        return answer if isinstance(answer, FetchFailed) else Article(answer[0]["title"], answer[0]["text"])

    async def allowed(self, rules: bytes, url: str, agent: str) -> bool | FetchFailed:
        """Whether a robots.txt lets that agent read the URL."""
        answer = await self._ask({"op": "robots", "url": url, "type": "", "agent": agent}, rules)
        return answer if isinstance(answer, FetchFailed) else bool(answer[0]["allowed"])

    async def aclose(self) -> None:
        """Kill all workers; what they were asked is answered as a failure."""
        self._closed = True
        await asyncio.gather(*(worker.kill() for worker in list(self._all)))
        self._all.clear()

    async def _ask(self, question: Mapping[str, Any], body: bytes) -> list[dict[str, Any]] | FetchFailed:
        await self._free.acquire()
        lane = self._free
        try:
            if self._closed:
                return _failed("the reader was shut down")
            worker = self._rested() or await self._start()
            asking = asyncio.create_task(worker.ask(question, body))
            try:
                await asyncio.wait({asking}, timeout=min(QUICK, self._limits.deadline))
                if not asking.done() and not self._slow.locked():
                    await self._slow.acquire()
                    lane.release()
                    lane = self._slow
                return await self._answered(asking)
            finally:
                await self._put_away(worker, asking)
        finally:
            lane.release()

    async def _answered(self, asking: asyncio.Task[list[dict[str, Any]]]) -> list[dict[str, Any]] | FetchFailed:
        """The answer, in what is left of the time, or why there is none."""
        left = max(self._limits.deadline - QUICK, 0.0)
        try:
            async with asyncio.timeout(left):
                answer = await asking
        except TimeoutError:
            return _failed(f"reading it took more than {self._limits.deadline:g} s")
        except _Broken as broken:
            return _failed(str(broken))
        return _failed(answer[0]["error"]) if "error" in answer[0] else answer

    async def _put_away(self, worker: _Worker, asking: asyncio.Task[list[dict[str, Any]]]) -> None:
        """Keep a worker that has answered for the next document; any other one is killed."""
        answered = asking.done() and not asking.cancelled() and asking.exception() is None
        # those of the slow lane are kept, too: on a busy machine to start another one would make it busier
        fresh = worker.asked < self._limits.documents and worker.held < self._limits.held
        if answered and fresh and len(self._idle) < 2 * self._limits.workers and not self._closed:
            self._idle.append(worker)
            return
        await self._end(worker)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    def _rested(self) -> _Worker | None:
        """An idle worker that is still alive."""
        while self._idle:
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._all.discard(worker)
        return None

    async def _start(self) -> _Worker:
        worker = await _Worker.start(self._limits.memory)
        self._all.add(worker)
        return worker

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        await worker.kill()


class _Worker:
    """One process and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.asked = 0  # questions
        self.held = 0  # bytes of memory, after the last answer

    @classmethod
    async def start(cls, memory: int) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.feeds.worker",
            str(memory),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE,
            # Nothing of our environment, which holds tokens, but the way to the same packages.
            env={"PYTHONPATH": os.pathsep.join((_PACKAGES, *sys.path)), "PYTHONUTF8": "1"},
        )
        worker = cls(process)
        await worker._await_ready()
        return worker

    async def _await_ready(self) -> None:
        """Raises `ReaderError` where the process does not come up: that is no document's fault."""
        ready = b""
        try:
            async with asyncio.timeout(START):
                ready = await self._process.stdout.readline() if self._process.stdout else b""
        except TimeoutError:
            pass  # told below, like any other false start
        finally:
            if ready != READY:
                await self.kill()
        if ready != READY:
            raise ReaderError(
                "the process that reads feeds does not start; `python -m bot.feeds.worker 536870912` shows why"
            )

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def ask(self, question: Mapping[str, Any], body: bytes) -> list[dict[str, Any]]:
        """The lines of the answer. Raises `_Broken` where the worker dies or talks nonsense."""
        self.asked += 1
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise _Broken("the reader has no pipes")
        try:
            stdin.write(json.dumps({**question, "size": len(body)}).encode() + b"\n")
            stdin.write(body)
            await stdin.drain()
            head = json.loads(await stdout.readline())
            self.held = head["held"]
            return [head] + [json.loads(await stdout.readline()) for _ in range(head.get("lines", 0))]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _Broken("it needs more memory or time than a feed may") from error

    async def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()


def _failed(detail: str) -> FetchFailed:
    return FetchFailed(FailureKind.PARSE, detail)


def _entry(fields: Sequence[Any]) -> ParsedEntry:
    found = dict(zip(ENTRY, fields, strict=True))
    for name in ("published", "updated"):
        found[name] = datetime.fromisoformat(found[name]) if found[name] else None
    return ParsedEntry(**found)
