"""A TOML file read into a pydantic form, so that every mistake is told with file, line, key and what was expected."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import ConfigError

_HEADER = re.compile(r"^\s*(\[{1,2})\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_FENCE = re.compile(r'"""|\'\'\'')
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")

KeyPath = tuple[str | int, ...]


class Form(BaseModel):
    """The shape of a file or of a table in it: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


FormT = TypeVar("FormT", bound=Form)


def read_form(path: Path, form: type[FormT]) -> FormT:
    """Read the file at `path` as a `form`. Raises `ConfigError` that names file, line and key."""
    text = read_text(path)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"no valid TOML: {error}", file=str(path), line=_line_of_syntax(error, text)) from None
    return check_form(document, form, path, key_lines(text))


def check_form(document: dict[str, Any], form: type[FormT], path: Path, lines: dict[KeyPath, int]) -> FormT:
    """`document` as a `form`; the first mistake is raised as a `ConfigError` at its line."""
    try:
        return form.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = tuple(part for part in first["loc"] if isinstance(part, str | int))
        raise ConfigError(
            _problem(first["type"], first["msg"], first.get("input")),
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


def read_text(path: Path) -> str:
    """The file's text. Raises `ConfigError`."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError("no such file; give another with --config DIR", file=str(path)) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 at byte {error.start}; save it as UTF-8", file=str(path)) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _line_of_syntax(error: tomllib.TOMLDecodeError, text: str) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


def _problem(kind: str, message: str, value: object) -> str:
    if kind == "extra_forbidden":
        return "unknown key; remove it or correct its spelling"
    if kind == "missing":
        return "missing; this key is required"
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return f"is {value!r}; {message}" if isinstance(value, str | int | float | bool) else message
