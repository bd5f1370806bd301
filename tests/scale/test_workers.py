"""Workers and gateways as processes of their own over one PostgreSQL: each thing is done, and once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from discord_server import DiscordServer, Fault
from feed_server import FeedServer, News
from openapi import check_all
from scale_world import Installation, queued_store

from bot.model import DeliveryKind, Owed

POST = ("POST", "/channels/*/messages")
TOLD = 12


@pytest.fixture
def discord() -> Iterator[DiscordServer]:
    with DiscordServer() as server:
        yield server
        check_all((one.method, one.path, one.body) for one in server.requests())


@pytest.fixture
def channels(discord: DiscordServer, installation: Installation) -> list[str]:
    """Two channels of one guild, in an installation that posts there."""
    guild = discord.add_guild("Analysts")
    places = [discord.add_channel(guild, name) for name in ("alerts", "news")]
    installation.settle(platform="discord", guild=guild, channels=tuple(places))
    installation.environment |= discord.environment()
    return places


def owe(installation: Installation, channel: str, *numbers: int) -> None:
    store, now = queued_store(installation.address), datetime.now(UTC)
    owed = [
        Owed(
            f"{channel[-6:]}{one:010}", f"discord:{channel}", DeliveryKind.NOTICE, f"n{one}", now, payload=f"No. {one}"
        )
        for one in numbers
    ]
    store.deliveries.owe(owed)
    store.close()


def read(discord: DiscordServer, channel: str) -> list[int]:
    """The numbers of the notices in the channel, as they stand there."""
    return [int(message["embeds"][0]["description"].rpartition(" ")[2]) for message in discord.messages(channel)]


def nobody_is_at_it(installation: Installation) -> bool:
    return not installation.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing'")


def test_a_worker_polls_posts_and_ends_in_order(installation: Installation) -> None:
    with FeedServer() as feeds:
        feeds.publish("herald", News("Beacon lit", datetime.now(UTC)))
        installation.settle(feeds.url("herald"))
        worker = installation.start("worker")
        installation.wait_for(lambda: installation.states() == ["sent"])
        assert installation.stop(worker) == 0
    assert installation.rows("SELECT task_name, status FROM procrastinate_jobs WHERE status != 'todo'") == []
    assert installation.rows("SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert "Beacon lit" in installation.logged()
    assert "Traceback" not in installation.logged()


def test_two_workers_keep_a_channels_order_and_its_limits(
    installation: Installation, discord: DiscordServer, channels: list[str]
) -> None:
    """A limit that one of them meets holds for both, in that channel alone."""
    limited, other = channels
    discord.fail("POST", f"/channels/{limited}/messages", Fault.limited(40.0))
    owe(installation, limited, *range(TOLD))
    for _ in range(2):
        installation.start("worker")
    installation.wait_for(lambda: discord.requests("POST", f"/channels/{limited}/messages"))
    installation.wait_for(lambda: installation.rows("SELECT id FROM channels WHERE waits_until IS NOT NULL"))
    owe(installation, limited, TOLD)
    owe(installation, other, *range(TOLD))
    installation.wait_for(lambda: len(read(discord, other)) == TOLD)
    assert read(discord, other) == list(range(TOLD))
    assert len(discord.requests("POST", f"/channels/{limited}/messages")) == 1
    with psycopg.connect(installation.address) as conn:  # the wait is over
        conn.execute("UPDATE channels SET waits_until = NULL")
        conn.execute("UPDATE deliveries SET due = queued")
    installation.wait_for(lambda: len(read(discord, limited)) == TOLD + 1)
    assert read(discord, limited) == list(range(TOLD + 1))
    assert "Traceback" not in installation.logged()


def test_what_a_killed_worker_had_begun_is_done_once_by_another(
    installation: Installation, discord: DiscordServer, channels: list[str]
) -> None:
    channel = channels[0]
    discord.fail(*POST, Fault.slow(3.0))
    owe(installation, channel, 1, 2, 3)
    victim = installation.start("worker")
    installation.wait_for(lambda: discord.requests(*POST))
    installation.kill(victim)
    discord.wait_for(lambda: discord.messages(channel))  # Discord took it all the same
    assert installation.states() == ["sending", "owed", "owed"]
    assert (
        len(installation.rows("SELECT 1 FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'deliver'")) == 1
    )
    with psycopg.connect(installation.address) as conn:  # half a minute later
        conn.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
    worker = installation.start("worker")
    installation.wait_for(lambda: set(installation.states()) == {"sent"})
    assert read(discord, channel) == [1, 2, 3]
    assert installation.stop(worker) == 0
    assert nobody_is_at_it(installation)


def test_gateways_answer_for_their_shards_and_workers_post(
    installation: Installation, discord: DiscordServer, channels: list[str]
) -> None:
    guilds: dict[int, str] = {}
    while len(guilds) < 2:  # a guild of each shard, with a channel
        guild = discord.add_guild("Editors")
        guilds.setdefault((int(guild) >> 22) % 2, discord.add_channel(guild, "desk"))
    for shard in ("0", "1"):
        installation.start("gateway", "--shards", "2", "--shard-ids", shard)
    installation.wait_for(lambda: sorted(discord._gateway.identified) == [(0, 2), (1, 2)])
    installation.wait_for(lambda: len(installation.rows("SELECT 1 FROM tenants WHERE platform = 'discord'")) >= 3)
    for channel in guilds.values():
        assert "Watching" in str(discord.answer(discord.slash(channel, "watch add", {"query": "beacon"}), 60))
        assert discord.answer(discord.slash(channel, "digest now"), 60)
    assert len(discord.requests("PUT", "/applications/*/commands")) == 1  # whoever has the first shard
    installation.wait_for(lambda: len(installation.states()) == 2)
    time.sleep(3.0)
    assert set(installation.states()) == {"owed"}
    assert discord.requests(*POST) == []
    installation.start("worker")
    installation.wait_for(lambda: installation.states() == ["sent", "sent"])
    assert all(len(discord.messages(channel)) == 1 for channel in guilds.values())
    assert [installation.stop(program) for program in installation.programs] == [0, 0, 0]
    assert "Traceback" not in installation.logged()
