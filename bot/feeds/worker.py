"""The process that reads documents: `python -m bot.feeds.worker`. It holds no secret and may be killed at any time.

It says `READY`, then takes and gives JSON lines. A question is a line `{"op", "url", "type", "size"}` and `size` bytes;
its answer is a line `{"error"}`, or a line that says how many lines of entries or links follow, and these. The first
line says besides how many bytes of memory the process holds by then, `held`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from bot.feeds.article import read_article
from bot.feeds.document import NoFeed, read
from bot.feeds.links import feeds_named
from bot.feeds.rules import allowed
from bot.feeds.wire import ENTRY, READY
from bot.model import ParsedEntry

Answer = Iterator[dict[str, Any]]

LINE = 20_000
"""Characters of texts after which an answer goes on in another line."""
NICENESS = 5
"""A document that keeps a processor busy is not to keep the bot's event loop from it."""


def main(memory: int, questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the parent closes the pipe. `memory` bytes of address space are all that there is."""
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answers.write(READY)
    answers.flush()
    while line := questions.readline():
        question = json.loads(line)
        body = questions.read(question["size"])
        head, *lines = _answer(question, body)
        for answer in ({**head, "held": _held()}, *lines):
            answers.write(json.dumps(answer, ensure_ascii=False, default=_plain).encode() + b"\n")
        answers.flush()


def _held() -> int:
    """Bytes of memory that this process holds; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _answer(question: dict[str, Any], body: bytes) -> list[dict[str, Any]]:
    try:
        return list(_OPERATIONS[question["op"]](body, question))
    except NoFeed as no_feed:
        return [{"error": str(no_feed)}]
    except MemoryError:
        raise  # ends this process: the next document gets a fresh one
    except RecursionError:
        return [{"error": "it is nested too deeply"}]
    except Exception as error:  # feedparser raises whatever a hostile document makes it raise
        return [{"error": f"it cannot be read ({type(error).__name__})"}]


def _feed(body: bytes, question: dict[str, Any]) -> Answer:
    feed = read(body, question["url"], question["type"])
    lines = list(_in_lines(feed.entries))
    yield {
        "lines": len(lines),
        "title": feed.title,
        "site": feed.site,
        "language": feed.language,
        "interval": feed.interval,
    }
    yield from ({"entries": line} for line in lines)


def _in_lines(entries: Sequence[ParsedEntry]) -> Iterator[list[list[Any]]]:
    """The entries as lists of their fields, a few to a line, so that none takes the parent long."""
    line: list[list[Any]] = []
    size = 0
    for entry in entries:
        line.append([getattr(entry, name) for name in ENTRY])
        size += len(entry.text)
        if size > LINE:
            yield line
            line, size = [], 0
    if line:
        yield line


def _links(body: bytes, question: dict[str, Any]) -> Answer:
    links = feeds_named(body, question["url"])
    yield {"lines": len(links)}
    yield from ({"url": url, "title": title} for url, title in links)


def _article(body: bytes, question: dict[str, Any]) -> Answer:
    yield {"lines": 0, **asdict(read_article(body, question["url"]))}


def _robots(body: bytes, question: dict[str, Any]) -> Answer:
    yield {"lines": 0, "allowed": allowed(body, question["url"], question["agent"])}


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


_OPERATIONS: dict[str, Callable[[bytes, dict[str, Any]], Answer]] = {
    "feed": _feed,
    "links": _links,
    "article": _article,
    "robots": _robots,
}

if __name__ == "__main__":
    main(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
