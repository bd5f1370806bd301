"""Two bots on one database: the second does not begin."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import serve
from bot.errors import Conflict
from bot.settings import Settings, load_settings
from storage import Store, open_store

TOPIC = Path(__file__).parents[1] / "config" / "european-defence"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a bot over the database `store` in that folder."""
    (tmp_path / "claimwatch.toml").write_text(f'topic = "topic"\ndatabase = "{tmp_path}/store"\n')
    (tmp_path / "topic").symlink_to(TOPIC)
    return load_settings(tmp_path, {})


@pytest.fixture
def beside(tmp_path: Path) -> Store:
    """The same database, as another process has it."""
    return open_store(str(tmp_path / "store"))


async def test_a_second_bot_waits_and_then_says_what_to_do(
    settings: Settings, beside: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "PATIENCE", 1.0)
    place = beside.place(alone=True)
    assert place.take()
    with pytest.raises(Conflict, match="claimwatch worker"):
        async with serve.lasting(settings):
            pytest.fail("it began beside the other one")
    place.leave()


async def test_a_bot_that_runs_is_alone_until_it_ends(settings: Settings, beside: Store) -> None:
    place = beside.place(alone=False)
    async with serve.lasting(settings):
        assert not place.take()
    assert place.take()
    place.leave()
