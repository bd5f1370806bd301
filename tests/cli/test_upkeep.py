"""`export`, `backup`, `doctor`, `health` and what every command does with mistakes."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from cli_world import Office

from bot.claims.choose import local_assessor
from bot.claims.lexical import LexicalAssessor
from storage import open_store


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
    assert "http://127.0.0.1:1/healthz does not answer" in office.refused("health")


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
    assert "claimwatch.toml: no such file; give another with --config DIR" in office.refused("run")


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
