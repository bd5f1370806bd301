"""Reads the rows to learn from: general inference pairs and the domain rows, as (claim, window, relation)."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.claims.judge import dated

NONE, CONFIRMS, CONTRADICTS, UPDATES = range(4)
RELATIONS = {"none": NONE, "confirms": CONFIRMS, "contradicts": CONTRADICTS, "updates": UPDATES}
INFERENCE = {"neutral": NONE, "entailment": CONFIRMS, "contradiction": CONTRADICTS}

# File → how many rows of it at most. LingNLI, MNLI and VitaminC carry the stage; the automatic and the templated sets
# are cut, because their labels follow from their templates.
GENERAL = {
    "vitaminc_real-train": 40_000,
    "lingnli-train": 45_000,
    "mnli_matched-dev": 9_815,
    "vitaminc_synthetic-test": 8_000,
    "cad_snli-train": 4_000,
    "cad_snli-test": 2_000,
    "conjnli-train": 6_000,
    "climate_fever-all": 7_672,
    "healthver-dev": 1_719,
    "healthver-test": 1_694,
    "fm2-dev": 1_169,
    "fever_symmetric_v2-dev": 708,
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing to learn: does the window bear on the claim, and how?"""

    claim: str
    window: str
    label: int


@dataclass(frozen=True, slots=True)
class Row:
    """One domain row: a claim, one item and the sentence that decides."""

    claim: str
    as_of: str
    title: str
    summary: str
    relation: int
    domain: str
    decisive: str


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines, packed or not."""
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    # Not splitlines(): U+2028 and its like stand unescaped within JSON strings.
    yield from (json.loads(line) for line in text.split("\n") if line.strip())


def load_rows(places: Iterable[Path]) -> list[Row]:
    """All domain rows of the files, and of those in the folders, in the order of their paths."""
    rows = []
    for path in sorted(path for place in places for path in (place.glob("*.jsonl") if place.is_dir() else [place])):
        for r in read_jsonl(path):
            rows.append(
                Row(
                    r["claim"],
                    r["as_of"],
                    r["title"],
                    r["summary"],
                    RELATIONS[r["relation"]],
                    r["domain"],
                    r.get("decisive", ""),
                )
            )
    return rows


def held_out(claim: str) -> bool:
    """Whether a claim is kept for choosing models: one in ten, by its wording, whatever else is in the data."""
    return hashlib.sha256(claim.encode()).digest()[0] % 10 == 0


def load_general(folder: Path, rng: random.Random, names: Iterable[str] = tuple(GENERAL)) -> list[Pair]:
    """General inference pairs with VitaminC's moved figures called `updates`, in random order."""
    moved = _moved_figures(folder / "vitaminc_real-revision-pairs-train.jsonl.gz")
    pairs = []
    for name in names:
        rows = list(read_jsonl(folder / f"{name}.jsonl.gz"))
        rng.shuffle(rows)
        for row in rows[: GENERAL[name]]:
            label = INFERENCE[row["label"]]
            if label == CONTRADICTS and (row.get("case_id"), row["hypothesis"]) in moved:
                label = UPDATES
            pairs.append(Pair(_sometimes_dated(row["hypothesis"], rng), _unspaced(row["premise"]), label))
    rng.shuffle(pairs)
    return pairs


def _moved_figures(path: Path) -> set[tuple[str, str]]:
    """(case, claim) of the VitaminC revisions in which nothing but a figure changed."""
    return {(row["case_id"], row["claim"]) for row in read_jsonl(path) if row["numeric_only_change"]}


def _sometimes_dated(claim: str, rng: random.Random) -> str:
    # The domain claims carry a month; seen here with and without one, it comes to mean nothing by itself.
    text = _unspaced(claim)
    return dated(text, f"{rng.randint(2018, 2026)}-{rng.randint(1, 12):02d}") if rng.random() < 0.5 else text


def _unspaced(text: str) -> str:
    for mark in (" ,", " .", " '", " ;", " :", " )", " %"):
        text = text.replace(mark, mark[1:])
    return text.replace("( ", "(").replace("`` ", '"').replace(" ''", '"')
