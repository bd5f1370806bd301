"""Bringing a database forward to the schema that this program knows."""

from __future__ import annotations

from functools import cache

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.errors import StoreError
from storage.engine import Database

_MIGRATION_LOCK = 0x434C_4149_4D53  # "CLAIMS": the key of our advisory lock


def bring_forward(database: Database, target: str = "head") -> None:
    """Run what is missing, in one transaction; processes that open at once take turns.

    Raises `StoreError` where the database was written by a newer program.
    """
    if database.read(revision) != head():
        database.write(lambda conn: _upgrade(conn, target))


def revision(conn: Connection) -> str | None:
    """Where the database stands; None for an empty one."""
    return MigrationContext.configure(conn).get_current_revision()


@cache
def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _upgrade(conn: Connection, target: str) -> None:
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    refuse_newer(revision(conn))
    config = _config()
    config.attributes["connection"] = conn
    command.upgrade(config, target)


def refuse_newer(found: str | None) -> None:
    """Raises `StoreError` where a database stands at a revision that this program does not know."""
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    if found is not None and found not in known:
        raise StoreError(
            f"The database was written by a newer Claimwatch (schema {found}; this one knows up to {head()}): "
            "install that version again, or restore a backup from before."
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.set_main_option("path_separator", "os")
    return config
