"""The baseline as files: what is read, and how each mistake is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims.baseline import COLUMNS, Baseline, load_baseline, missing_columns
from bot.errors import ConfigError
from bot.model import Claim, ClaimKind

TOML = """\
title = "Bridges"

[themes]
roads = "Roads"

[sources.gazette]
name = "The Gazette"
url = "https://gazette.example"

[[claims]]
id = "bridge-cost"
theme = "roads"
kind = "figure"
source = "gazette"
as_of = "2025-03"
statement = "The bridge costs 800 million euros."

[[claims]]
id = "ferry"
theme = "roads"
kind = "plan"
as_of = "2025-03-20"
statement = "  The ferry is to be given up.  "
"""
COST = Claim("bridge-cost", "roads", ClaimKind.FIGURE, "gazette", "2025-03", "The bridge costs 800 million euros.")
FERRY = Claim("ferry", "roads", ClaimKind.PLAN, "", "2025-03-20", "The ferry is to be given up.")
HEAD = "id\ttheme\tkind\tsource\tas_of\tstatement"
ROW = "bridge-cost\troads\tfigure\tgazette\t2025-03\tThe bridge costs 800 million euros."


def saved(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_toml_is_read(tmp_path: Path) -> None:
    assert load_baseline(saved(tmp_path, "claims.toml", TOML)) == Baseline(
        "Bridges", {"roads": "Roads"}, {"gazette": "The Gazette"}, (COST, FERRY)
    )


def test_a_toml_needs_neither_title_nor_themes(tmp_path: Path) -> None:
    rest = TOML[TOML.index("[[claims]]") :]
    assert load_baseline(saved(tmp_path, "claims.toml", rest)) == Baseline("Claims", {}, {}, (COST, FERRY))
    assert load_baseline(saved(tmp_path, "empty.toml", "")).claims == ()


def test_a_tsv_is_read_whatever_its_columns_order(tmp_path: Path) -> None:
    assert load_baseline(saved(tmp_path, "bridges.tsv", f"{HEAD}\n{ROW}\n")) == Baseline("bridges", {}, {}, (COST,))
    turned = ["\t".join(reversed(line.split("\t"))) for line in (HEAD, ROW)]
    assert load_baseline(saved(tmp_path, "turned.tsv", "\n".join(turned))).claims == (COST,)
    wider = f"note\t{HEAD}\nseen\t{ROW}\r\n"
    assert load_baseline(saved(tmp_path, "wider.tsv", wider)).claims == (COST,)


def test_quotes_in_a_tsv_are_text(tmp_path: Path) -> None:
    row = ROW.replace("The bridge", '"The bridge')
    assert load_baseline(saved(tmp_path, "c.tsv", f"{HEAD}\n{row}\n")).claims[0].statement.startswith('"The bridge')


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('id = "bridge-cost"\n', "", "claims.toml:10: claims.0.id: missing; this key is required"),
        (
            'id = "bridge-cost"',
            'id = "Bridge cost"',
            "claims.toml:11: claims.0.id: is 'Bridge cost'; expected lower-case",
        ),
        ('id = "bridge-cost"', f'id = "{"b" * 65}"', "claims.toml:11: claims.0.id: is '"),
        ('kind = "figure"', 'kind = "rumour"', "claims.toml:13: claims.0.kind: is 'rumour'; "),
        (
            'as_of = "2025-03"\n',
            'as_of = "March 2025"\n',
            "claims.0.as_of: is 'March 2025'; expected a month or a day such as",
        ),
        ('as_of = "2025-03"\n', 'as_of = "2025-13"\n', "claims.toml:15: claims.0.as_of: is '2025-13'"),
        ('as_of = "2025-03"\n', "as_of = 2025-03-20\n", "claims.0.as_of: expected a text in quotation marks"),
        (
            'statement = "The bridge costs 800 million euros."',
            'statement = "No"',
            "claims.toml:16: claims.0.statement: is 'No'; expected at least 3 characters",
        ),
        (
            'statement = "The bridge costs 800 million euros."',
            'statement = ""',
            "claims.toml:16: claims.0.statement: is empty; expected at least 3 characters",
        ),
        (
            'statement = "The bridge costs 800 million euros."',
            f'statement = "{"long" * 501}"',
            "claims.toml:16: claims.0.statement: expected at most 2000 characters",
        ),
        ('source = "gazette"', 'sauce = "gazette"', "claims.toml:14: claims.0.sauce: unknown key; remove it"),
        ('id = "ferry"', 'id = "bridge-cost"', "claims.toml:19: 'bridge-cost' stands here twice; ids are unique"),
        (
            'theme = "roads"\nkind = "plan"',
            'theme = "sea"\nkind = "plan"',
            "claims.toml:20: claims.1.theme: is 'sea'; expected one of [themes]: roads",
        ),
        ("[[claims]]", "[[claim]]", "claims.toml:10: claim: unknown key; remove it or correct its spelling"),
        ('title = "Bridges"', "title = Bridges", "claims.toml:1: no valid TOML"),
        ('name = "The Gazette"\n', "", "claims.toml:6: sources.gazette.name: missing"),
    ],
)
def test_a_mistake_in_a_toml_is_told_with_file_line_and_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TOML
    with pytest.raises(ConfigError) as caught:
        load_baseline(saved(tmp_path, "claims.toml", TOML.replace(old, new, 1)))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "claims.tsv:1: expected tab-separated columns id, theme, kind, source, as_of, statement"),
        (f"{HEAD}\n", "claims.tsv:1: expected tab-separated columns"),
        (
            HEAD.replace("\t", ",") + "\n" + ROW.replace("\t", ",") + "\n",
            "claims.tsv:1: expected tab-separated columns",
        ),
        (f"{HEAD}\n{ROW}\n{ROW}\n", "claims.tsv:3: 'bridge-cost' stands here twice"),
        (f"{HEAD}\n{ROW}\nbroken\n", "claims.tsv:3: theme: "),
        (
            f"{HEAD}\n{ROW}\n{ROW.replace('bridge-cost', 'b2').replace('figure', 'rumour')}\n",
            "claims.tsv:3: kind: is 'rumour'",
        ),
        (f"{HEAD}\n\n{ROW}\n\n{ROW}\n", "claims.tsv:5: 'bridge-cost' stands here twice"),
        (f"{HEAD}\n{ROW}{'x' * 200_000}\n", "claims.tsv:2: no table: field larger than field limit"),
        (f"{HEAD}\n{ROW.replace('2025-03', '2025-3')}\n", "claims.tsv:2: as_of: is '2025-3'"),
    ],
)
def test_a_mistake_in_a_tsv_is_told_with_file_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_baseline(saved(tmp_path, "claims.tsv", text))
    assert told in str(caught.value)


@pytest.mark.parametrize("name", ["claims.toml", "claims.tsv"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name}: no such file; name a baseline that is there, as .toml or .tsv"):
        load_baseline(tmp_path / name)
    with pytest.raises(ConfigError, match="not UTF-8 at byte 2"):
        load_baseline(saved(tmp_path, name, b"# \xff\xfe"))


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=3, max_size=80)


@given(statement=words.filter(lambda text: len(" ".join(text.split())) >= 3), source=st.sampled_from(["", "gazette"]))
def test_what_is_dumped_is_read_again(tmp_path_factory: pytest.TempPathFactory, statement: str, source: str) -> None:
    claim = Claim("one", "roads", ClaimKind.FACT, source, "2025-03", " ".join(statement.split()))
    path = saved(tmp_path_factory.mktemp("dump"), "claims.tsv", written([claim, FERRY]))
    assert load_baseline(path).claims == (claim, FERRY)


def test_missing_columns_are_named_in_order() -> None:
    assert missing_columns(COLUMNS) == []
    assert missing_columns(["id", "statement", "note"]) == ["theme", "kind", "source", "as_of"]


def written(claims: list[Claim]) -> str:
    """The claims as a person would write them down in a TSV."""
    rows = ("\t".join(" ".join(str(getattr(claim, column)).split()) for column in COLUMNS) for claim in claims)
    return "\n".join(["\t".join(COLUMNS), *rows]) + "\n"
