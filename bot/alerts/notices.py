"""What a tenant's admin channel is told about the bot's own affairs, once each time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.alerts.decide import owe
from bot.alerts.words import counted
from bot.inert import domain, inert
from bot.model import Channel, DeliveryKind, Feed, FeedState, Owed, Tenant, stable_id


def feed_notices(before: Feed, after: Feed, tenants: Iterable[Tenant], now: datetime) -> list[Owed]:
    """One notice a tenant where the feed broke, is well again or is gone; none where its state stayed.

    The subject holds when the feed was last well before the change, so that a poll done twice tells it once and the
    next break is told anew.
    """
    if before.state is after.state:
        return []
    subject = stable_id("feed", after.id, after.state.value, _episode(before))
    return _notify(tenants, subject, _feed_text(after), now)


def flood_notices(feed: Feed, new: int, tenants: Iterable[Tenant], now: datetime) -> list[Owed]:
    """One summary a tenant for a feed that brought too many new entries at once; a poll done twice tells it once."""
    text = (
        f"{_name(feed)} brought {counted(new, 'new entry', 'new entries')} at once, so none of them was announced by "
        "itself. What matches your watches is in the next digest; /latest and /search find the rest."
    )
    return _notify(tenants, stable_id("flood", feed.id, _episode(feed)), text, now)


def paused_notices(channel: Channel, reason: str, tenant: Tenant, now: datetime) -> list[Owed]:
    """That nothing can be posted in a channel any more; none where the admin channel is that very channel."""
    text = (
        f"Nothing can be posted in #{inert(channel.name)} any more: {inert(reason)}. It is paused. Give the bot the "
        "right to see the channel and to post there; /status lists what is paused."
    )
    told = [] if tenant.admin_channel == channel.id else [tenant]
    return _notify(told, stable_id("paused", channel.id, now.isoformat()), text, now)


def silence_notices(tenants: Iterable[Tenant], since: datetime, now: datetime, *, over: bool) -> list[Owed]:
    """That no feed could be read since then, or, with `over`, that one could again."""
    subject = stable_id("silence", since.isoformat(), "over" if over else "begun")
    when = f"{since:%Y-%m-%d %H:%M} UTC"
    if over:
        return _notify(tenants, subject, f"Feeds can be read again; none could since {when}.", now)
    text = (
        f"No feed could be read since {when}, so nothing new is told. Look whether the bot's machine reaches the "
        "internet; claimwatch doctor and the log say more."
    )
    return _notify(tenants, subject, text, now)


def _episode(before: Feed) -> str:
    """When the feed was last well before a poll: the same however often that poll is done."""
    return before.last_ok.isoformat() if before.last_ok else "never"


def _notify(tenants: Iterable[Tenant], subject: str, text: str, now: datetime) -> list[Owed]:
    return [
        owe(tenant.admin_channel, DeliveryKind.NOTICE, subject, now, payload=text)
        for tenant in tenants
        if tenant.admin_channel
    ]


def _feed_text(feed: Feed) -> str:
    name = _name(feed)
    if feed.state is FeedState.GONE:
        return f"{name} is gone: its server says that it will not come back (410). It is no longer polled."
    if feed.state is FeedState.ACTIVE:
        return f"{name} is well again."
    return (
        f"{name} fails: {inert(feed.last_error) or 'no reason given'}. It is tried again, more and more rarely. "
        "If its address has changed, add the new one with /feed add and remove this one."
    )


def _name(feed: Feed) -> str:
    host = domain(feed.url)
    title = inert(feed.title)
    return f"The feed “{title}” ({host})" if title and host else f"The feed {title or host or feed.id}"
