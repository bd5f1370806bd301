"""From what the networks say of an item and a claim to one calibrated verdict: two small logistic regressions whose
weights stand in model.json. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.claims.encoder import Matrix
from bot.claims.figures import FigureSigns
from bot.model import Relation

RELATIONS = (Relation.CONFIRMS, Relation.CONTRADICTS, Relation.UPDATES)


@dataclass(frozen=True, slots=True)
class Signals:
    """All that is known of one item and one claim. `whole` and each row of `sentences` are log-probabilities of
    (none, confirms, contradicts, updates)."""

    whole: Matrix
    sentences: Matrix
    likeness: float
    lead: float  # likeness of this claim less that of the item's next best (or best) claim; for explaining only
    rival: float  # the strongest sign that the item bears on another claim; for explaining only
    figures: FigureSigns  # how the claim's figures stand in the window


@dataclass(frozen=True, slots=True)
class Opinion:
    """How likely it is that the item bears on the claim, and how likely each relation is if it does."""

    bears: float
    relations: tuple[float, float, float]

    @property
    def best(self) -> tuple[Relation, float]:
        """The likeliest relation and the chance that the whole verdict is right."""
        at = int(np.argmax(self.relations))
        return RELATIONS[at], self.bears * self.relations[at]


def odds(rows: Matrix) -> Matrix:
    """For rows of log-probabilities: the logarithm of the odds that the text bears on the claim."""
    none = np.minimum(rows[..., 0].astype(np.float64), -1e-6)
    made: Matrix = np.clip(np.log(-np.expm1(none)) - none, -8.0, 8.0).astype(np.float32)
    return made


def strongest(sentences: Matrix) -> int:
    """The sentence that speaks most clearly about the claim."""
    return int(odds(sentences).argmax())


def bearing_features(signals: Signals) -> list[float]:
    """What the first regression weighs: does it bear on the claim at all?

    Nothing of other claims is among it: what an item does to a claim shall not hang on the rest of the baseline.
    """
    alone = np.sort(odds(signals.sentences))[::-1]
    return [
        float(odds(signals.whole)),
        float(alone[0]),
        float(alone[:2].mean()),
        signals.likeness,
    ]


def relation_features(signals: Signals) -> list[float]:
    """What the second regression weighs: which relation is it, given that there is one?"""
    best = signals.sentences[strongest(signals.sentences)]
    rows = [row[1:] - row[1:].mean() for row in (signals.whole, best)]
    figures = signals.figures
    readings = [float(value) for row in rows for value in np.clip(row, -6, 6)]
    return [*readings, *figures.vector(), abs(figures.difference)]


@dataclass(frozen=True, slots=True)
class Regression:
    """Logistic regression over scaled features; one row of weights a class, or a single one for yes and no."""

    mean: Matrix
    scale: Matrix
    weights: Matrix
    bias: Matrix

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Regression:
        """As model.json tells it."""
        return cls(*(np.asarray(told[name], dtype=np.float32) for name in ("mean", "scale", "weights", "bias")))

    def __call__(self, features: Sequence[float]) -> Matrix:
        """The scores before they are made probabilities."""
        scaled = (np.asarray(features, dtype=np.float32) - self.mean) / self.scale
        scores: Matrix = self.weights @ scaled + self.bias
        return scores


@dataclass(frozen=True, slots=True)
class Stack:
    """Both regressions and the threshold over which a verdict is shown."""

    bearing: Regression
    relation: Regression
    threshold: float

    @classmethod
    def read(cls, card: Mapping[str, Any]) -> Stack:
        """As model.json tells it."""
        return cls(Regression.read(card["bearing"]), Regression.read(card["relation"]), float(card["threshold"]))

    def judge(self, signals: Signals) -> Opinion:
        """The calibrated opinion."""
        yes = 1.0 / (1.0 + float(np.exp(-self.bearing(bearing_features(signals))[0])))
        scores = self.relation(relation_features(signals))
        chances = np.exp(scores - scores.max())
        first, second, third = (chances / chances.sum()).tolist()
        return Opinion(yes, (first, second, third))


def plain_opinion(signals: Signals) -> Opinion:
    """For a judge that nothing was fitted to: its own chances, the clearer of window and sentence.

    A head that knows no `updates` calls a moved figure a contradiction; the figures tell which it is.
    """
    best = signals.sentences[strongest(signals.sentences)]
    row = max((signals.whole, best), key=lambda one: float(odds(one)))
    confirms, contradicts, updates = (float(np.exp(chance)) for chance in row[1:])
    if signals.figures.moved and not signals.figures.denied:
        contradicts, updates = 0.0, updates + contradicts
    total = max(confirms + contradicts + updates, 1e-9)
    return Opinion(min(total, 1.0), (confirms / total, contradicts / total, updates / total))
