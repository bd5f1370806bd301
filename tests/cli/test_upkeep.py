"""`export`, `backup`, `doctor`, `health` and what every command does with mistakes."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_world import Door, Office

from bot.claims.choose import local_assessor
from bot.claims.lexical import LexicalAssessor
from bot.model import FeedIntent, FeedState
from storage import open_store

HOURS_AGO = datetime.now(UTC) - timedelta(hours=3.5)


@pytest.fixture
def settled(office: Office) -> Office:
    """An office that has been started."""
    office.run("poll", "--once")
    return office


def test_everything_is_exported(settled: Office) -> None:
    data = json.loads(settled.run("export").stdout)
    assert [claim["id"] for claim in data["claims"]] == ["package", "arms"]
    assert data["claims"][0]["versions"][0]["statement"].startswith("The European Union plans")
    assert [(watch["name"], watch["mode"]) for watch in data["watches"]] == [("Arms", "alert")]
    assert data["channels"][0]["policy"]["alert_on"] == ["contradicts", "updates"]
    assert data["tenant"]["id"] == "console:local"


def test_an_export_of_nobody_is_refused(settled: Office) -> None:
    assert "discord:77" in settled.refused("export", "--tenant", "discord:77")


def test_a_backup_opens_and_has_the_data(settled: Office) -> None:
    target = settled.folder / "copies" / "store.sqlite"
    assert str(target) in settled.run("backup", str(target)).stdout
    with closing(open_store(str(target))) as copy:
        assert copy.check() == []
        assert {claim.id for claim in copy.claims.all("console:local")} == {"arms", "package"}
    assert "is there already" in settled.refused("backup", str(target))


def test_the_doctor_finds_nothing_or_says_what(settled: Office) -> None:
    whole = not isinstance(local_assessor(""), LexicalAssessor)
    told = settled.run("doctor", status=0 if whole else 1).stdout
    assert "2 claims, 1 watches, 0 feeds" in told
    assert "is sound" in told
    assert "posts to console" in told
    settled.write("topic/feeds.opml", '<opml><body>\n<outline text="Bad" xmlUrl="file:///x"/>\n</body></opml>')
    with (settled.folder / "claimwatch.toml").open("a") as file:
        file.write('[[channels]]\nplatform = "discord"\nguild = "7"\naddress = "8"\n')
    told = settled.run("doctor", status=1).stdout
    assert re.search("✗ .*feeds.opml: line 2", told)
    assert "✗ channel discord:8 is configured, but discord does not run here" in told


@pytest.mark.parametrize(
    ("polls", "told"),
    [
        ([], "✓ no feeds are followed yet"),
        ([{}, {}], "✓ 2 feeds: not polled yet"),
        ([{"last_full": HOURS_AGO, "last_ok": HOURS_AGO}], "✓ 1 feed: 1 read, last 3 hours ago"),
        (
            [{"last_full": HOURS_AGO, "last_ok": HOURS_AGO - timedelta(days=3)}, {"last_full": HOURS_AGO}, {}],
            "✓ 3 feeds: 1 read, last 3 days ago",
        ),
        (
            [{"last_full": HOURS_AGO, "failures": 1, "last_error": "no such host"}, {"last_full": HOURS_AGO}, {}],
            "✗ none of 3 feeds was ever read (no such host): has this machine network? `claimwatch feeds check` tries",
        ),
        (
            [{"last_full": HOURS_AGO, "last_ok": HOURS_AGO}, {"state": FeedState.BROKEN, "last_error": "404"}],
            "✗ feed https://1.example/ is broken: 404",
        ),
    ],
    ids=["none", "not polled", "read", "some read", "never read", "one is broken"],
)
def test_the_doctor_says_how_the_feeds_are(settled: Office, polls: list[dict[str, Any]], told: str) -> None:
    with closing(open_store(f"sqlite:///{settled.folder}/store.sqlite")) as store:
        for number, change in enumerate(polls):
            feed = store.feeds.follow("console:local", FeedIntent(f"https://{number}.example/"), HOURS_AGO)
            store.feeds.put_polled([replace(feed, **change)])
    assert told in _told_by_doctor(settled)


PAIR = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (PAIR, "✓ posts to slack"),
        (PAIR | {"DISCORD_TOKEN": "any"}, "✓ posts to discord and slack"),
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "✗ SLACK_APP_TOKEN: missing; expected a token that begins with xapp-"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "✗ SLACK_APP_TOKEN is set, but SLACK_BOT_TOKEN is not"),
        ({"SLACK_SIGNING_SECRET": "s"}, "✗ SLACK_SIGNING_SECRET is set, but SLACK_BOT_TOKEN is not"),
        (PAIR | {"SLACK_BOT_TOKEN": "xoxp-1"}, "✗ SLACK_BOT_TOKEN: does not look like one"),
        (PAIR | {"SLACK_APP_TOKEN": "xoxb-1"}, "✗ SLACK_APP_TOKEN: does not look like one"),
    ],
)
def test_the_doctor_looks_at_tokens_as_run_does(
    settled: Office, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert told in _told_by_doctor(settled)


def test_over_http_slack_needs_its_secret(settled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with (settled.folder / "claimwatch.toml").open("a") as file:
        file.write("[slack]\nhttp = true\n")
    assert "✗ SLACK_SIGNING_SECRET: missing" in _told_by_doctor(settled)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s")
    assert "✓ posts to slack" in _told_by_doctor(settled)


def _told_by_doctor(office: Office) -> str:
    """All that it says; whether it finds the model's files is another matter."""
    result = office.run("doctor", status=None)
    assert result.exit_code == ("✗" in result.stdout)
    return result.stdout


