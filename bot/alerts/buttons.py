"""What can be pressed under an alert. Pure."""

from __future__ import annotations

from bot.blocks import Button
from bot.model import MOVES, Alert

RIGHT, WRONG, BASELINE, TIMELINE = "right", "wrong", "baseline", "timeline"
"""The verbs; each takes what `spot` gives."""
HUSH = "hush"
"""Takes an alert's id."""
DETAILS = "story"
"""Takes a story's id."""


def alert_buttons(alert: Alert, *, more: bool = False) -> tuple[Button, ...]:
    """Those of a card; a new development touches no claim and can only be muted. `more`: its story says more."""
    details = (Button("Details", DETAILS, alert.story),) if more else ()
    mute = Button("Mute story", HUSH, alert.id)
    if not alert.verdicts:
        return (*details, mute)
    accept = (Button("Accept as new baseline", BASELINE, spot(alert)),) if alert.verdicts[0].relation in MOVES else ()
    return (*mark_buttons(alert), *accept, Button("Timeline", TIMELINE, spot(alert)), *details, mute)


def mark_buttons(alert: Alert, number: int = 0) -> tuple[Button, Button]:
    """Those that say whether one of the alert's verdicts is right."""
    return Button("Right", RIGHT, spot(alert, number)), Button("Wrong", WRONG, spot(alert, number))


def spot(alert: Alert, number: int = 0) -> str:
    """Which of the alert's verdicts is meant: by default the one that the card is about."""
    return f"{alert.id}.{number}" if number else alert.id
