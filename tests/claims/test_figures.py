"""Figures: what is read from a text, what is not, and what moved."""

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.claims.figures import Bound, FigureSigns, Kind, Movement, Quantity, compare, comparisons, read, signs
from bot.claims.figures.rendering import figure_text

BN, TN, MN = 1e9, 1e12, 1e6


def only(text: str) -> Quantity:
    found = read(text)
    assert len(found) == 1, f"{text!r} was read as {[one.text for one in found]}"
    return found[0]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("€800bn", 800 * BN, "EUR"),
        ("€800 bn", 800 * BN, "EUR"),
        ("€ 800 billion", 800 * BN, "EUR"),
        ("EUR 0.8 trillion", 800 * BN, "EUR"),
        ("0,8 Billionen Euro", 800 * BN, "EUR"),
        ("800 Mrd. €", 800 * BN, "EUR"),
        ("800 Mrd. Euro", 800 * BN, "EUR"),
        ("800 Md€", 800 * BN, "EUR"),
        ("800 billion euros", 800 * BN, "EUR"),
        ("800-billion-euro", 800 * BN, "EUR"),
        ("€800-billion", 800 * BN, "EUR"),
        ("€800 000 million", 800 * BN, "EUR"),
        ("800,000 million euros", 800 * BN, "EUR"),
        ("800\u202f000 millions d'euros", 800 * BN, "EUR"),
        ("800.000 millones de euros", 800 * BN, "EUR"),
        ("800 mil millones de euros", 800 * BN, "EUR"),
        ("800 milliards d’euros", 800 * BN, "EUR"),
        ("800 miliardi di euro", 800 * BN, "EUR"),
        ("800 mld euro", 800 * BN, "EUR"),
        ("eight hundred billion euros", 800 * BN, "EUR"),
        ("$3.5B", 3.5 * BN, "USD"),
        ("US$3.5bn", 3.5 * BN, "USD"),
        ("3,5 Milliarden Euro", 3.5 * BN, "EUR"),
        ("three and a half billion dollars", 3.5 * BN, "USD"),
        ("3½ billion dollars", 3.5 * BN, "USD"),
        ("half a trillion dollars", 0.5 * TN, "USD"),
        ("a trillion dollars", TN, "USD"),
        ("one and a half trillion dollars", 1.5 * TN, "USD"),
        ("£75m", 75 * MN, "GBP"),
        ("75 million pounds", 75 * MN, "GBP"),
        ("PLN 186bn", 186 * BN, "PLN"),
        ("186 mld zł", 186 * BN, "PLN"),
        ("186 miliardów złotych", 186 * BN, "PLN"),
        ("61 million Canadian dollars", 61 * MN, "CAD"),
        ("C$2bn", 2 * BN, "CAD"),
        ("NT$40 billion", 40 * BN, "TWD"),
        ("A$368bn", 368 * BN, "AUD"),
        ("5 billion Swiss francs", 5 * BN, "CHF"),
        ("85 billion Norwegian kroner", 85 * BN, "NOK"),
        ("12 billion Danish kroner", 12 * BN, "DKK"),
        ("300 billion kronor", 300 * BN, "SEK"),
        ("¥8.7tn", 8.7 * TN, "JPY"),
        ("8.7 trillion yen", 8.7 * TN, "JPY"),
        ("₴50bn", 50 * BN, "UAH"),
        ("€3,500", 3500, "EUR"),
        ("€3.500", 3500, "EUR"),
        ("€3,5", 3.5, "EUR"),
        ("1.234.567 Euro", 1_234_567, "EUR"),
        ("€1,234,567.89", 1_234_567.89, "EUR"),
        ("€1.234.567,89", 1_234_567.89, "EUR"),
        ("CHF 1’200", 1200, "CHF"),
        ("$30k", 30_000, "USD"),
        ("1.234 million euros", 1_234_000, "EUR"),
    ],
)
def test_money_in_any_notation(text: str, value: float, currency: str) -> None:
    found = only(text)
    assert (found.kind, found.unit) == (Kind.MONEY, currency)
    assert found.low == found.high == pytest.approx(value)
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("15.8 percent", 15.8, "percent"),
        ("15.8%", 15.8, "percent"),
        ("15,8 %", 15.8, "percent"),
        ("15,8 Prozent", 15.8, "percent"),
        ("15,8 pour cent", 15.8, "percent"),
        ("15,8 per cento", 15.8, "percent"),
        ("15,8 por ciento", 15.8, "percent"),
        ("4,7 proc. PKB", 4.7, "percent"),
        ("5 per cent of GDP", 5, "percent"),
        ("five percent", 5, "percent"),
        ("two-percent target", 2, "percent"),
        ("1.5 percentage points apart", 1.5, "point"),
        ("a one-percentage-point rise", 1, "point"),
        ("two thirds of the members", 200 / 3, "percent"),
        ("two-thirds of members", 200 / 3, "percent"),
        ("a quarter of exports", 25, "percent"),
        ("three quarters of them", 75, "percent"),
        ("half of the fleet", 50, "percent"),
        ("fell by a third", 100 / 3, "percent"),
        ("one in three Germans", 100 / 3, "percent"),
        ("one in five", 20, "percent"),
        ("three out of four voters", 75, "percent"),
        ("37 out of 100 voters", 37, "percent"),
    ],
)
def test_percent_and_shares_in_words(text: str, value: float, unit: str) -> None:
    found = only(text)
    assert (found.kind, found.unit) == (Kind.PERCENT, unit)
    assert found.low == found.high == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "bound"),
    [
        ("80,000 to 100,000 troops", 80_000, 100_000, "troop", Bound.EXACT),
        ("80,000-100,000 troops", 80_000, 100_000, "troop", Bound.EXACT),
        ("between 80,000 and 100,000 soldiers", 80_000, 100_000, "troop", Bound.EXACT),
        ("80 000–100 000 soldats", 80_000, 100_000, "troop", Bound.EXACT),
        ("some 5,000-strong force", 5_000, 5_000, "troop", Bound.ABOUT),
        ("a coalition now 37 strong", 37, 37, "member", Bound.EXACT),
        ("84,000 American service members", 84_000, 84_000, "troop", Bound.EXACT),
        ("3,000 U.S. troops", 3_000, 3_000, "troop", Bound.EXACT),
        ("the 85,000 men and women in US uniform", 85_000, 85_000, "troop", Bound.EXACT),
        ("2000 troops", 2_000, 2_000, "troop", Bound.EXACT),
        ("3.500 Soldaten", 3_500, 3_500, "troop", Bound.EXACT),
        ("bis zu 5.000 Soldaten", 5_000, 5_000, "troop", Bound.UP_TO),
        ("ponad 300 żołnierzy", 300, 300, "troop", Bound.AT_LEAST),
        ("30k troops", 30_000, 30_000, "troop", Bound.EXACT),
        ("1.5 million people", 1.5 * MN, 1.5 * MN, "person", Bound.EXACT),
        ("41 people killed", 41, 41, "person", Bound.EXACT),
        ("12 dead", 12, 12, "dead", Bound.EXACT),
        ("thirty-one nations", 31, 31, "country", Bound.EXACT),
        ("one hundred and ninety-three countries", 193, 193, "country", Bound.EXACT),
        ("a dozen countries", 12, 12, "country", Bound.EXACT),
        ("half a dozen capitals", 6, 6, "country", Bound.EXACT),
        ("30-odd governments", 30, 30, "country", Bound.ABOUT),
        ("30+ countries", 30, 30, "country", Bound.AT_LEAST),
        ("30-plus countries", 30, 30, "country", Bound.AT_LEAST),
        ("30 or more countries", 30, 30, "country", Bound.AT_LEAST),
        ("more than 30 countries", 30, 30, "country", Bound.AT_LEAST),
        ("plus de 30 pays", 30, 30, "country", Bound.AT_LEAST),
        ("más de 30 países", 30, 30, "country", Bound.AT_LEAST),
        ("mehr als 30 Staaten", 30, 30, "country", Bound.AT_LEAST),
        ("almeno 30 Paesi", 30, 30, "country", Bound.AT_LEAST),
        ("no fewer than 30 countries", 30, 30, "country", Bound.AT_LEAST),
        ("no more than 30 countries", 30, 30, "country", Bound.AT_MOST),
        ("fewer than 30 countries", 30, 30, "country", Bound.AT_MOST),
        ("up to 30 countries", 30, 30, "country", Bound.UP_TO),
        ("as many as 30 countries", 30, 30, "country", Bound.UP_TO),
        ("nearly 30 countries", 30, 30, "country", Bound.ABOUT),
        ("just under 30 countries", 30, 30, "country", Bound.ABOUT),
        ("roughly 30 countries", 30, 30, "country", Bound.ABOUT),
        ("27 member states", 27, 27, "country", Bound.EXACT),
        ("the 32-member alliance", 32, 32, "member", Bound.EXACT),
        ("27-nation bloc", 27, 27, "country", Bound.EXACT),
        ("four new embassies", 4, 4, "embassy", Bound.EXACT),
        ("two tank battalions", 2, 2, "battalion", Bound.EXACT),
        ("48 Abrams tanks", 48, 48, "tank", Bound.EXACT),
        ("300 cruise missiles", 300, 300, "missile", Bound.EXACT),
        ("two dozen fighter jets", 24, 24, "aircraft", Bound.EXACT),
        ("900 staff positions", 900, 900, "position", Bound.EXACT),
        ("3,600 square kilometres", 3_600, 3_600, "square kilometre", Bound.EXACT),
        ("118.5 million tonnes", 118.5 * MN, 118.5 * MN, "tonne", Bound.EXACT),
    ],
)
def test_counts_with_what_is_counted(text: str, low: float, high: float, unit: str, bound: Bound) -> None:
    found = only(text)
    assert (found.kind, found.unit, found.bound) == (Kind.COUNT, unit, bound)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("text", "low", "high", "unit", "bound"),
    [
        ("five to ten years", 5, 10, "year", Bound.EXACT),
        ("5-10 years", 5, 10, "year", Bound.EXACT),
        ("5–10 Jahre", 5, 10, "year", Bound.EXACT),
        ("fünf bis zehn Jahre", 5, 10, "year", Bound.EXACT),
        ("de cinq à dix ans", 5, 10, "year", Bound.EXACT),
        ("from 5 to 10 years", 5, 10, "year", Bound.EXACT),
        ("two or three years", 2, 3, "year", Bound.EXACT),
        ("a decade", 1, 1, "decade", Bound.EXACT),
        ("up to a decade", 1, 1, "decade", Bound.UP_TO),
        ("within 18 months", 18, 18, "month", Bound.AT_MOST),
        ("within a year", 1, 1, "year", Bound.AT_MOST),
        ("a year and a half", 1.5, 1.5, "year", Bound.EXACT),
        ("half a year", 0.5, 0.5, "year", Bound.EXACT),
        ("two and a half years", 2.5, 2.5, "year", Bound.EXACT),
        ("2½ years", 2.5, 2.5, "year", Bound.EXACT),
        ("a five-year plan", 5, 5, "year", Bound.EXACT),
        ("a 30-day truce", 30, 30, "day", Bound.EXACT),
        ("one year", 1, 1, "year", Bound.EXACT),
        ("every 30 minutes", 30, 30, "minute", Bound.EXACT),
        ("at least six weeks", 6, 6, "week", Bound.AT_LEAST),
    ],
)
def test_spans_of_time(text: str, low: float, high: float, unit: str, bound: Bound) -> None:
    found = only(text)
    assert (found.kind, found.unit, found.bound) == (Kind.DURATION, unit, bound)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    ("text", "first", "last", "bound"),
    [
        ("by 2032", date(2032, 1, 1), date(2032, 12, 31), Bound.AT_MOST),
        ("by the end of 2027", date(2027, 1, 1), date(2027, 12, 31), Bound.AT_MOST),
        ("bis 2029", date(2029, 1, 1), date(2029, 12, 31), Bound.AT_MOST),
        ("since 1969", date(1969, 1, 1), date(1969, 12, 31), Bound.AT_LEAST),
        ("in March 2027", date(2027, 3, 1), date(2027, 3, 31), Bound.EXACT),
        ("February 2028", date(2028, 2, 1), date(2028, 2, 29), Bound.EXACT),
        ("20 March 2025", date(2025, 3, 20), date(2025, 3, 20), Bound.EXACT),
        ("20. März 2025", date(2025, 3, 20), date(2025, 3, 20), Bound.EXACT),
        ("March 20, 2025", date(2025, 3, 20), date(2025, 3, 20), Bound.EXACT),
        ("Jan. 19, 2025", date(2025, 1, 19), date(2025, 1, 19), Bound.EXACT),
        ("in Feb. 2028", date(2028, 2, 1), date(2028, 2, 29), Bound.EXACT),
        ("until 28 February 2026", date(2026, 2, 28), date(2026, 2, 28), Bound.AT_MOST),
        ("2025-03-20", date(2025, 3, 20), date(2025, 3, 20), Bound.EXACT),
        ("20.03.2025", date(2025, 3, 20), date(2025, 3, 20), Bound.EXACT),
    ],
)
def test_dates_are_the_days_that_they_cover(text: str, first: date, last: date, bound: Bound) -> None:
    found = only(text)
    assert (found.kind, found.bound) == (Kind.DATE, bound)
    assert (date.fromordinal(int(found.low)), date.fromordinal(int(found.high))) == (first, last)


