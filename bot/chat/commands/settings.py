"""Everything that can be set for a channel and for the server, shown and changed by one verb."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated

from bot.blocks import Card, Line, Message, Reply, Span, bold, line
from bot.chat.commands import suggestions
from bot.chat.commands.articles import Switch
from bot.chat.commands.desk import Asker, Desk, Place, Role
from bot.chat.commands.digests import WEEKDAYS, Weekday, read_time, read_zone, rhythm_words
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput
from bot.model import (
    MOVES,
    Channel,
    ChannelState,
    ClaimState,
    DigestRhythm,
    Level,
    Policy,
    QuietHours,
    Relation,
    Tenant,
    surety,
)


class AtOnce(StrEnum):
    """What a channel is alerted of."""

    MOVES = "contradictions and updates"
    ALL = "confirmations too"
    CONTRADICTIONS = "contradictions alone"
    UPDATES = "updates alone"
    NOTHING = "nothing"


RELATIONS = {
    AtOnce.MOVES: MOVES,
    AtOnce.ALL: frozenset(Relation),
    AtOnce.CONTRADICTIONS: frozenset({Relation.CONTRADICTS}),
    AtOnce.UPDATES: frozenset({Relation.UPDATES}),
    AtOnce.NOTHING: frozenset(),
}


class Unset(StrEnum):
    """What can be taken back."""

    PING = "role ping"
    CONFIGURERS = "configuring role"
    DIGESTS = "digest channel"
    QUIET = "quiet hours"
    LANGUAGES = "languages"


_TAKEN_BACK: dict[Unset | None, dict[str, object]] = {
    Unset.PING: {"ping": ""},
    Unset.DIGESTS: {"digest_in": ""},
    Unset.QUIET: {"quiet": None},
    Unset.LANGUAGES: {"languages": frozenset()},
}
_QUIET = re.compile(r"\s*(\d{1,2}:\d{2})\s*(?:-|–|to)\s*(\d{1,2}:\d{2})\s*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


async def settings(
    desk: Desk,
    asker: Asker,
    channel: Annotated[Place | None, Ask("For which channel; by default this one")] = None,
    alerts: Annotated[AtOnce | None, Ask("What it is told at once")] = None,
    confidence: Annotated[str, Ask("How sure a verdict must be, from 0 to 1, such as 0.7", longest=5)] = "",
    quiet: Annotated[str, Ask("Hours in which nothing is posted, such as 22:00-07:00", longest=20)] = "",
    languages: Annotated[str, Ask("Of entries that it is told of, such as: en, de", longest=100)] = "",
    rhythm: Annotated[DigestRhythm | None, Ask("How often its digest comes")] = None,
    at: Annotated[str, Ask("At which local time, such as 06:30", longest=5)] = "",
    weekday: Annotated[Weekday | None, Ask("On which day; weekly digests only")] = None,
    timezone: Annotated[str, Ask("Its time zone, such as Europe/Brussels", suggestions.time_zones)] = "",
    digests: Annotated[Place | None, Ask("Where its digests go; by default to itself")] = None,
    threads: Annotated[Switch | None, Ask("Whether what follows on a story goes into a thread under its card")] = None,
    ping: Annotated[Role | None, Ask("A role that is pinged with each alert")] = None,
    admin: Annotated[Place | None, Ask("Where the bot tells of its own troubles, for the whole server")] = None,
    configurers: Annotated[Role | None, Ask("A role that may configure, besides administrators")] = None,
    unset: Annotated[Unset | None, Ask("Something to take back")] = None,
) -> Reply:
    """Show or change what channels are told, when, and who may configure"""
    changes = _changes(alerts, confidence, quiet, languages, rhythm, at, weekday, timezone, ping, unset)
    changes |= {"threads": threads is Switch.ON} if threads else {}
    tenant = await desk.ask(desk.store.tenants.get, asker.tenant)
    changed = await _server(desk, asker, tenant, admin, configurers, unset)
    if changes or digests:
        await _set_channel(desk, asker, channel, changes, digests)
    if changed != tenant:
        await desk.ask(desk.store.tenants.put, changed)
    return await overview(desk, asker, channel)


async def overview(desk: Desk, asker: Asker, place: Place | None = None) -> Reply:
    """All settings: the server's and the asked channel's, then those of the other channels."""
    tenant = await desk.ask(desk.store.tenants.get, asker.tenant)
    channels = await desk.ask(desk.store.tenants.channels, asker.tenant)
    asked = f"{asker.platform}:{(place or asker.place).address}"
    channels.sort(key=lambda one: (one.id != asked, one.name))
    names = {one.id: one.name for one in channels}
    cards = [await _server_card(desk, asker, tenant, names), *(channel_card(one, names, asker) for one in channels)]
    return Reply(tuple(Message(tuple(cards[start : start + 3])) for start in range(0, len(cards), 3)))


# --- changing ----------------------------------------------------------------------------------------------------


def _changes(
    alerts: AtOnce | None,
    confidence: str,
    quiet: str,
    languages: str,
    rhythm: DigestRhythm | None,
    at: str,
    weekday: Weekday | None,
    timezone: str,
    ping: Role | None,
    unset: Unset | None,
) -> dict[str, object]:
    """The fields of a policy that are to be changed. Raises `BadInput`."""
    given: dict[str, object | None] = {
        "alert_on": RELATIONS[alerts] if alerts else None,
        "min_confidence": read_confidence(confidence) if confidence else None,
        "quiet": read_quiet(quiet) if quiet else None,
        "languages": read_languages(languages) if languages else None,
        "digest": rhythm,
        "digest_at": read_time(at),
        "digest_weekday": WEEKDAYS.index(weekday) if weekday else None,
        "timezone": read_zone(timezone) or None,
        "ping": pinged(ping) if ping else None,
    }
    return {name: value for name, value in given.items() if value is not None} | _TAKEN_BACK.get(unset, {})


async def _set_channel(
    desk: Desk, asker: Asker, place: Place | None, changes: dict[str, object], digests: Place | None
) -> None:
    channel = await desk.open_channel(asker, place)
    policy: Policy = replace(channel.policy, **changes)  # type: ignore[arg-type]
    if digests:
        target = await desk.open_channel(asker, digests)
        policy = replace(policy, digest_in="" if target.id == channel.id else target.id)
    if policy != channel.policy:
        await desk.ask(desk.store.tenants.put_channel, replace(channel, policy=policy))


async def _server(
    desk: Desk, asker: Asker, tenant: Tenant, admin: Place | None, configurers: Role | None, unset: Unset | None
) -> Tenant:
    if admin:
        tenant = replace(tenant, admin_channel=(await desk.open_channel(asker, admin)).id)
    if configurers:
        tenant = replace(tenant, configurers=configurers.id)
    return replace(tenant, configurers="") if unset is Unset.CONFIGURERS else tenant


def pinged(role: Role) -> str:
    """The role's id. Raises `BadInput` where it could not be pinged."""
    if role.obstacle:
        raise BadInput(role.obstacle)
    return role.id


