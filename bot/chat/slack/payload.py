"""What a request from Slack says: who, where, and which request it is. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.chat.commands.subject import subject_of
from bot.chat.slack.forms import remembered
from bot.chat.slack.markup import read
from bot.model import stable_id

Body = Mapping[str, Any]


def key_of(body: Body) -> str:
    """The same for a request that Slack sends again, over whichever connection."""
    key = body.get("event_id") or body.get("trigger_id")
    return str(key) if key else stable_id(json.dumps(body, sort_keys=True, default=str))


def user_of(body: Body) -> str:
    """Who asks: commands name it flat, everything else as a part of its own."""
    user = body.get("user")
    return str(user["id"] if isinstance(user, Mapping) else body.get("user_id") or "")


def channel_of(body: Body) -> str:
    """Where: the channel itself, or the one that a modal was opened in or the home tab shows; empty for none."""
    channel = body.get("channel")
    if isinstance(channel, Mapping):
        return str(channel["id"])
    return str(body.get("channel_id") or remembered(body.get("view") or {}).channel)


def value_of(body: Body) -> str:
    """The value of the button that was pressed."""
    return str(body["actions"][0].get("value") or "")


def subject(message: Body) -> str:
    """What of a message is to be compared: the address that it is about, else its words."""
    text = read(str(message.get("text") or "")) or "\n".join(
        read(str(part.get("text") or part.get("fallback") or "")) for part in message.get("attachments") or []
    )
    return subject_of(text)
