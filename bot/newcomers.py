"""What a tenant is given: the topic's claims, feeds and watches."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.errors import Conflict, NotFound, QuotaExceeded
from bot.model import Channel, FeedIntent, Tenant, Watch
from bot.pack import Pack
from bot.ports import Store

log = logging.getLogger(__name__)


def install(store: Store, pack: Pack, channels: Sequence[Channel], now: datetime) -> None:
    """Bring the channels that the operator configures by file, their tenants and the pack into the store.

    Done at every start: what the files say of a channel holds, and what people changed since by command stays. The
    pack's watches post to the first of a tenant's channels.
    """
    admit(store, channels)
    listening: dict[str, Channel] = {}
    for channel in channels:
        welcome(store, pack, store.tenants.get(channel.tenant), now)
        first = listening.setdefault(channel.tenant, channel)
        if first is channel:
            _put_watches(store, channel.tenant, pack.watches_for(channel.tenant, channel.id))
        else:
            log.warning("the topic's watches post to %s; give %s watches of its own", first.name, channel.name)


def admit(store: Store, channels: Sequence[Channel]) -> None:
    """Bring the channels and their tenants alone into the store."""
    for channel in channels:
        _put_tenant(store, channel)
        store.tenants.put_channel(channel)


def welcome(store: Store, pack: Pack, tenant: Tenant, now: datetime) -> None:
    """Give a tenant the pack's claims and feeds. Done again, it brings only what the pack has had added since.

    What is beyond the tenant's quotas is left out and logged.
    """
    try:
        store.claims.put(tenant.id, pack.baseline.claims, "", now)
        _put_feeds(store, pack, tenant, now)
    except QuotaExceeded as error:
        log.warning("%s is not given all of the topic: %s", tenant.id, error)


def bring_watches(store: Store, pack: Pack, channel: Channel) -> None:
    """Let the channel listen for what the pack's watches name; they leave the one that listened before.

    A watch that was removed stays away, and what is beyond the tenant's quota is left out and logged.
    """
    _put_watches(store, channel.tenant, pack.watches_for(channel.tenant, channel.id))


def _put_tenant(store: Store, channel: Channel) -> None:
    try:
        store.tenants.get(channel.tenant)
    except NotFound:
        store.tenants.put(Tenant(channel.tenant, channel.platform, channel.tenant, admin_channel=channel.id))


def _put_feeds(store: Store, pack: Pack, tenant: Tenant, now: datetime) -> None:
    """Follow the feeds that were not given before: one that was removed since stays away."""
    given = _given(store, tenant.id)
    try:
        for intent in pack.feeds:
            if intent.url not in given:
                _follow(store, tenant, intent, now)
                given[intent.url] = "followed"
    finally:
        _note(store, tenant.id, given)


def _follow(store: Store, tenant: Tenant, intent: FeedIntent, now: datetime) -> None:
    try:
        store.feeds.follow(tenant.id, intent, now)
    except Conflict:
        log.debug("%s follows %s already", tenant.id, intent.url)


def _put_watches(store: Store, tenant: str, watches: Sequence[Watch]) -> None:
    """Add the file's watches, and replace those whose lines have changed there; one that was removed stays away."""
    given = _given(store, tenant)
    known = {watch.id: watch for watch in store.watches.all(tenant)}
    for watch in watches:
        lines = f"{watch.channel} {watch.mode} {watch.query}"
        if given.get(watch.id) == lines:
            continue
        try:
            if watch.id in known:
                store.watches.replace(replace(watch, paused=known[watch.id].paused))
            elif watch.id not in given:
                store.watches.add(watch)
        except (Conflict, QuotaExceeded) as error:
            log.warning("the topic's watch %r is left out for %s: %s", watch.name, tenant, error)
        else:
            given[watch.id] = lines
    _note(store, tenant, given)


def _given(store: Store, tenant: str) -> dict[str, str]:
    """What the tenant was given before: URLs of feeds, and ids of watches with what the file said of them then."""
    noted: dict[str, str] = json.loads(store.meta.get(f"given:{tenant}") or "{}")
    return noted


def _note(store: Store, tenant: str, given: dict[str, str]) -> None:
    store.meta.put(f"given:{tenant}", json.dumps(given))
