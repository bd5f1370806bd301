"""Moving an installation from SQLite to PostgreSQL: every table, every row, in one transaction of the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, Engine, Integer, Table, Text, exists, func, literal, select, text, type_coerce
from sqlalchemy.types import TypeEngine

from bot.errors import StoreError
from storage import maintenance, migrate
from storage.columns import Choice, Document
from storage.dialect import index_entries
from storage.engine import Database, open_engine, sqlite_path
from storage.restoring import alone
from storage.schema import entries, metadata

READ = 1000
"""Rows that are read from SQLite at once."""
INDEXED = 500
"""Entries that are put into the search index at once."""

Counts = Mapping[str, int]
"""By table: how many rows."""


def move(source: str, target: str) -> Counts:
    """Copy the SQLite database at `source` into the empty PostgreSQL database at `target`; what each table holds now.

    The target gets this program's schema first; its rows are written whole or not at all, so that a move that broke
    off may be begun again. The source stays as it is, and nobody writes to it meanwhile. Raises `StoreError` where
    the source is in use, damaged or of another schema, or where the target holds anything.
    """
    old, new = Database(_opened_source(source)), Database(_opened_target(target))
    try:
        _look_over(old, source)
        migrate.bring_forward(new)
        return old.write(lambda rows: new.write(lambda conn: _copy(rows, conn)))
    finally:
        old.close()
        new.close()


def _opened_source(url: str) -> Engine:
    engine = open_engine(url, make=False)
    if engine.dialect.name != "sqlite":
        raise StoreError("Only an SQLite database is moved; between PostgreSQL servers pg_dump and pg_restore do it.")
    path = sqlite_path(engine)
    if not path.is_file():
        raise StoreError(f"There is no database {path}.")
    with alone(path):
        return engine


def _opened_target(url: str) -> Engine:
    engine = open_engine(url)
    if engine.dialect.name != "postgresql":
        raise StoreError("The target is no PostgreSQL server; expected postgresql://user:password@host/name.")
    return engine


def _look_over(old: Database, name: str) -> None:
    """Raises `StoreError` where it is damaged, or its schema is not this program's."""
    found = old.read(migrate.revision)
    if found is None:
        raise StoreError(f"{name} is no database of Claimwatch.")
    migrate.refuse_newer(found)
    if found != migrate.head():
        raise StoreError(
            f"{name} has the schema {found}, this program {migrate.head()}: let `CLAIMWATCH_DATABASE={name} "
            "claimwatch doctor` bring it forward, then move it."
        )
    if problems := old.read(maintenance.check):
        raise StoreError(f"{name} cannot be moved as it is. {' '.join(problems)}")


def _copy(old: Connection, new: Connection) -> Counts:
    tables = metadata.sorted_tables  # what is referred to comes first
    new.execute(text(f"LOCK TABLE {', '.join(table.name for table in tables)} IN EXCLUSIVE MODE"))
    _refuse_full(new)
    for table in tables:
        _copy_table(old, new, table)
        _go_on_counting(old, new, table)
    _index(old, new)
    new.execute(text("ANALYZE"))
    return _compared(old, new)


def _refuse_full(new: Connection) -> None:
    full = [table.name for table in metadata.sorted_tables if new.scalar(select(exists().select_from(table)))]
    if full:
        raise StoreError(
            f"The PostgreSQL database {new.engine.url.database} holds data already (in {', '.join(full)}): nothing was "
            "moved. Name an empty one, such as `createdb` makes."
        )


def _copy_table(old: Connection, new: Connection, table: Table) -> None:
    """By COPY, in the order of the primary key. What was stored is not read as the model's, only as rows."""
    wanted = select(*(type_coerce(column, _plain(column.type)) for column in table.c)).order_by(*table.primary_key)
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.c)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    driver = cast(psycopg.Connection[Any], new.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in old.execute(wanted).partitions(READ):
            for row in batch:
                copy.write_row(row)


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    return Text() if isinstance(kind, Choice | Document) else kind


def _go_on_counting(old: Connection, new: Connection, table: Table) -> None:
    """Numbers are never used again, not even those of rows that were dropped."""
    key = table.autoincrement_column
    if key is None or not isinstance(key.type, Integer):
        return
    given = old.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    highest = max(given or 0, old.scalar(select(func.max(key))) or 0)
    if highest:
        sequence = func.pg_get_serial_sequence(literal(table.name), literal(key.name))
        new.execute(select(func.setval(sequence, highest)))


def _index(old: Connection, new: Connection) -> None:
    wanted = select(entries.c.seq, entries.c.title, entries.c.text, entries.c.article).order_by(entries.c.seq)
    for batch in old.execute(wanted).mappings().partitions(INDEXED):
        index_entries(new, [dict(row) for row in batch])


def _compared(old: Connection, new: Connection) -> Counts:
    """Raises `StoreError`, which undoes all, where a table does not hold as much as it did."""
    held, moved = _counted(old), _counted(new)
    moved_index = new.scalar(text("SELECT count(*) FROM entries_search"))
    if moved != held or moved_index != held[entries.name]:
        raise StoreError(f"Not everything arrived, so nothing was moved: of {held}, {moved} ({moved_index} indexed).")
    return moved


def _counted(conn: Connection) -> Counts:
    return {table.name: conn.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables}