@pytest.mark.parametrize(
    "text",
    [
        "Article 5 of the treaty",
        "Articles 4 and 5",
        "Section 232 tariffs",
        "an F-35 and a MiG-29",
        "the Su-57 fighters",
        "G7 leaders",
        "the EU27",
        "Patriot PAC-3 systems",
        "Leopard 2 tanks",
        "T-72 tanks",
        "Readiness 2030",
        "Agenda 2030",
        "COVID-19 deaths",
        "asteroid 2024 YR4",
        "Doel 4 stays open",
        "Stuttgart 21 costs more",
        "No. 7 in the ranking",
        "resolution 2231 was adopted",
        "at 12:17 on the dot",
        "at 9.30 Uhr",
        "at 6 p.m. sharp",
        "won 3-1 at home",
        "a 2:1 victory",
        "-5 degrees in the night",
        "21 °C at noon",
        "call +49 30 1234567 now",
        "call 0800 123 456",
        "https://news.example/2025/30-countries-meet",
        "round the clock, 24/7",
        "after 9/11",
        "the 12th brigade",
        "the 2nd of them",
        "a 70-year-old general",
        "three years ago",
        "the 1990s were different",
        "hundreds of soldiers",
        "tens of thousands of men",
        "several countries",
        "one of the allies",
        "no one knows",
        "a third country",
        "a quarter of an hour",
        "in the first half of the season",
        "half the day",
        "5.58am local time",
        "a country like ours",
        "the year to come",
        "5G networks",
        "99.99.9999",
        "1.2.3.4",
        "9" * 40 + " troops",
        "just 42",
        "#30 countries",
        "",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("$1-2bn", BN, 2 * BN),
        ("€500-600m", 500 * MN, 600 * MN),
        ("500 to 600 million euros", 500 * MN, 600 * MN),
        ("between €500m and €1.2bn", 500 * MN, 1.2 * BN),
        ("€500m to €1.2bn", 500 * MN, 1.2 * BN),
    ],
)
def test_ranges_of_money_share_sign_and_scale(text: str, low: float, high: float) -> None:
    found = only(text)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@pytest.mark.parametrize(
    ("text", "per"),
    [
        ("3.5 billion dollars a year", "year"),
        ("$3.5bn per year", "year"),
        ("$3.5bn annually", "year"),
        ("1,000 soldiers a day", "day"),
        ("60 tanks per month", "month"),
        ("$3.5bn in all", ""),
    ],
)
def test_rates_are_kept(text: str, per: str) -> None:
    assert only(text).per == per


