"""The store: one object that holds everything that is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, select

from bot.model import Actor, PollPlan
from storage import maintenance
from storage.alerts import Alerts
from storage.audit import Audit
from storage.claims import Claims
from storage.commit import commit
from storage.deliveries import Deliveries, defer
from storage.digests import Digests
from storage.engine import Database, Queue, open_engine
from storage.entries import Entries
from storage.feeds import Feeds
from storage.lists import Lists
from storage.meta import Meta
from storage.migrate import bring_forward
from storage.mutes import Mutes
from storage.proposals import Proposals
from storage.reviews import Reviews
from storage.schema import deferrals
from storage.stories import Stories
from storage.tenants import Tenants
from storage.watches import Watches

T = TypeVar("T")


class Store:
    """Implements `bot.ports.Store` over SQLite or PostgreSQL. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self.tenants = Tenants(database)
        self.feeds = Feeds(database)
        self.entries = Entries(database)
        self.stories = Stories(database)
        self.claims = Claims(database)
        self.reviews = Reviews(database)
        self.proposals = Proposals(database)
        self.watches = Watches(database)
        self.lists = Lists(database)
        self.mutes = Mutes(database)
        self.audit = Audit(database)
        self.alerts = Alerts(database)
        self.deliveries = Deliveries(database)
        self.digests = Digests(database)
        self.meta = Meta(database)

    def turn(self) -> AbstractContextManager[Callable[[], None]]:
        return self._db.turn()

    def view(self, work: Callable[[], T]) -> T:
        return self._db.view(work)

    def acting(self, actor: Actor) -> Store:
        return Store(self._db.acting(actor))

    def commit(self, plans: Sequence[PollPlan]) -> list[int]:
        return self._db.write(lambda conn: commit(conn, plans))

    def defer(self, platform: str, until: datetime) -> None:
        self._db.write(lambda conn: defer(conn, platform, until))

    def deferred(self) -> Mapping[str, datetime]:
        return self._db.read(_deferred)

    def prune(self, before: datetime) -> int:
        return self._db.write(lambda conn: maintenance.prune(conn, before))

    def backup(self, target: Path) -> None:
        maintenance.backup(self._db, target)

    def check(self) -> list[str]:
        return self._db.read(maintenance.check)

    def close(self) -> None:
        self._db.close()


def open_store(url: str, queue: Queue | None = None) -> Store:
    """Open the database at `url` (a path, sqlite:///path or postgresql://…), created or brought forward as needed.

    With a `queue`, which takes PostgreSQL, what a write makes to do is queued in its transaction.
    Raises `StoreError` where that cannot be done, and `StoreBusy` where it may go through later.
    """
    database = Database(open_engine(url), queue)
    try:
        bring_forward(database)
    except BaseException:
        database.close()
        raise
    return Store(database)


def _deferred(conn: Connection) -> dict[str, datetime]:
    return {row.platform: row.until for row in conn.execute(select(deferrals))}
