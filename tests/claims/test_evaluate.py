"""The figures that `claimwatch eval` prints, worked out by hand on a few items."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.claims.evaluate import MISSED, MISSED_MOVE, WORST, GoldItem, Score, evaluate, load_gold, reliability
from bot.claims.evaluate_view import render
from bot.errors import ConfigError
from bot.model import Claim, ClaimKind, Item, Relation, Verdict

CONFIRMS, CONTRADICTS, UPDATES = Relation.CONFIRMS, Relation.CONTRADICTS, Relation.UPDATES


def gold(number: int, kind: str = "", **labels: Relation) -> GoldItem:
    return GoldItem(Item(f"g{number}", f"Title {number}", f"Text {number}."), labels, kind)


def verdict(claim: str, relation: Relation, confidence: float = 0.8) -> Verdict:
    return Verdict(claim, relation, confidence, "Title")


GOLD = (
    gold(1, "plain", a=CONFIRMS),
    gold(2, "plain", a=CONTRADICTS),
    gold(3, "figure", b=UPDATES, c=CONFIRMS),
    gold(4, "reversal", c=CONTRADICTS),
    gold(5, "off-topic"),
    gold(6, "off-topic"),
)
FOUND: tuple[Sequence[Verdict], ...] = (
    (verdict("a", CONFIRMS, 0.95),),  # right
    (verdict("a", UPDATES, 0.65),),  # right claim, wrong relation; an alarm all the same
    (verdict("b", UPDATES, 0.85), verdict("a", CONFIRMS, 0.55)),  # right; wrong claim; c is missed
    (),  # missed
    (),  # silent, rightly
    (verdict("b", CONTRADICTS, 0.75),),  # a false alarm
)


def test_scores_of_claims_relations_and_alarms() -> None:
    found = evaluate(GOLD, FOUND, seconds=2.0)
    assert (found.items, found.labels, found.pace) == (6, 5, 3.0)
    assert found.claim == Score(right=3, shown=5, wanted=5)
    assert found.exact == Score(right=2, shown=5, wanted=5)
    assert found.relations == {
        CONFIRMS: Score(right=1, shown=2, wanted=2),
        CONTRADICTS: Score(right=0, shown=1, wanted=2),
        UPDATES: Score(right=1, shown=2, wanted=1),
    }
    assert found.macro_f1 == pytest.approx((1 / 2 + 0 + 2 / 3) / 3)
    assert found.alarm == Score(right=2, shown=3, wanted=3)
    assert (found.unlabelled, found.silent, found.silence) == (2, 1, 0.5)
    assert found.kinds == {"figure": (0, 1), "off-topic": (1, 2), "plain": (1, 2), "reversal": (0, 1)}


def test_a_score_of_nothing_is_nought() -> None:
    assert (Score(0, 0, 0).precision, Score(0, 0, 0).recall, Score(0, 0, 0).f1) == (0, 0, 0)
    assert (Score(3, 4, 6).precision, Score(3, 4, 6).recall, Score(3, 4, 6).f1) == (0.75, 0.5, 0.6)
    empty = evaluate((), ())
    assert (empty.macro_f1, empty.calibration_error, empty.pace, empty.silence) == (0, 0, 0, 1.0)


def test_verdicts_must_belong_to_the_items() -> None:
    with pytest.raises(ValueError, match="shorter"):
        evaluate(GOLD, FOUND[:-1])


def test_mistakes_the_gravest_first_and_each_once() -> None:
    told = [(one.item.id, one.claim, one.wanted, one.shown, one.weight) for one in evaluate(GOLD, FOUND).mistakes]
    assert told == [
        ("g4", "c", CONTRADICTS, None, MISSED_MOVE),
        ("g6", "b", None, CONTRADICTS, 0.75),
        ("g2", "a", CONTRADICTS, UPDATES, 0.65),
        ("g3", "a", None, CONFIRMS, 0.55),
        ("g3", "c", CONFIRMS, None, MISSED),
    ]
    many = [gold(at) for at in range(3 * WORST)]
    assert len(evaluate(many, [(verdict("a", CONFIRMS),)] * len(many)).mistakes) == WORST


def test_reliability_in_bins() -> None:
    bins = reliability([(0.3, False), (0.35, True), (0.81, True), (0.89, True), (1.0, False), (0.9, True)])
    assert [(one.low, one.high, one.verdicts, one.right) for one in bins] == [
        (0.3, 0.4, 2, 0.5),
        (0.8, 0.9, 2, 1.0),
        (0.9, 1.0, 2, 0.5),
    ]
    assert [one.confidence for one in bins] == [pytest.approx(0.325), pytest.approx(0.85), pytest.approx(0.95)]


def test_calibration_error_is_the_mean_distance() -> None:
    found = evaluate(
        [gold(1, a=CONFIRMS), gold(2, a=CONFIRMS), gold(3), gold(4)],
        [(verdict("a", CONFIRMS, 0.9),), (verdict("a", CONFIRMS, 0.9),), (verdict("a", CONFIRMS, 0.5),), ()],
    )
    assert found.calibration_error == pytest.approx((2 * 0.1 + 1 * 0.5) / 3)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50))
def test_every_verdict_is_in_one_bin(verdicts: list[tuple[float, bool]]) -> None:
    bins = reliability(verdicts)
    assert sum(one.verdicts for one in bins) == len(verdicts)
    assert all(one.low - 1e-6 <= one.confidence <= one.high + 1e-6 for one in bins)


def test_perfect_verdicts_score_one() -> None:
    found = evaluate(GOLD, [[verdict(claim, one, 1.0) for claim, one in item.labels.items()] for item in GOLD])
    scores = (found.claim, found.exact, found.alarm, *found.relations.values())
    assert {score.f1 for score in scores} == {1.0}
    assert (found.silence, found.calibration_error, found.mistakes) == (1.0, 0.0, ())


# --- reading -----------------------------------------------------------------------------------------------------

LINE = {"id": "g1", "title": "T", "summary": "S", "labels": [{"claim": "a", "relation": "updates"}], "kind": "figure"}


def write(path: Path, *lines: object) -> Path:
    rows = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_a_gold_file_is_read(tmp_path: Path) -> None:
    other = {"id": 7, "title": "U\u2028V", "text": "the older name", "source": "wire", "labels": []}
    items = load_gold(write(tmp_path / "gold.jsonl", LINE, "", other))
    assert items == (
        GoldItem(Item("g1", "T", "S"), {"a": UPDATES}, "figure"),
        GoldItem(Item("7", "U\u2028V", "the older name"), {}, ""),
    )
    assert items[0].moves
    assert not items[1].moves


def test_labels_may_be_left_out_where_none_are_needed(tmp_path: Path) -> None:
    path = write(tmp_path / "items.jsonl", {"title": "T"})
    assert load_gold(path, labelled=False) == (GoldItem(Item("1", "T", ""), {}, ""),)
    with pytest.raises(ConfigError, match=r"items\.jsonl:1: labels: missing"):
        load_gold(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", r":2: no valid JSON"),
        ("[" * 100_000, r":2: no valid JSON"),
        ("[1]", r":2: expected an object such as"),
        ({**LINE, "title": None}, r":2: title: "),
        ({"id": "g2", "labels": []}, r":2: title: missing; this key is required"),
        ({**LINE, "labels": {}}, r":2: labels: "),
        ({**LINE, "labels": [{"claim": "a"}]}, r":2: labels\.0\.relation: missing"),
        ({**LINE, "labels": [{"claim": "a", "relation": "none"}]}, r":2: labels\.0\.relation: .*'confirms'"),
        (
            {**LINE, "labels": [*LINE["labels"], {"claim": "a", "relation": "confirms"}]},
            r":2: labels: name one claim twice",
        ),
        ({**LINE, "summary": 5}, r":2: summary"),
    ],
)
def test_a_bad_line_is_told_with_file_line_and_key(tmp_path: Path, line: object, told: str) -> None:
    with pytest.raises(ConfigError, match=r"gold\.jsonl" + told):
        load_gold(write(tmp_path / "gold.jsonl", LINE, line))


def test_a_bad_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.jsonl: cannot be read: No such file"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match=r"empty\.jsonl: holds no items"):
        load_gold(write(tmp_path / "empty.jsonl", "", ""))
    (tmp_path / "latin.jsonl").write_bytes(b'{"title": "\xe4"}')
    with pytest.raises(ConfigError, match=r"latin\.jsonl: not UTF-8 at byte 11"):
        load_gold(tmp_path / "latin.jsonl")


# --- showing -----------------------------------------------------------------------------------------------------


def shown(found: object, claims: dict[str, Claim] | None = None) -> str:
    console = Console(width=120, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(render(found, claims or {}))  # type: ignore[arg-type]
    return capture.get()


def test_what_is_printed() -> None:
    claims = {"c": Claim("c", "t", ClaimKind.FACT, "s", "2025-03", "The moon is made of cheese.")}
    text = shown(evaluate(GOLD, FOUND, seconds=2.0), claims)
    for part in (
        "6 items, 5 labels, 3.0 entries/s",
        "right claim",
        "alarm (contradicts or updates anything)",
        "0.667",
        "macro F1 of the relations",
        "0.389",
        "unlabelled items left silent",
        "expected calibration error",
        "0.9–1.0",
        "off-topic",
        "The 5 worst errors",
        "1. g4 × c: said nothing, expected contradicts",
        "claim: The moon is made of cheese. (2025-03)",
        "Text 4.",
        "2. g6 × b: said contradicts with 0.75, expected nothing",
    ):
        assert part in text


def test_foreign_text_is_no_markup() -> None:
    item = GoldItem(Item("[bold]x", "[red]T[/red] [/nope]", "[link=http://evil]S"), {}, "[blink]")
    text = shown(evaluate([item], [(verdict("[/]", CONFIRMS),)]))
    for part in ("[bold]x", "[red]T[/red] [/nope]", "[link=http://evil]S", "[blink]", "[/]"):
        assert part in text


def test_no_time_and_no_mistakes_are_not_printed() -> None:
    text = shown(evaluate([gold(1)], [()]))
    assert "entries/s" not in text
    assert "worst" not in text
