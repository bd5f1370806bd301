"""`compare`, `eval`, `judge explain`, `match`, `baseline check`: the judgement without feeds, platforms or database."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.alerts.render import SIGN
from bot.claims.assess import LocalAssessor
from bot.claims.baseline import Baseline, load_baseline
from bot.claims.choose import local_assessor
from bot.claims.evaluate import evaluate as weigh
from bot.claims.evaluate import load_gold
from bot.claims.evaluate_view import render
from bot.claims.explain_view import explanation
from bot.cli.common import DEFAULT_CONFIG, Config, err, out, read_items, settled, told
from bot.errors import NotFound
from bot.model import Claim, Item, Verdict, surety
from bot.pack import load_claims, read_query
from bot.ports import Assessor
from bot.watch.named import no_such
from bot.watch.words import Document

BATCH = 32
LINE_MARKS = {mark: f"\\u{mark:04x}" for mark in (0x85, 0x2028, 0x2029)}
"""What JSON leaves as it is, but readers of lines take for a line's end."""

judge = typer.Typer(no_args_is_help=True, help="The comparison model.")
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
            row = {"id": item.id, "verdicts": [_plain(one) for one in verdicts]}
            typer.echo(json.dumps(row, ensure_ascii=False).translate(LINE_MARKS))
        else:
            _show(item, verdicts)


def judging(config: Path, claims: Path | None) -> tuple[Baseline, Assessor]:
    """The claims of `claims`, else of the configured topic, and what compares with them."""
    return _held(config, claims), local_assessor(_model(config))


def _held(config: Path, claims: Path | None) -> Baseline:
    """Those of the file, else of the configured topic. Raises `ConfigError`."""
    return load_baseline(claims) if claims else load_claims(settled(config).topic_folder)


def _model(config: Path) -> str:
    """The model that settings name; none where there are no settings."""
    return settled(config).file.judge.model if (config / "claimwatch.toml").exists() else ""


def compared(items: Sequence[Item], claims: Sequence[Claim], assessor: Assessor) -> list[tuple[Verdict, ...]]:
    """The verdicts of each item, with a progress bar on standard error."""
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("comparing", total=len(items))
        return asyncio.run(_compared(items, claims, assessor, lambda done: progress.advance(task, done)))


async def _compared(
    items: Sequence[Item], claims: Sequence[Claim], assessor: Assessor, advance: Callable[[int], None]
) -> list[tuple[Verdict, ...]]:
    verdicts: list[tuple[Verdict, ...]] = []
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        verdicts += await assessor.compare(batch, claims)
        advance(len(batch))
    return verdicts


@told
def evaluate(gold: Items, claims: Claims = None, config: Config = DEFAULT_CONFIG) -> None:
    """Say how good the judgement is on labelled items: scores, calibration, pace, and the worst mistakes."""
    held, assessor = judging(config, claims)
    items = load_gold(gold)
    began = time.perf_counter()
    found = compared([item.item for item in items], held.claims, assessor)
    evaluation = weigh(items, found, time.perf_counter() - began)
    out.print(f"{gold} against {len(held.claims)} claims, by the {assessor.name}", markup=False, highlight=False)
    out.print(render(evaluation, {claim.id: claim for claim in held.claims}))


@judge.command("explain")
@told
def explain(
    item: Annotated[str, typer.Argument(help="A text, or FILE.jsonl:ID for an item of a file.")],
    claim: Annotated[str, typer.Argument(help="The claim's id.")],
    claims: Claims = None,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Show what was read and weighed for one item and one claim: windows, scores and figures."""
    held, _ = judging(config, claims)
    wanted = _claim(held.claims, claim)
    engine = LocalAssessor(other=_model(config)).engine()
    explained = engine.explain(_item(item), wanted)
    if explained is None:
        raise NotFound("the item has no words to be compared")
    out.print(explanation(wanted, *explained))


def _claim(claims: Sequence[Claim], name: str) -> Claim:
    found = next((claim for claim in claims if claim.id == name), None)
    if found is None:
        raise NotFound(no_such("claim", name, (claim.id for claim in claims)))
    return found


def _item(given: str) -> Item:
    path, _, wanted = given.rpartition(":")
    if not path.endswith(".jsonl"):
        return Item("text", "", given)
    found = next((item for item, _ in read_items(Path(path)) if item.id == wanted), None)
    if found is None:
        raise NotFound(f"{path} has no item {wanted!r}")
    return found


@told
def match(
    query: Annotated[str, typer.Argument(help="A watch's query in Lucene syntax.")],
    items: Annotated[Path, typer.Argument(help="JSONL with title, summary, source and lang a line.")],
) -> None:
    """Show which items a query matches, and on which words."""
    expression = read_query(query)
    read = read_items(items)
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
    held = _held(config, file)
    themes = sorted({claim.theme for claim in held.claims})
    path = file or settled(config).topic_folder / "claims.toml"
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
