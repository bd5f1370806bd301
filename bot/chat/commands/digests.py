"""Digests: one now, or every day or week at a time of the channel's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated
from zoneinfo import available_timezones

from bot.blocks import Reply, bold, line
from bot.chat.commands import suggestions
from bot.chat.commands.desk import Asker, Desk, Place
from bot.chat.commands.table import Ask, verb
from bot.errors import BadInput
from bot.model import DigestRhythm, Level, Policy


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


WEEKDAYS = tuple(Weekday)


async def now(
    desk: Desk,
    asker: Asker,
    channel: Annotated[Place | None, Ask("For which channel; by default this one")] = None,
) -> Reply:
    """Post a digest of what came in since the last one"""
    target = await desk.open_channel(asker, channel)
    await desk.request_digest(target)
    return Reply.say(f"The digest comes to {target.name} in a moment.")


async def schedule(
    desk: Desk,
    asker: Asker,
    rhythm: Annotated[DigestRhythm, Ask("How often")],
    at: Annotated[str, Ask("Local time of day, such as 06:30", longest=5)] = "",
    timezone: Annotated[str, Ask("The channel's time zone, such as Europe/Brussels", suggestions.time_zones)] = "",
    weekday: Annotated[Weekday | None, Ask("On which day; weekly digests only")] = None,
    channel: Annotated[Place | None, Ask("For which channel; by default this one")] = None,
) -> Reply:
    """Set when a channel gets its digest"""
    wanted_time, wanted_zone = read_time(at), read_zone(timezone)
    target = await desk.open_channel(asker, channel)
    policy = replace(
        target.policy,
        digest=rhythm,
        digest_at=wanted_time or target.policy.digest_at,
        timezone=wanted_zone or target.policy.timezone,
        digest_weekday=WEEKDAYS.index(weekday) if weekday else target.policy.digest_weekday,
    )
    await desk.ask(desk.store.tenants.put_channel, replace(target, policy=policy))
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    silent = policy.digest is not DigestRhythm.OFF and not any(watch.channel == target.id for watch in watches)
    return Reply.say(
        line(bold(target.name), f": digest {rhythm_words(policy)}."),
        *(("It listens for nothing yet, and until it does no digest comes: /watch add, or /setup.",) if silent else ()),
    )


def rhythm_words(policy: Policy) -> str:
    """ "daily at 06:30 (Europe/Brussels)", "every Monday at …" or "off"."""
    if policy.digest is DigestRhythm.OFF:
        return "off"
    often = "daily" if policy.digest is DigestRhythm.DAILY else f"every {WEEKDAYS[policy.digest_weekday].capitalize()}"
    return f"{often} at {policy.digest_at:%H:%M} ({policy.timezone})"


def read_time(text: str) -> time | None:
    """A time of day such as 06:30; None where nothing is given. Raises `BadInput`."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
    except ValueError:
        raise BadInput(f"at is {text!r}; expected a time of day such as 06:30") from None


def read_zone(name: str) -> str:
    """The name, which is an IANA zone's or empty. Raises `BadInput`."""
    if name and name not in available_timezones():
        raise BadInput(f"timezone is {name!r}; expected an IANA name such as Europe/Brussels")
    return name


VERBS = (
    verb("digest now", now, Level.CONFIGURE),
    verb("digest schedule", schedule, Level.CONFIGURE),
)
