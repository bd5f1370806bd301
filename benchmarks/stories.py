"""How well entries are grouped into stories, on labelled news sets: B-cubed precision, recall and F1.

    python benchmarks/stories.py SET.jsonl.gz …

Each line of a set holds an id, a time (`published` or `time`), a headline, a text and its `cluster`. The threshold
`ALIKE` was chosen on the clusters whose name hashes to an even number; the figures printed are those of the others.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import defaultdict
from datetime import UTC, datetime
from zlib import crc32

from bot.model import Sketch
from bot.stories.group import ALIKE, StoryIndex, shape

Row = tuple[str, datetime, str, str, str]


def read(path: str) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return sorted(
        (
            (
                row["id"],
                when(row),
                row["title"] or row.get("brief", ""),
                row.get("summary") or row.get("text", ""),
                row["cluster"],
            )
            for row in rows
        ),
        key=lambda row: row[1],
    )


def when(row: dict[str, object]) -> datetime:
    if "published" in row:
        return datetime.fromisoformat(str(row["published"]))
    return datetime.fromtimestamp(float(str(row["time"])), UTC)


def grouped(rows: list[Row]) -> dict[str, str]:
    """Entry → story, as the bot would group them in the order of their publication."""
    index, stories = StoryIndex(), {}
    for entry, published, title, text, _ in rows:
        form = shape(title, text)
        stories[entry] = index.story_of("", form, published) or entry
        index.add(Sketch(entry, stories[entry], "", form, published))
    return stories


def b_cubed(rows: list[Row], stories: dict[str, str]) -> tuple[float, float]:
    clusters, found = defaultdict(set), defaultdict(set)
    for entry, *_, cluster in rows:
        clusters[cluster].add(entry)
        found[stories[entry]].add(entry)
    pairs = [(clusters[cluster], found[stories[entry]]) for entry, *_, cluster in rows]
    precision = sum(len(ours & theirs) / len(theirs) for ours, theirs in pairs) / len(pairs)
    recall = sum(len(ours & theirs) / len(ours) for ours, theirs in pairs) / len(pairs)
    return precision, recall


def main(paths: list[str]) -> None:
    print(f"threshold {ALIKE}; the half of the clusters that it was not chosen on")
    for path in paths:
        rows = [row for row in read(path) if crc32(row[4].encode()) % 2]
        began = time.perf_counter()
        precision, recall = b_cubed(rows, grouped(rows))
        rate = len(rows) / (time.perf_counter() - began)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"{path}: {len(rows)} entries, {rate:.0f} entries/s")
        print(f"    precision {precision:.2f}, recall {recall:.2f}, F1 {f1:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:] or sys.exit(__doc__))
