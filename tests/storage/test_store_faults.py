"""Broken disks, lost connections, wrong addresses: nothing by halves, and an error that says what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from postgres_server import end_connections
from sqlalchemy import Connection, event, text
from store_world import DAY, HOME, NOW, entry, entry_plan, follow, owe, poll, settle, told

from bot.errors import StoreBusy, StoreError
from storage import Store, engine, open_store
from storage.engine import CommitUnclear, Database, open_engine


@pytest.fixture
def file_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_MS", 50)
    monkeypatch.setattr(engine, "PAUSES", (0.01,))


# --- addresses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://user:geheim@host/name", "'mysql' are not supported; expected a path"),
        ("postgresql://user:geheim@host:port/name", "cannot be read; expected a path"),
        ("://geheim", "cannot be read; expected a path"),
        ("postgres://user:geheim@host:port/name", "cannot be read; expected a path"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        (":memory:", "must be a file"),
        ("", "must be a file"),
    ],
)
def test_an_address_that_is_none(url: str, problem: str) -> None:
    with pytest.raises(StoreError, match=problem) as caught:
        open_store(url)
    assert "geheim" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_path_in_either_form(tmp_path: Path, form: str) -> None:
    path = tmp_path / "made on the way" / "100% ünique.sqlite"
    open_store(form.format(path)).close()
    assert path.exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("Not a database at all, but long enough to be looked at as one. " * 20)
    with pytest.raises(StoreError, match="no SQLite database"):
        open_store(str(path))
    assert path.read_text().startswith("Not a database")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        open_store(str(tmp_path / "file" / "folder" / "store.sqlite"))


def test_a_path_that_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(str(tmp_path))


def test_a_damaged_file(file_store: Store, sqlite_url: str) -> None:
    settle(file_store)
    file_store.close()
    with Path(sqlite_url).open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(8192))
    with pytest.raises(StoreError, match="damaged"):
        open_store(sqlite_url).tenants.all()


def test_a_table_that_is_gone(store: Store, url: str) -> None:
    database = Database(open_engine(url))
    database.write(lambda conn: conn.execute(text("ALTER TABLE deferrals RENAME TO hidden")))
    try:
        with pytest.raises(StoreError, match="refused a statement") as caught:
            store.deferred()
        assert not isinstance(caught.value, StoreBusy)
    finally:
        database.write(lambda conn: conn.execute(text("ALTER TABLE hidden RENAME TO deferrals")))
        database.close()


# --- locks and connections ---------------------------------------------------------------------------------------


def test_a_locked_database_is_busy(sqlite_url: str, impatient: None) -> None:
    store = open_store(sqlite_url)
    settle(store)
    with closing(sqlite3.connect(sqlite_url, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="locked"):
            settle(store)
        assert len(store.tenants.all()) == 1, "readers go on"
        other.execute("ROLLBACK")
    settle(store)
    store.close()


def test_a_lock_that_is_let_go_is_waited_for(file_store: Store, sqlite_url: str) -> None:
    other = sqlite3.connect(sqlite_url, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    timer.start()
    settle(file_store)
    timer.join()
    other.close()


def test_no_postgres_there(tmp_path: Path, impatient: None) -> None:
    with pytest.raises(StoreBusy, match="cannot be reached"):
        open_store(f"postgresql://postgres@/name?host={tmp_path}")


@pytest.mark.parametrize("who", ["postgres@/nowhere", "stranger:geheim@/postgres"])
def test_no_such_user_or_database(postgres: str, who: str) -> None:
    with pytest.raises(StoreError, match="check user, password and database") as caught:
        open_store(f"postgresql://{who}?host={postgres}")
    assert not isinstance(caught.value, StoreBusy)
    assert "geheim" not in str(caught.value)


def test_lost_connections_are_replaced(postgres_url: str) -> None:
    store = open_store(postgres_url)
    for _ in range(3):
        settle(store)
        end_connections(postgres_url)
        assert len(store.tenants.all()) == 1
    store.close()


def test_a_connection_lost_halfway_is_tried_again(postgres_url: str) -> None:
    store = open_store(postgres_url)
    database = Database(open_engine(postgres_url))
    tries = []

    def work(conn) -> None:
        tries.append(1)
        conn.execute(text("INSERT INTO meta (key, value) VALUES ('k', 'v')"))
        if len(tries) == 1:
            end_connections(postgres_url)
        conn.execute(text("SELECT 1"))

    database.write(work)
    assert len(tries) == 2
    assert store.meta.get("k") == "v"
    database.close()
    store.close()


def test_a_connection_lost_in_commit_is_not_tried_again(postgres_url: str) -> None:
    database = Database(open_engine(postgres_url))
    tries = []

    def work(conn) -> None:
        tries.append(1)
        conn.execute(text("INSERT INTO meta (key, value) VALUES ('k', 'v')"))
        end_connections(postgres_url)

    open_store(postgres_url).close()
    with pytest.raises(CommitUnclear, match="look whether it is there"):
        database.write(work)
    assert len(tries) == 1
    database.close()


# --- a full disk -------------------------------------------------------------------------------------------------


def fill(file_store: Store) -> int:
    """Commit until the disk is full. How many commits went through."""
    settle(file_store)
    feed = follow(file_store)
    for number in range(1000):
        try:
            long = entry_plan(entry(feed, str(number), text="words " * 2000))
            file_store.commit([poll(feed, long, owed=[owe(str(number))])])
        except StoreError as error:
            assert not isinstance(error, StoreBusy)
            assert "make room" in str(error) or "disk full" in str(error)
            return number
    raise AssertionError("the disk never filled")


def test_a_full_disk_keeps_what_was_acknowledged(file_store: Store, sqlite_url: str) -> None:
    connection = file_store._db.engine.raw_connection()
    pages = connection.cursor().execute("PRAGMA page_count").fetchone()[0]
    connection.cursor().execute(f"PRAGMA max_page_count={pages + 100}").fetchone()
    connection.close()
    written = fill(file_store)
    assert written > 0
    again = open_store(sqlite_url)
    assert len(again.entries.latest(HOME, 2000)) == again.deliveries.stats().owed == written
    assert again.check() == []
    again.close()


FULL = """
import resource, sys
from test_store_faults import fill
from storage import open_store
store = open_store(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))
print(fill(store))
"""


def test_a_file_that_may_not_grow(sqlite_url: str) -> None:
    """The write itself fails, in the log as in the file."""
    child = subprocess.run(
        [sys.executable, "-c", FULL, sqlite_url],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    again = open_store(sqlite_url)
    assert len(again.entries.latest(HOME, 2000)) == again.deliveries.stats().owed == int(child.stdout)
    assert again.check() == []
    again.close()


# --- a power cut; benchmarks/powercut.py tries it at every call to the disk ------------------------------------------

FRAME, HEADER = 4096 + 24, 32
"""Bytes of a frame and of the header of SQLite's log: https://sqlite.org/fileformat2.html#the_write_ahead_log"""


