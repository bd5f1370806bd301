"""What can be pressed under an alert leads to a verb, and fits every platform."""

from __future__ import annotations

import pytest
from chat_world import BALTIC, NOW

from bot.alerts.buttons import alert_buttons, mark_buttons
from bot.chat.commands import PRESSED, VERBS
from bot.model import Alert, AlertKind, Relation, Verdict, stable_id

LONGEST = 60
"""Of verb and argument together; Discord takes 100 characters with our own marks around them."""


def alert(*relations: Relation) -> Alert:
    verdicts = tuple(Verdict(BALTIC.id, relation, 0.9, "It is so.") for relation in relations)
    kind = AlertKind.VERDICT if verdicts else AlertKind.NEW
    name = stable_id("alert")
    return Alert(name, "discord:1", "discord:11", stable_id("story"), stable_id("entry"), kind, NOW, verdicts)


@pytest.mark.parametrize(
    ("relations", "labels"),
    [
        ([], []),
        ([Relation.CONFIRMS], ["Right", "Wrong", "Timeline"]),
        ([Relation.UPDATES], ["Right", "Wrong", "Accept as new baseline", "Timeline"]),
        ([Relation.CONTRADICTS, Relation.UPDATES], ["Right", "Wrong", "Accept as new baseline", "Timeline"]),
    ],
)
def test_a_verdict_can_be_judged_accepted_and_looked_at(relations: list[Relation], labels: list[str]) -> None:
    pressed = [button.label for button in alert_buttons(alert(*relations))]
    assert [label for label in pressed if label != "Mute story"] == labels


def test_every_button_leads_to_a_verb_and_fits() -> None:
    told = alert(*[Relation.UPDATES] * 12)
    for button in (*alert_buttons(told), *mark_buttons(told, 11)):
        assert button.verb in {**VERBS, **PRESSED}
        assert len(button.verb) + len(button.argument) <= LONGEST


def test_what_is_pressed_is_not_typed() -> None:
    assert not PRESSED.keys() & VERBS.keys()
    for verb in PRESSED.values():
        assert verb.parameters
        assert all(word.isalpha() and word.islower() for word in verb.name.split(" "))
