"""What a channel that was just set up is shown: an alert as it will look, made of one of its tenant's claims. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.alerts.render import AlertView, Labels, alert_message
from bot.blocks import Limits, Message, bold, line
from bot.model import Alert, AlertKind, Channel, Claim, ClaimKind, Entry, Match, Relation, Report, Verdict

_HEADLINE = "The headline of the report stands here and leads to it"
_EVIDENCE = "The sentence that says so, word for word."
_OUTLET = "The outlet"


def preview_message(
    channel: Channel, claims: Sequence[Claim], labels: Labels, now: datetime, limits: Limits
) -> Message:
    """An alert that nobody wrote, and says so; of a claim where the tenant holds any."""
    claim = next((one for one in claims if one.kind is ClaimKind.FIGURE), claims[0] if claims else None)
    verdicts = (Verdict(claim.id, Relation.UPDATES, 0.9, _EVIDENCE, None),) if claim else ()
    kind = AlertKind.VERDICT if claim else AlertKind.NEW
    match = None if claim else Match("", ("the words",))
    alert = Alert("preview", channel.tenant, channel.id, "preview", "preview", kind, now, verdicts, match)
    view = AlertView(
        alert=alert,
        entry=Entry("preview", "", "", "", _HEADLINE, _EVIDENCE, now, now, outlet=_OUTLET),
        claims={claim.id: claim} if claim else {},
        reports=[Report("preview", _OUTLET, _HEADLINE, "", now)],
        labels=labels,
        watch="the name of the watch",
        timezone=channel.policy.timezone,
    )
    lead = line(bold("Preview:"), " nothing has happened yet; this is how an alert will look here.")
    return replace(alert_message(view, limits), lead=lead)
