"""Claims as files: what is written is read back, and what cannot be used is told with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims.tables import MOST, Format, dump, parse
from bot.claims.wording import kind_of, slug_of
from bot.errors import BadInput, ClaimwatchError
from bot.model import Claim, ClaimKind

TODAY = "2026-03-17"
HELD = (
    Claim("a", "troops", ClaimKind.FIGURE, "herald", "2025-03", 'It says "5,000"; no more, no less.'),
    Claim("b", "money", ClaimKind.PLAN, "", "2025-03-20", "Überall — 日本 \\ 'so'."),
    Claim("c", "money", ClaimKind.FACT, "=HYPERLINK()", "2025-03", "'=1+1 is not a formula"),
)


@pytest.mark.parametrize("form", Format)
def test_what_is_written_is_read_back(form: Format) -> None:
    assert parse(f"x.{form}", dump(HELD, form), TODAY) == HELD
    assert parse("", dump(HELD, form), TODAY) == HELD


_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), min_size=3, max_size=60)


@given(_text.map(lambda text: " ".join(text.split())).filter(lambda text: len(text) >= 3))
def test_any_statement_survives_every_form(statement: str) -> None:
    claim = Claim("a", "b", ClaimKind.FACT, "", "2025-03", statement)
    for form in Format:
        assert parse(f"x.{form}", dump([claim], form), TODAY) == (claim,)


def test_spreadsheets_see_no_formula_and_know_the_encoding() -> None:
    written = dump(HELD, Format.CSV).decode()
    assert written.startswith("\ufeffid,theme,")
    assert ",'=HYPERLINK()," in written
    assert "''=1+1" in written


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", "Theme;Statement;Mine\nmoney;The Union plans 800 billion euros.;yes\n"),
        ("x.tsv", "statement\ttheme\nThe Union plans 800 billion euros.\tmoney\n"),
        ("x.json", '[{"theme": "money", "statement": "The Union plans 800 billion euros."}]'),
        ("", '{"claims": [{"theme": "money", "statement": "The Union  plans 800 billion euros."}]}'),
        ("x.txt", '[[claims]]\ntheme = "money"\nstatement = "The Union plans 800 billion euros."\n'),
    ],
)
def test_theme_and_statement_are_enough(name: str, content: str) -> None:
    (claim,) = parse(name, content.encode(), TODAY)
    assert claim == Claim(
        "union-plans-800-billion-euros",
        "money",
        ClaimKind.FIGURE,
        "",
        TODAY,
        "The Union plans 800 billion euros.",
    )


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", b"", "lacks theme and statement"),
        ("x.csv", b"theme,statement\n", "holds no claims"),
        ("x.csv", b"theme\nmoney\n", "lacks statement"),
        ("x.csv", b"theme,statement,as_of\nmoney,Some words.,2025-03\nmoney,More words.,soon\n", "the file:3: as_of"),
        ("x.csv", b"theme,statement\nmoney,\xff\n", "not UTF-8 at byte 22"),
        ("x.csv", b'theme,statement\nmoney,"' + b"x" * 200_000, "no table from line"),
        ("x.csv", b"id,theme,statement\na,money,Some words.\na,money,More words.\n", "'a' stands in the file twice"),
        ("x.csv", b"id,theme,statement\nA B,money,Some words.\n", "lower-case words with hyphens"),
        ("x.json", b"{", "no JSON at line 1"),
        ("x.json", b"[" * 100_000, "no JSON"),
        ("x.json", b'{"claims": {}}', "expected a list of claims"),
        ("x.json", b'["a"]', "expected a list of claims"),
        ("x.json", b'[{"theme": "money", "statement": "Some words.", "kind": "guess"}]', "kind"),
        ("x.json", b'[{"theme": "money", "statement": "Some words.", "colour": "red"}]', "unknown key"),
        ("x.json", b'[{"theme": "money"}]', "missing"),
        ("x.toml", b"[[claims]\n", "no TOML"),
        ("x.toml", b'[[claims]]\ntheme = "money"\nstatement = "x"\n', "the file:3: statement"),
        ("x.toml", b"a = " + b"[" * 50_000, "no TOML"),
    ],
)
def test_what_cannot_be_used_is_told(name: str, content: bytes, told: str) -> None:
    with pytest.raises(ClaimwatchError) as caught:
        parse(name, content, TODAY)
    assert told in str(caught.value)


def test_a_file_has_a_largest_number_of_claims() -> None:
    rows = "".join(f"t,Statement {number}\n" for number in range(MOST + 1))
    with pytest.raises(BadInput, match="5,001 claims"):
        parse("x.csv", f"theme,statement\n{rows}".encode(), TODAY)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("The Union plans 800 billion euros.", ClaimKind.FIGURE),
        ("Canada will leave the alliance.", ClaimKind.PLAN),
        ("Poland opposes the treaty.", ClaimKind.POSITION),
        ("Leaders signed the treaty in Paris.", ClaimKind.EVENT),
        ("Support for the alliance is falling.", ClaimKind.TREND),
        ("The alliance has a nuclear umbrella.", ClaimKind.FACT),
    ],
)
def test_a_kind_is_read_from_the_wording(statement: str, kind: ClaimKind) -> None:
    assert kind_of(statement) is kind


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("The Union plans 800 billion euros for defence by 2030.", "union-plans-800-billion-euros"),
        ("Überall—Straße", "uberall-strasse"),
        ("US posture", "us-posture"),
        ("the of", "the-of"),
        ("x" * 90, "x" * 48),
        ("日本", "claim-"),
        ("", "claim-"),
    ],
)
def test_an_id_is_made_of_words(text: str, slug: str) -> None:
    assert slug_of(text).startswith(slug)
