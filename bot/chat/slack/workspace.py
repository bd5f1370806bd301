"""Who asks and where, as Slack vouches for it: nothing that was typed is believed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.commands import Asker, Place
from bot.chat.slack.failures import FAILURES, error_code
from bot.errors import NotAllowed, PlatformError
from bot.model import Level

T = TypeVar("T")

FRESH = 60.0
"""Seconds for which what Slack said of people, groups and channels is taken to hold."""

PATIENCE = 10.0
"""Seconds for one question."""

PAGES = 10
PER_PAGE = 200

audit = logging.getLogger("claimwatch.audit")

_STRANGER = "These commands are for members of this workspace."
_ELSEWHERE = "That channel is not one of this workspace that you and the bot can see."
_UNKNOWN_USER = {"user_not_found", "user_not_visible", "users_not_found"}
_UNKNOWN_CHANNEL = {"channel_not_found", "method_not_supported_for_channel_type", "not_in_channel", "missing_scope"}


@dataclass(frozen=True, slots=True)
class Identity:
    """As whom we are logged in, and where."""

    team: str
    team_name: str
    user: str
    bot: str


class Fresh(Generic[T]):
    """Values that are asked for anew once they are `FRESH` seconds old; a bounded number of them."""

    def __init__(self, most: int = 5000) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()

    async def get(self, key: str, ask: Callable[[], Awaitable[T]]) -> T:
        """The value of that key, at most `FRESH` seconds old."""
        until, value = self._kept.get(key, (0.0, None))
        if value is None or time.monotonic() > until:
            value = await ask()
            self._kept[key] = (time.monotonic() + FRESH, value)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def forget(self, key: str) -> None:
        """Ask anew next time."""
        self._kept.pop(key, None)


class Workspace:
    """One workspace's people and channels. All methods raise `PlatformError` where Slack does not answer."""

    def __init__(self, client: AsyncWebClient, identity: Identity, configurers: str = "") -> None:
        self.identity = identity
        self._client = client
        self._configurers = configurers.removeprefix("@")
        self._users: Fresh[dict[str, Any]] = Fresh()
        self._groups: Fresh[frozenset[str]] = Fresh()
        self._channels: Fresh[dict[str, Any]] = Fresh()
        self._members: Fresh[frozenset[str]] = Fresh()

    @property
    def tenant(self) -> str:
        return f"slack:{self.identity.team}"

    @property
    def _needed(self) -> str:
        """Who may configure, in words."""
        group = f" or a member of the user group {self._configurers}" if self._configurers else ""
        return f"an admin of this workspace{group}"

    async def asker(self, user: str, channel: str) -> Asker:
        """Who asks, and where. Raises `NotAllowed` for people of other workspaces, who meet us in shared channels."""
        person = await self._person(user)
        place = await self.place(channel, user) if channel else Place("", "no channel", "Say for which channel.")
        return Asker(
            tenant=self.tenant,
            platform="slack",
            place=place,
            name=str(person.get("name") or user),
            level=await self._level(user, person),
            permission=self._needed,
        )

    async def timezone(self, user: str) -> str:
        """The IANA name of the zone that the user lives in; empty where Slack does not know."""
        return str((await self._person(user)).get("tz") or "")

    async def place(self, channel: str, user: str) -> Place:
        """The channel, where the bot and that user are in it; else a place with an obstacle."""
        found = await self._channel(channel)
        if not found or not await self._may_see(found, user):
            self._channels.forget(channel)
            audit.warning("%s: %s named %.40r, which is no channel of theirs", self.tenant, user, channel)
            return Place(channel, "that channel", _ELSEWHERE, foreign=True)
        obstacle = _obstacle(found)
        if obstacle:
            self._channels.forget(channel)
        return Place(channel, _name(found), obstacle)

    async def _person(self, user: str) -> dict[str, Any]:
        person = await self._users.get(user, lambda: self._ask_person(user))
        if not person or not self._belongs(person):
            audit.warning("%s: %s is no member of this workspace and was denied", self.tenant, user)
            raise NotAllowed(_STRANGER)
        return person

    async def _ask_person(self, user: str) -> dict[str, Any]:
        answer = await _asked(self._client.users_info(user=user), _UNKNOWN_USER)
        return dict(answer.get("user", {}))

    def _belongs(self, person: dict[str, Any]) -> bool:
        teams = (person.get("enterprise_user") or {}).get("teams", [])
        ours = self.identity.team in {person.get("team_id"), *teams}
        return ours and not (person.get("deleted") or person.get("is_stranger") or person.get("is_bot"))

    async def _level(self, user: str, person: dict[str, Any]) -> Level:
        if any(person.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner")):
            return Level.CONFIGURE
        if self._configurers and user in await self._groups.get("", self._ask_group):
            return Level.CONFIGURE
        return Level.READ

    async def _ask_group(self) -> frozenset[str]:
        """The members of the user group that settings name, by id or handle; nobody where there is none."""
        groups = await _asked(self._client.usergroups_list())
        wanted = {str(group["id"]) for group in groups.get("usergroups", []) if self._is_named(group)}
        members: set[str] = set()
        for group in sorted(wanted):
            members.update((await _asked(self._client.usergroups_users_list(usergroup=group))).get("users", []))
        return frozenset(members)

    def _is_named(self, group: dict[str, Any]) -> bool:
        return self._configurers in {group.get("id"), group.get("handle")}

    async def _channel(self, channel: str) -> dict[str, Any]:
        return await self._channels.get(channel, lambda: self._ask_channel(channel))

    async def _ask_channel(self, channel: str) -> dict[str, Any]:
        answer = await _asked(self._client.conversations_info(channel=channel), _UNKNOWN_CHANNEL)
        return dict(answer.get("channel", {}))

    async def _may_see(self, found: dict[str, Any], user: str) -> bool:
        """Public channels are everybody's; of others the user has to be a member."""
        if found.get("is_im"):
            return bool(found.get("user") == user)
        if not (found.get("is_private") or found.get("is_mpim")):
            return True
        return user in await self._members.get(str(found["id"]), lambda: self._ask_members(str(found["id"])))

    async def _ask_members(self, channel: str) -> frozenset[str]:
        members: set[str] = set()
        cursor = ""
        for _ in range(PAGES):
            asked = self._client.conversations_members(channel=channel, limit=PER_PAGE * 5, cursor=cursor)
            page = await _asked(asked, _UNKNOWN_CHANNEL)
            members.update(page.get("members", []))
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        return frozenset(members)


async def _asked(question: Awaitable[Any], unknown: set[str] | None = None) -> dict[str, Any]:
    """Slack's answer; empty where it says that there is no such thing."""
    try:
        async with asyncio.timeout(PATIENCE):
            return dict((await question).data)
    except FAILURES as error:
        if isinstance(error, SlackApiError) and error_code(error) in (unknown or set()):
            return {}
        said = error_code(error) or type(error).__name__
        raise PlatformError(f"Slack does not say who may do that ({said}); try again in a moment.") from None


def _name(found: dict[str, Any]) -> str:
    return "your direct messages" if found.get("is_im") else f"#{found.get('name') or found['id']}"


def _obstacle(found: dict[str, Any]) -> str:
    if found.get("is_archived"):
        return f"{_name(found)} is archived; choose another channel."
    if found.get("is_im") or found.get("is_member"):
        return ""
    return f"The bot is not in {_name(found)}: type /invite @Claimwatch there, then try again."
