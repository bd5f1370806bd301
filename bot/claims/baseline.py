"""The baseline as files: `claims.toml` of a topic, and the TSV and TOML that people import and export."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.errors import ConfigError
from bot.forms import Form, KeyPath, check_form, key_lines, nearest_line, read_form, read_text
from bot.model import Claim, ClaimKind

LineOf = Callable[[int], int | None]
COLUMNS = ("id", "theme", "kind", "source", "as_of", "statement")


def slug(value: str) -> str:
    """The value itself, where it is a usable id. Raises `ValueError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", value):
        raise ValueError("expected lower-case words with hyphens, at most 64 characters")
    return value


def month_or_day(value: str) -> str:
    """The value itself, where it is YYYY-MM or YYYY-MM-DD. Raises `ValueError`."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?", value):
        raise ValueError('expected a month or a day such as "2025-03" or "2025-03-20"')
    return value


class ClaimForm(Form):
    """One `[[claims]]` table, or one row of a TSV."""

    id: Annotated[str, AfterValidator(slug)]
    theme: Annotated[str, AfterValidator(slug)]
    kind: ClaimKind
    source: str = ""
    as_of: Annotated[str, AfterValidator(month_or_day)]
    statement: Annotated[str, Field(min_length=3, max_length=2000)]

    def claim(self) -> Claim:
        """The form as the domain's own value."""
        return Claim(self.id, self.theme, self.kind, self.source, self.as_of, self.statement)


class SourceForm(Form):
    """Where claims were drawn from."""

    name: str
    url: str = ""


class BaselineForm(Form):
    """A `claims.toml`."""

    title: str = "Claims"
    themes: dict[str, str] = Field(default_factory=dict)
    sources: dict[str, SourceForm] = Field(default_factory=dict)
    claims: tuple[ClaimForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """A topic's title, the names of its themes and sources, and its claims."""

    title: str
    themes: dict[str, str]
    sources: dict[str, str]
    claims: tuple[Claim, ...]


def load_baseline(path: Path, absent: str = "name a baseline that is there, as .toml or .tsv") -> Baseline:
    """Read a .toml or .tsv of claims. Raises `ConfigError` that names file, line and key.

    `absent` says what to do where there is no such file.
    """
    return _load_tsv(path, absent) if path.suffix == ".tsv" else _load_toml(path, absent)


def _load_toml(path: Path, absent: str) -> Baseline:
    form = read_form(path, BaselineForm, absent)
    claims = tuple(row.claim() for row in form.claims)
    lines = key_lines(read_text(path))
    _refuse_doubles(claims, path, lambda index: nearest_line(("claims", index, "id"), lines))
    _refuse_unknown_themes(form, claims, path, lines)
    return Baseline(form.title, form.themes, {key: source.name for key, source in form.sources.items()}, claims)


def _load_tsv(path: Path, absent: str) -> Baseline:
    table = io.StringIO(read_text(path, absent), newline="")
    reader = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise ConfigError(f"no table: {error}", file=str(path), line=reader.line_num + 1) from None
    if not rows or missing_columns(rows[0][1]):
        raise ConfigError(f"expected tab-separated columns {', '.join(COLUMNS)}", file=str(path), line=1)
    claims = tuple(
        check_form({key: row[key] or "" for key in COLUMNS}, ClaimForm, path, _row_lines(number)).claim()
        for number, row in rows
    )
    _refuse_doubles(claims, path, lambda index: rows[index][0])
    return Baseline(path.stem, {}, {}, claims)


def missing_columns(row: Iterable[str]) -> list[str]:
    """Which columns a table of claims lacks."""
    return [column for column in COLUMNS if column not in set(row)]


def _row_lines(number: int) -> dict[KeyPath, int]:
    return {(column,): number for column in COLUMNS}


def _refuse_doubles(claims: tuple[Claim, ...], path: Path, line_of: LineOf) -> None:
    seen: set[str] = set()
    for index, claim in enumerate(claims):
        if claim.id in seen:
            raise ConfigError(f"{claim.id!r} stands here twice; ids are unique", file=str(path), line=line_of(index))
        seen.add(claim.id)


def _refuse_unknown_themes(
    form: BaselineForm, claims: tuple[Claim, ...], path: Path, lines: dict[KeyPath, int]
) -> None:
    for index, claim in enumerate(claims):
        if form.themes and claim.theme not in form.themes:
            line = nearest_line(("claims", index, "theme"), lines)
            problem = f"is {claim.theme!r}; expected one of [themes]: {', '.join(form.themes)}"
            raise ConfigError(problem, file=str(path), line=line, key=f"claims.{index}.theme")
