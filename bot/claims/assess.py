"""What items do to claims, by the networks that are shipped: retrieve, read together, weigh, quote.

`LocalAssessor` fills the port `Assessor`; everything that computes runs in a worker thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.claims import figures
from bot.claims.encoder import MODEL_FOLDER, Matrix, Network, languages_of, read_card
from bot.claims.judge import Judge, dated, other_judge, own_judge
from bot.claims.retrieve import Candidate, Reading, Retriever, read, window
from bot.claims.stack import Opinion, Signals, Stack, odds, plain_opinion, strongest
from bot.model import Claim, Item, Relation, Verdict

MOST_SENTENCES = 8
ITEMS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Gates:
    """What an item and a claim must pass before more is read of them."""

    most: int = 8  # claims read together with one item; the right one is among them 19 times out of 20
    likeness: float = 0.3
    hopeful: float = -1.5  # odds (as a logarithm) of the window, from which its sentences are read one by one


GATES = Gates()
OPEN = Gates(most=1, likeness=-1.0, hopeful=-float("inf"))
"""For explaining: everything passes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One item against one claim: what was read, what the networks said and what follows."""

    claim: int
    window: str
    quotes: tuple[str, ...]  # the sentences read one by one, in the order of `signals.sentences`
    signals: Signals

    @property
    def evidence(self) -> str:
        """The sentence that decides, word for word."""
        return self.quotes[strongest(self.signals.sentences)]


class Engine:
    """The loaded networks. Every method blocks."""

    def __init__(self, folder: Path = MODEL_FOLDER, other: str = "", threads: int | None = None) -> None:
        card = read_card(folder)
        self.name = str(card.get("name", "local model"))
        self.languages = languages_of(card)
        retriever = Network(folder / "retriever.onnx", folder / "tokenizer.json", 128, threads)
        self.retriever = Retriever(retriever)
        self.judge: Judge = other_judge(other, threads) if other else own_judge(card, folder, threads)
        self.stack = Stack.read(card)
        self._other = bool(other)

    def findings(self, items: Sequence[Item], claims: Sequence[Claim], gates: Gates = GATES) -> list[list[Finding]]:
        """For each item the claims that it may bear on, with all signals."""
        found: list[list[Finding]] = []
        for start in range(0, len(items), ITEMS_AT_ONCE):
            found += self._findings([read(item) for item in items[start : start + ITEMS_AT_ONCE]], claims, gates)
        return found

    def explain(self, item: Item, claim: Claim) -> tuple[Finding, Opinion] | None:
        """What the networks say of one item and one claim, whatever it is; None for an item without words."""
        found = self.findings([item], [claim], OPEN)[0]
        return (found[0], self.opinion(found[0].signals)) if found else None

    def opinion(self, signals: Signals) -> Opinion:
        """What follows from the signals; calibrated for the judge that is shipped."""
        return plain_opinion(signals) if self._other else self.stack.judge(signals)

    def _findings(self, readings: Sequence[Reading], claims: Sequence[Claim], gates: Gates) -> list[list[Finding]]:
        texts = [dated(claim.statement, claim.as_of) for claim in claims]
        nearest = self.retriever.nearest(
            readings, [claim.statement for claim in claims], gates.most + 1, gates.likeness
        )
        asked = [(at, one) for at, candidates in enumerate(nearest) for one in candidates[: gates.most]]
        windows = [window(readings[at], one.sentence) for at, one in asked]
        wholes = self.judge.read([(texts[one.claim], text) for (at, one), text in zip(asked, windows, strict=True)])
        hopeful = [row for row, sign in enumerate(odds(wholes)) if sign >= gates.hopeful]
        quotes = {row: _quotable(readings[asked[row][0]], asked[row][1]) for row in hopeful}
        alone = self._one_by_one([(texts[asked[row][1].claim], quotes[row]) for row in hopeful])
        found: list[list[Finding]] = [[] for _ in readings]
        for row, sentences in zip(hopeful, alone, strict=True):
            at, one = asked[row]
            others = [float(odds(wholes[i])) for i, (item, _) in enumerate(asked) if item == at and i != row]
            signals = signals_of(claims[one.claim], wholes[row], sentences, one, nearest[at], others, windows[row])
            found[at].append(Finding(one.claim, windows[row], quotes[row], signals))
        return found

    def _one_by_one(self, asked: Sequence[tuple[str, tuple[str, ...]]]) -> list[Matrix]:
        """For each (claim, sentences) the rows of its sentences, all read in one go."""
        rows = self.judge.read([(claim, sentence) for claim, sentences in asked for sentence in sentences])
        ends = np.cumsum([len(sentences) for _, sentences in asked])
        return list(np.split(rows, ends)[:-1]) if asked else []


def _quotable(reading: Reading, candidate: Candidate) -> tuple[str, ...]:
    """The title and the sentences nearest to the one that is most like the claim: those that may be quoted."""
    sentences = reading.sentences
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    start = min(max(1, candidate.sentence - 3), len(sentences) - MOST_SENTENCES + 1)
    return (sentences[0], *sentences[start : start + MOST_SENTENCES - 1])


def signals_of(
    claim: Claim,
    whole: Matrix,
    sentences: Matrix,
    candidate: Candidate,
    nearest: Sequence[Candidate],
    others: Sequence[float],
    text: str,
) -> Signals:
    """All signals of one item and one claim."""
    rest = [one.likeness for one in nearest if one is not candidate]
    return Signals(
        whole=whole,
        sentences=sentences,
        likeness=candidate.likeness,
        lead=candidate.likeness - max(rest, default=0.0),
        rival=max(others, default=-8.0),
        figures=figures.signs(claim.statement, text),
    )


def moved_figure(claim: Claim, finding: Finding) -> str | None:
    """What the evidence (or else the window around it) moves of the claim's figures, as "old → new"."""
    for text in (finding.evidence, finding.window):
        found = figures.compare(claim.statement, text)
        if found is not None and found.moved:
            return found.change
    return None


