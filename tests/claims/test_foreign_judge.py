"""`judge.model`: a cross-encoder that is not ours, as a real network in a folder, from setting to verdict."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from bot.claims.choose import local_assessor
from bot.claims.encoder import MODEL_FOLDER
from bot.claims.judge import LABELS
from bot.model import Claim, ClaimKind, Item, Relation

CLAIM = Claim("ferry", "", ClaimKind.FACT, "", "2025-03", "The ferry between Turku and Stockholm sails every day.")
INFERENCE = ("entailment", "neutral", "contradiction")
ENTAILMENT, NEUTRAL, CONTRADICTION = np.eye(3, dtype=np.float32)


def network_of_words(folder: Path, words: dict[str, np.ndarray], labels: tuple[str, ...], segment: int) -> Path:
    """A network that adds up what its words say, of those alone that stand in one half of the pair."""
    folder.mkdir()
    shutil.copy(MODEL_FOLDER / "tokenizer.json", folder / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    table = np.zeros((tokenizer.get_vocab_size(), len(labels)), dtype=np.float32)
    table[tokenizer.token_to_id("[CLS]"), labels.index("neutral" if "neutral" in labels else "none")] = 2
    for word, says in words.items():
        at = tokenizer.token_to_id(word)
        assert at is not None, f"{word} is no single token"
        table[at] = 9 * says
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["said"]),
        helper.make_node("Equal", ["token_type_ids", "segment"], ["here"]),
        helper.make_node("Cast", ["here"], ["inside"], to=TensorProto.FLOAT),
        helper.make_node("Cast", ["attention_mask"], ["seen"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["inside", "seen"], ["weight"]),
        helper.make_node("Unsqueeze", ["weight", "last"], ["weights"]),
        helper.make_node("Mul", ["said", "weights"], ["heard"]),
        helper.make_node("ReduceSum", ["heard", "tokens"], ["logits"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "words",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(labels)])],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array(segment), "segment"),
            numpy_helper.from_array(np.array([-1]), "last"),
            numpy_helper.from_array(np.array([1]), "tokens"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    onnx.save_model(made, folder / "model.onnx")
    (folder / "config.json").write_text(json.dumps({"id2label": dict(enumerate(labels))}))
    return folder


@pytest.mark.parametrize(
    ("title", "relation"),
    [
        ("Ferry between Turku and Stockholm cancelled for good", Relation.CONTRADICTS),
        ("Ferry between Turku and Stockholm running again", Relation.CONFIRMS),
        ("Ferry between Turku and Stockholm gets a new sauna", None),
    ],
)
async def test_a_head_for_inference_judges_with_the_entry_as_premise(
    tmp_path: Path, title: str, relation: Relation | None
) -> None:
    words = {"cancelled": CONTRADICTION, "running": ENTAILMENT, "sails": CONTRADICTION}
    folder = network_of_words(tmp_path / "judge", words, INFERENCE, segment=0)
    (found,) = await local_assessor(str(folder)).compare([Item("one", title, "")], [CLAIM])
    # "sails" stands in the claim alone: were the claim read as the premise, every entry would contradict it.
    assert [verdict.relation for verdict in found] == ([relation] if relation else [])
    assert [verdict.evidence for verdict in found] == ([title] if relation else [])


async def test_a_moved_figure_is_an_update_though_such_a_head_calls_it_a_contradiction(tmp_path: Path) -> None:
    claim = Claim("fleet", "", ClaimKind.FACT, "", "2025-03", "The ferry company has 12 ships.")
    folder = network_of_words(tmp_path / "judge", {"delivered": CONTRADICTION}, INFERENCE, segment=0)
    item = Item("one", "The ferry company now has 14 ships, the last one delivered on Monday", "")
    (found,) = await local_assessor(str(folder)).compare([item], [claim])
    assert [verdict.relation for verdict in found] == [Relation.UPDATES]
    assert found[0].change is not None


async def test_a_head_of_our_four_relations_reads_the_claim_first(tmp_path: Path) -> None:
    updates = np.eye(4, dtype=np.float32)[LABELS.index("updates")]
    folder = network_of_words(tmp_path / "judge", {"sails": updates}, LABELS, segment=0)
    item = Item("one", "Ferry between Turku and Stockholm to leave twice a day", "")
    (found,) = await local_assessor(str(folder)).compare([item], [CLAIM])
    assert [verdict.relation for verdict in found] == [Relation.UPDATES]
