"""A small world to decide about: one tenant, some channels, some watches, and entries made in one line."""

from __future__ import annotations

from datetime import UTC, datetime, time

from bot.alerts.situation import Newcomer
from bot.blocks import Card, Message, plain
from bot.model import (
    Alert,
    AlertKind,
    Channel,
    ChannelState,
    Claim,
    ClaimKind,
    Entry,
    Match,
    Policy,
    QuietHours,
    Relation,
    Report,
    Verdict,
    Watch,
    WatchMode,
)

NOW = datetime(2026, 3, 18, 13, 5, tzinfo=UTC)
EARLIER = datetime(2026, 3, 18, 12, 41, tzinfo=UTC)
TENANT = "discord:guild"
STORY = "4f2a6b0000000000"
NIGHT = QuietHours(time(22), time(7))

CONTRADICTS = Verdict("arms-in-poland", Relation.CONTRADICTS, 0.87, "Warsaw wants none of them.")
UPDATES = Verdict("package-800bn", Relation.UPDATES, 0.72, "It comes to €650bn.", "800 → 650 billion EUR")
CONFIRMS = Verdict("troops-100k", Relation.CONFIRMS, 0.91, "A hundred thousand stay.")
DOUBTFUL = Verdict("arms-in-poland", Relation.CONTRADICTS, 0.41, "Warsaw may want none.")


def channel(name: str = "a", state: ChannelState = ChannelState.ACTIVE, **policy: object) -> Channel:
    rules = Policy(timezone="Europe/Brussels", **policy)  # type: ignore[arg-type]
    reason = "Missing Access" if state is ChannelState.PAUSED else ""
    return Channel(f"discord:{name}", TENANT, "discord", name, name, rules, state, reason)


def watch(name: str = "nato", mode: WatchMode = WatchMode.MOVED, channel: str = "a", paused: bool = False) -> Watch:
    return Watch(f"w-{name}", TENANT, f"discord:{channel}", name, name, mode, paused)


def entry(key: str = "e1", language: str = "en", published: datetime = NOW, **changes: str) -> Entry:
    fields = {"url": f"https://news.example/{key}", "title": f"Headline {key}", "text": f"Text of {key}."} | changes
    fields.setdefault("outlet", "The Courier")
    return Entry(id=key, feed="f1", key=key, published=published, seen=NOW, language=language, **fields)


def newcomer(
    *verdicts: Verdict, key: str = "e1", story: str = STORY, watches: tuple[str, ...] = ("nato",), language: str = "en"
) -> Newcomer:
    matches = tuple(Match(f"w-{name}", (name.upper(),)) for name in watches)
    return Newcomer(entry(key, language), story, matches, {TENANT: verdicts})


def told(
    *verdicts: Verdict, channel: str = "a", story: str = STORY, created: datetime = EARLIER, key: str = "old"
) -> Alert:
    kind = AlertKind.VERDICT if verdicts else AlertKind.NEW
    return Alert(key, TENANT, f"discord:{channel}", story, "e0", kind, created, verdicts)


def claim(
    key: str, statement: str = "", theme: str = "nuclear", source: str = "gazette", as_of: str = "2025-03"
) -> Claim:
    return Claim(key, theme, ClaimKind.POSITION, source, as_of, statement or f"What {key} says.")


def report(outlet: str, title: str = "Headline", published: datetime = NOW) -> Report:
    return Report(outlet, outlet, title, f"https://{outlet.lower().replace(' ', '')}.example/x", published)


def card_text(card: Card) -> str:
    """All that a card says, line by line."""
    title = [card.title.text] if card.title else []
    rows = [plain(card.badge), *title, card.quote, *(plain(parts) for parts in card.lines), plain(card.footer)]
    return "\n".join(rows)


def text(message: Message) -> str:
    return "\n".join(card_text(card) for card in message.cards)
