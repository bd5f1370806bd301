"""`compare`, `match`, `baseline check`: the judgement without feeds, platforms or database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.alerts.render import SIGN
from bot.claims.baseline import Baseline, load_baseline
from bot.claims.choose import local_assessor
from bot.cli.common import DEFAULT_CONFIG, Config, err, out, read_items, settled, told
from bot.model import Claim, Item, Verdict, surety
from bot.ports import Assessor
from bot.watch.query import parse
from bot.watch.words import Document

BATCH = 32

baseline = typer.Typer(no_args_is_help=True, help="The baseline of claims.")
Items = Annotated[Path, typer.Argument(help="JSONL with id, title and summary a line.")]
Claims = Annotated[Path | None, typer.Option("--claims", help="Another baseline, as .toml or .tsv.")]


@told
def compare(
    items: Items,
    claims: Claims = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Say what each item does to the claims."""
    held, assessor = judging(config, claims)
    read = [item for item, _ in read_items(items)]
    for item, verdicts in zip(read, compared(read, held.claims, assessor), strict=True):
        if as_json:
            typer.echo(json.dumps({"id": item.id, "verdicts": [_plain(one) for one in verdicts]}, ensure_ascii=False))
        else:
            _show(item, verdicts)


def judging(config: Path, claims: Path | None) -> tuple[Baseline, Assessor]:
    """The claims of `claims`, else of the configured topic, and what compares with them."""
    if claims is not None and not (config / "claimwatch.toml").exists():
        return load_baseline(claims), local_assessor("")
    settings = settled(config)
    return load_baseline(claims or settings.topic_folder / "claims.toml"), local_assessor(settings.file.judge.model)


def compared(items: Sequence[Item], claims: Sequence[Claim], assessor: Assessor) -> list[tuple[Verdict, ...]]:
    """The verdicts of each item, with a progress bar on standard error."""
    verdicts: list[tuple[Verdict, ...]] = []
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("comparing", total=len(items))
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            verdicts += asyncio.run(assessor.compare(batch, claims))
            progress.advance(task, len(batch))
    return verdicts


@told
def match(
    query: Annotated[str, typer.Argument(help="A watch's query in Lucene syntax.")],
    items: Annotated[Path, typer.Argument(help="JSONL with title, summary, source and lang a line.")],
) -> None:
    """Show which items a query matches, and on which words."""
    expression = parse(query)
    read = list(read_items(items))
    matched = 0
    for item, row in read:
        document = _document(item, row)
        if expression.holds(document):
            matched += 1
            words = ", ".join(expression.hits(document))
            out.print(f"{item.id}  {item.title}  [{words}]", markup=False, highlight=False, soft_wrap=True)
    err.print(f"{matched} of {len(read)} items match", markup=False, highlight=False)


@baseline.command("check")
@told
def check_baseline(
    file: Annotated[Path | None, typer.Argument(help="A .toml or .tsv; by default the configured topic's.")] = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Read a baseline and say what is wrong in it, with file, line and key."""
    path = file or settled(config).topic_folder / "claims.toml"
    held = load_baseline(path)
    themes = sorted({claim.theme for claim in held.claims})
    out.print(f"{path}: {len(held.claims)} claims in {len(themes)} themes: {', '.join(themes)}", markup=False)


def _document(item: Item, row: Mapping[str, object]) -> Document:
    return Document.of(item.title, item.text, str(row.get("source", "")), str(row.get("lang", "")))


def _plain(verdict: Verdict) -> dict[str, object]:
    return {
        "claim": verdict.claim,
        "relation": verdict.relation.value,
        "confidence": verdict.confidence,
        "evidence": verdict.evidence,
        "change": verdict.change,
    }


def _show(item: Item, verdicts: Sequence[Verdict]) -> None:
    out.print(f"{item.id}  {item.title}", style="bold", markup=False, highlight=False, soft_wrap=True)
    for verdict in verdicts:
        change = f" · {verdict.change}" if verdict.change else ""
        sure = f"{surety(verdict.confidence)} ({verdict.confidence:.2f})"
        head = f"   {SIGN[verdict.relation]} {verdict.relation} {verdict.claim}{change} · {sure}"
        out.print(head, markup=False, highlight=False, soft_wrap=True)
        out.print(f"     “{verdict.evidence}”", style="dim", markup=False, highlight=False, soft_wrap=True)
