"""Small worlds to test the store with: tenants, channels, feeds, claims, and the plans of polls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from bot.model import (
    Action,
    Alert,
    AlertKind,
    Channel,
    Claim,
    ClaimKind,
    Decision,
    DeliveryKind,
    Digest,
    Entry,
    EntryPlan,
    Feed,
    FeedIntent,
    Match,
    MovedClaim,
    NewStory,
    Owed,
    PollPlan,
    Relation,
    Sketch,
    Tenant,
    ThemeActivity,
    Verdict,
    Watch,
    stable_id,
)
from storage import Store

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HOME = "console:home"
AWAY = "console:away"


def channel_id(name: str) -> str:
    return f"console:{name}"


def settle(store: Store, tenant: str = HOME, *channels: str) -> None:
    """A tenant with channels (one called "news" unless named)."""
    store.tenants.put(Tenant(tenant, "console", tenant))
    for name in channels or ("news",):
        store.tenants.put_channel(Channel(channel_id(name), tenant, "console", name, name))


def follow(store: Store, name: str = "herald", tenant: str = HOME) -> Feed:
    return store.feeds.follow(tenant, FeedIntent(f"https://{name}.example/feed", title=name.title()), NOW)


def claim(name: str = "troops", statement: str = "Thirty countries send troops.", **changes: object) -> Claim:
    return Claim(name, "Troops", ClaimKind.FIGURE, "Herald", "2025-03", statement, **changes)  # type: ignore[arg-type]


def hold(store: Store, *claims: Claim, tenant: str = HOME, by: str = "") -> int:
    return store.claims.put(tenant, claims or (claim(),), by, NOW)


def watch(name: str = "troops", tenant: str = HOME, channel: str = "news", **changes: object) -> Watch:
    return Watch(stable_id(tenant, name), tenant, channel_id(channel), name, name, **changes)  # type: ignore[arg-type]


def entry(feed: Feed, key: str = "1", title: str = "Troops to go east", text: str = "", **changes: object) -> Entry:
    fields: dict[str, object] = {
        "url": f"https://{feed.title.lower()}.example/{key}",
        "published": NOW,
        "seen": NOW,
        "outlet": feed.title,
    }
    return Entry(stable_id(feed.id, key), feed.id, key, title=title, text=text, **(fields | changes))  # type: ignore[arg-type]


def says(relation: Relation, of: str = "troops", confidence: float = 0.9) -> Verdict:
    return Verdict(of, relation, confidence, "It is so.", None)


def entry_plan(
    one: Entry,
    story: str = "",
    watches: Sequence[Watch] = (),
    verdicts: Mapping[str, tuple[Verdict, ...]] | None = None,
    decisions: Sequence[Decision] = (),
) -> EntryPlan:
    sketch = Sketch(one.id, story or one.id, one.url.removeprefix("https://"), b"shape", one.published)
    matches = tuple(Match(each.id, (each.name,)) for each in watches)
    return EntryPlan(one, sketch, matches, verdicts or {}, tuple(decisions))


def poll(feed: Feed, *plans: EntryPlan, alerts: Sequence[Alert] = (), owed: Sequence[Owed] = ()) -> PollPlan:
    return PollPlan(feed, NOW, plans, tuple(alerts), tuple(owed))


def alert(one: Entry, channel: str = "news", tenant: str = HOME, story: str = "") -> Alert:
    story = story or one.id
    where = channel_id(channel)
    return Alert(stable_id(where, story), tenant, where, story, one.id, AlertKind.NEW, NOW)


def owe(
    subject: str,
    channel: str = "news",
    kind: DeliveryKind = DeliveryKind.ALERT,
    due: datetime = NOW,
    part: int = 0,
) -> Owed:
    where = channel_id(channel)
    return Owed(stable_id(where, subject, kind, str(part)), where, kind, subject, due, part)


def told(feed: Feed, key: str = "1", channel: str = "news", tenant: str = HOME) -> PollPlan:
    """A poll that brought one entry and owes one alert for it."""
    one = entry(feed, key)
    made = alert(one, channel, tenant)
    decision = Decision(one.id, channel_id(channel), Action.ALERT, "it matches")
    return poll(feed, entry_plan(one, decisions=[decision]), alerts=[made], owed=[owe(made.id, channel)])


def digest_of(name: str = "d1", day: date = date(2026, 3, 10)) -> Digest:
    moved = MovedClaim("troops", "Thirty.", Relation.UPDATES, 2, "Herald", "It is so.", "30 → 33", "https://a.example/")
    return Digest(
        id=name,
        channel=channel_id("news"),
        day=day,
        made=NOW,
        since=NOW - DAY,
        topic="Defence",
        timezone="Europe/Brussels",
        moved=(moved,),
        confirmed=(("aid", 2), ("bases", 1)),
        fresh=(NewStory("story", "Title “quoted”", "", ("Herald", "Courier")),),
        entries=3,
        feeds=2,
        failing=1,
        activity_days=(date(2026, 3, 9), date(2026, 3, 10)),
        activity=(ThemeActivity("Troops", (0, 2)),),
        watched=("troops",),
    )
