"""How good verdicts are, measured on gold items. Pure but for `load_gold`, which reads one file.

A *pair* is an item and a claim; a *label* is what the gold file says of a pair, a *verdict* what the judge said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.errors import ConfigError
from bot.model import MOVES, Item, Relation, Verdict

BINS = 10
WORST = 20
MISSED = 0.5
MISSED_MOVE = 0.75
"""What a missed label weighs among the errors; a wrong verdict weighs its confidence."""


@dataclass(frozen=True, slots=True)
class GoldItem:
    """An item with the relation that each claim stands in to it; claims that are not named are not touched."""

    item: Item
    labels: Mapping[str, Relation]
    kind: str = ""

    @property
    def moves(self) -> bool:
        """Whether it contradicts or updates anything."""
        return bool(MOVES & set(self.labels.values()))


# --- reading -----------------------------------------------------------------------------------------------------


class _Label(BaseModel):
    claim: str
    relation: Relation


class _Row(BaseModel):
    """One line; what else stands there is of no interest here."""

    model_config = ConfigDict(str_strip_whitespace=False)

    id: Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)] = ""
    title: str
    summary: str = Field(default="", validation_alias=AliasChoices("summary", "text"))
    kind: str = ""
    labels: tuple[_Label, ...] | None = None


def load_gold(path: Path, *, labelled: bool = True) -> tuple[GoldItem, ...]:
    """The items of a JSONL file; with `labelled`, every line must have labels, if only an empty list.

    Raises `ConfigError` that names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}; save it as UTF-8", file=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if not lines:
        raise ConfigError("holds no items; expected one JSON object a line", file=str(path))
    return tuple(_gold_item(path, number, line, labelled) for number, line in lines)


def _gold_item(path: Path, number: int, line: str, labelled: bool) -> GoldItem:
    try:
        row = _Row.model_validate(_json_object(line))
    except ValueError as error:
        key, problem = _told(error)
        raise ConfigError(problem, file=str(path), line=number, key=key) from None
    if row.labels is None and labelled:
        expected = 'missing; expected a list such as [{"claim": "an-id", "relation": "updates"}], empty for none'
        raise ConfigError(expected, file=str(path), line=number, key="labels")
    labels = {label.claim: label.relation for label in row.labels or ()}
    if len(labels) < len(row.labels or ()):
        raise ConfigError(
            "name one claim twice; expected one relation a claim", file=str(path), line=number, key="labels"
        )
    return GoldItem(Item(row.id or str(number), row.title, row.summary), labels, row.kind)


def _json_object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"no valid JSON: {error}") from None
    if not isinstance(row, dict):
        raise ValueError('expected an object such as {"id": "a1", "title": "…", "summary": "…", "labels": []}')  # noqa: TRY004
    return row


def _told(error: ValueError) -> tuple[str, str]:
    """(key, what is wrong)."""
    if not isinstance(error, ValidationError):
        return "", str(error)
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    return key, "missing; this key is required" if first["type"] == "missing" else first["msg"]


# --- scores ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Score:
    """`right` of the `shown` are among the `wanted`. A share of nothing is 0."""

    right: int
    shown: int
    wanted: int

    @property
    def precision(self) -> float:
        return share(self.right, self.shown)

    @property
    def recall(self) -> float:
        return share(self.right, self.wanted)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return share(2 * self.right, self.shown + self.wanted)


@dataclass(frozen=True, slots=True)
class Bin:
    """Verdicts whose confidence lies in [low, high), the last bin with its upper end: how many, how sure, how right."""

    low: float
    high: float
    verdicts: int
    confidence: float  # their mean
    right: float  # the share with the right claim and relation


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pair that was judged wrongly. `shown` is None for a missed label, `wanted` for a claim that is not touched."""

    item: Item
    claim: str
    wanted: Relation | None
    shown: Relation | None
    weight: float  # the confidence of a wrong verdict; MISSED or MISSED_MOVE for a missed label
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `claimwatch eval` prints."""

    items: int
    labels: int
    seconds: float
    claim: Score  # pairs with a verdict against pairs with a label, whatever the relation
    exact: Score  # the same, but right only with the right relation
    relations: Mapping[Relation, Score]  # pairs with a verdict of that relation against pairs with a label of it
    alarm: Score  # items with a verdict that moves a claim against items with a label that does, whatever the claim
    unlabelled: int
    silent: int  # unlabelled items without any verdict
    kinds: Mapping[str, tuple[int, int]]  # kind → (items whose verdicts are exactly their labels, items)
    bins: tuple[Bin, ...]
    mistakes: tuple[Mistake, ...]  # the worst, the gravest first

    @property
    def macro_f1(self) -> float:
        """The mean of the three relations' F1."""
        return sum(score.f1 for score in self.relations.values()) / len(self.relations)

    @property
    def silence(self) -> float:
        """The share of unlabelled items that were left silent; 1 where there are none."""
        return self.silent / self.unlabelled if self.unlabelled else 1.0

    @property
    def calibration_error(self) -> float:
        """Expected calibration error: by how much confidence and rightness of a verdict's bin differ, on average."""
        total = sum(one.verdicts for one in self.bins)
        return share(sum(one.verdicts * abs(one.confidence - one.right) for one in self.bins), total)

    @property
    def pace(self) -> float:
        """Items a second; 0 where no time was measured."""
        return share(self.items, self.seconds)


