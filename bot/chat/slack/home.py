"""The App Home: how all is going, what one channel is told, the claims that moved, and a button for every task."""

from __future__ import annotations

from typing import Any

from bot.blocks import Card, Line, Message, Reply, bold, clip, code, line
from bot.chat import commands
from bot.chat.commands import VERBS, Asker, Desk
from bot.chat.commands.digests import rhythm_words
from bot.chat.commands.wording import STATE_SIGN
from bot.chat.slack.buttons import ASK, Block, Element, button, rows
from bot.chat.slack.forms import Remembered, remember
from bot.chat.slack.render import flat
from bot.errors import NotFound
from bot.model import Channel, Claim, ClaimState, Level, Watch

CHANNEL = "home:channel"  # action_id of the channel that is looked at

MOVED = 10
WATCHES = 10

_STATES = (ClaimState.CHALLENGED, ClaimState.OUTDATED, ClaimState.REVISED)
_TASKS = (
    ("Watch for …", "watch add"),
    ("Try a query", "watch test"),
    ("Watches", "watch list"),
    ("Follow a feed", "feed add"),
    ("Feeds", "feed list"),
    ("Claims", "claim list"),
    ("Schedule a digest", "digest schedule"),
    ("Digest now", "digest now"),
    ("Compare", "check"),
    ("Why?", "why"),
    ("Latest", "latest"),
    ("Search", "search"),
    ("Help", "help"),
)


async def home(desk: Desk, asker: Asker, channel: str = "") -> dict[str, Any]:
    """The home tab of the one who asks; `asker.place` is the channel that they look at, if `channel` is given."""
    status = await commands.answer(desk, asker, "status", {})
    return {
        "type": "home",
        "private_metadata": remember(Remembered(channel=channel)),
        "blocks": [
            *_part("Status", *_lines(status)),
            *rows(_tasks(asker.level)),
            {"type": "divider"},
            *(await _settings(desk, asker, channel)),
            {"type": "divider"},
            *(await _moved(desk, asker)),
        ],
    }


def _tasks(level: Level) -> list[Element]:
    """A button for each verb that the asker may use."""
    allowed = [(label, name) for label, name in _TASKS if name in VERBS and VERBS[name].level <= level]
    return [button(label, f"{ASK}:{number}", name) for number, (label, name) in enumerate(allowed)]


async def _settings(desk: Desk, asker: Asker, channel: str) -> list[Block]:
    chooser: Element = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "placeholder": {"type": "plain_text", "text": "Choose a channel"},
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channel:
        chooser["initial_conversation"] = channel
    lines = await _told_to(desk, asker) if channel else (line("Choose a channel to see what it is told."),)
    return [*_part("Settings of a channel", *lines), *rows([chooser])]


async def _told_to(desk: Desk, asker: Asker) -> tuple[Line, ...]:
    """What the channel is told; of one that is not the asker's to see, only that."""
    if asker.place.obstacle:
        return (line(asker.place.obstacle),)
    try:
        channel = await desk.channel(asker, None)
    except NotFound:
        return (line(f"Nothing is posted in {asker.place.name} yet: /watch add begins it."),)
    watches = await desk.ask(desk.store.watches.all, asker.tenant)
    return (*_policy(channel), *_watches([watch for watch in watches if watch.channel == channel.id]))


def _policy(channel: Channel) -> tuple[Line, ...]:
    policy = channel.policy
    alerts = ", ".join(sorted(relation.value for relation in policy.alert_on)) or "nothing"
    quiet = f"{policy.quiet.start:%H:%M}–{policy.quiet.end:%H:%M}" if policy.quiet else "none"
    languages = ", ".join(sorted(policy.languages)) or "all"
    return (
        line(bold(channel.name), f" · {channel.state_reason}" if channel.state_reason else ""),
        line(f"At once: {alerts}, from a confidence of {policy.min_confidence:.0%}"),
        line(f"Digest: {rhythm_words(policy)} · quiet hours: {quiet} ({policy.timezone}) · languages: {languages}"),
    )


def _watches(watches: list[Watch]) -> tuple[Line, ...]:
    if not watches:
        return (line("It listens for nothing yet: /watch add begins it."),)
    shown = [line("• ", bold(watch.name), f" · {watch.mode} · ", code(clip(watch.query, 120))) for watch in watches]
    more = (line(f"and {len(watches) - WATCHES} more: /watch list"),) if len(watches) > WATCHES else ()
    return (*shown[:WATCHES], *more)


async def _moved(desk: Desk, asker: Asker) -> list[Block]:
    claims = await desk.ask(desk.store.claims.all, asker.tenant)
    moved = sorted((claim for claim in claims if claim.state in _STATES), key=lambda claim: _STATES.index(claim.state))
    title = f"Claims that moved ({len(moved)} of {len(claims)})"
    if not moved:
        return _part(title, line("All stand as they were."))
    return _part(title, *(_claim(claim) for claim in moved[:MOVED]), line("/claim show tells what moved them."))


def _claim(claim: Claim) -> Line:
    return line(f"{STATE_SIGN[claim.state]} {claim.state} · ", code(claim.id), f" · {clip(claim.statement, 200)}")


def _part(title: str, *lines: Line) -> list[Block]:
    return flat(Message((Card(lines=(line(bold(title)), *lines)),)))


def _lines(reply: Reply) -> tuple[Line, ...]:
    return tuple(parts for card in reply.pages[0].cards for parts in card.lines)
