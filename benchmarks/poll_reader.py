"""`reader` as a process that a bench drives: for each line that it is sent, one round over all feeds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from reader import make_reader

WORKERS = 4
"""Threads that fetch and parse."""


def main(folder: Path, urls: list[str]) -> None:
    """Answer each line with a line of counts, until the input ends."""
    reader = make_reader(str(folder / "reader.sqlite"))
    for url in urls:
        reader.add_feed(url)
    print("{}", flush=True)
    while sys.stdin.readline():
        results = list(reader.update_feeds_iter(workers=WORKERS, scheduled=False))
        failed = [str(one.error) for one in results if one.error]
        new = sum(one.updated_feed.new for one in results if one.updated_feed)
        print(json.dumps({"feeds": len(results), "failed": failed[:3], "new": new}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
