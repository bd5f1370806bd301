"""An installation moves from SQLite to PostgreSQL: every row of every table, or nothing."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from store_world import (
    DAY,
    HOME,
    NOW,
    alert,
    channel_id,
    claim,
    digest_of,
    entry,
    entry_plan,
    follow,
    hold,
    owe,
    poll,
    says,
    settle,
    told,
    watch,
)

from bot.errors import StoreError
from bot.model import (
    Action,
    Actor,
    Decision,
    FeedIntent,
    KeywordList,
    Mark,
    Mute,
    MuteKind,
    Relation,
    Review,
    Sent,
    Tenant,
)
from storage import Store, move, open_store
from storage.engine import Database, open_engine
from storage.schema import metadata

ODD = "A title “quoted”, with \t, \\N and 🛰"


@pytest.fixture(scope="module")
def installation(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with something in every table. It is only read here: what changes it takes a copy."""
    path = Path(shutil.copy(sqlite_template, tmp_path_factory.mktemp("moving") / "old.sqlite"))
    with closing(open_store(str(path))) as store:
        furnish(store)
    return path


def furnish(store: Store) -> None:
    settle(store)
    store.meta.installation()
    mine = store.acting(Actor(HOME, "ana", "/watch add", NOW))
    mine.watches.add(watch())
    mine.lists.put(KeywordList(HOME, "ships", ("frigate", "cutter")))
    mine.mutes.put(Mute(HOME, MuteKind.STORY, "s", "the story", None, "ana", NOW))
    hold(store)
    hold(store, replace(claim(), statement="Thirty-three countries do."))
    feed = follow(store)
    store.commit([told(feed, "old")])
    one = entry(
        feed, "odd", ODD, "Flotte à Gdańsk\r\n", article="The frigate’s article.", aliases=("link:a", "title:b")
    )
    made = alert(one)
    matched = entry_plan(
        one,
        watches=[watch()],
        verdicts={HOME: (says(Relation.UPDATES),)},
        decisions=[Decision(one.id, channel_id("news"), Action.ALERT, "it matches")],
    )
    store.commit([poll(feed, matched, alerts=[made], owed=[owe(made.id)])])
    store.reviews.put(Review(HOME, made.id, made.story, "troops", Relation.UPDATES, 0.9, Mark.RIGHT, "ana", NOW))
    store.proposals.put(HOME, [claim("other")], NOW)
    store.proposals.put_feeds(HOME, [FeedIntent("https://courier.example/feed")], NOW)
    (first,) = store.deliveries.claim_due(NOW, ["console"], 1)
    store.deliveries.mark(first.id, Sent("m1"), NOW)
    store.digests.commit(digest_of(), [owe("d1")], scheduled=True)
    store.defer("console", NOW + timedelta(seconds=30))


def rows(address: str) -> dict[str, list[object]]:
    """Every row of every table, as the program reads it."""
    database = Database(open_engine(address))
    try:
        return {
            table.name: database.read(lambda conn, of=table: sorted(map(repr, conn.execute(select(of)))))
            for table in metadata.sorted_tables
        }
    finally:
        database.close()


def test_every_row_of_every_table_arrives(installation: Path, bare_postgres_url: str) -> None:
    counts = move(str(installation), bare_postgres_url)
    there = rows(str(installation))
    assert rows(bare_postgres_url) == there
    assert counts == {table: len(held) for table, held in there.items()}
    assert 0 not in counts.values(), "a table is not tried at all"


def test_the_moved_installation_goes_on(installation: Path, postgres_url: str) -> None:
    move(str(installation), postgres_url)
    with closing(open_store(postgres_url)) as store:
        assert store.check() == []
        assert [found.title for found in store.entries.search(HOME, "gdansk frigate", 5)] == [ODD]
        feed = store.feeds.followed(HOME)[0]
        assert store.commit([told(feed, "old")]) == [0]
        assert store.commit([told(feed, "new")]) == [1]
        assert store.entries.latest(HOME, 10)[0].key == "new", "its number is higher than all before"
        with closing(open_store(str(installation))) as old:
            assert old.deliveries.stats() != store.deliveries.stats()
        with pytest.raises(StoreError, match=r"holds data already \(in .*tenants.*: nothing was moved"):
            move(str(installation), postgres_url)


