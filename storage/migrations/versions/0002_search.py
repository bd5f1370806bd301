"""The index for full-text search, filled with what is there.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.dialect import index_entries

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = (
    # external content: the words are kept once, in entries
    "CREATE VIRTUAL TABLE entries_search USING fts5"
    " (title, text, content='entries', content_rowid='seq', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER entries_search_insert AFTER INSERT ON entries BEGIN"
    " INSERT INTO entries_search (rowid, title, text) VALUES (new.seq, new.title, new.text); END",
    "CREATE TRIGGER entries_search_delete AFTER DELETE ON entries BEGIN"
    " INSERT INTO entries_search (entries_search, rowid, title, text)"
    " VALUES ('delete', old.seq, old.title, old.text); END",
    "CREATE TRIGGER entries_search_update AFTER UPDATE OF title, text ON entries BEGIN"
    " INSERT INTO entries_search (entries_search, rowid, title, text)"
    " VALUES ('delete', old.seq, old.title, old.text);"
    " INSERT INTO entries_search (rowid, title, text) VALUES (new.seq, new.title, new.text); END",
    "INSERT INTO entries_search (entries_search) VALUES ('rebuild')",
)

_POSTGRES = (
    "CREATE TABLE entries_search"
    " (seq integer PRIMARY KEY REFERENCES entries (seq) ON DELETE CASCADE, vector tsvector NOT NULL)",
    "CREATE INDEX ix_entries_search_vector ON entries_search USING gin (vector)",
)


def upgrade() -> None:
    conn = op.get_bind()
    for statement in _SQLITE if conn.dialect.name == "sqlite" else _POSTGRES:
        conn.exec_driver_sql(statement)
    if conn.dialect.name == "postgresql":
        _fill(conn)


def _fill(conn: sa.Connection) -> None:
    there = conn.execute(sa.text("SELECT seq, title, text FROM entries")).mappings()
    for rows in there.partitions(500):
        index_entries(conn, [dict(row) for row in rows])
