"""How the bot is doing, for one tenant."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.alerts.digest import next_digest
from bot.blocks import Card, Line, Message, Reply, Span, bold, clip, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.digests import rhythm_words
from bot.chat.commands.table import verb
from bot.chat.commands.wording import duration, moment
from bot.model import Channel, ChannelState, Delivery, Digest, Feed, FeedState, Lag, QueueStats

LATELY = timedelta(days=1)
TROUBLES = 3


async def status(desk: Desk, asker: Asker) -> Reply:
    """Show how feeds, deliveries and digests are doing"""
    now = desk.clock.now()
    feeds = await desk.ask(desk.store.feeds.followed, asker.tenant)
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    channels = await desk.ask(desk.store.tenants.channels, asker.tenant)
    queue = await desk.ask(desk.store.deliveries.stats, asker.tenant)
    lag = await desk.ask(desk.store.deliveries.lag, asker.tenant, now - LATELY)
    troubles = await desk.ask(desk.store.deliveries.troubles, asker.tenant, TROUBLES)
    last = {channel.id: await desk.ask(desk.store.digests.last, channel.id) for channel in channels}
    names = {channel.id: channel.name for channel in channels}
    lines = (
        line(bold("Feeds"), *_feeds(feeds)),
        *[_failing(feed) for feed in feeds if feed.state is not FeedState.ACTIVE][:TROUBLES],
        line(bold("Alerts"), *_lag(lag)),
        line(bold("Deliveries"), *_queue(queue)),
        *(_trouble(delivery, names) for delivery in troubles),
        line(bold("Watches"), f" {len(watches)} · ", bold("Claims"), f" {len(claims)}"),
        *((line(bold("Channels")),) if channels else ()),
        *(_channel(channel, last[channel.id], now) for channel in channels),
    )
    return Reply((Message((Card(title=Span("Status"), lines=lines, footer=line(f"compared by {desk.assessor}")),)),))


def _feeds(feeds: list[Feed]) -> Line:
    failing = sum(feed.state is not FeedState.ACTIVE for feed in feeds)
    health = f", {failing} failing (/feed list)" if failing else ", all well" if feeds else ""
    polled = [feed.last_ok for feed in feeds if feed.last_ok]
    latest = line(" · last heard from one at ", moment(max(polled))) if polled else ()
    return line(f" {len(feeds)}{health}", *latest)


def _failing(feed: Feed) -> Line:
    return line("✗ ", bold(clip(feed.title or feed.url, 60)), f": {clip(feed.last_error, 120) or feed.state}")


def _lag(lag: Lag | None) -> Line:
    """How late they come, and what of that is the publisher's feed and the time between polls."""
    if lag is None:
        return line(" none in the last 24 hours")
    late = f" {lag.posts} in the last 24 hours, half of them within {duration(lag.median)} of publication"
    return line(f"{late}, all within {duration(lag.slowest)} · {duration(lag.noticed)} until a feed carried them")


def _queue(queue: QueueStats) -> Line:
    waiting = queue.owed + queue.sending
    oldest = line(", the oldest due ", moment(queue.oldest_due)) if waiting and queue.oldest_due else ()
    trouble = f" · {queue.failed} failed, {queue.uncertain} uncertain" if queue.failed or queue.uncertain else ""
    return line(f" {queue.sent} sent, {waiting} waiting", *oldest, trouble)


def _trouble(delivery: Delivery, names: dict[str, str]) -> Line:
    name = names.get(delivery.channel, "a channel")
    when = moment(delivery.first_sent or delivery.due)
    return line("✗ ", bold(name), f": {delivery.kind} {delivery.state}, ", when, f" · {clip(delivery.error, 120)}")


def _channel(channel: Channel, last: Digest | None, now: datetime) -> Line:
    if channel.state is ChannelState.PAUSED:
        return line("✗ ", bold(channel.name), f": paused, {channel.state_reason}")
    due = next_digest(channel.policy, now, last.day if last else None)
    coming = line(", next ", moment(due)) if due else ()
    return line("✓ ", bold(channel.name), f": digest {rhythm_words(channel.policy)}", *coming)


VERBS = (verb("status", status),)
