"""`export`, `backup`, `restore`, `migrate-store`, `doctor`: what an operator does to an installation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.alerts.words import counted
from bot.app import SystemClock
from bot.claims.assess import LocalAssessor
from bot.claims.lexical import LexicalAssessor
from bot.cli.common import DEFAULT_CONFIG, Config, database_file, known_tenant, out, settled, stored, told
from bot.connections import slack_settings
from bot.errors import ClaimwatchError, ConfigError, ModelError
from bot.feeds.guard import Guard
from bot.model import Feed, FeedState
from bot.pack import load_pack
from bot.settings import Settings
from storage import Store, move, open_store
from storage import restore as put_back


@told
def export(
    tenant: Annotated[str, typer.Option("--tenant", help="Whose data, for instance discord:1234.")] = "console:local",
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Print all that a tenant configured, and its claims with their history, as JSON."""
    with stored(config) as (_, store):
        found = known_tenant(store.tenants, tenant)
        claims = [
            asdict(claim) | {"versions": [asdict(version) for version in store.claims.versions(tenant, claim.id)]}
            for claim in store.claims.all(tenant)
        ]
        data = {
            "tenant": asdict(found),
            "channels": [asdict(channel) for channel in store.tenants.channels(tenant)],
            "watches": [asdict(watch) for watch in store.watches.all(tenant)],
            "feeds": [{"url": feed.url, "title": feed.title} for feed in store.feeds.followed(tenant)],
            "claims": claims,
        }
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_plain))


@told
def backup(
    target: Annotated[Path, typer.Argument(help="The copy's file; it must not exist.")],
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Copy the database, consistently and while the bot runs."""
    with stored(config) as (_, store):
        store.backup(target)
    out.print(f"{target} is a copy of the database", markup=False, highlight=False)


@told
def restore(
    source: Annotated[Path, typer.Argument(help="A copy that `claimwatch backup` made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Replace a database that holds data; it is kept beside.")
    ] = False,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Go back to a copy of the database. The bot must not be running."""
    settings = settled(config)
    kept = put_back(settings.database, source, force=force)
    out.print(f"{database_file(settings)} is as {source} was", markup=False, highlight=False, soft_wrap=True)
    if kept:
        out.print(f"what was there before is {kept}", markup=False, highlight=False, soft_wrap=True)


@told
def migrate_store(
    source: Annotated[str, typer.Argument(metavar="SQLITE", help="The SQLite file of the installation.")],
    target: Annotated[str, typer.Argument(metavar="POSTGRES", help="postgresql://user:password@host/name, empty.")],
) -> None:
    """Move an installation from SQLite to PostgreSQL, whole or not at all. The bot must not be running."""
    for table, count in move(source, target).items():
        out.print(f"{count:>12,}  {table}", markup=False, highlight=False)
    out.print(
        f"all of it is in PostgreSQL now: make it `database` in claimwatch.toml, or CLAIMWATCH_DATABASE. {source} was "
        "only read; it is out of date as soon as the bot runs again",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@told
def doctor(config: Config = DEFAULT_CONFIG) -> None:
    """Look at settings, topic, database, model and feeds, and say what is wrong. Exit status 1 if anything is."""
    settings = settled(config)
    problems = [*_topic(settings), *_database(settings), *_model(settings), *_platforms(settings)]
    for problem in problems:
        out.print(f"✗ {problem}", markup=False, highlight=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    out.print("all is well")


def _good(text: str) -> None:
    out.print(f"✓ {text}", markup=False, highlight=False, soft_wrap=True)


def _topic(settings: Settings) -> list[str]:
    pack = load_pack(settings.topic_folder, Guard(allow=settings.file.fetch.allow_networks).check_url)
    sizes = f"{len(pack.baseline.claims)} claims, {len(pack.watches)} watches, {len(pack.feeds)} feeds"
    _good(f"{sizes} in {settings.topic_folder}")
    return list(pack.problems)


def _database(settings: Settings) -> list[str]:
    try:
        store = open_store(settings.database)
    except ClaimwatchError as error:
        return [str(error)]
    try:
        problems = store.check()
        if not problems:
            _good(f"the database {database_file(settings)} is sound")
        return problems + _feeds(store)
    finally:
        store.close()


def _feeds(store: Store) -> list[str]:
    followed = {feed.id: feed for tenant in store.tenants.all() for feed in store.feeds.followed(tenant.id)}
    feeds = list(followed.values())
    if any(map(_was_tried, feeds)) and not any(feed.last_ok for feed in feeds):
        return [_never_read(feeds)]
    _good(_reading(feeds))
    return [
        f"feed {feed.url} is {feed.state}: {feed.last_error}" for feed in feeds if feed.state is not FeedState.ACTIVE
    ]


def _was_tried(feed: Feed) -> bool:
    """A feed's first poll is unconditional, whatever comes of it; a failure that is the network's leaves no more."""
    return feed.last_full is not None


def _never_read(feeds: Sequence[Feed]) -> str:
    error = next((f" ({feed.last_error})" for feed in feeds if feed.last_error), "")
    return (
        f"none of {counted(len(feeds), 'feed')} was ever read{error}: has this machine network? "
        "`claimwatch feeds check` tries them"
    )


def _reading(feeds: Sequence[Feed]) -> str:
    """How many feeds there are, how many of them were ever read, and when the last one was."""
    read = [feed.last_ok for feed in feeds if feed.last_ok]
    how = f"{len(read)} read, last {_ago(SystemClock().now() - max(read))}" if read else "not polled yet"
    return f"{counted(len(feeds), 'feed')}: {how}" if feeds else "no feeds are followed yet"


def _ago(past: timedelta) -> str:
    minutes = int(past.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes >= 2 * size:
            return f"{counted(minutes // size, unit)} ago"
    return f"{counted(minutes, 'minute')} ago"


def _model(settings: Settings) -> list[str]:
    assessor = LocalAssessor(other=settings.file.judge.model)
    try:
        assessor.engine()
    except ModelError as error:
        return [f"{error}. Until then entries are compared by the {LexicalAssessor.name}"]
    _good(f"comparison: {assessor.name}")
    return []


def _platforms(settings: Settings) -> list[str]:
    tokens = {"discord": settings.secrets.discord_token, "slack": settings.secrets.slack_bot_token}
    here = {name for name, token in tokens.items() if token} or {"console"}
    problems = _slack(settings)
    if not problems:
        _good(f"posts to {' and '.join(sorted(here))}")
    return problems + [
        f"channel {channel.id} is configured, but {channel.platform} does not run here (no token is set)"
        for channel in settings.channels()
        if channel.platform not in here
    ]


def _slack(settings: Settings) -> list[str]:
    """What `run` would refuse in what is said of Slack, and what it would never look at."""
    secrets = settings.secrets
    if secrets.slack_bot_token:
        try:
            slack_settings(settings)
        except ConfigError as error:
            return [str(error)]
        return []
    lonely = {"SLACK_APP_TOKEN": secrets.slack_app_token, "SLACK_SIGNING_SECRET": secrets.slack_signing_secret}
    return [
        f"{name} is set, but SLACK_BOT_TOKEN is not, so Slack is left alone: set both or neither"
        for name, value in lonely.items()
        if value
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return sorted(value) if isinstance(value, frozenset) else str(value)
