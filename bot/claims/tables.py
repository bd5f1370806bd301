"""Claims as files that people send and get: CSV, JSON and TOML, each of which is read as it is written. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from bot.claims.baseline import COLUMNS, ClaimForm
from bot.claims.wording import kind_of, slug_of
from bot.errors import BadInput
from bot.forms import KeyPath, check_form, key_lines
from bot.model import Claim

MOST = 5000
_THE_FILE = Path("the file")
_DELIMITERS = (",", ";", "\t")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEEDED = ("theme", "statement")


class Format(StrEnum):
    CSV = "csv"
    JSON = "json"
    TOML = "toml"


Lines = dict[KeyPath, int]
Row = tuple[Mapping[str, Any], Lines]
"""One claim as it was found, and on which line each of its keys stands."""


# --- writing -----------------------------------------------------------------------------------------------------


def dump(claims: Iterable[Claim], wanted: Format) -> bytes:
    """The claims as a file in UTF-8."""
    rows = [{column: str(getattr(claim, column)) for column in COLUMNS} for claim in claims]
    match wanted:
        case Format.CSV:
            return _csv(rows).encode()
        case Format.JSON:
            return f"{json.dumps({'claims': rows}, ensure_ascii=False, indent=2)}\n".encode()
        case Format.TOML:
            return "\n".join(map(_toml, rows)).encode()


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    """With a mark that tells spreadsheets the encoding, and no cell that one takes for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_inert(row[column]) for column in COLUMNS] for row in rows)
    return f"\ufeff{out.getvalue()}"


def _inert(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _toml(row: Mapping[str, str]) -> str:
    """A table; a JSON string is a TOML string, but for one character."""
    pairs = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in row.items())
    return "\n".join(["[[claims]]", *pairs, ""]).replace("\x7f", "\\u007f")


# --- reading -----------------------------------------------------------------------------------------------------


def parse(name: str, content: bytes, today: str) -> tuple[Claim, ...]:
    """The claims of a file, whose name only hints at its form. Raises `BadInput` and `ConfigError`, with the line.

    Only theme and statement are needed: an id and a kind are made of the statement, and a claim holds as of `today`.
    """
    text = _decoded(content)
    rows = _rows(name.lower(), text)
    if not rows:
        raise BadInput("the file holds no claims; /claim export gives one to see how they are written")
    if len(rows) > MOST:
        raise BadInput(f"the file holds {len(rows):,} claims; at most {MOST:,} are read at once")
    claims = tuple(_claim(row, today) for row in rows)
    _refuse_doubles(claims)
    return claims


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"the file is not UTF-8 at byte {error.start}; save it as UTF-8") from None


def _rows(name: str, text: str) -> list[Row]:
    start = text.lstrip()
    if name.endswith(".toml") or (not name.endswith((".csv", ".tsv")) and "[[claims]]" in text):
        return _toml_rows(text)
    if name.endswith(".json") or start[:1] == "{" or start[:2] == "[{":
        return _json_rows(text)
    return _csv_rows(text)


def _csv_rows(text: str) -> list[Row]:
    header = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=header.count)
    source = io.StringIO(text, newline="")
    reader = (
        csv.DictReader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        if delimiter == "\t"
        else csv.DictReader(source, delimiter=delimiter)
    )
    columns = [column.strip().lower() for column in reader.fieldnames or ()]
    if missing := [column for column in _NEEDED if column not in columns]:
        raise BadInput(f"the first line lacks {' and '.join(missing)}; columns are {', '.join(COLUMNS)}")
    reader.fieldnames = columns
    try:
        return [(_cells(row), dict.fromkeys(((column,) for column in COLUMNS), reader.line_num)) for row in reader]
    except csv.Error as error:
        raise BadInput(f"the file is no table from line {reader.line_num + 1} on: {error}") from None


def _cells(row: Mapping[str, Any]) -> dict[str, str]:
    """The columns that are ours; what else a table holds is its own."""
    cells = {column: str(row.get(column) or "") for column in COLUMNS}
    return {column: cell[1:] if cell[:1] == "'" and _FORMULA.match(cell) else cell for column, cell in cells.items()}


def _json_rows(text: str) -> list[Row]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"the file is no JSON{where}") from None
    found = document.get("claims") if isinstance(document, dict) else document
    return [(row, {}) for row in _tables(found)]


def _toml_rows(text: str) -> list[Row]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"the file is no TOML: {error}") from None
    lines = key_lines(text)
    return [
        (row, {path[2:]: line for path, line in lines.items() if path[:2] == ("claims", number)})
        for number, row in enumerate(_tables(document.get("claims")))
    ]


def _tables(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadInput(f"expected a list of claims, each with {', '.join(COLUMNS)}")
    return found


def _claim(row: Row, today: str) -> Claim:
    given, lines = row
    filled = {key: value for key, value in given.items() if value != ""}
    statement = str(filled.get("statement", ""))
    made = {"id": slug_of(statement), "kind": kind_of(statement), "as_of": today}
    if statement:
        filled["statement"] = " ".join(statement.split())
    return check_form(made | filled, ClaimForm, _THE_FILE, lines).claim()


def _refuse_doubles(claims: Sequence[Claim]) -> None:
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise BadInput(f"{claim.id!r} stands in the file twice; ids are unique")
        seen.add(claim.id)
