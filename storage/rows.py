"""Rows to values of the model and back. Columns are called like the model's fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from difflib import get_close_matches
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause

from bot.errors import NotFound
from storage.dialect import BATCH

T = TypeVar("T")


def columns(source: FromClause, kind: type) -> list[ColumnElement[Any]]:
    """The columns of `source` that a dataclass is made of, in the order of its fields."""
    return [source.c[item.name] for item in fields(kind)]


def values(thing: Any) -> dict[str, Any]:
    """A dataclass's fields by name, one level deep."""
    return {item.name: getattr(thing, item.name) for item in fields(thing)}


def made(kind: Callable[..., T], rows: Iterable[Sequence[Any]]) -> list[T]:
    """One `kind` from each row of exactly its columns."""
    return [kind(*row) for row in rows]


def batches(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The items in lists of at most `size`, so that none is too long for one statement."""
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch


def missing(what: str, wanted: str, there: Sequence[str]) -> NotFound:
    """The error that nothing is called `wanted`, with the nearest of the names that are there."""
    near = get_close_matches(wanted, there, n=3, cutoff=0.4) or get_close_matches(
        wanted.lower(), there, n=3, cutoff=0.4
    )
    hint = f" Nearest: {', '.join(near)}." if near else f" There is no {what} yet." if not there else ""
    return NotFound(f"There is no {what} {wanted!r}.{hint}")
