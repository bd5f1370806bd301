"""The retriever's own small stage: items move towards the claims they bear on, away from claims that look alike.

python -m training.retriever OUT ROWS [ROWS ...]
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertModel

from bot.claims.retrieve import read
from bot.model import Item
from training.data import NONE, Row, held_out, load_rows
from training.net import encoder_folder

CLAIMS, PEAK, SHARPNESS = 32, 4e-5, 20.0
Group = tuple[str, str, str, str]
"""A claim, an item and a sentence that bear on it, and an item that does not though it was written to look so."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("rows", type=Path, nargs="+")
    parser.add_argument("--start", type=Path, help="weights of an earlier run; as published without")
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps; 0: at the end")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(2)
    rng = random.Random(args.seed)
    rows = [row for row in load_rows(args.rows) if not held_out(row.claim)]
    steps = [batch for _ in range(args.epochs) for batch in batches(rows, rng)]
    model = BertModel.from_pretrained(encoder_folder(), add_pooling_layer=False, attn_implementation="eager")
    if args.start:
        model.load_state_dict(torch.load(args.start, map_location="cpu", weights_only=True))
    optimiser = torch.optim.AdamW(model.parameters(), lr=PEAK, weight_decay=0.01)
    began, running = time.monotonic(), 0.0
    for step, batch in enumerate(steps, start=1):
        for group in optimiser.param_groups:
            group["lr"] = PEAK * min(step / 20, 1 - step / (len(steps) + 1))
        loss = loss_of(model, batch)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        running += loss.item()
        if step % 20 == 0:
            print(f"step {step}/{len(steps)} loss {running / 20:.3f} {time.monotonic() - began:.0f} s", flush=True)
            running = 0.0
            torch.save(model.state_dict(), args.out)
        if step == args.steps:
            break
    torch.save(model.state_dict(), args.out)


def batches(rows: Sequence[Row], rng: random.Random) -> Iterator[list[Group]]:
    """Groups of different claims; those of one domain stand together, so that neighbours are look-alikes."""
    by_claim: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_claim[row.claim].append(row)
    groups = [group for own in by_claim.values() for group in enumerate(_groups(own, rng))]
    order = {row.claim: (row.domain, rng.random()) for row in rows}
    groups.sort(key=lambda found: (found[0], order[found[1][0]]))
    made = [[group for _, group in groups[at : at + CLAIMS]] for at in range(0, len(groups), CLAIMS)]
    rng.shuffle(made)
    yield from (batch for batch in made if len({group[0] for group in batch}) == len(batch))


def _groups(own: Sequence[Row], rng: random.Random) -> list[Group]:
    bearing = [row for row in own if row.relation != NONE]
    beside = [_whole(row) for row in own if row.relation == NONE] or ["Nothing is reported."]
    rng.shuffle(bearing)
    return [(row.claim, _whole(row), row.decisive or row.title, rng.choice(beside)) for row in bearing]


def _whole(row: Row) -> str:
    return read(Item("", row.title, row.summary)).whole


def loss_of(model: BertModel, batch: Sequence[Group]) -> Tensor:
    """Each claim must find its item among all items, and each item and sentence its claim among all claims."""
    claims, wholes, sentences, besides = (embed(model, [group[at] for group in batch]) for at in range(4))
    own = torch.arange(len(batch))
    to_items = torch.cat([claims @ wholes.T, claims @ besides.T], dim=1)
    scores = (to_items, wholes @ claims.T, sentences @ claims.T)
    return sum(torch.nn.functional.cross_entropy(SHARPNESS * found, own) for found in scores) / 3


_tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
_tokenizer.no_padding()
_tokenizer.enable_truncation(128)


def embed(model: BertModel, texts: Sequence[str]) -> Tensor:
    """Unit vectors, with gradients."""
    found = [one.ids for one in _tokenizer.encode_batch(list(texts))]
    longest = -(-max(map(len, found)) // 16) * 16
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in found])
    mask = (ids != 0).long()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    hidden = hidden.float() * mask.unsqueeze(-1)
    return torch.nn.functional.normalize(hidden.sum(1) / mask.sum(1, keepdim=True), dim=-1)


if __name__ == "__main__":
    main()
