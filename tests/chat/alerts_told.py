"""Alerts that a channel was told of, as the main job leaves them in the store and composes them."""

from __future__ import annotations

from datetime import datetime

from chat_world import BALTIC, NOW

from bot.alerts.render import Labels
from bot.blocks import Message
from bot.jobs.compose import Composer
from bot.model import (
    Alert,
    AlertKind,
    Channel,
    Delivery,
    DeliveryKind,
    DeliveryState,
    Entry,
    EntryPlan,
    FeedIntent,
    Match,
    PollPlan,
    Relation,
    Sketch,
    Verdict,
    Watch,
    stable_id,
)
from storage import Store

EVIDENCE = "Berlin will send 4,800 troops to the Baltic states."
UPDATES = Verdict(BALTIC.id, Relation.UPDATES, 0.82, EVIDENCE, "5,000 → 4,800 troops")


def tell(
    store: Store,
    channel: Channel,
    *verdicts: Verdict,
    outlet: str = "Courier",
    story: str = "story",
    at: datetime = NOW,
) -> Alert:
    """A report of that outlet with those verdicts, matched by a watch of the channel, and the alert about it."""
    store.tenants.put_channel(channel)
    watch = Watch(stable_id(channel.id), channel.tenant, channel.id, f"Troops {channel.name}", "troops")
    if watch.id not in {one.id for one in store.watches.all(channel.tenant)}:
        store.watches.add(watch)
    followed = {feed.title: feed for feed in store.feeds.followed(channel.tenant)}
    url = f"https://{stable_id(outlet)}.example"
    feed = followed.get(outlet) or store.feeds.follow(channel.tenant, FeedIntent(f"{url}/feed", title=outlet), NOW)
    name = stable_id(feed.id, story)
    entry = Entry(name, feed.id, story, f"{url}/{story}", "Berlin sends fewer", EVIDENCE, at, at, "en", outlet)
    alert = Alert(
        id=stable_id(channel.id, story, verdicts[0].claim if verdicts else "new"),
        tenant=channel.tenant,
        channel=channel.id,
        story=story,
        entry=entry.id,
        kind=AlertKind.VERDICT if verdicts else AlertKind.NEW,
        created=at,
        verdicts=verdicts,
    )
    plan = EntryPlan(
        entry, Sketch(entry.id, story, "", b"", at), (Match(watch.id, ("troops",)),), {channel.tenant: verdicts}
    )
    store.commit([PollPlan(feed, at, (plan,), (alert,))])
    return alert


async def composed(store: Store, alert: Alert, platform_limits: object) -> Message:
    """The alert's card with its buttons."""
    delivery = Delivery("d", alert.channel, DeliveryKind.ALERT, alert.id, 0, "", DeliveryState.SENDING, NOW, 1, NOW)
    return await Composer(store, Labels()).compose(delivery, platform_limits)  # type: ignore[arg-type]
