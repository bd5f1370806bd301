"""A desk over a real store."""

from __future__ import annotations

import pytest
from chat_world import FixedClock, Hooks

from bot.chat.commands import Desk
from storage import Store


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
