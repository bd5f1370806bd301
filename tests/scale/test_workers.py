"""Workers over one PostgreSQL: each thing is done, and once."""

from __future__ import annotations

from datetime import UTC, datetime

from feed_server import FeedServer, News
from scale_world import Installation


def test_a_worker_polls_posts_and_ends_in_order(installation: Installation) -> None:
    with FeedServer() as feeds:
        feeds.publish("herald", News("Beacon lit", datetime.now(UTC)))
        installation.settle(feeds.url("herald"))
        worker = installation.start("worker")
        installation.wait_for(lambda: installation.states() == ["sent"])
        assert installation.stop(worker) == 0
    assert installation.rows("SELECT task_name, status FROM procrastinate_jobs WHERE status != 'todo'") == []
    assert installation.rows("SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert "Beacon lit" in installation.logged()
    assert "Traceback" not in installation.logged()