@pytest.mark.parametrize(
    "text",
    [
        "an additional 3,000 troops",
        "another 3,000 troops",
        "3,000 more troops",
        "rose by 3,000 troops",
        "3,000 extra troops",
    ],
)
def test_a_change_is_no_level(text: str) -> None:
    assert only(text).delta
    assert compare("There are 2,000 troops in the country.", text) is None


def test_a_move_is_two_figures_of_which_one_no_longer_holds() -> None:
    before, after = read("rose from 2 percent to 3.5 percent of GDP")
    assert (before.low, before.former, after.low, after.former) == (2, True, 3.5, False)
    before, after = read("was expanded from 30 to 33 countries")
    assert (before.low, before.former, after.low, after.former) == (30, True, 33, False)


@pytest.mark.parametrize("text", ["22 of its 32 members", "22 of the 32 members"])
def test_some_of_all_are_two_figures_of_one_thing(text: str) -> None:
    assert [(one.low, one.unit) for one in read(text)] == [(22, "member"), (32, "member")]


def test_spans_are_verbatim() -> None:
    text = "Up to €800bn for 27 countries, five to ten years, 15.8 percent by 2032."
    found = read(text)
    assert [one.text for one in found] == ["€800bn", "27 countries", "five to ten years", "15.8 percent", "2032"]
    assert all(text[one.start : one.end] == one.text for one in found)


