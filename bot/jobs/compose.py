"""A delivery → the message to be posted, from what the store holds at the moment of posting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.alerts.buttons import alert_buttons
from bot.alerts.chart import activity_alt, activity_png
from bot.alerts.digest_view import digest_pages
from bot.alerts.followup import followup_message, tag, topic
from bot.alerts.preview import preview_message
from bot.alerts.render import AlertView, Labels, alert_message, notice_message
from bot.blocks import Limits, Message, Picture
from bot.errors import NotFound
from bot.model import Alert, Claim, Delivery, DeliveryKind, Digest, Review
from bot.ports import Store


class Composer:
    """Makes messages."""

    def __init__(self, store: Store, labels: Labels) -> None:
        self._store, self._labels = store, labels

    async def compose(self, delivery: Delivery, limits: Limits) -> Message:
        """The message of a delivery, within `limits`. Raises `NotFound` where its subject is gone."""
        return await asyncio.to_thread(self._compose, delivery, limits)

    def _compose(self, delivery: Delivery, limits: Limits) -> Message:
        match delivery.kind:
            case DeliveryKind.ALERT | DeliveryKind.EDIT:
                return self._alert(self._store.alerts.get(delivery.subject), limits)
            case DeliveryKind.FOLLOWUP:
                return self._followup(delivery, limits)
            case DeliveryKind.PREVIEW:
                return self._preview(delivery, limits)
            case DeliveryKind.DIGEST:
                return self._digest_page(self._store.digests.get(delivery.subject), delivery.part, limits)
            case DeliveryKind.NOTICE:
                return notice_message(delivery.payload)

    def _alert(self, alert: Alert, limits: Limits) -> Message:
        """The card; where there are no threads, what its story says beyond it is behind a button."""
        view, policy = self._view(alert), self._store.tenants.channel(alert.channel).policy
        more = not policy.threads and (len(alert.verdicts) > 1 or len(view.reports) > 1)
        message = alert_message(view, limits, alert_buttons(alert, more=more))
        return replace(message, ping=policy.ping, topic=topic(view.entry.title), tag=tag(alert))

    def _followup(self, delivery: Delivery, limits: Limits) -> Message:
        """Under the alert's message; for the alert's own entry all that the alert says."""
        alert = self._store.alerts.get(delivery.subject)
        policy = self._store.tenants.channel(alert.channel).policy
        trail = self._store.entries.trail(alert.tenant, delivery.payload)
        sure = tuple(one for one in trail.verdicts if one.confidence >= policy.min_confidence)
        verdicts = alert.verdicts if delivery.payload == alert.entry else sure
        claims = {claim.id: claim for claim in self._store.claims.all(alert.tenant)}
        message = followup_message(trail.entry, verdicts, claims, self._labels, policy.timezone, limits)
        posted = self._store.deliveries.posted(alert.channel, alert.id)
        if posted is None:
            raise NotFound(f"alert {alert.id} was never posted")
        return replace(message, under=posted.message_ref, topic=topic(self._store.entries.get(alert.entry).title))

    def _preview(self, delivery: Delivery, limits: Limits) -> Message:
        channel = self._store.tenants.channel(delivery.channel)
        return preview_message(channel, self._store.claims.all(channel.tenant), self._labels, delivery.due, limits)

    def _view(self, alert: Alert) -> AlertView:
        marks = self._store.reviews.of(alert.id)
        return AlertView(
            alert=alert,
            entry=self._store.entries.get(alert.entry),
            claims=self._claims(alert),
            reports=self._store.entries.reports(alert.tenant, alert.story),
            labels=self._labels,
            watch=self._watch(alert),
            timezone=self._store.tenants.channel(alert.channel).policy.timezone,
            marks=marks,
            reworded=self._reworded(alert, marks),
        )

    def _reworded(self, alert: Alert, marks: Sequence[Review]) -> str:
        """Who has accepted a new wording of the claim that the alert is about, since; empty where nobody has."""
        marked = any(mark.claim == alert.verdicts[0].claim for mark in marks) if alert.verdicts else False
        versions = self._store.claims.versions(alert.tenant, alert.verdicts[0].claim) if marked else []
        return next((one.by for one in reversed(versions) if one.by and one.changed > alert.created), "")

    def _claims(self, alert: Alert) -> dict[str, Claim]:
        """The alert's claims as they were held then; one that was retired since is shown without its wording."""
        held = {claim.id: claim for claim in self._store.claims.all(alert.tenant)}
        return {
            verdict.claim: self._as_held(held[verdict.claim], alert)
            for verdict in alert.verdicts
            if verdict.claim in held
        }

    def _as_held(self, claim: Claim, alert: Alert) -> Claim:
        """The claim in the wording that the alert was about: it may have been accepted as the new one since."""
        if claim.revision == 1:
            return claim
        versions = self._store.claims.versions(alert.tenant, claim.id)
        then = [version for version in versions if version.changed <= alert.created] or versions[:1]
        return replace(claim, statement=then[-1].statement, as_of=then[-1].as_of)

    def _watch(self, alert: Alert) -> str:
        named = alert.match.watch if alert.match else ""
        return next((watch.name for watch in self._store.watches.all(alert.tenant) if watch.id == named), "")

    def _digest_page(self, digest: Digest, part: int, limits: Limits) -> Message:
        pages = digest_pages(digest, limits, _picture(digest, self._labels))
        if part >= len(pages):
            raise NotFound(f"digest {digest.id} has {len(pages)} pages, not a page {part + 1}")
        return pages[part]


def _picture(digest: Digest, labels: Labels) -> Picture | None:
    """The last fortnight by theme; none where nothing touched any claim."""
    if not digest.activity:
        return None
    png = activity_png(digest.activity_days, digest.activity, labels)
    return Picture("activity.png", png, activity_alt(digest.activity_days, digest.activity, labels))
