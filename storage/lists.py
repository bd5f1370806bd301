"""Lists of keywords that a tenant's queries share."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from bot.errors import QuotaExceeded
from bot.model import KeywordList
from storage.audit import note
from storage.dialect import put
from storage.engine import Database
from storage.meta import grow
from storage.rows import columns, made, missing, values
from storage.schema import lists
from storage.tenants import tenant_of
from storage.watches import VERSION

MOST_LISTS = 100


class Lists:
    """Implements `bot.ports.ListStore`. What a query means depends on them, so watches have a new version with them."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self, tenant: str | None = None) -> list[KeywordList]:
        return self._db.read(lambda conn: _all(conn, tenant))

    def get(self, tenant: str, name: str) -> KeywordList:
        return self._db.read(lambda conn: _get(conn, tenant, name))

    def put(self, keywords: KeywordList) -> None:
        self._db.write(lambda conn: _put(conn, keywords))

    def remove(self, tenant: str, name: str) -> KeywordList:
        return self._db.write(lambda conn: _remove(conn, tenant, name))


def _all(conn: Connection, tenant: str | None) -> list[KeywordList]:
    query = select(*columns(lists, KeywordList)).order_by(lists.c.tenant, lists.c.name)
    return made(KeywordList, conn.execute(query if tenant is None else query.where(lists.c.tenant == tenant)))


def _get(conn: Connection, tenant: str, name: str) -> KeywordList:
    mine = {one.name: one for one in _all(conn, tenant)}
    found = mine.get(name.casefold().removeprefix("@"))
    if found is None:
        raise missing("list", name, list(mine))
    return found


def _put(conn: Connection, keywords: KeywordList) -> None:
    tenant_of(conn, keywords.tenant, lock=True)
    mine = {one.name: one for one in _all(conn, keywords.tenant)}
    if keywords.name not in mine and len(mine) >= MOST_LISTS:
        raise QuotaExceeded(f"{len(mine)} of {MOST_LISTS} lists are there already; remove one first.")
    put(conn, lists, values(keywords))
    grow(conn, VERSION)
    note(conn, f"list @{keywords.name}", mine.get(keywords.name), keywords)


def _remove(conn: Connection, tenant: str, name: str) -> KeywordList:
    found = _get(conn, tenant, name)
    conn.execute(delete(lists).where(lists.c.tenant == tenant, lists.c.name == found.name))
    grow(conn, VERSION)
    note(conn, f"list @{found.name}", found, None)
    return found