def test_numbers_of_dropped_rows_are_not_given_again(installation: Path, postgres_url: str, tmp_path: Path) -> None:
    source = str(shutil.copy(installation, tmp_path / "pruned.sqlite"))
    with closing(sqlite3.connect(source)) as conn, conn:
        conn.execute("PRAGMA foreign_keys=OFF")
        conn.execute("DELETE FROM deliveries")
        (highest,) = conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'").fetchone()
    move(source, postgres_url)
    with closing(open_store(postgres_url)) as store:
        store.deliveries.owe([owe("later")])
    database = Database(open_engine(postgres_url))
    table = metadata.tables["deliveries"]
    assert database.read(lambda conn: conn.scalar(select(func.min(table.c.seq)))) == highest + 1
    database.close()


def test_a_target_that_holds_anything_is_refused_and_kept(installation: Path, postgres_url: str) -> None:
    with closing(open_store(postgres_url)) as store:
        store.tenants.put(Tenant("discord:1", "discord", "Theirs"))
    with pytest.raises(StoreError, match=r"holds data already \(in tenants\)"):
        move(str(installation), postgres_url)
    with closing(open_store(postgres_url)) as store:
        assert [tenant.name for tenant in store.tenants.all()] == ["Theirs"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "has the schema 0001, .*claimwatch doctor` bring it forward",
        ),
        ("UPDATE alembic_version SET version_num = '9999'", "written by a newer Claimwatch"),
        ("DROP TABLE alembic_version", "is no database of Claimwatch"),
        ("PRAGMA foreign_keys=OFF; DELETE FROM tenants", "refers to a row of tenants that is gone"),
    ],
    ids=["older", "newer", "foreign", "broken"],
)
def test_a_source_that_is_not_as_it_should_be_is_refused(
    installation: Path, bare_postgres_url: str, tmp_path: Path, change: str, said: str
) -> None:
    source = shutil.copy(installation, tmp_path / "spoilt.sqlite")
    with closing(sqlite3.connect(source)) as conn, conn:
        conn.executescript(change)
    with pytest.raises(StoreError, match=said):
        move(str(source), bare_postgres_url)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("{folder}/none/store.sqlite", "{postgres}", "There is no database"),
        ("{postgres}", "{postgres}", "Only an SQLite database is moved"),
        ("{source}", "{folder}/other.sqlite", "The target is no PostgreSQL server"),
        ("{source}", "postgresql://postgres@/nowhere?host={socket}", "check user, password and database"),
    ],
    ids=["no source", "the wrong way round", "to SQLite", "no target"],
)
def test_addresses_that_make_no_move(
    installation: Path, postgres: str, postgres_url: str, tmp_path: Path, source: str, target: str, said: str
) -> None:
    known = {"folder": tmp_path, "postgres": postgres_url, "source": installation, "socket": postgres}
    with pytest.raises(StoreError, match=said):
        move(source.format_map(known), target.format_map(known))
    assert list(tmp_path.iterdir()) == [], "nothing is made where there was nothing"


def test_a_database_in_use_is_not_moved(installation: Path, postgres_url: str) -> None:
    with closing(open_store(str(installation))) as store:
        store.tenants.all()
        with pytest.raises(StoreError, match=r"is in use .*stop the bot first"):
            move(str(installation), postgres_url)


MOVER = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from storage import move

@event.listens_for(Engine, "before_cursor_execute")
def die(conn, cursor, statement, *_):
    if statement.startswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

move(sys.argv[1], sys.argv[2])
"""


@pytest.mark.parametrize("where", ["SELECT setval", "INSERT INTO entries_search", "ANALYZE"])
def test_a_move_that_is_killed_leaves_the_target_empty_and_may_be_begun_again(
    installation: Path, postgres_url: str, where: str
) -> None:
    command = [sys.executable, "-c", MOVER, str(installation), postgres_url, where]
    killed = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not any(rows(postgres_url).values())
    assert sum(move(str(installation), postgres_url).values()) == sum(map(len, rows(str(installation)).values()))


def test_a_large_archive_is_moved_in_batches(sqlite_url: str, postgres_url: str) -> None:
    with closing(open_store(sqlite_url)) as store:
        settle(store)
        feed = follow(store)
        store.commit(
            [poll(feed, *(entry_plan(entry(feed, str(n), f"Title {n}", published=NOW - DAY)) for n in range(2345)))]
        )
    assert move(sqlite_url, postgres_url)["entries"] == 2345
    with closing(open_store(postgres_url)) as store:
        assert [found.key for found in store.entries.search(HOME, "2344", 5)] == ["2344"]
