"""How freed memory goes back to the system.

glibc gives each thread an arena of its own, and once it has freed a big block it serves the next ones of that size from
the heap: after some documents of ten megabytes side by side, holes of their size stay with the process for good.
"""

from __future__ import annotations

import ctypes

# https://man7.org/linux/man-pages/man3/mallopt.3.html
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
BIG = 256 * 1024
"""Bytes from which a block is mapped by itself, and so goes back when it is freed."""
ARENAS = 2


def give_back_freed() -> None:
    """To be called before threads are started. Other C libraries than glibc are left as they are."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, BIG)
        mallopt(_ARENA_MAX, ARENAS)
