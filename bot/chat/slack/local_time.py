"""Times of day without a zone: meant in the channel's own, and where nobody chose one, in that of the asker."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat.commands import VERBS, Asker, Desk, Place, Verb
from bot.chat.slack.forms import ZONE
from bot.chat.slack.workspace import Workspace
from bot.errors import NotFound

TIME = "at"


def takes_zone(verb: Verb) -> bool:
    """Whether a zone can be given to the verb."""
    return any(parameter.name == ZONE for parameter in verb.parameters)


async def with_zone(
    desk: Desk, workspace: Workspace, asker: Asker, user: str, verb: str, given: Mapping[str, object]
) -> Mapping[str, object]:
    """What was given, with the zone that a time of day is meant in."""
    timed = given.get(TIME) and not given.get(ZONE) and verb in VERBS and takes_zone(VERBS[verb])
    if not timed or await _chosen(desk, asker, given.get("channel")):
        return given
    return {**given, ZONE: await workspace.timezone(user)}


async def _chosen(desk: Desk, asker: Asker, place: object) -> bool:
    """Whether somebody chose a zone for the channel."""
    try:
        channel = await desk.channel(asker, place if isinstance(place, Place) else None)
    except NotFound:
        return False
    return channel.policy.timezone != desk.policy.timezone
