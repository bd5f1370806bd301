"""Runs the shipped networks: onnxruntime and tokenizers, nothing of torch. Loaded at the first use, in the caller's
thread; every call here blocks and belongs in a worker thread."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.errors import ModelError

T = TypeVar("T")
Matrix = NDArray[np.float32]
MODEL_FOLDER = Path(__file__).parent / "model"
TOKENS_A_BATCH = 768
"""Padded tokens that run at once: enough to keep two cores busy, few enough to stay in their caches."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Token ids of one text or pair, with the segment of each."""

    ids: Sequence[int]
    segments: Sequence[int]


class Network:
    """One ONNX encoder with its tokenizer. Raises `ModelError`, which names the file, where either cannot be read."""

    def __init__(self, model: Path, tokenizer: Path, longest: int, threads: int | None = None) -> None:
        self._tokenizer = _read(tokenizer, _tokenizer)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest, strategy="longest_first")
        self._session = _read(model, lambda path: _session(path, threads))
        self._inputs = [found.name for found in self._session.get_inputs()]

    def tokens(self, texts: Sequence[str | tuple[str, str]]) -> list[Tokens]:
        """Tokens of texts or of pairs, cut to the longest that the network reads."""
        found = self._tokenizer.encode_batch([_clean(text) for text in texts])
        return [Tokens(one.ids, one.type_ids) for one in found]

    def run(self, texts: Sequence[str | tuple[str, str]]) -> Matrix:
        """One row of outputs a text, in order."""
        tokens = self.tokens(texts)
        rows: list[Matrix | None] = [None] * len(tokens)
        for chosen in batches([len(one.ids) for one in tokens]):
            outputs = self._session.run(None, self._feed([tokens[at] for at in chosen]))[0]
            for at, row in zip(chosen, outputs, strict=True):
                rows[at] = row
        return np.array(rows, dtype=np.float32) if rows else np.zeros((0, 0), dtype=np.float32)

    def _feed(self, batch: Sequence[Tokens]) -> dict[str, NDArray[np.int64]]:
        longest = max(len(one.ids) for one in batch)
        made = {name: np.zeros((len(batch), longest), dtype=np.int64) for name in self._inputs}
        for at, one in enumerate(batch):
            length = len(one.ids)
            made["input_ids"][at, :length] = one.ids
            made["attention_mask"][at, :length] = 1
            if "token_type_ids" in made:
                made["token_type_ids"][at, :length] = one.segments
        return made


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Groups of positions of like length, each within TOKENS_A_BATCH when padded to its longest."""
    chosen: list[int] = []
    for at in sorted(range(len(lengths)), key=lengths.__getitem__):
        if chosen and lengths[at] * (len(chosen) + 1) > TOKENS_A_BATCH:
            yield chosen
            chosen = []
        chosen.append(at)
    if chosen:
        yield chosen


def read_card(folder: Path) -> Mapping[str, Any]:
    """The folder's model.json: name, labels, thresholds and calibration."""
    card = _read(folder / "model.json", lambda path: json.loads(path.read_text(encoding="utf-8")))
    if not isinstance(card, dict):
        raise _broken(folder / "model.json", "it holds no object")
    return card


def languages_of(card: Mapping[str, Any]) -> frozenset[str]:
    """The languages that the networks were taught; English where the card does not say."""
    return frozenset(str(one) for one in card.get("languages", ("en",)))


def check_sums(folder: Path, card: Mapping[str, Any]) -> None:
    """Compare each file with the SHA-256 that the card tells; raises `ModelError` for the first that differs."""
    for name, told in card.get("sha256", {}).items():
        found = _read(folder / name, lambda path: hashlib.sha256(path.read_bytes()).hexdigest())
        if found != told:
            raise _broken(folder / name, "it is not the file that model.json describes")


def _read(path: Path, reader: Callable[[Path], T]) -> T:
    if not path.is_file():
        raise ModelError(f"{path} is missing: {HOW_TO_GET}")
    try:
        return reader(path)
    except Exception as error:  # whatever a native library raises for a broken file
        raise _broken(path, str(error).splitlines()[0] if str(error) else type(error).__name__) from error


HOW_TO_GET = (
    "restore it with `git checkout -- bot/claims/model` or by installing claimwatch again; "
    "training/README.md says how to make it anew"
)


def _broken(path: Path, why: str) -> ModelError:
    return ModelError(f"{path} is broken ({why}): {HOW_TO_GET}")


def _tokenizer(path: Path) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))


def _session(path: Path, threads: int | None) -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it tells its maker of each session, and who we are
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or min(4, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _clean(text: str | tuple[str, str]) -> str | tuple[str, str]:
    # Lone surrogates reach us from broken feeds; the tokenizer's strings are UTF-8 and cannot hold them.
    if isinstance(text, tuple):
        return _utf8(text[0]), _utf8(text[1])
    return _utf8(text)


def _utf8(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
