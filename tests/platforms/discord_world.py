"""What the loopback Discord knows: its guilds, channels, messages and commands, as the JSON that Discord speaks."""

from __future__ import annotations

import itertools
import time
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

ALL_PERMISSIONS = str((1 << 50) - 1)
MEMBER_PERMISSIONS = str(0x400 | 0x800 | 0x4000 | 0x8000 | 0x10000 | 0x80000000)  # view, send, embed, attach, read, use
MANAGE_GUILD = str(int(MEMBER_PERMISSIONS) | 0x20)

FORUM = 15


@dataclass
class Posted:
    """A message, and the nonce under which it came. Discord forgets nonces, so `public` has none."""

    public: Json
    nonce: str = ""
    at: float = field(default_factory=time.monotonic)


class World:
    """Not safe for threads: the server touches it in its own loop alone."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.bot = self._user("claimwatch", bot=True)
        self.guilds: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, list[Posted]] = {}
        self.commands: list[Json] = []
        self.interactions: dict[str, Json] = {}  # token → interaction, with its "answers"
        self.nonce_window = 300.0

    def snowflake(self) -> str:
        """An id that says when it was made, as discord.py reads times from ids."""
        milliseconds = int(time.time() * 1000) - 1420070400000
        return str(milliseconds << 22 | next(self._ids) & 0x3FFFFF)

    def add_guild(self, name: str) -> Json:
        guild_id = self.snowflake()
        self.guilds[guild_id] = guild = {
            "id": guild_id,
            "name": name,
            "owner_id": self.snowflake(),
            "roles": [_everyone(guild_id)],
            "channels": [],
            "members": [self._member(self.bot)],
            "member_count": 2,
            "joined_at": _now(),
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-GB",
            "system_channel_flags": 0,
            "large": False,
            **{key: [] for key in _EMPTY_LISTS},
        }
        return guild

    def add_channel(
        self,
        guild: str,
        name: str,
        kind: int = 0,
        tags: tuple[str, ...] = (),
        may_tag: bool = False,
        needs_tag: bool = False,
    ) -> Json:
        channel = {
            "id": self.snowflake(),
            "guild_id": guild,
            "type": kind,
            "name": name,
            "position": len(self.guilds[guild]["channels"]),
            "permission_overwrites": [],
            "nsfw": False,
            "parent_id": None,
        }
        if kind == FORUM:
            channel["flags"] = 1 << 4 if needs_tag else 0
            allowed = str(0x10 if may_tag else 0)  # Manage Channels
            channel["permission_overwrites"] = [{"id": guild, "type": 0, "allow": allowed, "deny": "0"}]
            channel["available_tags"] = [self.tag(tag) for tag in tags]
        self.channels[channel["id"]] = channel
        self.messages[channel["id"]] = []
        self.guilds[guild]["channels"].append(channel)
        return channel

    def tag(self, name: str) -> Json:
        return {"id": self.snowflake(), "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}

    def retag(self, channel: str, tags: list[Json]) -> Json:
        """A forum's tags as they are from now on; new ones come without an id."""
        place = self.channels[channel]
        place["available_tags"] = [self.tag(tag["name"]) | ({"id": tag["id"]} if tag.get("id") else {}) for tag in tags]
        return place

    def open_thread(self, parent: str, thread: str, body: Json) -> Json:
        """A thread with the id of its first message."""
        self.channels[thread] = opened = {
            "id": thread,
            "guild_id": self.channels[parent]["guild_id"],
            "parent_id": parent,
            "owner_id": self.bot["id"],
            "type": 11,
            "name": body["name"],
            "applied_tags": body.get("applied_tags", []),
            "message_count": 0,
            "member_count": 1,
            "rate_limit_per_user": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": body.get("auto_archive_duration", 1440),
                "archive_timestamp": _now(),
                "locked": False,
            },
        }
        self.messages.setdefault(thread, [])
        return opened

    def open_post(self, forum: str, body: Json, files: list[Json]) -> Json:
        """A post: a thread and its first message."""
        message = self.message(forum, body["message"], files)
        opened = self.open_thread(forum, message["id"], body)
        message["channel_id"] = message["id"]
        self.messages[message["id"]].append(Posted(message))
        return opened | {"message": message}

    def threads(self, guild: str) -> Json:
        """Those that are not put away."""
        found = [one for one in self.channels.values() if one["guild_id"] == guild and one["type"] == 11]
        return {"threads": [one for one in found if not one["thread_metadata"]["archived"]], "members": []}

    def post(self, channel: str, body: Json, files: list[Json]) -> Json:
        """Post, or give back what was posted under the same nonce."""
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce"):
            for posted in self.messages[channel]:
                if posted.nonce == nonce and time.monotonic() - posted.at < self.nonce_window:
                    return posted.public | {"nonce": nonce}
        posted = Posted(self.message(channel, body, files), nonce)
        self.messages[channel].append(posted)
        return posted.public | ({"nonce": nonce} if nonce else {})

    def message(self, channel: str, body: Json, files: list[Json]) -> Json:
        return {
            "id": self.snowflake(),
            "channel_id": channel,
            "type": 0,
            "author": self.bot,
            "content": body.get("content") or "",
            "embeds": deepcopy(body.get("embeds") or []),
            "components": deepcopy(body.get("components") or []),
            "attachments": [self._attachment(file) for file in files],
            "flags": body.get("flags", 0),
            "timestamp": _now(),
            "edited_timestamp": None,
            "tts": False,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
        }

    def edit(self, message: Json, body: Json, files: list[Json]) -> Json:
        """Change in place what the body names."""
        for key in ("content", "embeds", "components"):
            if key in body:
                message[key] = deepcopy(body[key]) or ("" if key == "content" else [])
        if "attachments" in body:
            message["attachments"] = [self._attachment(file) for file in files]
        message["edited_timestamp"] = _now()
        return message

    def find(self, channel: str, message: str) -> Json | None:
        return next((posted.public for posted in self.messages[channel] if posted.public["id"] == message), None)

    def register(self, commands: list[Json]) -> list[Json]:
        added = {"application_id": self.bot["id"], "version": "1", "type": 1, "description": ""}
        self.commands = [added | {"id": self.snowflake(), "default_member_permissions": None} | one for one in commands]
        return self.commands

    def interaction(self, channel: str, kind: int, data: Json, permissions: str, user: str) -> Json:
        """An interaction as the gateway sends it."""
        place = self.channels[channel]
        token = f"interaction-token-{self.snowflake()}"
        event = {
            "id": self.snowflake(),
            "application_id": self.bot["id"],
            "type": kind,
            "data": data,
            "guild_id": place["guild_id"],
            "channel_id": channel,
            "channel": place,
            "member": self._member(self._user(user)) | {"permissions": permissions},
            "token": token,
            "version": 1,
            "app_permissions": ALL_PERMISSIONS,
            "locale": "en-GB",
            "guild_locale": "en-GB",
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 0,
            "attachment_size_limit": 10485760,
        }
        self.interactions[token] = {"event": event, "callback": None, "answers": [], "sent": time.monotonic()}
        return event

    def application(self) -> Json:
        return {
            "id": self.bot["id"],
            "name": "claimwatch",
            "icon": None,
            "description": "",
            "rpc_origins": [],
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "owner": self._user("owner"),
            "team": None,
            "summary": "",
        }

    def _user(self, name: str, *, bot: bool = False) -> Json:
        return {
            "id": self.snowflake(),
            "username": name,
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "bot": bot,
        }

    def _member(self, user: Json) -> Json:
        return {"user": user, "roles": [], "joined_at": _now(), "deaf": False, "mute": False, "flags": 0}

    def _attachment(self, file: Json) -> Json:
        url = f"https://cdn.discordapp.com/attachments/1/2/{file['filename']}"
        return {"id": self.snowflake(), "url": url, "proxy_url": url} | file


_EMPTY_LISTS = (
    "emojis",
    "stickers",
    "features",
    "threads",
    "presences",
    "voice_states",
    "stage_instances",
    "guild_scheduled_events",
    "soundboard_sounds",
)


def _everyone(guild: str) -> Json:
    return {
        "id": guild,
        "name": "@everyone",
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "position": 0,
        "permissions": MEMBER_PERMISSIONS,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat()
