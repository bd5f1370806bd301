"""Going back to a backup: whole or not at all, never under a running bot, never over data without a word."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_world import HOME, NOW, follow, poll, settle, told

from bot.errors import StoreError
from bot.model import Sent
from storage import open_store, restore


@pytest.fixture
def backup(sqlite_url: str, tmp_path: Path) -> Path:
    """Of a store with one alert that was sent and one that is owed."""
    store = open_store(sqlite_url)
    settle(store)
    feed = follow(store)
    plans = [told(feed, key) for key in ("a", "b")]
    store.commit(
        [
            poll(
                feed,
                *(plan.entries[0] for plan in plans),
                alerts=[plan.alerts[0] for plan in plans],
                owed=[plan.owed[0] for plan in plans],
            )
        ]
    )
    (first,) = store.deliveries.claim_due(NOW, ["console"], 1)
    store.deliveries.mark(first.id, Sent("1"), NOW)
    store.backup(tmp_path / "backup.sqlite")
    store.close()
    return tmp_path / "backup.sqlite"


def test_nothing_is_lost_on_the_way(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "store.sqlite"
    assert restore(str(target), backup) is None
    store = open_store(str(target))
    stats = store.deliveries.stats()
    assert (stats.sent, stats.owed) == (1, 1)
    assert len(store.entries.latest(HOME, 10)) == 2
    assert store.check() == []
    store.close()
    assert sorted(one.name for one in target.parent.iterdir()) == ["store.sqlite"]


def test_an_empty_store_is_replaced_without_a_word(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "empty.sqlite"
    open_store(str(target)).close()
    restore(str(target), backup)
    assert sent(target) == 1


def sent(target: Path) -> int:
    store = open_store(str(target))
    try:
        return store.deliveries.stats().sent
    finally:
        store.close()


def test_data_is_replaced_by_force_alone_and_kept_beside(backup: Path, sqlite_template: Path, tmp_path: Path) -> None:
    target = Path(shutil.copy(sqlite_template, tmp_path / "other.sqlite"))
    store = open_store(str(target))
    settle(store)
    store.close()
    with pytest.raises(StoreError, match="holds data: with --force"):
        restore(str(target), backup)
    assert sent(target) == 0
    kept = restore(f"sqlite:///{target}", backup, force=True)
    assert kept == tmp_path / "other.sqlite.replaced"
    assert (sent(target), sent(kept)) == (1, 0)


def test_what_was_kept_before_is_kept_still(backup: Path, sqlite_template: Path, tmp_path: Path) -> None:
    target = Path(shutil.copy(sqlite_template, tmp_path / "other.sqlite"))
    with closing(open_store(str(target))) as store:
        settle(store)
    kept = [restore(str(target), backup, force=True) for _ in range(3)]
    assert [one.name for one in kept if one] == [f"other.sqlite.replaced{number}" for number in ("", "-2", "-3")]
    assert [sent(one) for one in kept if one] == [0, 1, 1]


HOLDER = """
import sys
from storage import open_store
store = open_store(sys.argv[1])
store.tenants.all()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_database_in_use_is_left_alone(backup: Path, sqlite_url: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, sqlite_url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(StoreError, match="is in use"):
            restore(sqlite_url, backup, force=True)
        holder.communicate(timeout=60)
    assert sent(Path(sqlite_url)) == 1
    assert restore(sqlite_url, backup, force=True) is not None


@pytest.mark.parametrize("damage", ["torn", "text", "foreign", "newer", "gone"])
def test_what_is_no_backup_changes_nothing(damage: str, backup: Path, tmp_path: Path) -> None:
    spoil(backup, damage)
    target = tmp_path / "mine.sqlite"
    open_store(str(target)).close()
    before = target.read_bytes()
    with pytest.raises(StoreError, match=r"damaged|cannot be read|not one of Claimwatch|newer Claimwatch"):
        restore(str(target), backup, force=True)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob("mine.sqlite.*"))


def spoil(backup: Path, damage: str) -> None:
    if damage == "torn":
        content = bytearray(backup.read_bytes())
        content[8192:16384] = b"\xff" * 8192
        backup.write_bytes(content)
    elif damage == "text":
        backup.write_text("Not a database at all. " * 200)
    elif damage == "gone":
        backup.unlink()
    else:
        change = "DROP TABLE alembic_version" if damage == "foreign" else "UPDATE alembic_version SET version_num = '9'"
        with closing(sqlite3.connect(backup)) as conn, conn:
            conn.execute(change)


def test_a_damaged_database_is_what_backups_are_for(backup: Path, tmp_path: Path) -> None:
    target = tmp_path / "broken.sqlite"
    target.write_text("Once this was a database. " * 200)
    with pytest.raises(StoreError, match="holds data"):
        restore(str(target), backup)
    restore(str(target), backup, force=True)
    assert sent(target) == 1


def test_postgres_is_restored_by_its_own_tool(backup: Path) -> None:
    with pytest.raises(StoreError, match="pg_restore"):
        restore("postgresql://postgres@nowhere/name", backup)
