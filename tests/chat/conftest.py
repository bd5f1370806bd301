"""A desk over a real store."""

from __future__ import annotations

import pytest
from chat_world import FixedClock, Hooks

from bot.chat.commands import Desk
from storage import Store


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The simulated Discord has one shard, and has to be told so."""
    for item in items:
        if "simcord_env" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.simcord(shard_count=1))


@pytest.fixture
def hooks(store: Store) -> Hooks:
    return Hooks(store=store)


@pytest.fixture
def desk(store: Store, hooks: Hooks) -> Desk:
    return Desk(
        store=store,
        clock=FixedClock(),
        compare=hooks.compare,
        request_digest=hooks.request_digest,
        discover=hooks.discover,
        welcome=hooks.welcome,
        read=hooks.read,
        assessor="the test's own",
    )