def test_a_log_that_breaks_off_anywhere_holds_what_was_acknowledged(
    file_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    """The last commit's frames are on the disk up to some byte, or were never written though the file is as long."""
    settle(file_store)
    feed = follow(file_store)
    file_store.commit([told(feed, "acknowledged")])
    log = Path(f"{sqlite_url}-wal")
    safe, database = log.read_bytes(), Path(sqlite_url).read_bytes()
    file_store.commit([told(feed, "under way")])
    whole = log.read_bytes()
    assert whole.startswith(safe), "the log only grows until it is written back"
    assert (len(whole) - HEADER) % FRAME == (len(safe) - HEADER) % FRAME == 0
    for end in range(len(safe), len(whole), FRAME):
        for log_left in (whole[:end], whole[: end + FRAME // 2] + bytes(len(whole) - end - FRAME // 2)):
            assert left_of(tmp_path, database, log_left) == {"acknowledged"}
    assert left_of(tmp_path, database, whole) == {"acknowledged", "under way"}


def left_of(folder: Path, database: bytes, log: bytes) -> set[str]:
    """The entries of such files, each of which has its delivery."""
    path = folder / "left.sqlite"
    path.write_bytes(database)
    path.with_name("left.sqlite-wal").write_bytes(log)
    with closing(open_store(str(path))) as store:
        assert store.check() == []
        entries = {one.key for one in store.entries.latest(HOME, 10)}
        assert store.deliveries.stats().owed == len(entries)
    return entries


def test_all_is_synced_but_polls_that_brought_nothing(file_store: Store) -> None:
    """And the leases of feeds, which no restart finds of use."""
    settle(file_store)
    feed = follow(file_store)
    modes: list[tuple[str, int]] = []
    what = ""

    @event.listens_for(file_store._db.engine, "commit")
    def note(conn: Connection) -> None:
        if conn.get_execution_options().get("writes"):
            modes.append((what, conn.exec_driver_sql("PRAGMA synchronous").scalar_one()))

    writes: dict[str, Callable[[], object]] = {
        "poll": lambda: file_store.commit([told(feed)]),
        "lease": lambda: file_store.feeds.claim_due(NOW + DAY, 60, 1),
        "quiet": lambda: file_store.feeds.put_polled([feed]),
        "failed": lambda: file_store.feeds.put_polled([replace(feed, failures=1)]),
        "another poll": lambda: file_store.commit([told(feed, "2")]),
        "delivery": lambda: file_store.deliveries.claim_due(NOW, ["console"], 1),
        "setting": lambda: follow(file_store, "courier"),
    }
    for what, write in writes.items():  # noqa: B007
        write()
    assert modes == [(name, 1 if name in ("lease", "quiet") else 2) for name in writes], "1 is NORMAL and 2 FULL"


def test_every_connection_is_opened_to_sync_each_commit(file_store: Store) -> None:
    connections = [file_store._db.engine.raw_connection() for _ in range(3)]
    modes = [
        [next(one.cursor().execute(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")]
        for one in connections
    ]
    for connection in connections:
        connection.close()
    assert modes == [[("wal",), (2,)]] * 3  # 2 is FULL