def test_the_doctor_finds_a_database_that_is_none(settled: Office) -> None:
    (settled.folder / "store.sqlite").write_bytes(b"this is no database, but long enough to look like one" * 100)
    for rest in settled.folder.glob("store.sqlite-*"):
        rest.unlink()
    told = settled.run("doctor", status=1).stdout
    assert "✗" in told
    assert "Traceback" not in told


def test_health_says_where_nothing_answers(office: Office) -> None:
    assert "health.port is 0" in office.refused("health")
    office.write("claimwatch.toml", 'topic = "topic"\n[health]\nport = 1\n')
    told = office.refused("health")
    assert told.startswith("nobody answers at http://127.0.0.1:1/healthz: is the bot running?")


@pytest.fixture
def door() -> Iterator[Door]:
    with Door() as open_door:
        yield open_door


@pytest.mark.parametrize(
    ("status", "kind", "body", "told"),
    [
        ("404 Not Found", "text/html", "<html>\n<h1>Nothing</h1>", "answers 404: is that Claimwatch?"),
        ("200 OK", "text/html", "<html>\n<h1>Welcome</h1>", "answers 200: is that Claimwatch?"),
        ("200 OK", "text/plain", "hello", "answers 200: is that Claimwatch?"),
        ("503 Unavailable", "text/html", "<h1>Bad gateway</h1>", "answers 503: is that Claimwatch?"),
        ("503 Unavailable", "text/plain", "poll has not come round", "poll has not come round"),
    ],
)
def test_health_tells_another_program_from_the_bot(
    office: Office, door: Door, status: str, kind: str, body: str, told: str
) -> None:
    length = len(body)
    door.says = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}".encode()
    office.write("claimwatch.toml", f'topic = "topic"\n[health]\nport = {door.port}\n')
    result = office.run("health", status=1)
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert told in result.stderr
    assert "<h1>" not in result.stderr


def test_health_of_what_is_no_web_server(office: Office, door: Door) -> None:
    door.says = b"SSH-2.0-OpenSSH\r\n"
    office.write("claimwatch.toml", f'topic = "topic"\n[health]\nport = {door.port}\n')
    assert "does not answer as the web does: is that Claimwatch?" in office.refused("health")


def test_health_is_good(office: Office, door: Door) -> None:
    door.says = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nok\n"
    office.write("claimwatch.toml", f'topic = "topic"\n[health]\nport = {door.port}\n')
    assert office.run("health").stdout == "ok\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('topic = "topic"\ncolour = 1\n', "claimwatch.toml:2: colour: unknown key"),
        ('topic = "topic"\n[fetch\n', "claimwatch.toml:2: no valid TOML"),
        ('topic = "nothing"\n', "claimwatch.toml: topic: no folder 'nothing'"),
        ('topic = "topic"\n[policy]\ntimezone = "Mars/Base"\n', "claimwatch.toml:3: policy.timezone: is 'Mars/Base'"),
        ('topic = "topic"\ndatabase = "mysql://x/y"\n', "mysql"),
    ],
    ids=["unknown key", "no TOML", "no topic", "no zone", "no such database"],
)
@pytest.mark.parametrize("command", ["run", "export"])
def test_a_mistake_in_the_settings_is_one_line(office: Office, text: str, told: str, command: str) -> None:
    office.write("claimwatch.toml", text)
    assert told in office.refused(command)


def test_no_settings_at_all(office: Office) -> None:
    shutil.rmtree(office.folder)
    assert "claimwatch.toml: no such file; give another" in office.refused("run")


def test_an_unknown_log_level_is_refused(office: Office) -> None:
    assert "--log-level: is 'LOUD'" in office.refused("run", "--log-level", "LOUD")


def test_a_secret_file_that_is_not_there_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN_FILE", str(tmp_path / "nowhere"))
    assert "nowhere: DISCORD_TOKEN_FILE: names a file that cannot be read" in office.refused("run")


@pytest.mark.parametrize("words", [["--help"], ["feeds", "--help"], ["baseline", "--help"], ["run", "--help"]])
def test_every_command_explains_itself(office: Office, words: list[str]) -> None:
    assert "Usage: " in office.run(*words).stdout


def test_an_installation_moves_to_postgresql_and_goes_on_there(
    settled: Office, bare_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = settled.run("migrate-store", str(settled.folder / "store.sqlite"), bare_postgres_url).stdout
    assert re.search(r"^ +2  claims$", told, re.MULTILINE)
    assert "CLAIMWATCH_DATABASE" in told
    before = settled.run("export").stdout
    monkeypatch.setenv("CLAIMWATCH_DATABASE", bare_postgres_url)
    assert settled.run("export").stdout == before
    source = str(settled.folder / "store.sqlite")
    assert "holds data already" in settled.refused("migrate-store", source, bare_postgres_url)