class LocalAssessor:
    """Fills the port `Assessor` with the networks that are shipped. They are loaded at the first comparison."""

    def __init__(self, folder: Path = MODEL_FOLDER, other: str = "", threads: int | None = None) -> None:
        self.name = "local model"
        self.languages = languages_of({})
        self._wanted = (folder, other, threads)
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """For each item its verdicts, the surest first. Raises `ModelError` where the weights cannot be read."""
        if not items or not claims:
            return [() for _ in items]
        return await asyncio.to_thread(self.compare_now, items, claims)

    def compare_now(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """The same, blocking."""
        same = _by_wording(claims)
        with self._lock:
            engine = self.engine()
            findings = engine.findings(items, [claims[group[0]] for group in same])
        return [_verdicts(found, claims, same, engine) for found in findings]

    def engine(self) -> Engine:
        """The networks, loaded once."""
        if self._engine is None:
            self._engine = Engine(*self._wanted)
            self.name, self.languages = self._engine.name, self._engine.languages
        return self._engine


def _by_wording(claims: Sequence[Claim]) -> list[list[int]]:
    """Positions of claims, those of equal wording and date together."""
    groups: dict[tuple[str, str], list[int]] = {}
    for at, claim in enumerate(claims):
        groups.setdefault((claim.statement, claim.as_of), []).append(at)
    return list(groups.values())


def _verdicts(
    findings: Sequence[Finding], claims: Sequence[Claim], same: Sequence[Sequence[int]], engine: Engine
) -> tuple[Verdict, ...]:
    made = []
    for finding in findings:
        opinion = engine.opinion(finding.signals)
        if opinion.bears >= engine.stack.threshold:
            made += [verdict(claims[at], finding, opinion) for at in same[finding.claim]]
    return tuple(sorted(made, key=lambda one: -one.confidence))


def verdict(claim: Claim, finding: Finding, opinion: Opinion) -> Verdict:
    """What is shown: the likeliest relation, its confidence, the sentence and what moved."""
    relation, confidence = opinion.best
    change = moved_figure(claim, finding) if relation is not Relation.CONFIRMS else None
    return Verdict(claim.id, relation, round(confidence, 3), finding.evidence, change)
