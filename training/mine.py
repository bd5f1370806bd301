"""Finds for each item the claims that look like its own: the hard negatives that the model meets in use."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from bot.claims.retrieve import read
from bot.model import Item
from training.net import encoder_folder

Vectors = NDArray[np.float32]


class Embedder:
    """all-MiniLM-L6-v2 as published: texts → unit vectors."""

    def __init__(self) -> None:
        self.model = BertModel.from_pretrained(encoder_folder(), add_pooling_layer=False, attn_implementation="eager")
        self.model.eval()
        self.tokenizer = Tokenizer.from_file(str(encoder_folder() / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)

    @torch.no_grad()
    def __call__(self, texts: Sequence[str], size: int = 64) -> Vectors:
        found = [e.ids for e in self.tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(found)), key=lambda at: len(found[at]))
        vectors = np.zeros((len(found), 384), dtype=np.float32)
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            longest = -(-max(len(found[at]) for at in chosen) // 16) * 16
            ids, mask = (torch.zeros(len(chosen), longest, dtype=torch.long) for _ in range(2))
            for row, at in enumerate(chosen):
                ids[row, : len(found[at])] = torch.tensor(found[at])
                mask[row, : len(found[at])] = 1
            with torch.autocast("cpu", dtype=torch.bfloat16):
                hidden = self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            mean = (hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
            vectors[chosen] = torch.nn.functional.normalize(mean, dim=-1).numpy()
        return vectors


def parts(title: str, summary: str) -> list[str]:
    """What of an item is compared with a claim: the title and the whole."""
    return [title, read(Item("", title, summary)).whole]


def likeness(embed: Embedder, items: Sequence[tuple[str, str]], claims: Vectors) -> Vectors:
    """(items × claims): the highest cosine of any part of the item with the claim's vector."""
    texts, owner = [], []
    for at, (title, summary) in enumerate(items):
        for part in parts(title, summary):
            texts.append(part)
            owner.append(at)
    scores = embed(texts) @ claims.T
    best = np.full((len(items), len(claims)), -1.0, dtype=np.float32)
    np.maximum.at(best, np.array(owner), scores)
    return best
