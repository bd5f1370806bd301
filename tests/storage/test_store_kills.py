"""kill -9 at any point of a write: all of it is there, or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from store_world import HOME, NOW, follow, owe, poll, settle, told

from bot.model import DeliveryState, PollPlan
from storage import Store, open_store

HERE = str(Path(__file__).parent)
ENTRIES = 40

VICTIM = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from sqlalchemy import event
from sqlalchemy.engine import Engine
from test_store_kills import crowded_plan
from storage import open_store

store, die_at, seen = open_store(sys.argv[1]), int(sys.argv[3]), 0
plan = crowded_plan(store)

@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global seen
    seen += 1
    if seen == die_at:
        os.kill(os.getpid(), signal.SIGKILL)

if die_at == -1:
    event.listen(Engine, "commit", lambda _: os.kill(os.getpid(), signal.SIGKILL))
store.commit([plan])
print("written", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def crowded_plan(store: Store) -> PollPlan:
    """A poll of many entries, each with an alert; its feed is followed by then."""
    feed = store.feeds.followed(HOME)[0]
    plans = [told(feed, str(number)) for number in range(ENTRIES)]
    return poll(
        feed,
        *(plan.entries[0] for plan in plans),
        alerts=[plan.alerts[0] for plan in plans],
        owed=[plan.owed[0] for plan in plans],
    )


@pytest.mark.parametrize("die_at", [2, 3, 4, 6, 8, -1, 1000])
def test_a_kill_leaves_all_or_nothing(store: Store, url: str, die_at: int) -> None:
    settle(store)
    follow(store)
    child = subprocess.run(
        [sys.executable, "-c", VICTIM, url, HERE, str(die_at)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    acknowledged = "written" in child.stdout
    assert acknowledged == (die_at == 1000)
    again = open_store(url)
    entries, owed = len(again.entries.latest(HOME, 1000)), again.deliveries.stats().owed
    assert (entries, owed) == ((ENTRIES, ENTRIES) if acknowledged else (0, 0))
    assert again.check() == []
    assert again.commit([crowded_plan(again)]) == [0 if acknowledged else ENTRIES]
    assert again.deliveries.stats().owed == ENTRIES
    again.close()


CLAIMER = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from store_world import NOW
from storage import open_store
store = open_store(sys.argv[1])
print(len(store.deliveries.claim_due(NOW, ["console"], 10)), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_sender_leaves_what_it_sent(store: Store, url: str) -> None:
    settle(store)
    store.deliveries.owe([owe("a"), owe("b")])
    child = subprocess.run(
        [sys.executable, "-c", CLAIMER, url, HERE],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (child.returncode, child.stdout) == (-signal.SIGKILL, "1\n"), child.stderr
    assert store.deliveries.claim_due(NOW, ["console"], 10) == []
    (left,) = store.deliveries.interrupted(["console"])
    assert (left.state, left.attempts, left.first_sent) == (DeliveryState.SENDING, 1, NOW)