def share(part: float, whole: float) -> float:
    """part / whole; 0 where there is no whole."""
    return part / whole if whole else 0.0


def evaluate(gold: Sequence[GoldItem], found: Sequence[Sequence[Verdict]], seconds: float = 0.0) -> Evaluation:
    """Weigh the verdicts found for each gold item, in the same order, against its labels."""
    pairs = list(zip(gold, found, strict=True))
    unlabelled = [verdicts for item, verdicts in pairs if not item.labels]
    return Evaluation(
        items=len(pairs),
        labels=sum(len(item.labels) for item in gold),
        seconds=seconds,
        claim=_score(pairs, frozenset(Relation), exact=False),
        exact=_score(pairs, frozenset(Relation), exact=True),
        relations={relation: _score(pairs, frozenset({relation}), exact=True) for relation in Relation},
        alarm=_alarm(pairs),
        unlabelled=len(unlabelled),
        silent=sum(not verdicts for verdicts in unlabelled),
        kinds=_by_kind(pairs),
        bins=reliability([(one.confidence, _is_right(item, one)) for item, verdicts in pairs for one in verdicts]),
        mistakes=_worst(pairs),
    )


Pairs = Sequence[tuple[GoldItem, Sequence[Verdict]]]


def _is_right(item: GoldItem, verdict: Verdict) -> bool:
    return item.labels.get(verdict.claim) is verdict.relation


def _score(pairs: Pairs, relations: frozenset[Relation], *, exact: bool) -> Score:
    """Over the verdicts and labels of these relations."""
    verdicts = [(item, one) for item, verdicts in pairs for one in verdicts if one.relation in relations]
    right = sum(_is_right(item, one) if exact else one.claim in item.labels for item, one in verdicts)
    wanted = sum(relation in relations for item, _ in pairs for relation in item.labels.values())
    return Score(right, len(verdicts), wanted)


def _alarm(pairs: Pairs) -> Score:
    alarmed = [item.moves for item, verdicts in pairs if any(one.relation in MOVES for one in verdicts)]
    return Score(sum(alarmed), len(alarmed), sum(item.moves for item, _ in pairs))


def _by_kind(pairs: Pairs) -> dict[str, tuple[int, int]]:
    items: Counter[str] = Counter(item.kind for item, _ in pairs if item.kind)
    right: Counter[str] = Counter(
        item.kind for item, verdicts in pairs if {one.claim: one.relation for one in verdicts} == dict(item.labels)
    )
    return {kind: (right[kind], items[kind]) for kind in sorted(items)}


def reliability(verdicts: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Bins of equal width over (confidence, right); empty ones are left out."""
    made = []
    for at in range(BINS):
        inside = [(sure, right) for sure, right in verdicts if min(BINS - 1, int(sure * BINS + 1e-9)) == at]
        if inside:
            sure = sum(confidence for confidence, _ in inside) / len(inside)
            made.append(
                Bin(at / BINS, (at + 1) / BINS, len(inside), sure, share(sum(r for _, r in inside), len(inside)))
            )
    return tuple(made)


def _worst(pairs: Pairs) -> tuple[Mistake, ...]:
    """The gravest mistakes; a wrong relation is one mistake, not two."""
    mistakes = [mistake for item, verdicts in pairs for mistake in (*_wrong(item, verdicts), *_missed(item, verdicts))]
    return tuple(sorted(mistakes, key=lambda one: -one.weight)[:WORST])


def _wrong(item: GoldItem, verdicts: Sequence[Verdict]) -> list[Mistake]:
    return [
        Mistake(item.item, one.claim, item.labels.get(one.claim), one.relation, one.confidence, one.evidence)
        for one in verdicts
        if not _is_right(item, one)
    ]


def _missed(item: GoldItem, verdicts: Sequence[Verdict]) -> list[Mistake]:
    shown = {one.claim for one in verdicts}
    return [
        Mistake(item.item, claim, relation, None, MISSED_MOVE if relation in MOVES else MISSED)
        for claim, relation in item.labels.items()
        if claim not in shown
    ]
