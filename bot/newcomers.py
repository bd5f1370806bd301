"""What a tenant is given: the topic's claims, feeds and watches."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.errors import Conflict, NotFound, QuotaExceeded
from bot.model import Channel, FeedIntent, Policy, Tenant, Watch
from bot.pack import Pack
from bot.ports import Store

log = logging.getLogger(__name__)


def install(store: Store, pack: Pack, channels: Sequence[Channel], now: datetime) -> None:
    """Bring the channels that the operator configures by file, their tenants and the pack into the store.

    Done at every start: what people changed by command stays, until the file says something new of that. The pack's
    watches post to the first of a tenant's channels.
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
    """Bring the channels and their tenants alone into the store.

    Of a channel's policy only what its file says differently than at the last start is written: the rest stays as
    people set it by command.
    """
    for channel in channels:
        _put_tenant(store, channel)
        given = _given(store, channel.tenant)
        said = _words(channel.policy)
        last: dict[str, str] = json.loads(given.get(f"policy {channel.id}", "{}")) or said
        new = {name: getattr(channel.policy, name) for name in said if said[name] != last.get(name, said[name])}
        store.tenants.put_channel(_with(store, channel, new))
        _note(store, channel.tenant, given | {f"policy {channel.id}": json.dumps(said)})


def _with(store: Store, channel: Channel, new: Mapping[str, Any]) -> Channel:
    """The channel as the file has it, with the policy that is in the store but for what is new."""
    try:
        known = store.tenants.channel(channel.id)
    except NotFound:
        return channel
    if known.tenant != channel.tenant:  # the store says whose it is
        return channel
    return replace(channel, policy=replace(known.policy, **new))


def _words(policy: Policy) -> dict[str, str]:
    """A policy's fields as text, the same for the same values."""
    given = ((one.name, getattr(policy, one.name)) for one in fields(policy))
    return {name: str(sorted(value) if isinstance(value, frozenset) else value) for name, value in given}


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