# --- what moved --------------------------------------------------------------------------------------------------

PLAN = "The bank's rearmament plan could mobilise up to 800 billion euros over four years."
TROOPS = "Ruritania has 80,000 to 100,000 troops in the valley."
SHARE = "Ruritania pays 15.8 percent of the league's common budget of about 3.5 billion dollars a year."
CLUB = "More than 30 countries are to meet in London."
SPAN = "The league needs five to ten years to replace Ruritania's satellites."


@pytest.mark.parametrize(
    ("claim", "evidence", "change"),
    [
        (PLAN, "The plan will now yield €650bn.", "800 → 650 billion EUR"),
        (PLAN, "Das Rüstungspaket soll nun 900 Mrd. € bringen.", "800 → 900 billion EUR"),
        (PLAN, "The rearmament plan shrinks to 0.65 trillion euros.", "800 → 650 billion EUR"),
        (PLAN, "The plan shall mobilise 1.2 trillion euros.", "800 → 1,200 billion EUR"),
        (PLAN, "The plan will yield €610bn, not 800.", "800 → 610 billion EUR"),
        (TROOPS, "Roughly 65,000 soldiers are left in the valley.", "80,000–100,000 → 65,000 troops"),
        (TROOPS, "Ruritania brings its troops in the valley to 120,000.", "80,000–100,000 → 120,000 troops"),
        (SHARE, "Ruritania now pays 14.1 percent of the budget.", "15.8 → 14.1 %"),
        (SHARE, "Its share of the common budget falls from 15.8 to 14.1 per cent.", "15.8 → 14.1 %"),
        (SHARE, "The league's common budget grows to $4.6bn a year.", "3.5 → 4.6 billion USD a year"),
        (CLUB, "Chiefs from 37 nations met in London.", "30 → 37 countries"),
        (CLUB, "The circle in London is now 37 strong.", "30 → 37 countries"),
        (SPAN, "Replacing Ruritania's satellites would take the league 15 years.", "5–10 → 15 years"),
        (SPAN, "The league would need eight to twelve years to replace the satellites.", "5–10 → 8–12 years"),
        (SPAN, "The league would need two decades to replace the satellites.", "5–10 → 20 years"),
        ("The line opens in 2030.", "The line will not open in 2030 but in 2032.", "2030 → 2032"),
        (
            "The depot in Arden is to close by March 2027.",
            "The Arden depot now has to close by May 2028.",
            "March 2027 → May 2028",
        ),
        (
            "The fund excludes 14 companies.",
            "The fund has raised the number of firms from 14 to 16.",
            "14 → 16 companies",
        ),
        (
            "The fund holds 85 billion kroner.",
            "The fund now holds 90 billion Norwegian kroner.",
            "85 → 90 billion kroner",
        ),
        ("Twelve states recognise Ruritania.", "Friends of Ruritania dwindle to ten.", "12 → 10 countries"),
        (
            "The works make 350,000 shells a year.",
            "The works make half a million shells a year.",
            "350,000 → 500,000 shells a year",
        ),
        (
            "Iceberg B9 covers 3,600 square kilometres.",
            "Iceberg B9 is down to 3,100 square kilometres.",
            "3,600 → 3,100 km²",
        ),
    ],
)
def test_what_moved_is_shown_as_old_and_new(claim: str, evidence: str, change: str) -> None:
    found = compare(claim, evidence)
    assert found is not None
    assert found.moved
    assert found.change == change


