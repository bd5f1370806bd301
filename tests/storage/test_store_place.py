"""One bot alone on a database, or several that know of each other."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from storage import Store, open_store

HOLDER = """
import sys, time
from storage import open_store
place = open_store(sys.argv[1]).place(alone=True)
print(place.take(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(store: Store, url: str) -> Iterator[Store]:
    """The same database, opened once more."""
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [(True, True, False), (True, False, False), (False, True, False), (False, False, True)],
)
def test_who_is_alone_bears_nobody_beside(
    store: Store, other: Store, first: bool, second: bool, together: bool
) -> None:
    here, there = store.place(alone=first), other.place(alone=second)
    try:
        assert here.take()
        assert here.take()
        assert there.take() is together
        here.leave()
        assert there.take()
    finally:
        here.leave()
        there.leave()


def test_the_place_of_a_process_that_is_killed_is_free(store: Store, url: str) -> None:
    place = store.place(alone=True)
    with subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout
            assert holder.stdout.readline() == "True\n"
            assert not place.take()
        finally:
            holder.send_signal(signal.SIGKILL)
            holder.wait(10)
    try:
        assert any(place.take() for _ in range(100))  # PostgreSQL takes a moment to see it
    finally:
        place.leave()


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
def test_a_place_that_was_lost_with_its_connection_is_taken_again(store: Store, other: Store) -> None:
    here, there = store.place(alone=True), other.place(alone=True)
    try:
        assert here.take()
        with other._db.engine.connect() as conn:
            held = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            conn.execute(text(held))
        assert here.take()
        assert not there.take()
    finally:
        here.leave()
        there.leave()
