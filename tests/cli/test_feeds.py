"""`feeds import|export|check` and `poll --once`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_world import Office
from feed_server import FeedServer, News

from bot.feeds import opml
from bot.model import Tenant
from storage import open_store


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        running.publish("herald", News("Poland's nuclear plans", datetime.now(UTC)))
        running.publish("courier", News("Football results", datetime.now(UTC)))
        yield running


LIST = """<opml version="2.0"><body>
<outline text="Herald" xmlUrl="https://herald.example/feed" language="en"/>
<outline text="Files" xmlUrl="file:///etc/passwd"/>
<outline text="Courier & Sons" xmlUrl="https://courier.example/feed?a=1&b=2" language="fr" weight="2"/>
<outline text="[red]no markup[/red]" xmlUrl="gopher://x"/>
</body></opml>"""


def test_a_list_is_imported_and_its_bad_lines_are_told(office: Office) -> None:
    result = office.run("feeds", "import", office.write("list.opml", LIST))
    assert result.stdout.splitlines() == ["2 feeds added, 0 known, 2 bad lines"]
    first, second = result.stderr.splitlines()
    assert first.endswith("list.opml: line 3: “Files” is left out: only http:// and https:// can be fetched")
    assert "line 5: “[red]no markup[/red]”" in second


def test_an_import_may_be_repeated(office: Office) -> None:
    path = office.write("list.opml", LIST)
    office.run("feeds", "import", path)
    assert office.run("feeds", "import", path).stdout.splitlines() == ["0 feeds added, 2 known, 2 bad lines"]


def test_what_is_exported_can_be_imported(office: Office, tmp_path: Path) -> None:
    office.run("feeds", "import", office.write("list.opml", LIST))
    exported = office.run("feeds", "export").stdout
    read = opml.read(exported.encode(), lambda url: None)
    assert read.problems == ()
    assert [(feed.title, feed.url, feed.language, feed.weight) for feed in read.feeds] == [
        ("Courier & Sons", "https://courier.example/feed?a=1&b=2", "fr", 2.0),
        ("Herald", "https://herald.example/feed", "en", 1.0),
    ]


def test_a_list_that_is_not_there_and_a_tenant_that_is_not(office: Office) -> None:
    assert "nowhere.opml: cannot be read" in office.refused("feeds", "import", "nowhere.opml")
    told = office.refused("feeds", "import", office.write("list.opml", LIST), "--tenant", "discord:77")
    assert told == "There is no tenant 'discord:77'. Known: console:local."


@pytest.mark.parametrize("command", ["export", "check"])
def test_feeds_of_nobody_are_refused(office: Office, command: str) -> None:
    office.run("poll", "--once")
    told = office.refused("feeds", command, "--tenant", "discord:77")
    assert told == "There is no tenant 'discord:77'. Known: console:local."


def test_a_refusal_names_tenants_but_not_all_of_many(office: Office) -> None:
    assert office.refused("feeds", "export") == "There is no tenant 'console:local'. There is no tenant yet."
    with closing(open_store(f"sqlite:///{office.folder}/store.sqlite")) as store:
        for number in range(10, 22):
            store.tenants.put(Tenant(f"discord:{number}", "discord", "A server"))
    told = office.refused("feeds", "export")
    assert told.endswith("Known: discord:10, " + ", ".join(f"discord:{n}" for n in range(11, 20)) + " and 2 more.")


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", 1),
        ("no list\n" * 60, 1),
        ("<!DOCTYPE html>\n<html><body>\n<br>\n<p>Not found\n</body></html>", 1),
        ('<opml version="2.0"><body/></opml>', 0),
        ('<opml version="2.0"><body>\n<outline xmlUrl="gopher://x"/>\n<outline xmlUrl="file:///x"/></body></opml>', 2),
    ],
    ids=["empty", "text", "a web page", "an empty list", "only bad lines"],
)
def test_a_file_without_feeds_is_refused_and_nothing_changes(office: Office, text: str, problems: int) -> None:
    office.run("feeds", "import", office.write("list.opml", LIST))
    before = office.run("feeds", "export").stdout
    result = office.run("feeds", "import", office.write("none.opml", text), status=1)
    assert result.stdout == ""
    *told, refusal = result.stderr.splitlines()
    assert len(told) == problems
    assert refusal.endswith("none.opml: holds no feeds; is it OPML?")
    assert office.run("feeds", "export").stdout == before


def test_feeds_are_checked_and_nothing_is_stored(tmp_path: Path, server: FeedServer) -> None:
    office = Office.made(tmp_path, server.url("herald"), server.url("courier"))
    told = office.run("feeds", "check").stdout
    assert told.count("✓") == 2
    assert "2 of 2 feeds can be read" in told
    server.fail("courier", 503)
    told = office.run("feeds", "check", status=1).stdout
    assert f"✗ {server.url('courier')}" in told
    assert "503" in told
    assert "0 failed: 2 new" not in told
    server.publish("courier")
    assert "2 new entries" not in office.run("poll", "--once").stdout  # it was not asked to remember anything


def test_poll_once_polls_what_is_due_and_counts(tmp_path: Path, server: FeedServer) -> None:
    office = Office.made(tmp_path, server.url("herald"), server.url("courier"), server.url("missing"))
    result = office.run("poll", "--once")
    assert result.stdout.splitlines() == [
        "3 feeds polled, 1 failed: 2 new entries, 1 matched, 0 alerts"  # what was there before is not announced
    ]
    assert f"✗ {server.url('missing')}: " in result.stderr
    again = office.run("poll", "--once").stdout.splitlines()
    assert again == ["0 feeds polled, 0 failed: 0 new entries, 0 matched, 0 alerts"]
    assert server.count("herald") == 1


def test_poll_wants_its_flag(office: Office) -> None:
    assert "claimwatch poll --once" in office.refused("poll")
