"""What all of the operator's commands share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from rich.console import Console

from bot.errors import ClaimwatchError, ConfigError, NotFound
from bot.model import Item, Tenant
from bot.ops import set_up_logging
from bot.ports import TenantStore
from bot.settings import Settings, load_settings
from storage import Store, open_store

P = ParamSpec("P")
R = TypeVar("R")

out = Console()
err = Console(stderr=True)

Config = Annotated[
    Path,
    typer.Option("--config", envvar="CLAIMWATCH_CONFIG", help="The folder with claimwatch.toml."),
]
LogLevel = Annotated[str, typer.Option("--log-level", envvar="CLAIMWATCH_LOG_LEVEL", help="DEBUG, INFO, WARNING …")]
DEFAULT_CONFIG = Path("config")
NAMED = 10
"""Tenants that a refusal names."""


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Errors that we raise on purpose are told in one line, and the exit status is 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except ClaimwatchError as error:
            err.print(f"claimwatch: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from None

    return run


def settled(config: Path, level: str = "WARNING") -> Settings:
    """Settings from `config` and the environment, with logging set up. Raises `ConfigError`."""
    settings = load_settings(config)
    secrets = [secret.get_secret_value() for _, secret in settings.secrets if secret]
    if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise ConfigError(f"is {level!r}; expected DEBUG, INFO, WARNING, ERROR or CRITICAL", key="--log-level")
    set_up_logging(level.upper(), secrets)
    return settings


@contextmanager
def stored(config: Path) -> Iterator[tuple[Settings, Store]]:
    """Settings and the opened store, closed afterwards."""
    settings = settled(config)
    store = open_store(settings.database)
    try:
        yield settings, store
    finally:
        store.close()


def known_tenant(tenants: TenantStore, wanted: str) -> Tenant:
    """The tenant. Raises `NotFound`, which tells the operator whom there is instead."""
    there = {tenant.id: tenant for tenant in tenants.all()}
    if wanted in there:
        return there[wanted]
    more = f" and {len(there) - NAMED} more" if len(there) > NAMED else ""
    hint = f"Known: {', '.join(list(there)[:NAMED])}{more}." if there else "There is no tenant yet."
    raise NotFound(f"There is no tenant {wanted!r}. {hint}")


def read_items(path: Path) -> list[tuple[Item, dict[str, Any]]]:
    """The items of a JSONL file, each with its whole line. Raises `ConfigError` that names file and line.

    A file without any is refused, too.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # texts may hold other marks that end a line
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path)) from None
    items = [_item(path, number, text) for number, text in enumerate(lines, start=1) if text.strip()]
    if not items:
        raise ConfigError("holds no items; expected one JSON object a line", file=str(path))
    return items


def _item(path: Path, number: int, text: str) -> tuple[Item, dict[str, Any]]:
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"no valid JSON: {error.msg}", file=str(path), line=number) from None
    if not isinstance(row, dict) or not isinstance(row.get("title"), str):
        expected = 'an object such as {"id": "a1", "title": "…", "summary": "…"}'
        raise ConfigError(f"expected {expected}", file=str(path), line=number)
    summary = row.get("summary") or row.get("text") or ""
    if not isinstance(summary, str):
        raise ConfigError("is no text", file=str(path), line=number, key="summary")
    return Item(str(row.get("id", number)), row["title"], summary), row


def database_file(settings: Settings) -> str:
    """The database as it may be shown: without a password."""
    address = settings.database
    head, at, tail = address.rpartition("@")
    return f"{head.split('://')[0]}://…@{tail}" if at and head else os.fspath(address)
