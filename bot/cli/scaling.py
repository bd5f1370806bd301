"""`worker`, `gateway`, `migrate`: one installation over many processes and machines."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from bot.chat.discord import Shards
from bot.cli.common import DEFAULT_CONFIG, Config, LogLevel, out, settled, told
from bot.errors import ConfigError
from bot.scale.schema import prepare, queue_address
from bot.settings import Settings
from storage import open_store

HealthPort = Annotated[
    int | None, typer.Option("--health-port", min=0, max=65535, help="In place of health.port; 0 for none.")
]


@told
def worker(config: Config = DEFAULT_CONFIG, log_level: LogLevel = "INFO", health_port: HealthPort = None) -> None:
    """Poll feeds and post what is owed, beside any number of other workers, over PostgreSQL."""
    settings = _with_port(settled(config, log_level), health_port)
    address = queue_address(settings, "worker")
    from bot.scale.worker import work  # it needs procrastinate, which is there by now

    asyncio.run(work(settings, address))


@told
def gateway(
    config: Config = DEFAULT_CONFIG,
    log_level: LogLevel = "INFO",
    health_port: HealthPort = None,
    shards: Annotated[
        int | None, typer.Option("--shards", min=1, help="Parts of Discord's servers in all; else as Discord says.")
    ] = None,
    shard_ids: Annotated[
        str, typer.Option("--shard-ids", help='Those of this process, for instance "0,1" or "0-3"; else all.')
    ] = "",
) -> None:
    """Answer on Discord and Slack, and post nothing: workers do."""
    settings = _with_port(settled(config, log_level), health_port)
    address = queue_address(settings, "gateway")
    from bot.scale.gateway import answer

    asyncio.run(answer(settings, address, parts(shards, shard_ids)))


@told
def migrate(config: Config = DEFAULT_CONFIG) -> None:
    """Bring the database forward to this version, and make the workers' queue where it is missing or another one's."""
    settings = settled(config, "WARNING")
    open_store(settings.database).close()
    out.print("the database is that of this version", highlight=False)
    address = queue_address(settings, "migrate")
    made = prepare(address, remake=True)
    out.print("the workers' queue is made" if made else "the workers' queue is that of this version", highlight=False)


def parts(count: int | None, ids: str) -> Shards:
    """What `--shards` and `--shard-ids` say. Raises `ConfigError`."""
    if not ids:
        return Shards(count)
    if count is None:
        raise ConfigError("needs --shards, the number of all parts", key="--shard-ids")
    try:
        ranges = [tuple(map(int, part.split("-"))) for part in ids.split(",")]
        found = sorted({one for span in ranges for one in range(span[0], span[-1] + 1)})
    except ValueError:
        found = []
    if not found or found[0] < 0 or found[-1] >= count:
        raise ConfigError(f'is {ids!r}; expected numbers from 0 to {count - 1}, as "0,1" or "0-3"', key="--shard-ids")
    return Shards(count, tuple(found))


def _with_port(settings: Settings, port: int | None) -> Settings:
    if port is None:
        return settings
    health = settings.file.health.model_copy(update={"port": port})
    return settings.model_copy(update={"file": settings.file.model_copy(update={"health": health})})
