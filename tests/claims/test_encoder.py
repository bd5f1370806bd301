"""The networks' wrapper: what it promises of order, of odd text and of missing files."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.claims.encoder import MODEL_FOLDER, TOKENS_A_BATCH, Network, batches, check_sums, read_card
from bot.claims.judge import dated, head_labels, log_softmax, other_judge
from bot.errors import ModelError

ROOT = Path(__file__).parents[2]
TOKENIZER = MODEL_FOLDER / "tokenizer.json"


@pytest.fixture(scope="module")
def retriever() -> Network:
    return Network(MODEL_FOLDER / "retriever.onnx", TOKENIZER, 128)


def test_rows_come_in_the_order_of_the_texts(retriever: Network) -> None:
    texts = ["a ferry", "the long story of a ferry that sailed north in winter " * 3, "wheat"]
    there, back = retriever.run(texts), retriever.run(texts[::-1])
    assert there.shape == (3, 384)
    # int8 scales over a batch, so that neighbours move a vector a little.
    assert np.all((there * back[::-1]).sum(axis=1) > 0.97)


@pytest.mark.parametrize("text", ["", "   ", "\ud800 broken", "\x00", "字" * 5000, "word " * 20_000])
def test_odd_texts_have_a_vector(retriever: Network, text: str) -> None:
    vector = retriever.run([text])[0]
    assert np.isfinite(vector).all()
    assert abs(float(np.linalg.norm(vector)) - 1) < 0.05


def test_no_text_has_no_rows(retriever: Network) -> None:
    assert len(retriever.run([])) == 0


@pytest.mark.parametrize("lengths", [[], [5], [100, 3, 100, 3], [TOKENS_A_BATCH * 2, 1], list(range(1, 300))])
def test_batches_hold_every_text_once_and_stay_small(lengths: list[int]) -> None:
    found = list(batches(lengths))
    assert sorted(at for group in found for at in group) == list(range(len(lengths)))
    assert all(max(lengths[at] for at in group) * len(group) <= TOKENS_A_BATCH for group in found if len(group) > 1)


def test_a_missing_file_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"judge\.onnx is missing.*git checkout"):
        Network(tmp_path / "judge.onnx", TOKENIZER, 128)


@pytest.mark.parametrize("content", [b"", b"no network at all", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_broken_network_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "judge.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"judge\.onnx is broken"):
        Network(tmp_path / "judge.onnx", TOKENIZER, 128)


def test_a_truncated_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(TOKENIZER.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"tokenizer\.json is broken"):
        Network(MODEL_FOLDER / "retriever.onnx", tmp_path / "tokenizer.json", 128)


def test_the_shipped_files_are_those_that_the_card_describes() -> None:
    check_sums(MODEL_FOLDER, read_card(MODEL_FOLDER))


def test_an_exchanged_file_is_told(tmp_path: Path) -> None:
    shutil.copy(TOKENIZER, tmp_path / "tokenizer.json")
    with pytest.raises(ModelError, match=r"tokenizer\.json is broken"):
        check_sums(tmp_path, {"sha256": {"tokenizer.json": "0" * 64}})


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_card_that_is_none_is_told(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.json").write_text(content)
    with pytest.raises(ModelError, match=r"model\.json"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("as_of", "text"),
    [
        ("2025-03", "March 2025: It is."),
        ("2021-12-31", "December 2021: It is."),
        ("2025", "2025: It is."),
        ("", "It is."),
        ("2025-99", "2025: It is."),
    ],
)
def test_a_claim_is_read_with_its_month(as_of: str, text: str) -> None:
    assert dated("It is.", as_of) == text


def test_log_probabilities_add_up_to_one() -> None:
    found = log_softmax(np.array([[1000.0, 0.0, -1000.0], [0.0, 0.0, 0.0]], dtype=np.float32))
    assert np.allclose(np.exp(found).sum(axis=1), 1)


@pytest.mark.parametrize(
    ("labels", "meaning"),
    [
        (["contradiction", "entailment", "neutral"], ["contradicts", "confirms", "none"]),
        (["ENTAILMENT", "NEUTRAL", "CONTRADICTION"], ["confirms", "none", "contradicts"]),
        (["none", "confirms", "contradicts", "updates"], ["none", "confirms", "contradicts", "updates"]),
    ],
)
def test_a_head_is_read_by_its_labels(tmp_path: Path, labels: list[str], meaning: list[str]) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"id2label": {str(at): label for at, label in enumerate(labels)}}))
    assert head_labels(config) == meaning


@pytest.mark.parametrize("content", ["", "{}", '{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}', '{"id2label": 3}'])
def test_a_head_of_unknown_labels_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match="label"):
        head_labels(tmp_path / "config.json")


def test_a_model_folder_without_network_is_told(tmp_path: Path) -> None:
    labels = ["entailment", "neutral", "contradiction"]
    (tmp_path / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}))
    with pytest.raises(ModelError, match=r"tokenizer\.json is missing"):
        other_judge(str(tmp_path))


def test_the_library_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    """onnxruntime's own builds report each session to its maker, under an id that they leave in the home folder."""
    loading = f"from bot.claims.encoder import *; Network(MODEL_FOLDER / 'retriever.onnx', Path({str(TOKENIZER)!r}), 8)"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}  # without CI, say
    subprocess.run([sys.executable, "-c", loading], env=environment, check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []
