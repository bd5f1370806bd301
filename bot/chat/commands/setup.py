"""From the invitation to the first digest: one guided message, each choice of which acts at once.

All that was chosen is in the store, and which channel is being set up is in each button and choice, so that nothing is
lost when the bot restarts in between. What platforms have no choices for can be typed as parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import time
from typing import Annotated

from bot.alerts.decide import owe
from bot.alerts.words import counted
from bot.blocks import Button, Card, Line, Message, Pick, PickKind, PickOption, Reply, Span, bold, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk, Place, Role
from bot.chat.commands.digests import read_time, read_zone, rhythm_words
from bot.chat.commands.settings import channel_card, pinged, usage
from bot.chat.commands.table import Ask, verb
from bot.model import Channel, DeliveryKind, DigestRhythm, Level, Policy, stable_id

WHERE, WHEN, START = "setup where", "setup when", "setup start"
ALERTS, DIGESTS, PING, ZONE, HOUR = "setup alerts", "setup digests", "setup ping", "setup zone", "setup hour"

ZONES = (
    "UTC Europe/London Europe/Lisbon Europe/Brussels Europe/Paris Europe/Berlin Europe/Rome Europe/Madrid "
    "Europe/Warsaw Europe/Prague Europe/Vienna Europe/Stockholm Europe/Helsinki Europe/Tallinn Europe/Vilnius "
    "Europe/Bucharest Europe/Athens Europe/Kyiv Europe/Istanbul America/New_York America/Los_Angeles "
    "Asia/Singapore Asia/Tokyo Australia/Sydney"
).split()

At = Annotated[str, Ask("The channel that is being set up", longest=40)]


async def setup(
    desk: Desk,
    asker: Asker,
    alerts: Annotated[Place | None, Ask("Where alerts go; by default this channel")] = None,
    digests: Annotated[Place | None, Ask("Where digests go; by default to the same channel")] = None,
    timezone: Annotated[str, Ask("The readers' time zone, such as Europe/Brussels", suggestions.time_zones)] = "",
    at: Annotated[str, Ask("When the daily digest comes, such as 06:30", longest=5)] = "",
    ping: Annotated[Role | None, Ask("A role that is pinged with each alert")] = None,
) -> Reply:
    """Set the bot up: step by step, or at once with what is given"""
    wanted_time, wanted_zone = read_time(at), read_zone(timezone)
    target = await desk.open_channel(asker, alerts)
    await _hear_troubles(desk, asker, target)
    if not (alerts or digests or timezone or at or ping):
        return await _where(desk, asker, target)
    policy = replace(
        target.policy,
        timezone=wanted_zone or target.policy.timezone,
        digest_at=wanted_time or target.policy.digest_at,
        ping=pinged(ping) if ping else target.policy.ping,
        digest_in=await _digest_place(desk, asker, target, digests) if digests else target.policy.digest_in,
    )
    return await _start(desk, asker, await _keep(desk, target, policy))


async def _hear_troubles(desk: Desk, asker: Asker, target: Channel) -> None:
    """The bot's own troubles are told where it was set up; where it cannot post there, where alerts go."""
    tenant = await desk.ask(desk.store.tenants.get, asker.tenant)
    here = target if asker.place.obstacle else await desk.open_channel(asker, None)
    await desk.ask(desk.store.tenants.put, replace(tenant, admin_channel=here.id))


# --- the guided message ------------------------------------------------------------------------------------------


async def where(desk: Desk, asker: Asker, channel: At) -> Reply:
    """Choose where alerts and digests go"""
    return await _where(desk, asker, await _target(desk, asker, channel))


async def when(desk: Desk, asker: Asker, channel: At) -> Reply:
    """Choose when the digest comes"""
    return await _when(desk, asker, await _target(desk, asker, channel))


async def _where(desk: Desk, asker: Asker, target: Channel) -> Reply:
    digests = target.policy.digest_in.partition(":")[2] or target.address
    picks = (
        Pick(PickKind.CHANNEL, "Where alerts go", ALERTS, target.address, chosen=target.address),
        Pick(PickKind.CHANNEL, "Where digests go", DIGESTS, target.address, chosen=digests),
        Pick(
            PickKind.ROLE,
            "A role to ping with each alert; none unless chosen",
            PING,
            target.address,
            chosen=target.policy.ping,
        ),
    )
    then = Button("Next: when ▶", WHEN, target.address, foremost=True)
    names = {one.id: one.name for one in await desk.ask(desk.store.tenants.channels, asker.tenant)}
    pinged_now = asker.roles.get(target.policy.ping, "a role that is gone") if target.policy.ping else "nobody"
    chosen = (
        line(bold("Alerts"), f" go to {target.name}"),
        line(bold("Digests"), f" go to {names.get(target.policy.digest_in, 'the same channel')}"),
        line(bold("Pinged"), f" with each alert: {pinged_now}"),
    )
    return _step(target, "Set up, 1 of 2: where", chosen, picks, (then, _start_button(target)))


async def _when(desk: Desk, asker: Asker, target: Channel) -> Reply:
    policy = target.policy
    zones = dict.fromkeys([policy.timezone, *ZONES])
    hours = sorted({policy.digest_at, *(time(hour) for hour in range(24))})
    picks = (
        Pick(
            PickKind.OPTION,
            "Time zone; others: /settings",
            ZONE,
            target.address,
            tuple(PickOption(name.replace("_", " "), name) for name in zones)[:25],
            policy.timezone,
        ),
        Pick(
            PickKind.OPTION,
            "When the daily digest comes",
            HOUR,
            target.address,
            tuple(PickOption(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in hours),
            f"{policy.digest_at:%H:%M}",
        ),
    )
    back = Button("◀ Back: where", WHERE, target.address)
    chosen = (
        line(bold("Time zone"), f" {policy.timezone}"),
        line(bold("Digest"), f" {rhythm_words(policy)}"),
    )
    buttons = (back, replace(_start_button(target), foremost=True))
    return _step(target, "Set up, 2 of 2: when", chosen, picks, buttons)


def _start_button(target: Channel) -> Button:
    return Button("Start watching", START, target.address)


def _step(
    target: Channel, title: str, chosen: Sequence[Line], picks: Sequence[Pick], buttons: tuple[Button, ...]
) -> Reply:
    """What is chosen so far in the order of the menus, which do not say what they are for once they show a choice."""
    numbered = tuple(line(f"{number}. ", *parts) for number, parts in enumerate(chosen, start=1))
    note = line(
        "The menus below change this in the same order; every choice is kept at once. Press ",
        bold("Start watching"),
        " when it looks right. /settings has the rest: how sure, quiet hours, languages, threads.",
    )
    card = Card(title=Span(f"{title} · {target.name}"), lines=(*numbered, line(""), note))
    return Reply((Message((card,), buttons, picks=tuple(picks)),))


# --- choices -----------------------------------------------------------------------------------------------------


async def alerts(desk: Desk, asker: Asker, channel: At, place: Annotated[Place, Ask("Where alerts go")]) -> Reply:
    """Set up another channel; what was chosen for the one before moves along"""
    before = await _target(desk, asker, channel)
    target = await desk.open_channel(asker, place)
    moved = replace(before.policy, digest_in="" if before.policy.digest_in == target.id else before.policy.digest_in)
    return await _where(desk, asker, await _keep(desk, target, moved))


async def digests(desk: Desk, asker: Asker, channel: At, place: Annotated[Place, Ask("Where digests go")]) -> Reply:
    """Choose where digests go"""
    target = await _target(desk, asker, channel)
    policy = replace(target.policy, digest_in=await _digest_place(desk, asker, target, place))
    return await _where(desk, asker, await _keep(desk, target, policy))


async def ping(desk: Desk, asker: Asker, channel: At, role: Annotated[Role, Ask("Who is pinged")]) -> Reply:
    """Choose which role is pinged with each alert"""
    target = await _target(desk, asker, channel)
    return await _where(desk, asker, await _keep(desk, target, replace(target.policy, ping=pinged(role))))


async def zone(desk: Desk, asker: Asker, channel: At, name: Annotated[str, Ask("The time zone", longest=60)]) -> Reply:
    """Choose the time zone"""
    target = await _target(desk, asker, channel)
    return await _when(desk, asker, await _keep(desk, target, replace(target.policy, timezone=read_zone(name))))


async def hour(desk: Desk, asker: Asker, channel: At, at: Annotated[str, Ask("The time of day", longest=5)]) -> Reply:
    """Choose when the digest comes"""
    target = await _target(desk, asker, channel)
    policy = replace(target.policy, digest_at=read_time(at) or target.policy.digest_at)
    return await _when(desk, asker, await _keep(desk, target, policy))


async def start(desk: Desk, asker: Asker, channel: At) -> Reply:
    """Begin to watch: the topic's watches, a preview and the first digest"""
    return await _start(desk, asker, await _target(desk, asker, channel))


async def _start(desk: Desk, asker: Asker, target: Channel) -> Reply:
    if target.policy.digest is DigestRhythm.OFF:
        target = await _keep(desk, target, replace(target.policy, digest=DigestRhythm.DAILY))
    await desk.ask(desk.bring_watches, desk.store, target)
    now = desk.clock.now()
    preview = owe(target.id, DeliveryKind.PREVIEW, stable_id("preview", target.id, now.isoformat()), now)
    await desk.ask(desk.store.deliveries.owe, [preview])
    await desk.request_digest(target)
    watches = [one for one in await desk.ask(desk.store.watches.all, asker.tenant) if one.channel == target.id]
    names = {one.id: one.name for one in await desk.ask(desk.store.tenants.channels, asker.tenant)}
    tenant = await desk.ask(desk.store.tenants.get, asker.tenant)
    told = Card(
        title=Span(f"{target.name} listens with {counted(len(watches), 'watch', 'watches')}"),
        lines=(
            line("A preview of an alert and a first digest come there in a moment."),
            line(f"What is in the feeds already is not announced. In use: {await usage(desk, tenant)}."),
            line("/watch list and /feed list show what is watched; /watch add and /feed add add to it."),
        ),
    )
    return Reply((Message((told, channel_card(target, names, asker))),))


async def _target(desk: Desk, asker: Asker, address: str) -> Channel:
    """The channel of that address, which must be the asker's own. Raises `NotFound`."""
    return await desk.channel(asker, Place(address, "of that button"))


async def _digest_place(desk: Desk, asker: Asker, target: Channel, place: Place) -> str:
    """The id of the channel that digests are posted in; empty where that is the channel itself."""
    chosen = await desk.open_channel(asker, place)
    return "" if chosen.id == target.id else chosen.id


async def _keep(desk: Desk, target: Channel, policy: Policy) -> Channel:
    changed = replace(target, policy=policy)
    if changed != target:
        await desk.ask(desk.store.tenants.put_channel, changed)
    return changed


VERBS = (verb("setup", setup, Level.CONFIGURE),)
PRESSED = tuple(
    verb(name, handler, Level.CONFIGURE, replaces=True)
    for name, handler in (
        (WHERE, where),
        (WHEN, when),
        (ALERTS, alerts),
        (DIGESTS, digests),
        (PING, ping),
        (ZONE, zone),
        (HOUR, hour),
        (START, start),
    )
)
