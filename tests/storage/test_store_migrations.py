"""A database is brought forward from any released revision, with its data; a newer one is refused."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from store_world import HOME, NOW, entry, entry_plan, follow, poll, settle

from bot.errors import StoreError
from bot.model import FeedState, Quotas
from storage import Store, open_store
from storage.engine import Database, open_engine
from storage.migrate import bring_forward, head, revision
from storage.schema import entries as entries_table
from storage.schema import feeds as feeds_table
from storage.schema import follows as follows_table
from storage.schema import metadata
from storage.schema import tenants as tenants_table


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return str(tmp_path / "empty.sqlite")
    return request.getfixturevalue("bare_postgres_url")


def test_an_empty_database_becomes_a_store(empty_url: str) -> None:
    for _ in range(2):
        store = open_store(empty_url)
        assert store.check() == []
        store.close()


def test_the_migrations_make_what_the_schema_says(empty_url: str) -> None:
    def differences(conn: Connection) -> list[object]:
        context = MigrationContext.configure(conn, opts={"include_name": _ours, "compare_server_default": True})
        return compare_metadata(context, metadata)

    open_store(empty_url).close()
    database = Database(open_engine(empty_url))
    assert database.read(differences) == []
    database.close()


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("entries_search"))


def _old_rows(conn: Connection) -> None:
    """One entry, as a program of revision 0001 would have left it."""
    conn.execute(
        tenants_table.insert().values(id=HOME, platform="console", name="Home", quotas=Quotas(), admin_channel=None)
    )
    blank = {column.name: "" for column in feeds_table.c if str(column.type) == "TEXT"}
    numbers = {"weight": 1.0, "failures": 0, "interval": 0.0, "announce_existing": False}
    conn.execute(
        feeds_table.insert().values(blank | numbers | {"id": "f", "next_poll": NOW, "state": FeedState.ACTIVE})
    )
    conn.execute(follows_table.insert().values(tenant=HOME, feed="f"))
    row = {"id": "e", "feed": "f", "key": "k", "url": "", "title": "Élysée", "text": "Troops", "published": NOW}
    rest = {"seen": NOW, "language": "", "outlet": "", "aliases": (), "story": "s", "url_key": "", "shape": b""}
    conn.execute(entries_table.insert().values(row | rest))


def test_from_the_first_revision_with_data(empty_url: str) -> None:
    database = Database(open_engine(empty_url))
    bring_forward(database, "0001")
    assert database.read(revision) == "0001"
    database.write(_old_rows)
    database.close()

    store = open_store(empty_url)

    assert [one.id for one in store.entries.search(HOME, "elysee troops", 10)] == ["e"]
    feed = store.feeds.get("f")
    store.commit([poll(feed, entry_plan(entry(feed, title="Later troops")))])
    assert len(store.entries.search(HOME, "troops", 10)) == 2
    assert store.check() == []
    store.close()


def test_a_newer_database_is_refused_and_left_alone(store: Store, url: str) -> None:
    settle(store)
    follow(store)
    database = Database(open_engine(url))
    database.write(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    try:
        with pytest.raises(StoreError, match=f"newer Claimwatch .schema 9999; this one knows up to {head()}"):
            open_store(url)
        assert database.read(revision) == "9999"
    finally:
        database.write(lambda conn: conn.execute(text(f"UPDATE alembic_version SET version_num = '{head()}'")))
        database.close()
