"""Pruning, backups, checks, and small facts."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from store_world import (
    DAY,
    HOME,
    NOW,
    channel_id,
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

from bot.errors import NotFound, StoreError
from bot.model import Action, Decision, DeliveryKind, Relation, Sent
from storage import Store, open_store

LATER = NOW + DAY


def finish(store: Store) -> None:
    for claimed in store.deliveries.claim_due(NOW, ["console"], 10):
        store.deliveries.mark(claimed.id, Sent("1"), NOW)


def test_old_entries_go_and_stay_known(store: Store) -> None:
    settle(store)
    store.watches.add(watch())
    feed = follow(store)
    old, new = entry(feed, "old", aliases=("alias",)), entry(feed, "new", seen=LATER)
    decision = Decision(old.id, channel_id("news"), Action.NOTHING, "too small")
    store.commit([poll(feed, entry_plan(old, watches=[watch()], decisions=[decision]), entry_plan(new))])
    assert store.prune(LATER) == 1
    assert store.entries.latest(HOME, 10) == [new]
    assert store.entries.known(feed.id, ["old", "alias", "new"]) == {"old", "alias", "new"}
    assert store.commit([poll(feed, entry_plan(old))]) == [0], "a feed that still lists it brings nothing new"
    assert store.prune(LATER) == 0
    assert store.check() == []


def test_what_nobody_follows_is_forgotten(store: Store) -> None:
    settle(store)
    feed = follow(store)
    store.commit([poll(feed, entry_plan(entry(feed)))])
    store.feeds.unfollow(HOME, feed.id)
    store.prune(LATER)
    assert store.entries.known(feed.id, ["1"]) == frozenset()


def test_evidence_and_what_is_owed_are_kept(store: Store) -> None:
    settle(store)
    hold(store)
    feed = follow(store)
    evidence = entry(feed, "evidence")
    store.commit([poll(feed, entry_plan(evidence, verdicts={HOME: (says(Relation.UPDATES),)}))])
    plan = told(feed, "owed")
    store.commit([plan])
    assert store.prune(LATER) == 0
    assert store.alerts.get(plan.alerts[0].id) == plan.alerts[0]
    finish(store)
    assert store.prune(LATER) == 1
    assert store.entries.latest(HOME, 10) == [evidence]
    assert store.deliveries.of(plan.alerts[0].id) == []
    with pytest.raises(NotFound):
        store.alerts.get(plan.alerts[0].id)


def test_the_last_digest_is_kept(store: Store) -> None:
    settle(store)
    first, asked = digest_of("first", date(2026, 3, 8)), digest_of("asked")
    last = replace(digest_of("last", date(2026, 3, 9)), made=NOW + DAY / 2)
    waiting = digest_of("waiting", date(2026, 3, 10))
    store.digests.commit(first, [], scheduled=True)
    store.digests.commit(last, [], scheduled=True)
    store.digests.commit(asked, [], scheduled=False)
    store.digests.commit(waiting, [owe("waiting", kind=DeliveryKind.DIGEST)], scheduled=False)
    store.prune(LATER)
    assert store.digests.last(channel_id("news")) == last
    assert store.digests.get("waiting") == waiting
    for gone in ("first", "asked"):
        with pytest.raises(NotFound):
            store.digests.get(gone)


def test_small_facts(store: Store, url: str) -> None:
    assert store.meta.get("pack") is None
    store.meta.put("pack", "1")
    store.meta.put("pack", "2")
    assert store.meta.get("pack") == "2"
    first = store.meta.installation()
    other = open_store(url)
    assert other.meta.installation() == first
    assert len(first) == 32
    other.close()


def test_a_sound_database(store: Store) -> None:
    assert store.check() == []


# --- of SQLite alone ---------------------------------------------------------------------------------------------


@pytest.fixture
def file_store(sqlite_url: str):
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


def test_a_backup_is_a_store_of_its_own(file_store: Store, tmp_path: Path) -> None:
    settle(file_store)
    file_store.commit([told(follow(file_store))])
    target = tmp_path / "copies" / "store.sqlite"
    file_store.backup(target)
    copy = open_store(str(target))
    assert copy.entries.latest(HOME, 10) == file_store.entries.latest(HOME, 10)
    assert copy.entries.search(HOME, "troops", 10) != []
    assert copy.check() == []
    copy.close()
    with pytest.raises(StoreError, match="there already"):
        file_store.backup(target)


def test_a_backup_that_cannot_be_written(file_store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="failed"):
        file_store.backup(tmp_path / "file" / "store.sqlite")


def test_a_broken_reference_is_reported(file_store: Store, sqlite_url: str) -> None:
    settle(file_store)
    with closing(sqlite3.connect(sqlite_url)) as raw, raw:
        raw.execute("DELETE FROM tenants")
    assert any("a row of channels refers to a row of tenants that is gone" in line for line in file_store.check())


def test_a_foreign_schema_is_reported(file_store: Store, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '0001'")
    assert any("revision 0001" in line for line in file_store.check())


# --- of PostgreSQL alone -----------------------------------------------------------------------------------------


def test_postgres_is_backed_up_by_its_own_tool(postgres_url: str, tmp_path: Path) -> None:
    store = open_store(postgres_url)
    with pytest.raises(StoreError, match="pg_dump"):
        store.backup(tmp_path / "copy")
    store.close()
