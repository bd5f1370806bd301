"""Writes the networks as ONNX, fused and quantised: a graph, and beside it the weights, which get mapped into memory.

python -m training.export JUDGE.pt FOLDER [--precision int8|fp16|fp32]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.optimizer import optimize_model
from torch import Tensor, nn
from transformers import BertModel

from training.net import LABELS, CrossEncoder, encoder_folder

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
SMALL = 1024
"""Bytes below which a tensor stays in the graph's own file."""


class SentenceEncoder(nn.Module):
    """all-MiniLM-L6-v2, as published or tuned: mean of the hidden states, as a unit vector."""

    def __init__(self, tuned: Path | None) -> None:
        super().__init__()
        self.bert = BertModel.from_pretrained(encoder_folder(), add_pooling_layer=False, attn_implementation="eager")
        if tuned:
            self.bert.load_state_dict(torch.load(tuned, map_location="cpu", weights_only=True))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return nn.functional.normalize((hidden * weight).sum(1) / weight.sum(1), dim=-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judge", type=Path, help="weights of stage two")
    parser.add_argument("folder", type=Path, help="where the ONNX files go")
    parser.add_argument("--retriever", type=Path, help="weights of the retriever's own stage; as published without")
    parser.add_argument("--precision", choices=("int8", "fp16", "fp32"), default="int8")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    write(SentenceEncoder(args.retriever), args.folder / "retriever.onnx", INPUTS[:2], "int8")
    write(CrossEncoder.load(args.judge), args.folder / "judge.onnx", INPUTS, args.precision)
    shutil.copy(encoder_folder() / "tokenizer.json", args.folder / "tokenizer.json")
    card = args.folder / "model.json"
    told = json.loads(card.read_text()) if card.exists() else {}
    told["labels"] = list(LABELS)
    told.setdefault("languages", ["en"])
    told["sha256"] = {
        name: hashlib.sha256((args.folder / name).read_bytes()).hexdigest()
        for name in ("retriever.onnx", "retriever.weights", "judge.onnx", "judge.weights", "tokenizer.json")
    }
    card.write_text(json.dumps(told, indent=2, sort_keys=True) + "\n")


def write(model: nn.Module, out: Path, inputs: list[str], precision: str) -> None:
    """Export, fuse attention, GELU and layer norms, then quantise the matrix products."""
    model.eval()
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused, small = (Path(scratch, f"{name}.onnx") for name in ("plain", "fused", "small"))
        export(model, plain, inputs)
        optimised = optimize_model(str(plain), model_type="bert", num_heads=12, hidden_size=384)
        if precision == "fp16":
            optimised.convert_float_to_float16(keep_io_types=True)
        optimised.save_model_to_file(str(fused))
        if precision == "int8":
            types = {"DefaultTensorType": onnx.TensorProto.FLOAT}
            quantize_dynamic(str(fused), str(small), per_channel=True, weight_type=QuantType.QInt8, extra_options=types)
        lay_out(small if precision == "int8" else fused, out)
    print(out.name, precision, out.with_suffix(".weights").stat().st_size)


def lay_out(whole: Path, out: Path) -> None:
    """Write the network as OUT.onnx and OUT.weights."""
    weights = out.with_suffix(".weights")
    weights.unlink(missing_ok=True)  # onnx appends to what is there
    onnx.save_model(onnx.load(whole), out, save_as_external_data=True, location=weights.name, size_threshold=SMALL)
    weights.chmod(0o644)  # onnx leaves them to their owner alone, and a container runs as somebody else


def export(model: nn.Module, out: Path, inputs: list[str]) -> None:
    """Trace with free batch and length."""
    ids = torch.randint(1000, 2000, (2, 16))
    segments = torch.cat([torch.zeros(2, 8, dtype=torch.long), torch.ones(2, 8, dtype=torch.long)], dim=1)
    example = (ids, torch.ones_like(ids), segments)[: len(inputs)]
    free = {name: {0: "batch", 1: "length"} for name in inputs}
    torch.onnx.export(
        model,
        example,
        str(out),
        input_names=inputs,
        output_names=["out"],
        dynamic_axes=free,
        opset_version=17,
        dynamo=False,
    )


if __name__ == "__main__":
    main()