@pytest.mark.parametrize(
    ("claim", "evidence", "movement"),
    [
        (PLAN, "As much as €0.8 trillion could be freed.", Movement.EQUAL),
        (PLAN, "800 Milliarden Euro sollen es sein.", Movement.EQUAL),
        (PLAN, "€800 000 million in all", Movement.EQUAL),
        (SHARE, "It bears 15.8% of the costs.", Movement.EQUAL),
        (SHARE, "It bears nearly 16 percent of the costs.", Movement.EQUAL),
        (SHARE, "Some three and a half billion dollars a year are spent.", Movement.EQUAL),
        (SHARE, "The budget of $3.54bn a year was adopted.", Movement.EQUAL),
        (TROOPS, "84,000 service members are stationed there.", Movement.WITHIN),
        (CLUB, "Chiefs from 31 nations met.", Movement.WITHIN),
        (SPAN, "It will be up to a decade.", Movement.WITHIN),
        ("A quarter of exports go there.", "25 percent of exports go there.", Movement.EQUAL),
        ("It takes 18 months.", "It takes a year and a half.", Movement.EQUAL),
        ("It opens in 2030.", "It opens in March 2030.", Movement.WITHIN),
    ],
)
def test_what_stayed_is_no_move(claim: str, evidence: str, movement: Movement) -> None:
    found = compare(claim, evidence)
    assert found is not None
    assert found.movement is movement
    assert not found.moved


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        (PLAN, "The plan is worth $650bn."),  # another currency
        (PLAN, "650 companies took part."),  # another kind
        (PLAN, "The rearmament plan costs €200bn a year."),  # a rate against a sum
        (SHARE, "Spending rose by 3.1 percent."),  # a change against a level
        ("It spends 2 percent of GDP.", "Ruritania's share rose 2.3 percentage points."),
        (TROOPS, "The minister met 12 troops of scouts."),  # far off, and nothing in common
        ("There are 3,000 Russian troops in the valley.", "There are 5,000 American troops in the valley."),
        ("It owns 48 tanks.", "It owns 60 ships."),
        ("No figure at all.", "€650bn and 30 countries"),
        (PLAN, "No figure at all."),
        ("", ""),
    ],
)
def test_unlike_figures_are_not_compared(claim: str, evidence: str) -> None:
    assert compare(claim, evidence) is None


