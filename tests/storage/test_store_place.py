"""One bot alone on a database, or several that know of each other."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from storage import Place, Store, place

HOLDER = """
import sys, time
from storage import place
print(place(sys.argv[1], alone=True).take(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def places(url: str) -> Iterator[Callable[[bool], Place]]:
    """Makes places on one database, given up in the end."""
    made: list[Place] = []

    def make(alone: bool) -> Place:
        made.append(place(url, alone=alone))
        return made[-1]

    yield make
    for one in made:
        one.leave()


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
)
def test_who_is_alone_bears_nobody_beside(
    places: Callable[[bool], Place], first: bool, second: bool, together: bool
) -> None:
    here, there = places(first), places(second)
    assert here.take()
    assert here.take()
    assert there.take() is together
    here.leave()
    assert there.take()


def test_the_place_of_a_process_that_is_killed_is_free(url: str, places: Callable[[bool], Place]) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "True\n"
            assert not places(True).take()
        finally:
            holder.send_signal(signal.SIGKILL)
            holder.wait(10)
    mine = places(True)
    assert any(mine.take() or time.sleep(0.1) for _ in range(100))  # PostgreSQL takes a moment to see it


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_a_place_that_was_lost_with_its_connection_is_taken_again(
    store: Store, places: Callable[[bool], Place]
) -> None:
    here = places(True)
    assert here.take()
    with store._db.engine.connect() as conn:
        held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        conn.execute(text(held))
    assert here.take()
    assert not places(True).take()
    here.leave()
    assert not here.take()
