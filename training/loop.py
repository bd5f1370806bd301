"""One training loop for both stages: buckets by length, bf16, a warm-up and a linear decay, checkpoints."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from training.data import Pair
from training.net import CrossEncoder, encoder_folder

Batch = tuple[Tensor, Tensor, Tensor, Tensor]


MASK = 103
"""The id of [MASK]; with it a word is hidden from the network."""


class Reader:
    """Turns pairs into padded batches. `hidden` is the share of the words that training does not get to see."""

    def __init__(self, longest: int, hidden: float = 0.0) -> None:
        self.hidden = hidden
        self.tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(longest, strategy="longest_first")

    def encode(self, pairs: Sequence[Pair]) -> list[tuple[list[int], list[int], int]]:
        """(token ids, segment ids, label) of each pair."""
        found = self.tokenizer.encode_batch([(p.claim, p.window) for p in pairs])
        return [(e.ids, e.type_ids, p.label) for e, p in zip(found, pairs, strict=True)]

    def batches(self, pairs: Sequence[Pair], size: int, rng: random.Random) -> Iterator[Batch]:
        """Batches of pairs of like length, in random order; lengths go up to the next 16, so that few shapes occur."""
        rows = self.encode(pairs)
        rng.shuffle(rows)
        for start in range(0, len(rows), 50 * size):
            chunk = sorted(rows[start : start + 50 * size], key=lambda row: len(row[0]))
            groups = [chunk[at : at + size] for at in range(0, len(chunk), size)]
            rng.shuffle(groups)
            for group in groups:
                ids, mask, types, labels = pad(group)
                yield self._hide(ids), mask, types, labels

    def _hide(self, ids: Tensor) -> Tensor:
        if not self.hidden:
            return ids
        chosen = (torch.rand(ids.shape) < self.hidden) & (ids > 999)  # from 999 on stand words, below marks
        return ids.masked_fill(chosen, MASK)


def pad(rows: Sequence[tuple[list[int], list[int], int]]) -> Batch:
    """Rows as tensors of one length, a multiple of 16."""
    longest = -(-max(len(ids) for ids, _, _ in rows) // 16) * 16
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for at, (tokens, segments, _) in enumerate(rows):
        ids[at, : len(tokens)] = torch.tensor(tokens)
        types[at, : len(tokens)] = torch.tensor(segments)
        mask[at, : len(tokens)] = 1
    return ids, mask, types, torch.tensor([label for _, _, label in rows])


def train(
    model: CrossEncoder,
    batches: Iterator[Batch],
    steps: int,
    out: Path,
    peak: float,
    weights: Tensor | None = None,
    last: float = 0.05,
    smooth: float = 0.0,
    keep: int = 0,
) -> None:
    """Fit `model`, saving to `out` every 100 steps and at the end; `model` is then what was saved.

    `last` is the share of the peak rate at the end. With `smooth` what is saved is the moving average of the weights.
    What stands after `keep` steps is saved a second time, as OUT.KEEP.pt.
    """
    optimiser = torch.optim.AdamW(model.parameters(), lr=peak, weight_decay=0.01, fused=True)
    warm = max(1, steps // 20)
    average = {name: value.clone() for name, value in model.state_dict().items()}
    model.train()
    began, seen, running = time.monotonic(), 0, 0.0
    for step, (ids, mask, types, labels) in enumerate(batches, start=1):
        rate = step / warm if step < warm else max(last, 1 - (step - warm) / max(1, steps - warm))
        for group in optimiser.param_groups:
            group["lr"] = peak * rate
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(ids, mask, types)
        loss = torch.nn.functional.cross_entropy(logits.float(), labels, weight=weights, label_smoothing=0.05)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        seen += len(labels)
        running += loss.item()
        if step % 50 == 0:
            pace = seen / (time.monotonic() - began)
            print(f"step {step}/{steps} loss {running / 50:.3f} {pace:.0f} pairs/s", flush=True)
            running = 0.0
        _follow(average, model, min(smooth, step / (step + 10)) if smooth else 0.0)
        if step % 100 == 0 or step == steps:
            torch.save(average, out)
        if step == keep:
            torch.save(average, out.with_suffix(f".{step}.pt"))
        if step == steps:
            break
    model.load_state_dict(average)


@torch.no_grad()
def _follow(average: dict[str, Tensor], model: CrossEncoder, smooth: float) -> None:
    for name, value in model.state_dict().items():
        if value.is_floating_point():
            average[name].lerp_(value, 1 - smooth)


@torch.no_grad()
def predict(model: CrossEncoder, reader: Reader, pairs: Sequence[Pair], size: int = 64) -> Tensor:
    """Logits of each pair, in order."""
    model.eval()
    rows = reader.encode(pairs)
    order = sorted(range(len(rows)), key=lambda at: len(rows[at][0]))
    logits = torch.zeros(len(rows), 4)
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        ids, mask, types, _ = pad([rows[at] for at in chosen])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits[chosen] = model(ids, mask, types).float()
    return logits
