"""How `claimwatch judge explain` shows one item and one claim, as rich tables."""

from __future__ import annotations

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.claims.assess import Finding
from bot.claims.encoder import Matrix
from bot.claims.figures import comparisons, read
from bot.claims.judge import LABELS
from bot.claims.stack import RELATIONS, Opinion, strongest
from bot.model import Claim


def explanation(claim: Claim, finding: Finding, opinion: Opinion) -> RenderableType:
    """The claim, what was read, what the networks said of each piece, the figures, and what follows."""
    return Group(_held(claim), _readings(finding), _figures(claim, finding), _outcome(finding, opinion))


def _held(claim: Claim) -> Text:
    return Text(f"{claim.id} ({claim.kind}, as of {claim.as_of}): {claim.statement}", style="bold")


def _readings(finding: Finding) -> Table:
    table = Table(title="What was read, and the chance of each relation", title_justify="left")
    table.add_column("window or sentence")
    for label in LABELS:
        table.add_column(label, justify="right")
    table.add_row(Text(f"[window] {finding.window}"), *_chances(finding.signals.whole))
    best = strongest(finding.signals.sentences)
    for at, (quote, row) in enumerate(zip(finding.quotes, finding.signals.sentences, strict=True)):
        table.add_row(Text(("→ " if at == best else "  ") + quote), *_chances(row))
    return table


def _chances(row: Matrix) -> list[str]:
    return [f"{chance:.2f}" for chance in np.exp(row)]


def _figures(claim: Claim, finding: Finding) -> Table:
    table = Table(title="Figures", title_justify="left", show_header=False)
    table.add_row("in the claim", _quoted(claim.statement))
    table.add_row("in the evidence", _quoted(finding.evidence))
    found = comparisons(claim.statement, finding.evidence)
    compared = [f"{one.change} ({one.movement}, alike {one.likeness:.2f})" for one in found]
    table.add_row("compared", Text("; ".join(compared) or "nothing comparable"))
    return table


def _quoted(text: str) -> Text:
    return Text(", ".join(f"{one.text} [{one.kind}, {one.unit}]" for one in read(text)) or "none")


def _outcome(finding: Finding, opinion: Opinion) -> Text:
    signals = finding.signals
    relations = ", ".join(
        f"{relation} {chance:.2f}" for relation, chance in zip(RELATIONS, opinion.relations, strict=True)
    )
    return Text(
        f"likeness {signals.likeness:.2f} (lead {signals.lead:+.2f}), strongest other claim {signals.rival:+.2f}\n"
        f"bears on the claim: {opinion.bears:.2f}; if it does: {relations}"
    )
