"""A TOML file read into a pydantic form, so that every mistake is told with file, line, key and what was expected."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from bot.errors import ConfigError

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_FENCE = re.compile(r'"""|\'\'\'')
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")

_LONGEST_SHOWN = 200
_WHOLE = {
    "extra_forbidden": "unknown key; remove it or correct its spelling",
    "missing": "missing; this key is required",
}
_LISTS = {"frozen_set_type", "set_type", "tuple_type", "list_type"}
_PLAIN = {
    "model_type": "expected a table, that is a header in brackets with keys under it",
    "dict_type": "expected a table, that is a header in brackets with keys under it",
    "string_type": "expected a text in quotation marks",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
}

KeyPath = tuple[str | int, ...]

WRITTEN: Final = "written by a person"
"""The context in which a form is checked that somebody wrote: it may be stricter there than with our own values."""


class Form(BaseModel):
    """The shape of a file or of a table in it: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


FormT = TypeVar("FormT", bound=Form)


def read_form(path: Path, form: type[FormT], absent: str = "") -> FormT:
    """Read the file at `path` as a `form`. Raises `ConfigError` that names file, line and key.

    `absent` says what to do where there is no such file.
    """
    text = read_text(path, absent)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"no valid TOML: {error}", file=str(path), line=_line_of_syntax(error, text)) from None
    return check_form(document, form, path, key_lines(text))


def check_form(document: dict[str, Any], form: type[FormT], path: Path, lines: dict[KeyPath, int]) -> FormT:
    """`document` as a `form`; the first mistake is raised as a `ConfigError` at its line."""
    try:
        return form.model_validate(document, context=WRITTEN)
    except ValidationError as error:
        first = error.errors()[0]
        where = tuple(part for part in first["loc"] if isinstance(part, str | int))
        raise ConfigError(
            _problem(first),
            file=str(path),
            line=nearest_line(where, lines),
            key=".".join(str(part) for part in where),
        ) from None


def key_lines(text: str) -> dict[KeyPath, int]:
    """1-based line of each table header and key of a TOML text; tables of an array are numbered from 0."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    fenced = False
    for number, row in enumerate(text.splitlines(), start=1):
        inside, fenced = fenced, fenced ^ (len(_FENCE.findall(row)) % 2 == 1)
        if inside:
            continue
        if header := _HEADER.match(row):
            table = _resolve(_parts(header[2]), counts)
            if header[1] == "[[":
                index = counts.get(table, -1) + 1
                counts[table] = index
                table = (*table, index)
            lines.setdefault(table, number)
        elif key := _KEY.match(row):
            lines.setdefault((*table, *_parts(key[1])), number)
    return lines


def nearest_line(where: KeyPath, lines: dict[KeyPath, int]) -> int | None:
    """The line of that key (of an array of tables: of its first), else of the innermost table around it."""
    for length in range(len(where), 0, -1):
        for key in (where[:length], (*where[:length], 0)):
            if key in lines:
                return lines[key]
    return None


def _resolve(parts: tuple[str, ...], counts: dict[KeyPath, int]) -> KeyPath:
    """A header's path, with the number of the current element after each array of tables on the way."""
    path: KeyPath = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if path in counts and position < len(parts) - 1:
            path = (*path, counts[path])
    return path


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def read_text(path: Path, absent: str = "") -> str:
    """The file's text. Raises `ConfigError`, which ends with `absent` where there is no such file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("; ".join(filter(None, ("no such file", absent))), file=str(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}; save it as UTF-8", file=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _line_of_syntax(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def _problem(error: ErrorDetails) -> str:
    if error["type"] in _WHOLE:
        return _WHOLE[error["type"]]
    expected = _expected(error)
    shown = _shown(error["input"])
    return f"is {shown}; {expected}" if shown else expected


def _expected(error: ErrorDetails) -> str:
    """What was expected, in words of those who write files and not of those who write programs."""
    if error["type"] in _LISTS:
        return _expected_list(error["loc"][-1], error["input"])
    if error["type"] in _PLAIN:
        return _PLAIN[error["type"]].format_map(error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ").removeprefix("Input ")


def _expected_list(key: str | int, value: object) -> str:
    """A list with what stands there alone as its example; a table in single brackets was meant as the first of many."""
    if isinstance(value, dict):
        return f"expected [[{key}]], in double brackets"
    example = f" such as [{json.dumps(value, ensure_ascii=False)}]" if isinstance(value, str) else ""
    return f"expected a list{example}"


def _shown(value: object) -> str:
    """A single value as it may be repeated; empty for what is better looked up in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if value == "":
        return "empty"
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return ""
    return repr(value) if isinstance(value, str | int | float) else ""