def read_confidence(text: str) -> float:
    """A number from 0 to 1, or a percentage. Raises `BadInput`."""
    try:
        value = float(text.rstrip("% ")) / (100 if "%" in text else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise BadInput(f"confidence is {text!r}; expected a number from 0 to 1, such as 0.7")
    return value


def read_quiet(text: str) -> QuietHours:
    """ "22:00-07:00". Raises `BadInput`."""
    found = _QUIET.fullmatch(text)
    start, end = (_clock(found[1]), _clock(found[2])) if found else (None, None)
    if start is None or end is None or start == end:
        raise BadInput(f"quiet is {text!r}; expected two local times such as 22:00-07:00")
    return QuietHours(start, end)


def _clock(text: str) -> time | None:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        return None


def read_languages(text: str) -> frozenset[str]:
    """Codes with commas or spaces between them; "all" is every language. Raises `BadInput`."""
    codes = [code for code in re.split(r"[,\s]+", text.strip().lower()) if code]
    if codes == ["all"]:
        return frozenset()
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            raise BadInput(f"languages holds {code!r}; expected codes such as en, de, or all")
    return frozenset(codes)


# --- showing -----------------------------------------------------------------------------------------------------


async def _server_card(desk: Desk, asker: Asker, tenant: Tenant, names: Mapping[str, str]) -> Card:
    admin = names.get(tenant.admin_channel or "", "nobody: set it with admin")
    return Card(
        title=Span("Settings"),
        lines=(
            line(bold("Troubles are told in"), f" {admin}"),
            line(bold("Configuring takes"), f" {asker.permission}"),
            line(bold("Used"), f" {await usage(desk, tenant)}"),
        ),
    )


async def usage(desk: Desk, tenant: Tenant) -> str:
    """ "57 of 300 feeds, 14 of 200 watches, 60 of 1,000 claims"."""
    feeds = len(await desk.ask(desk.store.feeds.followed, tenant.id))
    watches = len(await desk.ask(desk.store.watches.all, tenant.id))
    states = await desk.ask(desk.store.claims.counts, tenant.id)
    claims = sum(count for state, count in states.items() if state is not ClaimState.RETIRED)
    quotas = tenant.quotas
    used = ((feeds, quotas.feeds, "feeds"), (watches, quotas.watches, "watches"), (claims, quotas.claims, "claims"))
    return ", ".join(f"{count:,} of {most:,} {what}" for count, most, what in used)


def channel_card(channel: Channel, names: Mapping[str, str], asker: Asker) -> Card:
    """What one channel is told, and when."""
    return Card(title=Span(channel.name), lines=tuple(_policy_lines(channel, names, asker)))


def _policy_lines(channel: Channel, names: Mapping[str, str], asker: Asker) -> Iterator[Line]:
    policy = channel.policy
    if channel.state is ChannelState.PAUSED:
        yield line("✗ ", bold("paused"), f": {channel.state_reason}")
    told = next(
        (name for name, relations in RELATIONS.items() if relations == policy.alert_on), _joined(policy.alert_on)
    )
    sure = f"{surety(policy.min_confidence)} or surer (from {policy.min_confidence:.2f})"
    yield line(bold("At once"), f" {told}" + (f", {sure}" if policy.alert_on else ""))
    yield line(bold("Languages"), f" {', '.join(sorted(policy.languages)) or 'all'}")
    quiet = f"{policy.quiet.start:%H:%M}–{policy.quiet.end:%H:%M} ({policy.timezone})" if policy.quiet else "none"
    yield line(bold("Quiet hours"), f" {quiet}")
    where = f", in {names.get(policy.digest_in, 'another channel')}" if policy.digest_in else ""
    yield line(bold("Digest"), f" {rhythm_words(policy)}{where}")
    yield line(bold("Threads"), " under each card" if policy.threads else " none")
    yield line(bold("Pings"), f" {asker.roles.get(policy.ping, 'a role that is gone') if policy.ping else 'nobody'}")


def _joined(relations: frozenset[Relation]) -> str:
    return " and ".join(sorted(relations))


VERBS = (verb("settings", settings, Level.CONFIGURE),)
