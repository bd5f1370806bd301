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
    parser.add_argument("rows", type=Path, nargs="+", help="folders of domain rows")
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
    card |= fit(found, wanted={(at, row.claim) for at, row in enumerate(rows) if row.relation != NONE}, rows=rows)
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


def fit(found: Sequence[Case], wanted: set[tuple[int, str]], rows: Sequence[Row]) -> dict[str, Any]:
    """The regressions over all cases, the threshold over predictions for folds of claims left out."""
    bears = np.array([bearing_features(case.signals) for case in found])
    relations = np.array([relation_features(case.signals) for case in found])
    labels = np.array([case.label for case in found])
    folds = np.array([zlib.crc32(rows[case.item].claim.encode()) % FOLDS for case in found])
    left_out = np.zeros(len(found))
    for fold in range(FOLDS):
        model = _logistic(bears[folds != fold], labels[folds != fold] != NONE)
        left_out[folds == fold] = model[1].predict_proba(model[0].transform(bears[folds == fold]))[:, 1]
    threshold, best = max(
        ((at, _f1(left_out >= at, labels != NONE, 2 * len(wanted))) for at in np.arange(0.2, 0.9, 0.02)), key=lambda p: p[1]
    )
    print(f"{len(found)} cases of {len(rows)} items, threshold {threshold:.2f}, claim F1 left out {best:.3f}")
    bearing, true = labels != NONE, _logistic(relations[labels != NONE], labels[labels != NONE])
    hits = []
    for fold in range(FOLDS):
        inside, outside = bearing & (folds != fold), bearing & (folds == fold)
        model = _logistic(relations[inside], labels[inside])
        hits += list(model[1].predict(model[0].transform(relations[outside])) == labels[outside])
    print(f"relation right where there is one: {np.mean(hits):.3f}")
    return {
        "bearing": _told(*_logistic(bears, labels != NONE)),
        "relation": _told(*true),
        "threshold": round(float(threshold), 3),
    }


def _f1(shown: Any, right: Any, wanted: int) -> float:
    hit = int((shown & right).sum())
    return 2 * hit / max(1, int(shown.sum()) + wanted)


def _logistic(features: Any, labels: Any) -> tuple[StandardScaler, LogisticRegression]:
    scaler = StandardScaler().fit(features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return scaler, LogisticRegression(C=0.3, max_iter=2000).fit(scaler.transform(features), labels)


def _told(scaler: StandardScaler, model: LogisticRegression) -> dict[str, Any]:
    rounded = {
        "mean": scaler.mean_, "scale": scaler.scale_, "weights": model.coef_, "bias": model.intercept_,
    }
    return {name: np.round(values, 5).tolist() for name, values in rounded.items()}


if __name__ == "__main__":
    main()
