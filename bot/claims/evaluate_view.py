"""An evaluation as tables for a terminal. Foreign text goes in as `Text`, so that no markup in it is obeyed."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.claims.evaluate import Evaluation, Mistake, Score
from bot.model import Claim


def render(evaluation: Evaluation, claims: Mapping[str, Claim]) -> RenderableType:
    """All tables; `claims` by id lend the mistakes their wording."""
    parts: list[RenderableType] = [_head(evaluation), _scores(evaluation), _reliability(evaluation)]
    if evaluation.kinds:
        parts.append(_kinds(evaluation))
    if evaluation.mistakes:
        parts.append(Text(f"\nThe {len(evaluation.mistakes)} worst errors", style="bold"))
        parts += [_mistake(number, one, claims) for number, one in enumerate(evaluation.mistakes, start=1)]
    return Group(*parts)


def _head(evaluation: Evaluation) -> Text:
    pace = f", {evaluation.pace:.1f} entries/s" if evaluation.seconds else ""
    return Text(f"{evaluation.items} items, {evaluation.labels} labels{pace}")


def _scores(evaluation: Evaluation) -> Table:
    table = Table(title="Verdicts", title_justify="left")
    table.add_column("")
    for name in ("precision", "recall", "F1", "right", "shown", "wanted"):
        table.add_column(name, justify="right")
    _score_row(table, "right claim", evaluation.claim)
    _score_row(table, "claim and relation", evaluation.exact)
    for relation, score in evaluation.relations.items():
        _score_row(table, f"  {relation}", score)
    table.add_row("  macro F1 of the relations", "", "", f"{evaluation.macro_f1:.3f}", "", "", "")
    _score_row(table, "alarm (contradicts or updates anything)", evaluation.alarm)
    silence = f"{evaluation.silence:.3f}"
    table.add_row(
        "unlabelled items left silent", "", silence, "", str(evaluation.silent), "", str(evaluation.unlabelled)
    )
    return table


def _score_row(table: Table, name: str, score: Score) -> None:
    shares = (f"{value:.3f}" for value in (score.precision, score.recall, score.f1))
    table.add_row(name, *shares, str(score.right), str(score.shown), str(score.wanted))


def _reliability(evaluation: Evaluation) -> Table:
    title = f"Calibration: expected calibration error {evaluation.calibration_error:.3f}"
    table = Table(title=title, title_justify="left")
    table.add_column("shown with")
    for name in ("verdicts", "mean confidence", "right"):
        table.add_column(name, justify="right")
    for one in evaluation.bins:
        span = f"{one.low:.1f}–{one.high:.1f}"
        table.add_row(span, str(one.verdicts), f"{one.confidence:.3f}", f"{one.right:.3f}")
    return table


def _kinds(evaluation: Evaluation) -> Table:
    table = Table(title="Items whose verdicts are exactly their labels", title_justify="left")
    for name in ("kind", "right", "of"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for kind, (right, items) in evaluation.kinds.items():
        table.add_row(Text(kind), str(right), str(items))
    return table


def _mistake(number: int, mistake: Mistake, claims: Mapping[str, Claim]) -> RenderableType:
    shown = mistake.shown.value if mistake.shown else "nothing"
    wanted = mistake.wanted.value if mistake.wanted else "nothing"
    sure = f" with {mistake.weight:.2f}" if mistake.shown else ""
    text = Text(f"{number}. {mistake.item.id} × {mistake.claim}: said {shown}{sure}, expected {wanted}\n", style="bold")
    claim = claims.get(mistake.claim)
    if claim is not None:
        text.append(f"claim: {claim.statement} ({claim.as_of})\n", style="cyan not bold")
    text.append(f"{mistake.item.title}\n{mistake.item.text}", style="not bold")
    if mistake.evidence:
        text.append(f"\n“{mistake.evidence}”", style="dim not bold")
    return Padding(text, (0, 0, 1, 2))
