"""`claimwatch run` without any token: it prints what a channel would see."""

from __future__ import annotations

import socket
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from feed_server import FeedServer, News
from programs import Place, Program, free_port

RULED_OUT = "Warsaw rules out nuclear weapons on Polish soil"


def health(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:  # refused, or no answer in time
        return ""


def test_it_polls_prints_says_that_it_is_well_and_ends_in_order(tmp_path: Path) -> None:
    with FeedServer() as server:
        server.publish("herald", News(RULED_OUT, datetime.now(UTC)))
        # Polled once each: a feed that fails five times is told of, which would be a second message.
        urls = (server.url("herald"), server.url("missing"))
        place = Place.made(tmp_path, *urls, port=free_port(), interval="1h")
        with Program(place) as program:
            program.wait_for(lambda: RULED_OUT in program.printed)
            program.wait_for(lambda: health(place.port) == "ok\n")
            began = time.monotonic()
            assert program.stop() == 0
            assert time.monotonic() - began < 15
    assert "messages are printed here" in program.logged
    assert "404" in program.logged  # the feed that is missing is told, and stopped nobody
    assert "Traceback" not in program.logged
    assert place.states() == ["sent"]
    assert place.rows("PRAGMA integrity_check") == [("ok",)]
    (polled,) = place.rows("SELECT count(*) FROM feeds WHERE etag != ''")
    assert polled == (1,)


def test_a_taken_health_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = Place.made(tmp_path, port=taken.getsockname()[1])
        with Program(place, level="WARNING") as program:
            assert program.ended() == 1
    (line,) = program.logged.splitlines()
    assert line.startswith("claimwatch: health.port: is ")


def test_a_mistake_in_the_files_is_told_with_its_place(tmp_path: Path) -> None:
    place = Place.made(tmp_path)
    (tmp_path / "claimwatch.toml").write_text('topic = "topic"\n[fetch]\nconcurrency = "many"\n')
    with Program(place) as program:
        assert program.ended() == 1
    (line,) = program.logged.splitlines()
    assert line.startswith(f"claimwatch: {tmp_path}/claimwatch.toml:3: fetch.concurrency: ")
