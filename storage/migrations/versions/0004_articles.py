"""The articles behind entries, and languages that nothing reads.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SQLITE = (
    "DROP TRIGGER entries_search_insert",
    "DROP TRIGGER entries_search_delete",
    "DROP TRIGGER entries_search_update",
    "DROP TABLE entries_search",
    "CREATE VIRTUAL TABLE entries_search USING fts5"
    " (title, text, article, content='entries', content_rowid='seq', tokenize='unicode61 remove_diacritics 2')",
    "CREATE TRIGGER entries_search_insert AFTER INSERT ON entries BEGIN"
    " INSERT INTO entries_search (rowid, title, text, article)"
    " VALUES (new.seq, new.title, new.text, new.article); END",
    "CREATE TRIGGER entries_search_delete AFTER DELETE ON entries BEGIN"
    " INSERT INTO entries_search (entries_search, rowid, title, text, article)"
    " VALUES ('delete', old.seq, old.title, old.text, old.article); END",
    "CREATE TRIGGER entries_search_update AFTER UPDATE OF title, text, article ON entries BEGIN"
    " INSERT INTO entries_search (entries_search, rowid, title, text, article)"
    " VALUES ('delete', old.seq, old.title, old.text, old.article);"
    " INSERT INTO entries_search (rowid, title, text, article)"
    " VALUES (new.seq, new.title, new.text, new.article); END",
    "INSERT INTO entries_search (entries_search) VALUES ('rebuild')",
)


def upgrade() -> None:
    for name in ("article", "unread"):
        op.add_column("entries", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
    op.add_column("follows", sa.Column("articles", sa.Boolean(), nullable=False, server_default=sa.true()))
    conn = op.get_bind()
    if conn.dialect.name == "sqlite":
        for statement in _SQLITE:
            conn.exec_driver_sql(statement)
