"""Stage two: learn the four relations on the domain rows, mostly against claims that merely look alike.

python -m training.domain START OUT ROWS [ROWS ...] [--general DATA] [--epochs 2] [--peak 2e-4]
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from bot.claims.judge import dated
from bot.claims.retrieve import WINDOW
from bot.claims.sentences import sentence_spans
from training.data import NONE, Pair, Row, held_out, load_general, load_rows
from training.general import plain_pairs, report
from training.loop import Reader, train
from training.mine import Embedder, likeness
from training.net import CrossEncoder

Near = Sequence[Sequence[tuple[str, str]]]
SIZE, NEAR, FAR, WEIGHT_OF_NONE = 48, 12, 80, 0.5
BESIDE = ("vitaminc_real-train", "mnli_matched-dev", "fm2-dev", "fever_symmetric_v2-dev")
SAME = 0.8
"""Cosine from which two claims count as one."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("start", type=Path, help="weights of stage one, or of this stage to go on with")
    parser.add_argument("out", type=Path, help="where the weights go")
    parser.add_argument("rows", type=Path, nargs="+", help="domain rows: files, or folders of them")
    parser.add_argument("--general", type=Path, help="the data folder, to go on with general pairs beside the rows")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--peak", type=float, default=2e-4)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps; 0: at the end of the epochs")
    parser.add_argument("--keep", type=int, default=0, help="save what stands after so many steps beside the rest")
    parser.add_argument("--far", type=int, default=1, help="how many of the other claims are far ones")
    parser.add_argument("--longer", type=float, default=0.2, help="share of the items with a foreign text behind")
    parser.add_argument("--last", type=float, default=0.05, help="share of the peak rate that is left at the end")
    parser.add_argument("--smooth", type=float, default=0.0, help="keep a moving average of the weights")
    parser.add_argument("--hidden", type=float, default=0.05, help="share of the words that are masked")
    parser.add_argument("--negatives", type=int, default=5, help="other claims a row and epoch, all but one near")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--all", action="store_true", help="learn from the held-out claims, too: for what is shipped")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(2)
    rng = random.Random(args.seed)
    rows = load_rows(args.rows)
    learned = [row for row in rows if args.all or not held_out(row.claim)]
    near = look_alikes(learned)
    model, reader = CrossEncoder.load(args.start), Reader(longest=176, hidden=args.hidden)
    beside = load_general(args.general / "nli", rng, BESIDE) if args.general else []
    pairs = schedule(learned, near, beside, args, rng)
    print(f"{len(learned)} rows, {len(beside)} general pairs, {len(pairs)} in all", flush=True)
    weights = torch.tensor([WEIGHT_OF_NONE, 1.0, 1.0, 1.0])
    batches = (batch for part in pairs for batch in reader.batches(part, SIZE, rng))
    steps = args.steps or sum(-(-len(part) // SIZE) for part in pairs)
    train(model, batches, steps, args.out, args.peak, weights, args.last, args.smooth, args.keep)
    report(model, reader, "held-out domain rows", [plain_pairs(row)[0] for row in rows if held_out(row.claim)])


def look_alikes(rows: Sequence[Row]) -> Near:
    """For each row the (claim, as of) of other claims that its item looks most like, nearest first.

    Claims that say nearly the same as the row's own are left out, because the item may well bear on them, and those on
    which another row says that it does.
    """
    claims = sorted({(row.claim, row.as_of) for row in rows})
    place = {claim: at for at, (claim, _) in enumerate(claims)}
    touched: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        if row.relation != NONE:
            touched[row.title, row.summary].add(row.claim)
    embed = Embedder()
    vectors = embed([claim for claim, _ in claims])
    scores = likeness(embed, [(row.title, row.summary) for row in rows], vectors)
    own = np.array([place[row.claim] for row in rows])
    scores[(vectors @ vectors.T)[own] > SAME] = -1.0
    for at, row in enumerate(rows):
        scores[at, [place[claim] for claim in touched[row.title, row.summary]]] = -1.0
    nearest = np.argsort(-scores, axis=1)[:, :FAR]
    return [[claims[at] for at in found] for found in nearest]


def epoch(rows: Sequence[Row], near: Near, args: argparse.Namespace, rng: random.Random) -> list[Pair]:
    """The pairs of one epoch; which look-alikes and windows are drawn differs from epoch to epoch."""
    pairs: list[Pair] = []
    for row, others in zip(rows, near, strict=True):
        whole, *deciding = plain_pairs(row)
        pairs.append(_longer(whole, rng.choice(rows)) if rng.random() < args.longer else whole)
        pairs += deciding
        pairs += _beside(row, rng)
        chosen = list(others[:2]) + rng.sample(others[2:NEAR], args.negatives - 2 - args.far)
        chosen += rng.sample(others[NEAR:], args.far)
        for claim, as_of in chosen:
            pairs.append(Pair(dated(claim, as_of), whole.window if rng.random() < 0.8 else _some(row, rng), NONE))
    return pairs


def _longer(pair: Pair, other: Row) -> Pair:
    """The pair with a foreign text behind it, as long entries tell of several things."""
    return Pair(pair.claim, f"{pair.window} {other.summary}"[:WINDOW], pair.label)


def schedule(
    rows: Sequence[Row], near: Near, beside: Sequence[Pair], args: argparse.Namespace, rng: random.Random
) -> list[list[Pair]]:
    """The pairs of each epoch; the general ones are spread over all epochs but the last."""
    epochs = [epoch(rows, near, args, rng) for _ in range(args.epochs)]
    for at, pair in enumerate(beside):
        epochs[at % max(1, args.epochs - 1)].append(pair)
    return epochs


def _beside(row: Row, rng: random.Random) -> list[Pair]:
    """A sentence of the item that decides nothing for its own claim."""
    if row.relation == NONE:
        return []
    spans = [row.summary[a:b] for a, b in sentence_spans(row.summary)]
    others = [text for text in spans if text not in row.decisive and row.decisive not in text]
    return [Pair(dated(row.claim, row.as_of), rng.choice(others), NONE)] if others and rng.random() < 0.4 else []


def _some(row: Row, rng: random.Random) -> str:
    return rng.choice([row.title, *(row.summary[a:b] for a, b in sentence_spans(row.summary))])


if __name__ == "__main__":
    main()
