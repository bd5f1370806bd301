"""How the bot is doing, for one tenant."""

from __future__ import annotations

from bot.blocks import Line, Reply, bold, line
from bot.chat.commands.desk import Asker, Desk
from bot.chat.commands.digests import rhythm_words
from bot.chat.commands.table import verb
from bot.chat.commands.wording import moment
from bot.model import Channel, ChannelState, Feed, FeedState, QueueStats


async def status(desk: Desk, asker: Asker) -> Reply:
    """Show how feeds, deliveries and digests are doing"""
    feeds = await desk.ask(desk.store.feeds.followed, asker.tenant)
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    channels = await desk.ask(desk.store.tenants.channels, asker.tenant)
    queue = await desk.ask(desk.store.deliveries.stats, asker.tenant)
    return Reply.say(
        line(bold("Feeds"), *_feeds(feeds)),
        line(bold("Deliveries"), *_queue(queue)),
        line(bold("Watches"), f" {len(watches)} · ", bold("Claims"), f" {len(claims)} · compared by {desk.assessor}"),
        *(_channel(channel) for channel in channels),
    )


def _feeds(feeds: list[Feed]) -> Line:
    failing = sum(feed.state is not FeedState.ACTIVE for feed in feeds)
    health = f", {failing} failing (/feed list)" if failing else ", all well" if feeds else ""
    polled = [feed.last_ok for feed in feeds if feed.last_ok]
    latest = line(" · last heard from one at ", moment(max(polled))) if polled else ()
    return line(f" {len(feeds)}{health}", *latest)


def _queue(queue: QueueStats) -> Line:
    waiting = queue.owed + queue.sending
    oldest = line(", the oldest due ", moment(queue.oldest_due)) if waiting and queue.oldest_due else ()
    trouble = f" · {queue.failed} failed, {queue.uncertain} uncertain" if queue.failed or queue.uncertain else ""
    return line(f" {queue.sent} sent, {waiting} waiting", *oldest, trouble)


def _channel(channel: Channel) -> Line:
    if channel.state is ChannelState.PAUSED:
        return line("✗ ", bold(channel.name), f": paused, {channel.state_reason}")
    return line("✓ ", bold(channel.name), f": digest {rhythm_words(channel.policy)}")


VERBS = (verb("status", status),)
