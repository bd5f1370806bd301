"""What there is to do, put into procrastinate's queue by the transactions that make it so.

A job only says where to look; what is to be done there is in the store. So there is at most one job waiting for each
channel and each feed, and a queue that was lost is made anew from the store.

procrastinate's own `defer` raises where a job waits already, which in PostgreSQL undoes the whole transaction. Ours
holds that job until we commit: nobody takes it before what we write can be seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

POLL, DELIVER, UPKEEP = "poll", "deliver", "upkeep"
"""The queues; the first two hold the tasks of those names."""

_PUT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
SELECT %(task)s, %(task)s, job.lock, job.once, job.args
FROM unnest(%(locks)s::text[], %(onces)s::text[], %(args)s::jsonb[]) AS job (lock, once, args)
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET priority = procrastinate_jobs.priority
"""


def channel_lock(channel: str) -> str:
    """What one worker at a time holds of a channel."""
    return f"channel:{channel}"


def waiting(task: str, subject: str) -> str:
    """What one waiting job of that task and subject has."""
    return f"{task}:{subject}"


class ProcrastinateQueue:
    """Implements `storage.Queue`."""

    def owed(self, transaction: psycopg.Connection[Any], channels: Collection[str]) -> None:
        """One delivery job a channel, which whoever delivers there holds the channel's lock for."""
        _put(transaction, DELIVER, "channel", channels, map(channel_lock, sorted(channels)))

    def due(self, transaction: psycopg.Connection[Any], feeds: Collection[str]) -> None:
        """One poll a feed; the feed's lease keeps others away."""
        _put(transaction, POLL, "feed", feeds, [None] * len(feeds))


def _put(
    transaction: psycopg.Connection[Any], task: str, of: str, subjects: Collection[str], locks: Iterable[str | None]
) -> None:
    """In one order everywhere, so that two transactions that put the same jobs do not wait for each other."""
    named = sorted(subjects)
    jobs = {
        "task": task,
        "locks": list(locks),
        "onces": [waiting(task, one) for one in named],
        "args": [Jsonb({of: one}) for one in named],
    }
    transaction.execute(_PUT, jobs)
