"""A claim's wording with what the evidence moves put in."""

import pytest

from bot.claims.rewording import LONGEST, reworded


@pytest.mark.parametrize(
    ("statement", "evidence", "proposed"),
    [
        (
            "The Union plans to mobilise up to 800 billion euros for defence.",
            "Brussels now speaks of €650bn in all.",
            "The Union plans to mobilise 650 billion euros for defence.",
        ),
        (
            "Germany plans a brigade of 5,000 soldiers in the Baltic states.",
            "Berlin will send 4,800 troops to Lithuania.",
            "Germany plans a brigade of 4,800 soldiers in the Baltic states.",
        ),
        (
            "Leaders from more than 30 countries are to meet in London.",
            "Leaders from 33 countries met in London, up from 30.",
            "Leaders from 33 countries are to meet in London.",
        ),
        (
            "There are between 80,000 and 100,000 American troops in Europe.",
            "The number of American troops in Europe will fall to 65,000 by 2027.",
            "There are 65,000 American troops in Europe.",
        ),
        ("Germany plans 5,000 soldiers.", "About 6,000 soldiers.", "Germany plans about 6,000 soldiers."),
        ("€800bn are planned.", "The plan is now worth €650bn.", "€650bn are planned."),
        ("The plan runs over four years.", "The plan now runs over a decade.", "The plan runs over 10 years."),
        ("Allies spend 2.02 percent of GDP.", "Spending rose to 2.7% of GDP.", "Allies spend 2.7 percent of GDP."),
        (
            "Canada reaches two percent of GDP by 2032.",
            "It will be 2030, says Ottawa.",
            "It will be 2030, says Ottawa.",
        ),
        ("Poland backs the plan.", "  Warsaw rejects the plan. ", "Warsaw rejects the plan."),
        ("Poland backs the plan.", "x" * 3000, "x" * LONGEST),
    ],
)
def test_a_wording_is_proposed(statement: str, evidence: str, proposed: str) -> None:
    assert reworded(statement, evidence) == proposed
