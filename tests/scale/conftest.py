"""Installations over PostgreSQL; whatever a test started is killed in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scale_world import Installation, queued_store

from storage import Store


@pytest.fixture
def installation(bare_postgres_url: str, tmp_path: Path) -> Iterator[Installation]:
    here = Installation(tmp_path, bare_postgres_url)
    yield here
    for program in here.programs:
        if program.poll() is None:
            here.kill(program)


@pytest.fixture
def store(bare_postgres_url: str) -> Iterator[Store]:
    """One whose writes queue what they make to do."""
    opened = queued_store(bare_postgres_url)
    yield opened
    opened.close()
