"""The README tells the truth where a test can hold it to."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.commands import markdown

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_commands_is_the_codes():
    table = re.search(r"<!-- commands[^\n]*-->\n(.*?)<!-- /commands -->", README, re.DOTALL)
    assert table
    assert table[1].strip() == "\n".join(markdown())


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`claimwatch ([a-z-]+)", README))))
def test_every_operators_command_it_names_exists(name):
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_every_file_it_links_to_is_there(link):
    assert (ROOT / link).exists()


def test_its_first_figures_are_the_topics():
    from bot.feeds.guard import Guard
    from bot.pack import load_pack

    pack = load_pack(ROOT / "config" / "european-defence", Guard().check_url)
    sizes = f"{len(pack.baseline.claims)} claims, {len(pack.watches)} watches, {len(pack.feeds)} feeds"
    assert sizes in README


FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:tests|benchmarks)/[\w./]+)`", FAULTS))))
def test_every_file_the_table_of_faults_names_is_there(name):
    assert (ROOT / name).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(test_\w+)`", FAULTS))))
def test_every_test_the_table_of_faults_names_is_there(name):
    assert f"def {name}(" in TESTS
