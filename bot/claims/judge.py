"""Reads a claim and a window together: logarithms of how likely each relation is.

Ours has four outputs. Any ONNX cross-encoder with a three-way inference head does, too: its folder holds model.onnx,
tokenizer.json and config.json, whose `id2label` names the outputs. Such a head knows no `updates`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.claims.encoder import MODEL_FOLDER, Matrix, Network
from bot.errors import ModelError

LABELS = ("none", "confirms", "contradicts", "updates")
LONGEST = 208
"""Tokens of a pair; a window of 640 characters with a claim of 40 words fits."""
_INFERENCE = {"neutral": "none", "entailment": "confirms", "contradiction": "contradicts"}
_NEVER = -12.0
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_HUB_FILES = ("config.json", "tokenizer.json")
_HUB_MODELS = ("onnx/model_quantized.onnx", "onnx/model.onnx", "model.onnx")
_HUB_WEIGHTS = ("onnx/model.onnx_data", "model.onnx_data")


class Judge:
    """A cross-encoder, whatever its head. `claim_first` says in which order it was taught to read."""

    def __init__(self, network: Network, labels: Sequence[str], claim_first: bool) -> None:
        self._network = network
        self._columns = [labels.index(name) if name in labels else None for name in LABELS]
        self._claim_first = claim_first
        self.ours = None not in self._columns

    def read(self, pairs: Sequence[tuple[str, str]]) -> Matrix:
        """Log-probabilities in the order of LABELS, one row for each (claim, window)."""
        if not pairs:
            return np.zeros((0, len(LABELS)), dtype=np.float32)
        ordered = pairs if self._claim_first else [(window, claim) for claim, window in pairs]
        found = log_softmax(self._network.run(list(ordered)))
        never = np.full(len(found), _NEVER, dtype=np.float32)
        return np.stack([never if at is None else found[:, at] for at in self._columns], axis=1)


def dated(statement: str, as_of: str) -> str:
    """A claim as the network reads it: `March 2025: …`, or bare where no date is known."""
    year, _, rest = as_of.partition("-")
    month = rest[:2]
    if month.isdigit() and 1 <= int(month) <= 12:
        return f"{_MONTHS[int(month) - 1]} {year}: {statement}"
    return f"{year}: {statement}" if year else statement


def log_softmax(logits: Matrix) -> Matrix:
    """Row by row, without overflow."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    made: Matrix = (shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))).astype(np.float32)
    return made


def own_judge(card: Mapping[str, Any], folder: Path = MODEL_FOLDER, threads: int | None = None) -> Judge:
    """The cross-encoder that is shipped."""
    network = Network(folder / "judge.onnx", folder / "tokenizer.json", LONGEST, threads)
    return Judge(network, card["labels"], claim_first=True)


def other_judge(name: str, threads: int | None = None) -> Judge:
    """A cross-encoder from a folder or, by "owner/name", from the model hub (fetched once, then kept there)."""
    folder = Path(name).expanduser()
    if not folder.is_dir():
        folder = _fetched(name)
    model = next((folder / file for file in _HUB_MODELS if (folder / file).is_file()), folder / "model.onnx")
    labels = head_labels(folder / "config.json")
    return Judge(Network(model, folder / "tokenizer.json", LONGEST, threads), labels, claim_first=len(labels) == 4)


def head_labels(config: Path) -> list[str]:
    """What the outputs of a head mean, from `id2label`; raises `ModelError` where they are neither ours nor NLI's."""
    try:
        told = json.loads(config.read_text(encoding="utf-8"))["id2label"]
        names = [str(told[key]).lower() for key in sorted(told, key=int)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{config} does not tell the labels of the head: it needs an object id2label") from error
    labels = [_INFERENCE.get(name, name) for name in names]
    if sorted(labels) not in (sorted(LABELS), sorted(_INFERENCE.values())):
        raise ModelError(
            f"{config}: the head's labels are {', '.join(names)}; judge.model takes entailment, neutral and "
            f"contradiction, or {', '.join(LABELS)}"
        )
    return labels


def _fetched(name: str) -> Path:
    # huggingface_hub comes with tokenizers; it is imported only where a model is named by its hub id.
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(name, allow_patterns=[*_HUB_FILES, *_HUB_MODELS, *_HUB_WEIGHTS]))
    except Exception as error:
        raise ModelError(
            f"judge.model = {name!r} is no folder here and could not be fetched from the model hub "
            f"({type(error).__name__}); name a folder with model.onnx, tokenizer.json and config.json, "
            "or leave the setting out for the model that is shipped"
        ) from error
