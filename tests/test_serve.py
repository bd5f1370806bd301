"""Two bots on one database: the second does not begin."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot import serve
from bot.errors import Conflict, StoreError
from bot.settings import Settings, load_settings
from storage import Place, open_store, place

TOPIC = Path(__file__).parents[1] / "config" / "european-defence"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a bot over the database `store` in that folder."""
    (tmp_path / "claimwatch.toml").write_text(f'topic = "topic"\ndatabase = "{tmp_path}/store"\n')
    (tmp_path / "topic").symlink_to(TOPIC)
    return load_settings(tmp_path, {})


@pytest.fixture
def other(settings: Settings) -> Iterator[Place]:
    """A place on the same database for somebody else."""
    made = place(settings.database, alone=True)
    yield made
    made.leave()


async def test_a_second_bot_waits_says_what_to_do_and_has_written_nothing(
    settings: Settings, other: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "PATIENCE", 1.0)
    open_store(settings.database).close()
    assert other.take()
    with pytest.raises(Conflict, match="claimwatch worker"):
        async with serve.lasting(settings):
            pytest.fail("it began beside the other one")
    with closing(open_store(settings.database)) as store:
        assert store.tenants.all() == []


async def test_a_bot_that_runs_is_alone_until_it_ends(settings: Settings, other: Place) -> None:
    async with serve.lasting(settings):
        assert not other.take()
    assert other.take()


async def test_a_place_that_was_lost_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serve, "LOOK", 0.01)
    answers = iter([True, False, StoreError("the server is away"), LookupError()])

    class Lost:
        def take(self) -> bool:
            answer = next(answers)
            if isinstance(answer, BaseException):
                raise answer
            return answer

    with caplog.at_level(logging.WARNING), pytest.raises(LookupError):
        await asyncio.wait_for(serve._hold(Lost()), 10)
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert "the server is away" in caplog.text
