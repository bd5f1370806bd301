"""What a tenant is given: the topic's claims, feeds and watches."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from bot.errors import Conflict, NotFound
from bot.model import Channel, Tenant, Watch
from bot.pack import Pack
from bot.ports import Store

log = logging.getLogger(__name__)


def install(store: Store, pack: Pack, channels: Sequence[Channel], now: datetime) -> None:
    """Bring the channels that the operator configures by file, their tenants and the pack into the store.

    Done at every start: what the files say of a channel holds, and what people changed since by command stays.
    """
    for channel in channels:
        _put_tenant(store, channel)
        store.tenants.put_channel(channel)
        welcome(store, pack, store.tenants.get(channel.tenant), now)
        _put_watches(store, pack.watches_for(channel.tenant, channel.id))


def welcome(store: Store, pack: Pack, tenant: Tenant, now: datetime) -> None:
    """Give a tenant the pack's claims and feeds. Done again, it brings only what the pack has had added since."""
    store.claims.put(tenant.id, pack.baseline.claims, "", now)
    followed = {feed.url for feed in store.feeds.followed(tenant.id)}
    for intent in pack.feeds:
        if intent.url not in followed:
            try:
                store.feeds.follow(tenant.id, intent, now)
            except Conflict:
                log.debug("%s follows %s under another spelling", tenant.id, intent.url)


def _put_tenant(store: Store, channel: Channel) -> None:
    try:
        store.tenants.get(channel.tenant)
    except NotFound:
        store.tenants.put(Tenant(channel.tenant, channel.platform, channel.tenant, admin_channel=channel.id))


def _put_watches(store: Store, watches: Sequence[Watch]) -> None:
    """Add the file's watches, and replace those whose line in the file has changed."""
    known = {watch.id: watch for watch in store.watches.all()}
    for watch in watches:
        if watch.id not in known:
            store.watches.add(watch)
        elif known[watch.id].query != watch.query or known[watch.id].mode is not watch.mode:
            store.watches.replace(watch)
