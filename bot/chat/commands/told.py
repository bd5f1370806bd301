"""The verdict behind a button under an alert."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat.commands.desk import Asker, Desk
from bot.errors import NotFound
from bot.model import Alert, Verdict


@dataclass(frozen=True, slots=True)
class Told:
    """One of the verdicts that an alert told of."""

    alert: Alert
    number: int
    verdict: Verdict


async def verdict_told(desk: Desk, asker: Asker, spot: str) -> Told:
    """What `bot.alerts.buttons.spot` named, for an alert of the asker's own tenant. Raises `NotFound`."""
    name, _, number = spot.partition(".")
    alert = await desk.ask(desk.store.alerts.get, name)
    at = int(number) if number.isascii() and number.isdecimal() else 0
    if alert.tenant != asker.tenant or at >= len(alert.verdicts):
        raise NotFound("That alert is not one of yours.")
    return Told(alert, at, alert.verdicts[at])
