"""The queue and the data that it speaks of are written together, or not at all."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from postgres_server import end_connections

from bot.errors import StoreBusy, StoreError
from bot.model import Channel, DeliveryKind, FeedIntent, Owed, PollPlan, Sent, Tenant
from bot.scale.queue import ProcrastinateQueue
from bot.scale.schema import prepare
from storage import Store, open_store
from storage.engine import CommitUnclear, Database, open_engine

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TAKE = "SELECT task_name, args FROM procrastinate_fetch_job_v2(NULL, %s) WHERE id IS NOT NULL"


class Breaking(ProcrastinateQueue):
    """Queues, and then lets the transaction fail."""

    def owed(self, transaction: psycopg.Connection[Any], channels: Collection[str]) -> None:
        super().owed(transaction, channels)
        raise StoreError("cut off")


def settle(store: Store) -> None:
    store.tenants.put(Tenant("console:home", "console", "home"))
    for name in ("alerts", "news"):
        store.tenants.put_channel(Channel(f"console:{name}", "console:home", "console", name, name))


def owe(number: int, channel: str = "news", due: datetime = NOW) -> Owed:
    return Owed(f"{number:016x}", f"console:{channel}", DeliveryKind.NOTICE, f"notice{number}", due, payload="Hear!")


def jobs(address: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address) as conn:
        query = "SELECT task_name, args, lock, status::text FROM procrastinate_jobs ORDER BY id"
        return conn.execute(query).fetchall()


def waiting(channel: str) -> tuple[Any, ...]:
    return ("deliver", {"channel": channel}, f"channel:{channel}", "todo")


def test_what_is_owed_and_its_jobs_are_one_transaction(store: Store, bare_postgres_url: str) -> None:
    settle(store)
    breaking = open_store(bare_postgres_url, Breaking())
    with pytest.raises(StoreError, match="cut off"):
        breaking.deliveries.owe([owe(1)])
    breaking.close()
    assert (store.deliveries.stats().owed, jobs(bare_postgres_url)) == (0, [])
    store.deliveries.owe([owe(1), owe(2, "alerts"), owe(3)])
    assert store.deliveries.stats().owed == 3
    assert jobs(bare_postgres_url) == [waiting("console:alerts"), waiting("console:news")]


def test_a_waiting_job_is_held_until_what_it_is_to_find_can_be_seen(store: Store, bare_postgres_url: str) -> None:
    settle(store)
    store.deliveries.owe([owe(1)])
    with psycopg.connect(bare_postgres_url) as writing, psycopg.connect(bare_postgres_url) as taking:
        (worker,) = taking.execute("SELECT worker_id FROM procrastinate_register_worker_v1()").fetchone() or (0,)
        taking.commit()
        ProcrastinateQueue().owed(writing, ["console:news"])
        assert taking.execute(TAKE, [worker]).fetchall() == []
        taking.commit()
        writing.commit()
        assert taking.execute(TAKE, [worker]).fetchall() == [("deliver", {"channel": "console:news"})]
        taking.commit()
        ProcrastinateQueue().owed(writing, ["console:news"])  # that one is being done: the next one waits behind it
        writing.commit()
        assert taking.execute(TAKE, [worker]).fetchall() == []
    assert [status for *_, status in jobs(bare_postgres_url)] == ["doing", "todo"]


def test_a_feed_that_is_leased_is_queued_with_its_lease(store: Store, bare_postgres_url: str) -> None:
    settle(store)
    feed = store.feeds.follow("console:home", FeedIntent("https://herald.example/feed"), NOW)
    for later in (0, 1, 2):  # its lease runs out: it waits already
        assert len(store.feeds.claim_due(NOW + timedelta(minutes=6 * later), 300, 5)) == 1
    assert jobs(bare_postgres_url) == [("poll", {"feed": feed.id}, None, "todo")]


def test_what_was_lost_from_the_queue_is_queued_again(store: Store, bare_postgres_url: str) -> None:
    settle(store)
    store.deliveries.owe([owe(1), owe(2, "alerts", NOW + timedelta(hours=1))])
    with psycopg.connect(bare_postgres_url) as conn:
        conn.execute("DELETE FROM procrastinate_jobs")

    def queue(after: timedelta) -> list[tuple[Any, ...]]:
        store.deliveries.queue_due(NOW + after, ["console"], NOW + after - timedelta(minutes=10), 50)
        return jobs(bare_postgres_url)

    assert queue(timedelta()) == [waiting("console:news")]
    (taken,) = store.deliveries.claim_due(NOW, ["console"], 1)
    with psycopg.connect(bare_postgres_url) as conn:
        conn.execute("DELETE FROM procrastinate_jobs")
    assert queue(timedelta(minutes=5)) == []  # somebody is at it
    assert queue(timedelta(minutes=11)) == [waiting("console:news")]  # or is not any more
    store.deliveries.mark(taken.id, Sent("1"), NOW)
    assert queue(timedelta(hours=1)) == [waiting("console:news"), waiting("console:alerts")]


def test_several_polls_put_their_jobs_in_one_statement(store: Store, bare_postgres_url: str) -> None:
    """In several, two processes that put the same jobs in another order would wait for each other."""
    put: list[list[str]] = []

    class Counting(ProcrastinateQueue):
        def owed(self, transaction: psycopg.Connection[Any], channels: Collection[str]) -> None:
            put.append(sorted(channels))
            super().owed(transaction, channels)

    settle(store)
    plans = []
    for number, channel in enumerate(("news", "alerts")):
        feed = store.feeds.follow("console:home", FeedIntent(f"https://{channel}.example/feed"), NOW)
        plans.append(PollPlan(feed, NOW, owed=(owe(number, channel),)))
    counting = open_store(bare_postgres_url, Counting())
    counting.commit(plans)
    counting.close()
    assert put == [["console:alerts", "console:news"]]


def test_one_channels_deliveries_alone_are_claimed(store: Store) -> None:
    settle(store)
    store.deliveries.owe([owe(1), owe(2, "alerts"), owe(3)])
    (first,) = store.deliveries.claim_due(NOW, ["console"], 5, "console:news")
    assert (first.id, first.channel) == (owe(1).id, "console:news")
    assert store.deliveries.claim_due(NOW, ["console"], 5, "console:news") == []  # in its order
    assert store.deliveries.interrupted(["console"], None, "console:alerts") == []
    assert [one.id for one in store.deliveries.interrupted(["console"], None, "console:news")] == [first.id]


def test_tables_of_another_version_are_made_anew_only_when_asked(bare_postgres_url: str) -> None:
    assert prepare(bare_postgres_url)
    assert not prepare(bare_postgres_url)
    with psycopg.connect(bare_postgres_url) as conn:
        conn.execute("COMMENT ON TABLE procrastinate_jobs IS 'claimwatch, procrastinate''s schema 03.00.00_01_older'")
    with pytest.raises(StoreError, match="run `claimwatch migrate`"):
        prepare(bare_postgres_url)
    assert prepare(bare_postgres_url, remake=True)
    assert not prepare(bare_postgres_url)
    with psycopg.connect(bare_postgres_url) as conn:
        conn.execute("COMMENT ON TABLE procrastinate_jobs IS NULL")  # somebody else's
    with pytest.raises(StoreError, match="a database of its own"):
        prepare(bare_postgres_url, remake=True)


def test_a_turn_is_one_process_at_a_time(store: Store, bare_postgres_url: str) -> None:
    with store.turn(), psycopg.connect(bare_postgres_url) as other:
        held = other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
        assert held == (1,)
    with store.turn() as still_ours:  # given back
        still_ours()


def test_a_turn_that_is_lost_says_so_before_anything_is_written_and_hides_no_error(
    store: Store, bare_postgres_url: str
) -> None:
    with store.turn() as still_ours:
        end_connections(bare_postgres_url)
        with pytest.raises(StoreBusy):
            still_ours()
    with pytest.raises(CommitUnclear, match="itself"), store.turn():  # noqa: PT012
        end_connections(bare_postgres_url)
        raise CommitUnclear("itself")


def test_a_turn_that_cannot_be_had_is_an_error_of_ours(tmp_path: Any) -> None:
    database = Database(open_engine(f"postgresql://postgres@/none?host={tmp_path}"))
    with pytest.raises(StoreBusy, match="cannot be reached"), database.turn():
        raise AssertionError("it was not had")
    database.close()


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Any) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        prepare(f"postgresql://postgres@/none?host={tmp_path}")
