"""Fits the two small regressions and the threshold on claims that no stage has learned from, and writes model.json.

python -m training.calibrate FOLDER ROWS [ROWS ...]
"""

from __future__ import annotations

import argparse
import json
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bot.claims.assess import Engine
from bot.claims.stack import Signals, bearing_features, relation_features
from bot.model import Claim, ClaimKind, Item
from training.data import NONE, Row, held_out, load_rows

FOLDS = 5
_NOTHING = {"mean": [0], "scale": [1], "weights": [[0]], "bias": [0]}
UNFITTED = {"bearing": _NOTHING, "relation": _NOTHING, "threshold": 0.5}
"""What stands in model.json until something is fitted."""


@dataclass(frozen=True, slots=True)
class Case:
    """One item against one claim that was retrieved for it, with the relation that the rows tell."""

    item: int
    claim: int
    label: int
    signals: Signals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder with the ONNX files; model.json is written there")
    parser.add_argument("rows", type=Path, nargs="+", help="domain rows: files, or folders of them")
    parser.add_argument("--name", default="claimwatch-minilm")
    args = parser.parse_args()
    every = load_rows(args.rows)
    rows = [row for row in every if held_out(row.claim)]
    card_file = args.folder / "model.json"
    card = UNFITTED | json.loads(card_file.read_text(encoding="utf-8"))
    card_file.write_text(json.dumps(card), encoding="utf-8")
    engine = Engine(args.folder)
    # As dense with look-alikes as a baseline on one topic, and as sparse as one on many.
    found = cases(engine, rows, every) + cases(engine, rows, rows)
    card |= fit(found, rows, wanted=2 * sum(row.relation != NONE for row in rows))
    card["name"] = args.name
    card_file.write_text(json.dumps(card, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def cases(engine: Engine, rows: Sequence[Row], every: Sequence[Row]) -> list[Case]:
    """Every row's item against the claims of `every`, as in use."""
    claims = sorted({(row.claim, row.as_of) for row in every})
    made = [Claim(str(at), "", ClaimKind.FACT, "", as_of, text) for at, (text, as_of) in enumerate(claims)]
    findings = engine.findings([Item(str(at), row.title, row.summary) for at, row in enumerate(rows)], made)
    return [
        Case(at, one.claim, row.relation if claims[one.claim][0] == row.claim else NONE, one.signals)
        for at, (row, found) in enumerate(zip(rows, findings, strict=True))
        for one in found
    ]


def fit(found: Sequence[Case], rows: Sequence[Row], wanted: int) -> dict[str, Any]:
    """The regressions over all cases, the threshold over predictions for folds of claims left out.

    `wanted` is how many verdicts would be right, those included that nothing retrieved.
    """
    labels = np.array([case.label for case in found])
    folds = np.array([zlib.crc32(rows[case.item].claim.encode()) % FOLDS for case in found])
    signals = [case.signals for case in found]
    bears, relations = (np.array([f(one) for one in signals]) for f in (bearing_features, relation_features))
    there = labels != NONE
    chances = left_out(bears, there, folds)[:, 1]
    threshold = max(np.arange(0.2, 0.9, 0.02), key=lambda at: _half(chances >= at, there, wanted))
    print(f"{len(found)} cases of {len(rows)} items; threshold {threshold:.2f}")
    print(f"claim F0.5 left out {_half(chances >= threshold, there, wanted):.3f}")
    guessed = left_out(relations[there], labels[there], folds[there]).argmax(axis=1) + 1
    print(f"relation right where there is one: {(guessed == labels[there]).mean():.3f}")
    return {
        "bearing": _told(*_logistic(bears, there)),
        "relation": _told(*_logistic(relations[there], labels[there])),
        "threshold": round(float(threshold), 3),
    }


def left_out(features: Any, labels: Any, folds: Any) -> Any:
    """Chances of each class for each row, by regressions that have not seen its fold."""
    chances = np.zeros((len(labels), len(np.unique(labels))))
    for fold in range(FOLDS):
        scaler, model = _logistic(features[folds != fold], labels[folds != fold])
        chances[folds == fold] = model.predict_proba(scaler.transform(features[folds == fold]))
    return chances


def _half(shown: Any, right: Any, wanted: int) -> float:
    """F0.5: a wrong verdict costs more than a missed one."""
    return 1.25 * int((shown & right).sum()) / max(1.0, int(shown.sum()) + 0.25 * wanted)


def _logistic(features: Any, labels: Any) -> tuple[StandardScaler, LogisticRegression]:
    scaler = StandardScaler().fit(features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return scaler, LogisticRegression(C=0.3, max_iter=2000).fit(scaler.transform(features), labels)


def _told(scaler: StandardScaler, model: LogisticRegression) -> dict[str, Any]:
    rounded = {
        "mean": scaler.mean_,
        "scale": scaler.scale_,
        "weights": model.coef_,
        "bias": model.intercept_,
    }
    return {name: np.round(values, 5).tolist() for name, values in rounded.items()}


if __name__ == "__main__":
    main()
