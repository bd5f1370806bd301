"""`worker`, `gateway`, `migrate`: what they say where they cannot begin."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.chat.discord import Shards
from bot.cli import app
from bot.cli.scaling import parts
from bot.errors import ConfigError
from bot.scale import schema


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "topic").mkdir()
    (tmp_path / "claimwatch.toml").write_text(f'topic = "topic"\ndatabase = "{tmp_path}/store.sqlite"\n')
    return tmp_path


@pytest.mark.parametrize("command", ["worker", "gateway", "migrate"])
def test_on_sqlite_they_say_what_to_do(folder: Path, command: str) -> None:
    result = CliRunner().invoke(app, [command, "--config", str(folder)])
    assert result.exit_code == 1
    told = " ".join(result.stderr.split())
    assert told.startswith(f"claimwatch: database: `claimwatch {command}` needs PostgreSQL")
    assert "migrate-store" in told
    assert "claimwatch run" in told
    assert (folder / "store.sqlite").exists() == (command == "migrate")


def test_without_procrastinate_they_say_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SchemaManager", None)
    result = CliRunner().invoke(app, ["worker", "--config", str(folder)])
    assert result.exit_code == 1
    assert "pip install 'claimwatch[scale]'" in " ".join(result.stderr.split())


def test_migrate_brings_both_forward(folder: Path, bare_postgres_url: str) -> None:
    environment = {"CLAIMWATCH_DATABASE": bare_postgres_url}
    made, there = (CliRunner().invoke(app, ["migrate", "--config", str(folder)], env=environment) for _ in range(2))
    assert (made.exit_code, there.exit_code) == (0, 0)


def test_a_gateway_needs_somewhere_to_answer(folder: Path, bare_postgres_url: str) -> None:
    environment = {"CLAIMWATCH_DATABASE": bare_postgres_url}
    result = CliRunner().invoke(app, ["gateway", "--config", str(folder)], env=environment)
    assert result.exit_code == 1
    assert "set DISCORD_TOKEN or SLACK_BOT_TOKEN" in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("count", "ids", "expected"),
    [
        (None, "", Shards()),
        (4, "", Shards(4)),
        (4, "0,1", Shards(4, (0, 1))),
        (16, "0-2,7", Shards(16, (0, 1, 2, 7))),
    ],
)
def test_shards_are_split(count: int | None, ids: str, expected: Shards) -> None:
    assert parts(count, ids) == expected


@pytest.mark.parametrize(("count", "ids"), [(None, "0"), (2, "2"), (2, "-1"), (2, "0-"), (2, "one"), (2, ",")])
def test_shards_that_cannot_be_are_refused(count: int | None, ids: str) -> None:
    with pytest.raises(ConfigError, match="--shard-ids"):
        parts(count, ids)
