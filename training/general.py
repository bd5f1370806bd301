"""Stage one: learn inference in general.

python -m training.general DATA OUT [--start WEIGHTS] [--epochs 1] [--rows FOLDER ...]
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import torch

from bot.claims.judge import dated
from bot.claims.retrieve import read
from bot.model import Item
from training.data import INFERENCE, Pair, Row, held_out, load_general, load_rows, read_jsonl
from training.loop import Reader, predict, train
from training.net import CrossEncoder

SIZE, PEAK, SEED = 64, 2e-4, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the data folder: nli/ lies below it")
    parser.add_argument("out", type=Path, help="where the weights go")
    parser.add_argument("--start", type=Path, help="weights of an earlier run to go on from")
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--peak", type=float, default=PEAK)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--rows", type=Path, nargs="*", default=[], help="domain rows, seen once an epoch: files, or folders"
    )
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(2)
    rng = random.Random(args.seed)
    rows = load_rows(args.rows)
    pairs = load_general(args.data / "nli", rng)
    pairs += [pair for row in rows if not held_out(row.claim) for pair in plain_pairs(row)]
    reader = Reader(longest=128)
    model = CrossEncoder.load(args.start) if args.start else CrossEncoder.start()
    steps = args.epochs * -(-len(pairs) // SIZE)
    print(f"{len(pairs)} pairs, {steps} steps", flush=True)
    batches = (batch for _ in range(args.epochs) for batch in reader.batches(pairs, SIZE, rng))
    train(model, batches, steps, args.out, args.peak)
    report(model, reader, "held-out domain rows", [plain_pairs(row)[0] for row in rows if held_out(row.claim)])
    checks = list(read_jsonl(args.data / "nli" / "vitaminc_real-dev.jsonl.gz"))[:1500]
    report(model, reader, "VitaminC", [Pair(r["hypothesis"], r["premise"], INFERENCE[r["label"]]) for r in checks])


def plain_pairs(row: Row) -> list[Pair]:
    """A row's whole item, and the deciding sentence by itself."""
    claim = dated(row.claim, row.as_of)
    whole = Pair(claim, read(Item("", row.title, row.summary)).whole, row.relation)
    return [whole, Pair(claim, row.decisive, row.relation)] if row.decisive else [whole]


def report(model: CrossEncoder, reader: Reader, name: str, pairs: Sequence[Pair]) -> None:
    """Print how often each label is found and missed."""
    found = predict(model, reader, pairs).argmax(1).tolist()
    table = [[0] * 4 for _ in range(4)]
    for pair, label in zip(pairs, found, strict=True):
        table[pair.label][label] += 1
    right = sum(table[at][at] for at in range(4))
    print(f"{name}: {right / len(pairs):.3f} of {len(pairs)}; rows true, columns found: {table}", flush=True)


if __name__ == "__main__":
    main()