def test_a_moved_figure_counts_more_than_one_that_stayed() -> None:
    found = comparisons(SHARE, "Of the common budget of $3.5bn a year Ruritania now pays 14.1 percent.")
    assert {one.movement for one in found} == {Movement.EQUAL, Movement.DOWN}
    best = compare(SHARE, "Of the league's common budget of $3.5bn a year Ruritania now pays 14.1 percent.")
    assert best is not None
    assert best.change == "15.8 → 14.1 %"
    assert best.difference == pytest.approx(-0.1076, abs=0.001)


def test_signs_tell_kept_moved_and_denied() -> None:
    kept, moved = signs(PLAN, "€800bn it is."), signs(PLAN, "The plan yields €650bn instead of €800bn.")
    assert (kept.kept, kept.moved, kept.denied) == (True, False, False)
    assert (moved.kept, moved.moved, moved.denied) == (False, True, True)
    assert moved.difference < 0 < moved.likeness
    silent = signs(PLAN, "Nothing was said.")
    assert silent == FigureSigns(
        claimed=True, told=False, comparable=False, kept=False, moved=False, denied=False, difference=0.0, likeness=0.0
    )
    assert silent.vector() == (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


# --- properties --------------------------------------------------------------------------------------------------

NOTATIONS = (
    ("EUR", lambda n: f"€{n}bn"),
    ("EUR", lambda n: f"{n} billion euros"),
    ("EUR", lambda n: f"{n} Mrd. €"),
    ("EUR", lambda n: f"{n} milliards d'euros"),
    ("USD", lambda n: f"${n}B"),
    ("USD", lambda n: f"US${n} billion"),
    ("GBP", lambda n: f"GBP {n}bn"),
    ("PLN", lambda n: f"{n} mld zł"),
)


@given(
    whole=st.integers(1, 999),
    tenths=st.integers(0, 9),
    notation=st.sampled_from(NOTATIONS),
    comma=st.booleans(),
    before=st.sampled_from(["", "They set aside ", "Up to ", "rund ", "(", "“"]),
    after=st.sampled_from(["", ".", ", they said", " for 2 countries", ")", " – a record"]),
)
def test_money_survives_any_notation(whole, tenths, notation, comma, before, after) -> None:  # type: ignore[no-untyped-def]
    written = f"{whole}{',' if comma else '.'}{tenths}" if tenths else str(whole)
    found = [one for one in read(before + notation[1](written) + after) if one.kind is Kind.MONEY]
    assert [(one.unit, pytest.approx(one.low)) for one in found] == [(notation[0], (whole + tenths / 10) * BN)]


@given(value=st.integers(2, 10**14), separator=st.sampled_from(["", ",", ".", " ", "\u00a0", "\u202f", "’"]))
def test_grouped_digits_are_one_number(value: int, separator: str) -> None:
    written = f"{value:,}".replace(",", separator)
    if separator == "" and 1900 <= value < 2100:
        return
    assert only(f"{written} soldiers").low == value


@given(value=st.integers(2, 99_999_999), unit=st.sampled_from(["soldiers", "countries", "embassies", "tanks"]))
def test_what_is_rendered_is_read_again(value: int, unit: str) -> None:
    first = only(f"{value:,} {unit}")
    again = only(figure_text(first))
    assert (again.kind, again.unit) == (first.kind, first.unit)
    assert again.low == pytest.approx(first.low, rel=1e-3)


@given(st.text(max_size=400))
@example("from 5 to")
@example("€")
@example("1,2,3,4 to 5 €")
@example("a half a half a half")
@example("٣٤٥ troops ²³ ½")
@example("31 February 2025, 2025-13-45, 99.99.2025")
@example("\ud800 5 troops")
def test_no_text_breaks_it(text: str) -> None:
    for one in read(text):
        assert text[one.start : one.end] == one.text
        assert one.low <= one.high or one.kind is not Kind.COUNT
    compare(text, text)
    signs(PLAN, text)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from("a one two half third in from to and of 5 30 2027 € $ bn m - – . , % / : troops years".split()),
        max_size=40,
    )
)
def test_no_heap_of_figure_words_breaks_it(words: list[str]) -> None:
    for joint in ("", " "):
        text = joint.join(words)
        assert all(text[one.start : one.end] == one.text for one in read(text))
        compare(text, text)


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "9,",
        "1.",
        "9 999 ",
        "a",
        "a.",
        "-",
        "five-",
        "one in ",
        "from 5 to ",
        "€",
        "5 troops ",
        "more than ",
        "\n",
        " ",
        "million ",
        "2027 ",
        "30 of the ",
    ],
)
def test_a_monstrous_text_is_read_in_linear_time(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    begun = time.thread_time()  # what else the machine does is not its fault
    read(text)
    signs(PLAN, text)
    signs(text, text)
    assert time.thread_time() - begun < 20
