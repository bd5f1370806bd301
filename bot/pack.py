"""A topic's folder: baseline, watches and feeds, read once at start and given to each new tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.claims.baseline import Baseline, load_baseline
from bot.errors import ConfigError, QueryError
from bot.feeds import opml
from bot.feeds.opml import Refusal
from bot.forms import Form, key_lines, nearest_line, read_form
from bot.model import FeedIntent, Watch, WatchMode, stable_id
from bot.watch.expression import Expression
from bot.watch.named import unknown
from bot.watch.query import parse

_ABSENT = "a topic's folder holds claims.toml, watches.toml and feeds.opml"
_NO_LISTS = (
    'lists of keywords belong to a server and are not known here; write the words, as in (frigate OR "air force")'
)


class WatchForm(Form):
    """One `[[watches]]` table."""

    name: str
    query: str
    mode: WatchMode = WatchMode.MOVED


class WatchesForm(Form):
    """A `watches.toml`."""

    watches: tuple[WatchForm, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """What a topic brings along. `problems` are the feed list's bad lines: told, and the rest is used."""

    baseline: Baseline
    watches: tuple[WatchForm, ...]
    feeds: tuple[FeedIntent, ...]
    problems: tuple[str, ...]

    def watches_for(self, tenant: str, channel: str) -> list[Watch]:
        """The pack's watches as that channel's own."""
        return [
            Watch(stable_id(tenant, watch.name), tenant, channel, watch.name, watch.query, watch.mode)
            for watch in self.watches
        ]


def load_pack(folder: Path, refusal: Refusal) -> Pack:
    """Read claims.toml, watches.toml and feeds.opml. Raises `ConfigError` that names file, line and key.

    `refusal` says why a feed's URL cannot be followed, or None (`Guard.check_url`).
    """
    baseline = load_claims(folder)
    watches = read_form(folder / "watches.toml", WatchesForm, _ABSENT).watches
    _check_watches(folder / "watches.toml", watches, baseline)
    path = folder / "feeds.opml"
    listed = opml.read(_bytes(path), refusal)
    return Pack(baseline, watches, listed.feeds, tuple(f"{path}: {problem}" for problem in listed.problems))


def load_claims(folder: Path) -> Baseline:
    """The claims of a topic's folder. Raises `ConfigError` that names file, line and key."""
    return load_baseline(folder / "claims.toml", _ABSENT)


def read_query(query: str) -> Expression:
    """The expression of a query outside any server, where no list is known. Raises `QueryError`."""
    try:
        return parse(query)
    except QueryError as error:
        if query.startswith("@", error.position):
            raise QueryError(_NO_LISTS, query, error.position) from None
        raise


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path)) from None


def _check_watches(path: Path, watches: Sequence[WatchForm], baseline: Baseline) -> None:
    lines = key_lines(path.read_text(encoding="utf-8"))
    names: set[str] = set()
    for index, watch in enumerate(watches):
        if watch.name.casefold() in names:
            line = nearest_line(("watches", index, "name"), lines)
            problem = f"{watch.name!r} stands here twice; names are unique, whatever their case"
            raise ConfigError(problem, file=str(path), line=line, key=f"watches.{index}.name")
        names.add(watch.name.casefold())
        if problem := _problem_of(watch.query, baseline):
            line = nearest_line(("watches", index, "query"), lines)
            raise ConfigError(problem, file=str(path), line=line, key=f"watches.{index}.query")


def _problem_of(query: str, baseline: Baseline) -> str:
    """Why the query cannot be read, or could never match; empty where all is well."""
    try:
        expression = read_query(query)
    except QueryError as error:
        return str(error)
    themes = {claim.theme for claim in baseline.claims} | set(baseline.themes)
    return unknown(expression, (claim.id for claim in baseline.claims), themes)
