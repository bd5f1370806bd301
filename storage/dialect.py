"""All in which SQLite and PostgreSQL differ for our queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Subquery,
    Table,
    bindparam,
    column,
    desc,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from storage.folding import fold, phrases, spaced
from storage.schema import entries

Row = Mapping[str, Any]

BATCH = 500
"""Values in one IN list, well under both databases' limits on parameters."""

FEW = 100_000
"""Entries of which a set is made while a search runs; more are so many that most hits are among them."""
_COMMIT_LOCK = 0x434C_4149_4D57  # "CLAIMW": the key of our advisory lock
_INDEXED_BYTES = 500_000  # of an entry; a tsvector takes 1 MiB

_sqlite_index = table("entries_search", column("rowid"))
_postgres_index = table("entries_search", column("seq"), column("vector"))


def insert_new(conn: Connection, target: Table, rows: Sequence[Row], returning: str) -> list[Any]:
    """Insert what is not there yet; a row that clashes with any unique key is left out. `returning` of the new ones."""
    if not rows:
        return []
    statement = _insert_new(conn.dialect.name, target).returning(target.c[returning])
    return list(conn.execute(statement, list(rows)).scalars())


def add(conn: Connection, target: Table, rows: Sequence[Row]) -> None:
    """The same where nobody asks which were new: one short statement, many times."""
    if rows:
        conn.execute(_insert_new(conn.dialect.name, target), list(rows))


@cache
def _insert_new(dialect: str, target: Table) -> sqlite.Insert | postgresql.Insert:
    """Put together once: that takes longer than to execute it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(target).on_conflict_do_nothing()


def put(conn: Connection, target: Table, row: Row) -> None:
    """Insert, or replace all columns given of the row with that primary key."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    keys = [key.name for key in target.primary_key]
    changes = {name: value for name, value in row.items() if name not in keys}
    conn.execute(insert(target).values(row).on_conflict_do_update(index_elements=keys, set_=changes))


def number_in_order(conn: Connection) -> None:
    """Let one transaction at a time number entries, so that a number is never seen before a lower one.

    Readers that remember the last number (`sketches`) would miss entries otherwise. SQLite has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _COMMIT_LOCK})


def index_entries(conn: Connection, fresh: Sequence[Row]) -> None:
    """Put entries (their `seq`, `title`, `text` and `article`) into the search index; in SQLite triggers do it.

    What was indexed of them before is replaced.
    """
    if conn.dialect.name == "postgresql" and fresh:
        conn.execute(
            text(
                "INSERT INTO entries_search (seq, vector) VALUES (:seq, setweight(to_tsvector('simple', :title), 'A')"
                " || setweight(to_tsvector('simple', :text), 'D'))"
                " ON CONFLICT (seq) DO UPDATE SET vector = excluded.vector"
            ),
            [{"seq": row["seq"], "title": indexed(row["title"]), "text": indexed(_body(row))} for row in fresh],
        )


def index_new(conn: Connection, fresh: Mapping[str, Row]) -> None:
    """The same for at most `BATCH` entries, by their ids, that were just inserted: the database gave their numbers."""
    if conn.dialect.name == "postgresql" and fresh:
        numbers = conn.execute(select(entries.c.id, entries.c.seq).where(entries.c.id.in_(fresh)))
        index_entries(conn, [{**fresh[entry], "seq": seq} for entry, seq in numbers])


def _body(row: Row) -> str:
    article = row.get("article", "")
    return f"{row['text']}\n{article}" if article else str(row["text"])


def indexed(words: str) -> str:
    """What PostgreSQL indexes of a text: folded like SQLite's unicode61, within half of what a tsvector takes."""
    return fold(words).encode()[: _INDEXED_BYTES // 2].decode(errors="ignore")


def hits(conn: Connection, words: str, where: Sequence[ColumnElement[bool]], first: int, most: int) -> Subquery | None:
    """`seq` and `rank` (lower is better) of the newest `most` entries that hold all words and fulfil the conditions.

    Entries numbered below `first` are not even looked at. Each word and each "quoted phrase" must be there; None where
    no word is asked for. What is between them is data: nothing in it is an operator.
    """
    asked = phrases(words)
    if not asked:
        return None
    if conn.dialect.name == "postgresql":
        return _hits_postgres(asked, where, first, most)
    return _hits_sqlite(asked, [_as_set(one) if _few(conn, one) else one for one in where], first, most)


def _few(conn: Connection, condition: ColumnElement[bool]) -> bool:
    """Whether not more than `FEW` entries fulfil it; an index tells."""
    some = select(entries.c.seq).where(condition).limit(FEW + 1).subquery()
    return (conn.scalar(select(func.count()).select_from(some)) or 0) <= FEW


def _as_set(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a hit's number is among those of the entries that fulfil the condition.

    A frequent word is in so many entries that to read each one's row takes seconds where the disk has to be asked: an
    index gives the numbers, and rows are read only of what is in all such sets.
    """
    # the sum keeps SQLite from looking the words up for each number of the set
    return (_sqlite_index.c.rowid + 0).in_(select(entries.c.seq).where(condition))


def _hits_sqlite(asked: Sequence[str], where: Sequence[ColumnElement[bool]], first: int, most: int) -> Subquery:
    query = " ".join(f'"{spaced(phrase)}"' for phrase in asked)
    number = _sqlite_index.c.rowid
    match = literal_column("entries_search").op("MATCH", is_comparison=True)(bindparam(None, query))
    rank: ColumnElement[float] = literal_column("bm25(entries_search, 4.0, 1.0, 0.5)")
    return (
        select(number.label("seq"), rank.label("rank"))
        .select_from(_sqlite_index.join(entries, entries.c.seq == number))
        .where(match, number >= first, *where)
        .order_by(desc(number))
        .limit(most)
        .subquery("hits")
    )


def _hits_postgres(asked: Sequence[str], where: Sequence[ColumnElement[bool]], first: int, most: int) -> Subquery:
    """The rank is that of the newest alone: to take it, a whole vector is read."""
    query: ColumnElement[Any] = func.phraseto_tsquery(literal_column("'simple'"), fold(asked[0]))
    for phrase in asked[1:]:
        query = query.op("&&")(func.phraseto_tsquery(literal_column("'simple'"), fold(phrase)))
    number, vector = _postgres_index.c.seq, _postgres_index.c.vector
    newest = (
        select(number)
        .select_from(_postgres_index.join(entries, entries.c.seq == number))
        .where(vector.op("@@", is_comparison=True)(query), number >= first, *where)
        .order_by(desc(number))
        .limit(most)
        .subquery("newest")
    )
    ranked = select(number, (-func.ts_rank_cd(vector, query)).label("rank"))
    return ranked.join(newest, newest.c.seq == number).subquery("hits")
