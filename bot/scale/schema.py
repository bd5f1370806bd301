"""procrastinate's tables in our database: made where they are missing, made anew where they are of another version."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from bot.errors import ConfigError, StoreBusy, StoreError
from bot.settings import Settings
from storage import postgres_address

try:
    from procrastinate.schema import SchemaManager
except ModuleNotFoundError:
    SchemaManager = None  # type: ignore[assignment,misc] # without the extra `scale`

_LOCK = 0x434C_4149_4D51  # "CLAIMQ": the key of our advisory lock
_OURS = "claimwatch, procrastinate's schema "

_DROP = """
DO $$
DECLARE one record;
BEGIN
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'procrastinate\\_%' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TABLE %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP FUNCTION %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate\\_%' AND typnamespace = current_schema()::regnamespace
    LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name); END LOOP;
END $$
"""


def queue_address(settings: Settings, command: str) -> str:
    """The database in which the queue is, too. Raises `ConfigError` where many processes cannot share it."""
    if SchemaManager is None:
        problem = f"`claimwatch {command}` needs procrastinate, which is not installed: pip install 'claimwatch[scale]'"
        raise ConfigError(problem)
    address = postgres_address(settings.database)
    if address is None:
        raise ConfigError(
            f"`claimwatch {command}` needs PostgreSQL, which many processes can share, and this installation keeps its "
            "data in SQLite. Move it with `claimwatch migrate-store FILE postgresql://…` and name the new address "
            "here; or let one process do everything: `claimwatch run`",
            key="database",
        )
    return address


def prepare(address: str, *, remake: bool = False) -> bool:
    """Make the queue's tables where there are none. True if they were made.

    With `remake` tables of another version of procrastinate are replaced; what waits in them is found again in the
    store. Without it they raise `StoreError`. Raises `StoreBusy` where the database cannot be reached.
    """
    try:
        with psycopg.connect(address, connect_timeout=10) as conn:
            conn.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            row = conn.execute(
                "SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE oid = to_regclass('procrastinate_jobs')"
            ).fetchone()
            if row is not None:
                if row[0] == _version():
                    return False
                _refuse(row[0], remake=remake)
                conn.execute(_DROP)
            conn.execute(SchemaManager.get_schema())
            conn.execute(sql.SQL("COMMENT ON TABLE procrastinate_jobs IS {}").format(_version()))
            return True
    except psycopg.OperationalError as error:
        raise StoreBusy(f"PostgreSQL cannot be reached. ({error})") from error


def _refuse(found: str | None, *, remake: bool) -> None:
    if not (found or "").startswith(_OURS):
        raise StoreError(
            "The database holds procrastinate's tables already, which are not Claimwatch's: give Claimwatch a database "
            "of its own."
        )
    if not remake:
        raise StoreError(
            "The queue's tables are of another version of procrastinate: stop all gateways and workers and run "
            "`claimwatch migrate`; nothing that is owed is lost by that."
        )


def _version() -> str:
    """How the tables are marked: by the newest change to them that this procrastinate knows."""
    return _OURS + max(path.stem for path in Path(SchemaManager.get_migrations_path()).glob("*.sql"))
