"""Freed memory goes back to the system, whatever small things were made between big ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHILD = """
from pathlib import Path
from bot.memory import give_back_freed

def resident():
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1])

give_back_freed()
before, kept = resident(), []
for _ in range(3):
    documents = []
    for _ in range(8):
        documents.append(b"x" * (4 << 20))
        kept.append(b"x" * 100_000)
    del documents
print((resident() - before) // 1024)
"""


def test_big_blocks_leave_no_holes() -> None:
    """After eight documents of 4 MiB, three times; by itself glibc keeps more than 24 MiB."""
    child = subprocess.run(
        [sys.executable, "-c", CHILD],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    assert int(child.stdout) <= 12
