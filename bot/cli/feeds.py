"""`feeds import|export|check`: lists of feeds as OPML, and whether each feed can be read."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.app import House, SystemClock, opened
from bot.cli.common import DEFAULT_CONFIG, Config, err, known_tenant, out, settled, stored, told
from bot.errors import ConfigError, Conflict
from bot.feeds import opml
from bot.feeds.guard import Guard
from bot.model import Feed, Fetched, FetchFailed, FetchRequest
from bot.newcomers import admit
from bot.settings import Settings

AT_ONCE = 16

feeds = typer.Typer(no_args_is_help=True, help="Lists of feeds.")
TenantId = Annotated[str, typer.Option("--tenant", help="Whose feeds, for instance discord:1234.")]
CONSOLE = "console:local"


@feeds.command("import")
@told
def import_feeds(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    tenant: TenantId = CONSOLE,
    config: Config = DEFAULT_CONFIG,
) -> None:
    """Follow the feeds of an OPML file. A bad line is told and the rest imported."""
    with stored(config) as (settings, store):
        listed = _listed(file, settings)
        admit(store, settings.channels())
        known_tenant(store.tenants, tenant)
        added = 0
        for intent in listed.feeds:
            try:
                store.feeds.follow(tenant, intent, SystemClock().now())
                added += 1
            except Conflict:
                err.print(f"{intent.url} is followed already", markup=False, highlight=False, soft_wrap=True)
    out.print(f"{added} feeds added, {len(listed.feeds) - added} known, {len(listed.problems)} bad lines")


@feeds.command("export")
@told
def export_feeds(tenant: TenantId = CONSOLE, config: Config = DEFAULT_CONFIG) -> None:
    """Print the feeds that a tenant follows as OPML."""
    with stored(config) as (_, store):
        known_tenant(store.tenants, tenant)
        typer.echo(opml.write(store.feeds.followed(tenant), f"Claimwatch: {tenant}").decode(), nl=False)


@feeds.command("check")
@told
def check_feeds(tenant: TenantId = CONSOLE, config: Config = DEFAULT_CONFIG) -> None:
    """Fetch and parse every feed that a tenant follows, store nothing, and say which fail and why."""
    failed = asyncio.run(_check(settled(config), tenant))
    if failed:
        raise typer.Exit(1)


async def _check(settings: Settings, tenant: str) -> int:
    async with opened(settings) as house:
        await asyncio.to_thread(known_tenant, house.store.tenants, tenant)
        followed = await asyncio.to_thread(house.store.feeds.followed, tenant)
        free = asyncio.Semaphore(AT_ONCE)
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("checking", total=len(followed))

            async def one(feed: Feed) -> str:
                async with free:
                    verdict = await _verdict(house, feed)
                progress.advance(task)
                return verdict

            verdicts = await asyncio.gather(*map(one, followed))
    failed = 0
    for feed, verdict in zip(followed, verdicts, strict=True):
        failed += bool(verdict)
        out.print(f"{'✗' if verdict else '✓'} {feed.url}  {verdict}", markup=False, highlight=False, soft_wrap=True)
    out.print(f"{len(followed) - failed} of {len(followed)} feeds can be read")
    return failed


async def _verdict(house: House, feed: Feed) -> str:
    """Why the feed cannot be read; empty where it can."""
    outcome = await house.fetcher.fetch(FetchRequest(feed.url))
    if not isinstance(outcome, Fetched):
        return outcome.detail if isinstance(outcome, FetchFailed) else "answers 304 to a first request"
    parsed = await house.parser.parse(outcome)
    return parsed.detail if isinstance(parsed, FetchFailed) else ""


def _listed(file: Path, settings: Settings) -> opml.Opml:
    """What the list holds, its problems told. Raises `ConfigError` where it holds nothing."""
    listed = opml.read(_bytes(file), Guard(allow=settings.file.fetch.allow_networks).check_url)
    for problem in listed.problems:
        err.print(f"{file}: {problem}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if not listed.feeds:
        raise ConfigError("holds no feeds; is it OPML?", file=str(file))
    return listed


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file)) from None
