"""Drivers' errors in our words: what happened and what the person can do about it."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import StoreBusy, StoreError, StoreRefused

_SQLITE_BUSY = {
    sqlite3.SQLITE_BUSY: "The database is locked by another process for longer than we wait.",
    sqlite3.SQLITE_LOCKED: "The database is locked by another connection.",
}

_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk (or the quota on it) is full: make room, nothing was written.",
    sqlite3.SQLITE_IOERR: "Reading or writing the database's file failed: is the disk full? Nothing was written.",
    sqlite3.SQLITE_READONLY: "The database's file cannot be written: check the owner of it and of its folder.",
    sqlite3.SQLITE_CANTOPEN: "The database's file cannot be opened: check the path and who may write there.",
    sqlite3.SQLITE_CORRUPT: "The database is damaged: stop the bot, run `claimwatch doctor`, and restore a backup.",
    sqlite3.SQLITE_NOTADB: "The file is no SQLite database: check the path.",
}

_SQLITE_REFUSED = {sqlite3.SQLITE_TOOBIG: "A value is larger than SQLite takes."}

_POSTGRES_BUSY = {  # by class or code of SQLSTATE, see appendix A of PostgreSQL's manual
    "08": "The connection to PostgreSQL was lost.",
    "40": "PostgreSQL asks for a retry of the transaction.",
    "53300": "PostgreSQL takes no more connections: raise max_connections or run fewer processes.",
    "55P03": "A lock was not to be had in time.",
    "57P": "PostgreSQL is shutting down or starting.",
}

_POSTGRES = {
    "42501": "The PostgreSQL user lacks a right: it must own the database's schema.",
    "53100": "PostgreSQL's disk is full: make room, nothing was written.",
    "25006": "PostgreSQL is read-only (a stand-by?): check the host in the database's address.",
}

# a connection that fails has no SQLSTATE; in another language it counts as busy, which shows the same words
_POSTGRES_LOGIN = ("does not exist", "authentication failed", "no pg_hba.conf entry", "not permitted to log in")

DRIVER_ERRORS = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What a statement, or the opening of a connection, may raise."""


def explain(error: Exception) -> StoreError:
    """`StoreBusy` where the same call may go through later, `StoreRefused` where this one call is at fault."""
    if isinstance(error, PoolTimeout):
        return StoreBusy("All connections to the database are in use.")
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _explain_sqlite(cause)
    if isinstance(cause, psycopg.Error):
        return _explain_postgres(cause, lost=isinstance(error, DBAPIError) and error.connection_invalidated)
    return StoreRefused(f"The database refused a statement of ours: {error}")


def _explain_sqlite(cause: sqlite3.Error) -> StoreError:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in _SQLITE_BUSY:
        return StoreBusy(_SQLITE_BUSY[code])
    if code in _SQLITE:
        return StoreError(f"{_SQLITE[code]} ({cause})")
    return StoreRefused(f"{_SQLITE_REFUSED.get(code, 'SQLite refused a statement of ours.')} ({cause})")


def _explain_postgres(cause: psycopg.Error, *, lost: bool) -> StoreError:
    state = cause.sqlstate or ""
    for known, text in _POSTGRES.items():
        if state.startswith(known):
            return StoreError(text)
    for known, text in _POSTGRES_BUSY.items():
        if state.startswith(known):
            return StoreBusy(text)
    if not state and any(words in str(cause) for words in _POSTGRES_LOGIN):
        return StoreError(f"PostgreSQL lets us not in: check user, password and database in the address. ({cause})")
    if lost or (not state and isinstance(cause, psycopg.OperationalError)):
        return StoreBusy(f"PostgreSQL cannot be reached. ({cause})")
    return StoreRefused(f"PostgreSQL refused a statement of ours. ({cause.diag.message_primary or cause})")
