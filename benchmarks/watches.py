"""How many entries a second are matched against many watches, and what the index weighs.

    python benchmarks/watches.py [WATCHES …]

Queries and entries are made of one seeded vocabulary, so that some match and most do not. What is timed is what a poll
does: folding the entry's words, one scan of the automaton, the expressions whose anchors were hit.
"""

from __future__ import annotations

import random
import resource
import sys
import time

from bot.watch.index import WatchIndex
from bot.watch.query import parse
from bot.watch.words import Document

ENTRIES = 10_000
VOCABULARY = 30_000


def word(number: int) -> str:
    """A pronounceable word of its own for each number."""
    syllables = ["ba", "de", "ki", "lo", "mu", "ra", "se", "ti", "vo", "zu", "na", "pe", "gri", "sto", "fle", "mar"]
    out = ""
    number += 16**3
    while number:
        number, digit = divmod(number, 16)
        out += syllables[digit]
    return out


def query(draw: random.Random, words: list[str]) -> str:
    """A query of one of the usual shapes."""
    a, b, c = draw.sample(words, 3)
    shapes = (
        a,
        f'"{a} {b}"',
        f"{a} AND {b}",
        f"({a} OR {b}) AND {c}",
        f"{a} NOT {b}",
        f'"{a} {b}"~5',
        f"{a[:-2]}* AND {b}",
    )
    return draw.choice(shapes)


def entry(draw: random.Random, words: list[str], weights: list[float]) -> tuple[str, str]:
    """A headline and a summary whose words are distributed as in a language: few often, most rarely."""
    chosen = draw.choices(words, cum_weights=weights, k=50)
    return " ".join(chosen[:9]), " ".join(chosen[9:])


def main(sizes: list[int]) -> None:
    """Print a line for each number of watches, and how the rate falls."""
    draw = random.Random(7)
    words = [word(number) for number in range(VOCABULARY)]
    weights, total = [], 0.0
    for rank in range(1, VOCABULARY + 1):
        total += 1 / rank
        weights.append(total)
    entries = [entry(draw, words, weights) for _ in range(ENTRIES)]
    rare = words[300:]
    first = 0.0
    for size in sizes:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        index = WatchIndex((number, parse(query(draw, rare))) for number in range(size))
        built = time.process_time() - began
        began = time.process_time()
        matches = sum(len(index.matches(Document.of(*one))) for one in entries)
        rate = ENTRIES / (time.process_time() - began)
        first = first or rate
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(
            f"{size:>7} watches: {rate:>7.0f} entries a CPU second ({rate / first:.2f} of the first), "
            f"{matches / ENTRIES:.2f} matches an entry, built in {built:.1f} s, +{grown:.0f} MiB"
        )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [1_000, 10_000, 100_000])
