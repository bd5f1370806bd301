"""Statements worth checking, out of a text: self-contained, resolved where certain, else left out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims.drafting import MOST, alike, draft, nearest_theme
from bot.claims.resolving import dated, named
from bot.model import Claim, ClaimKind, Item

TUESDAY = date(2026, 3, 17)
ARTICLE = """WARSAW, March 17 (Wire) — Poland will double the size of its army to 500,000 soldiers by 2035, Prime \
Minister Jan Kowal told parliament on Tuesday. He ruled out hosting nuclear weapons. "We will not be a target," he \
said. Is this the end of an era? It is a shame that nobody listened.
The European Commission proposed a fund of 150 billion euros for joint procurement last week. This would be new.
You should subscribe to our newsletter. Read more about the defence of Poland and 30 other countries here.
However, Canada joined talks with the European Union yesterday. They may leave soon, after 20 rounds in Ottawa."""


def statements(text: str, published: date | None = TUESDAY) -> list[str]:
    return [one.statement for one in draft(Item("x", "", text), published)]


def test_an_article_is_drawn_upon() -> None:
    assert set(statements(ARTICLE)) == {
        "Poland will double the size of its army to 500,000 soldiers by 2035, Prime Minister Jan Kowal told parliament "
        "on 17 March 2026.",
        "Jan Kowal ruled out hosting nuclear weapons.",
        "The European Commission proposed a fund of 150 billion euros for joint procurement in the week of 9 March "
        "2026.",
        "Canada joined talks with the European Union on 16 March 2026.",
    }
    assert statements(ARTICLE)[0].startswith("Poland will double")


def test_without_a_date_nothing_relative_is_kept() -> None:
    assert statements(ARTICLE, None) == ["Jan Kowal ruled out hosting nuclear weapons."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Will Poland host 5,000 American troops in Warsaw?",
        "Poland should clearly spend 5 percent of GDP on defence.",
        "We in Poland will spend 5 percent of GDP on defence.",
        "This would cost Poland 5 billion euros a year.",
        "Subscribe to Poland Weekly for 5 euros a month.",
        "Poland wins.",
        "The move will cost Poland 5 billion euros a year.",
        "Last semester, they ran 23 courses in Warsaw.",
        "It would cost Poland 5 billion euros a year.",
        "He will send 5,000 Polish troops to Lithuania.",
        "a plan for Poland to spend 5 billion euros on arms.",
        "Poland and Germany are neighbours in the middle of Europe.",
        "Poland opened three bases two weeks ago.",
        "Poland will open three bases on Tuesday.",
        "“Poland is going to spend 5 billion euros on arms this year,” a source said.",
        " ".join(["Poland will spend 5 billion euros"] * 12) + ".",
    ],
)
def test_what_nobody_could_check_is_left_out(sentence: str) -> None:
    assert statements(sentence) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Poland will spend 5 billion euros on arms.", ClaimKind.FIGURE),
        ("Poland plans to host American missiles in Redzikowo.", ClaimKind.PLAN),
        ("Poland opposes the deployment of European troops to Ukraine.", ClaimKind.POSITION),
        ("Poland and Lithuania signed a treaty in Vilnius.", ClaimKind.EVENT),
    ],
)
def test_each_kind_is_found(text: str, kind: ClaimKind) -> None:
    (found,) = draft(Item("x", "", text), None)
    assert (found.statement, found.kind) == (text, kind)


def test_a_report_of_an_opinion_is_a_position() -> None:
    assert statements("Poland insists that Europe must pay 5 billion euros to Ukraine.") != []


def test_nothing_is_proposed_twice_and_only_the_best() -> None:
    text = " ".join(f"Poland will spend {number} billion euros on tanks number {number}." for number in range(10, 40))
    assert len(statements(text)) <= MOST
    assert statements("Poland will spend 5 billion euros on arms. Poland will spend 5 billion euros on new arms.") == [
        "Poland will spend 5 billion euros on arms."
    ]


@given(st.text(max_size=400), st.sampled_from([None, TUESDAY]))
def test_any_text_is_read(text: str, published: date | None) -> None:
    for one in draft(Item("x", "", text), published):
        assert one.statement == " ".join(one.statement.split())


@pytest.mark.parametrize(
    ("sentence", "before", "resolved"),
    [
        ("Poland agreed.", "", "Poland agreed."),
        ("He agreed.", "Jan Kowal met the minister.", "Jan Kowal agreed."),
        ("His army grew.", "President Jan Kowal spoke.", "Jan Kowal’s army grew."),
        ("She agreed.", "Prime Minister Ada van der Berg spoke.", "Ada van der Berg agreed."),
        ("He agreed.", "Jan Kowal met Ada Berg.", None),
        ("He agreed.", "The minister spoke.", None),
        ("He agreed.", "", None),
        ("It agreed.", "Poland spoke.", "Poland agreed."),
        ("Its army grew.", "The Netherlands met.", "The Netherlands’ army grew."),
        ("It agreed.", "Poland met Germany.", None),
        ("They agreed.", "Poland and Germany met.", None),
        ("Poland agreed, he said.", "Jan Kowal spoke.", None),
        ("Kowal agreed that he would go.", "", "Kowal agreed that he would go."),
        ("The minister agreed that he would go.", "", None),
    ],
)
def test_a_pronoun_is_resolved_where_that_is_certain(sentence: str, before: str, resolved: str | None) -> None:
    assert named(sentence, before) == resolved


@pytest.mark.parametrize(
    ("sentence", "absolute"),
    [
        ("They met on 3 May 2025.", "They met on 3 May 2025."),
        ("They met yesterday.", "They met on 16 March 2026."),
        ("Tomorrow they vote.", "On 18 March 2026 they vote."),
        ("They met on Tuesday.", "They met on 17 March 2026."),
        ("They met last Friday.", "They met on 13 March 2026."),
        ("Wednesday's vote failed.", "11 March 2026's vote failed."),
        ("Prices rose last month.", "Prices rose in February 2026."),
        ("It ends by next year.", "It ends by 2027."),
        ("Last year's budget rose.", "2025's budget rose."),
        ("They met this week.", "They met in the week of 16 March 2026."),
        ("It will begin, they said on Monday.", "It will begin, they said on 16 March 2026."),
        ("They will meet on Monday.", None),
        ("They met three weeks ago.", None),
        ("They met last summer.", None),
    ],
)
def test_a_relative_date_is_resolved_where_that_is_certain(sentence: str, absolute: str | None) -> None:
    assert dated(sentence, TUESDAY) == absolute
    if absolute != sentence:
        assert dated(sentence, None) is None


def test_themes_come_from_the_nearest_claim() -> None:
    claims = [
        Claim("a", "nuclear", ClaimKind.PLAN, "", "2025-03", "Poland considers nuclear weapons."),
        Claim("b", "money", ClaimKind.FIGURE, "", "2025-03", "The Union spends 800 billion euros on defence."),
    ]
    assert nearest_theme("Poland wants no nuclear weapons.", claims) == "nuclear"
    assert nearest_theme("The budget is 900 billion euros.", claims) == "money"
    assert nearest_theme("Nobody came.", claims) == ""
    assert alike("Poland considers nuclear weapons.", "Poland considers nuclear weapons now.")
    assert alike("Poland bought 30 tanks.", "Poland bought 30 tanks and 20 aircraft in Paris on Monday.")
    assert not alike("Poland bought 30 tanks.", "Poland bought 40 tanks.")
    assert not alike("Poland considers nuclear weapons.", "Poland rejects the treaty.")
