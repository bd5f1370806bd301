"""Test documents of other feed readers: what is read fast must be what feedparser reads.

    python .ci/feed_documents.py FOLDER

`FOLDER` holds archives (*.tar.gz) of documents. Each is read under several content types by both ways; exit status 1
where they differ.
"""

from __future__ import annotations

import sys
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from bot.feeds.document import NoFeed, _feedparsers_feed, _swift_feed
from bot.feeds.frame import Unsure
from bot.feeds.swift import scan
from bot.model import ParsedFeed

URL = "https://feeds.example/a/b.xml"
KINDS = ("application/xml", "text/xml", "application/rss+xml; charset=utf-8", "text/html; charset=iso-8859-1")


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.glob("*.tar.gz")):
        with tarfile.open(path) as archive:
            for member in archive:
                if file := archive.extractfile(member):
                    yield member.name, file.read()


def differs(body: bytes, kind: str) -> bool | None:
    """None where the fast way says nothing."""
    try:
        fast = _swift_feed(scan(body, URL, kind), URL)
    except Unsure:
        return None
    judged: ParsedFeed | None
    try:
        judged = _feedparsers_feed(body, URL, kind)
    except NoFeed:
        judged = None
    return fast != judged


def main(folder: Path) -> int:
    warnings.simplefilter("ignore", DeprecationWarning)
    found = [(name, kind, differs(body, kind)) for name, body in documents(folder) for kind in KINDS]
    wrong = [f"{name} as {kind}" for name, kind, differing in found if differing]
    sure = sum(differing is not None for _, _, differing in found)
    print(f"{len(found)} readings, {sure} of them fast, {len(wrong)} differ from feedparser's")
    for one in wrong[:50]:
        print(f"  {one}")
    return int(bool(wrong) or not sure)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
