"""An alert that is owed to a channel like any other, delivered and edited by the real deliverer."""

from __future__ import annotations

from datetime import timedelta

from alerts_told import tell
from chat_world import NOW, FixedClock

from bot.alerts.decide import owe
from bot.alerts.render import Labels
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer
from bot.model import Alert, Channel, DeliveryKind, Verdict
from bot.ports import Platform
from storage import Store


def owed_alert(store: Store, channel: Channel, *verdicts: Verdict) -> Alert:
    """A report with those verdicts, and its alert, owed to the channel now."""
    alert = tell(store, channel, *verdicts, at=NOW - timedelta(hours=1))
    store.deliveries.owe([owe(channel.id, DeliveryKind.ALERT, alert.id, NOW)])
    return alert


async def deliver(store: Store, platform: Platform) -> None:
    """All that is owed, by a process that knows only the store."""
    deliverer = Deliverer(store, {platform.name: platform}, Composer(store, Labels()), FixedClock(), lambda: None)
    for _ in range(10):
        if not await deliverer.begin_due():
            return
        await deliverer.drain(20)
    raise AssertionError("there is always more to deliver")
