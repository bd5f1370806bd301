"""Stores for every room's tests: real databases, empty at first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from postgres_server import address, administering, postgres_server

from storage import Store, open_store
from storage.schema import metadata

_numbers = count()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    open_store(str(path)).close()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of an empty store in a file of its own."""
    return str(shutil.copy(sqlite_template, tmp_path / "store.sqlite"))


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """An empty store over SQLite."""
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The folder of the socket of a PostgreSQL server, started once for all tests."""
    with postgres_server() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_store(postgres: str) -> str:
    """The address of one migrated database: to empty it takes a hundredth of making another."""
    with administering(postgres) as conn:
        conn.execute("CREATE DATABASE store")
    open_store(address(postgres, "store")).close()
    return address(postgres, "store")


@pytest.fixture
def postgres_url(postgres_store: str) -> Iterator[str]:
    """The address of an empty store. Who changes its schema changes it back."""
    yield postgres_store
    with psycopg.connect(postgres_store) as conn:
        conn.execute("SET lock_timeout = '20s'")
        for table in reversed(metadata.sorted_tables):
            conn.execute(f"DELETE FROM {table.name}")


@pytest.fixture
def bare_postgres_url(postgres: str) -> Iterator[str]:
    """The address of a database without tables."""
    name = f"bare_{next(_numbers)}"
    with administering(postgres) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield address(postgres, name)
    with administering(postgres) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
