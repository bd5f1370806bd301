"""What the verbs are given: who asks, and the desk at which they are answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import ParamSpec, TypeVar

from bot.alerts.render import Labels
from bot.claims.drafting import Drafted, draft
from bot.errors import BadInput, NotFound
from bot.model import Actor, Channel, ChannelState, FeedIntent, Item, Level, Policy, Tenant, Verdict
from bot.ports import Clock, Store

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of the asker's own tenant, as the platform vouches for it."""

    address: str  # the platform's own id
    name: str
    obstacle: str = ""  # why we could not post there, and what to do about it; empty: we can
    threads: bool = False  # every message there has a thread anyway: a forum
    foreign: bool = False  # it is no channel of the asker's tenant that the bot can see


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the asker's own tenant, as the platform vouches for it."""

    id: str  # the platform's own
    name: str
    everybody: bool = False  # everyone has it
    obstacle: str = ""  # why we could not ping it, and what to do about it; empty: we can


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that somebody sent along. Its name is theirs: data, never a path."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """A web page that was handed in."""

    html: bytes


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and where. Made by the platform from what it knows, never from what was typed."""

    tenant: str
    platform: str
    place: Place
    name: str
    level: Level = Level.READ
    roles: Mapping[str, str] = field(default_factory=dict)  # names of the tenant's roles by id, where it has any
    permission: str = "the permission Manage Server"  # what configuring takes there, in the platform's words


@dataclass(frozen=True, slots=True)
class Comparison:
    """A URL's article or a text, and what it does to the tenant's claims, the surest first."""

    item: Item
    verdicts: tuple[Verdict, ...]
    url: str = ""
    unread: str = ""  # its language, where nothing here reads it: it was not compared


def _no_watches(store: Store, channel: Channel) -> None:
    """There is no pack."""


def _any_address(url: str) -> str | None:
    """Every address may be followed: whoever dials it looks at it."""
    return None


async def _drafted_here(item: Item, published: date | None) -> list[Drafted]:
    """Without a language model."""
    return await asyncio.to_thread(draft, item, published)


@dataclass(frozen=True)
class Desk:
    """All that the verbs need; filled by the composition root.

    The hooks raise a `ClaimwatchError` for what a person can mend: an address that cannot be fetched, a missing model.
    """

    store: Store
    clock: Clock
    compare: Callable[[str, str | Page], Awaitable[Comparison]]  # (tenant id, URL or text or page)
    request_digest: Callable[[Channel], Awaitable[None]]  # makes one of now and owes it to the channel
    discover: Callable[[str], Awaitable[FeedIntent]]  # the feed at, or announced by, a site's address
    welcome: Callable[[Tenant], Awaitable[None]]  # installs the default pack for a tenant that was just put
    read: Callable[[str], Awaitable[Item]]  # the article at an address
    bring_watches: Callable[[Store, Channel], None] = _no_watches  # the default pack's, for that channel
    refusal: Callable[[str], str | None] = _any_address  # why an address cannot be followed; None: it can
    draft: Callable[[Item, date | None], Awaitable[list[Drafted]]] = _drafted_here  # of a text and its day
    assessor: str = ""  # its name, for `/status`
    policy: Policy = field(default_factory=Policy)  # of a channel that has none yet
    labels: Labels = field(default_factory=Labels)  # how themes and sources are called

    async def ask(self, method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the store without blocking the event loop."""
        return await asyncio.to_thread(method, *args, **kwargs)

    def acting(self, asker: Asker, command: str) -> Desk:
        """The same desk; what is changed at it is noted in the audit log, in the transaction that changes it."""
        return replace(self, store=self.store.acting(self.actor(asker, command)))

    def actor(self, asker: Asker, command: str) -> Actor:
        return Actor(asker.tenant, asker.name, command, self.clock.now())

    async def channel(self, asker: Asker, place: Place | None) -> Channel:
        """The stored channel of that place, by default the asker's. Raises `NotFound`."""
        where = place or asker.place
        channel = await self.ask(self.store.tenants.channel, f"{asker.platform}:{where.address}")
        if channel.tenant != asker.tenant:
            raise NotFound(f"no channel {where.name} here")
        return channel

    async def open_channel(self, asker: Asker, place: Place | None) -> Channel:
        """The channel of that place, made where it is new and active again where it was paused.

        Raises `BadInput` where the platform says that we cannot post there.
        """
        where = place or asker.place
        if where.foreign:
            raise NotFound(where.obstacle)
        if where.obstacle:
            raise BadInput(where.obstacle)
        try:
            known = await self.channel(asker, where)
        except NotFound:
            address = f"{asker.platform}:{where.address}"
            policy = replace(self.policy, threads=self.policy.threads or where.threads)
            known = Channel(address, asker.tenant, asker.platform, where.address, where.name, policy)
        channel = replace(known, name=where.name, state=ChannelState.ACTIVE, state_reason="")
        await self.ask(self.store.tenants.put_channel, channel)
        return channel
