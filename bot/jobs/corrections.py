"""Headlines that their feeds have corrected: written down, and owed to the messages that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.alerts.decide import correction
from bot.model import PollPlan, Retitled
from bot.ports import Store


def corrected(plan: PollPlan, retitled: Sequence[Retitled], store: Store) -> PollPlan:
    """The plan with the corrections and an edit for each message that is headed by one of these entries."""
    if not retitled:
        return plan
    titles = {one.entry: one.title for one in retitled}
    edits = tuple(
        correction(alert, store.tenants.channel(alert.channel).policy, titles[alert.entry], plan.polled)
        for alert in store.alerts.headed(titles)
    )
    return replace(plan, retitled=tuple(retitled), owed=(*plan.owed, *edits))
