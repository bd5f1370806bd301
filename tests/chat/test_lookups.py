"""Looking things up: stories, the archive through a sieve, files, articles, and how the bot is doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chat_world import BALTIC, NOW, Hooks

from bot.blocks import Reply, Tone, plain
from bot.chat.commands import Asker, Attached, Desk, Page, Place, answer, suggest
from bot.chat.commands.search import moment_of
from bot.chat.commands.subject import LONGEST, subject_of
from bot.chat.commands.wording import duration
from bot.errors import BadInput
from bot.model import (
    Alert,
    AlertKind,
    Channel,
    DeliveryKind,
    Entry,
    EntryPlan,
    FeedIntent,
    Level,
    Match,
    Owed,
    PollPlan,
    Refused,
    Relation,
    Sent,
    Sketch,
    Tenant,
    Verdict,
    Watch,
)

HOME, AWAY = "discord:1", "discord:2"
ANALYST = Asker(HOME, "discord", Place("11", "#alerts"), "ana")
OWNER = replace(ANALYST, level=Level.CONFIGURE)
STRANGER = Asker(AWAY, "discord", Place("22", "#news"), "bob", Level.CONFIGURE)
STORY = "4f2a000000000000"
QUOTE = "Berlin will send 4,800 soldiers."


@pytest.fixture(autouse=True)
async def settled(desk: Desk) -> None:
    """Two tenants; at home a story of three reports, one of them in Polish, and another entry in a feed of its own."""
    for tenant in (Tenant(HOME, "discord", "Home"), Tenant(AWAY, "discord", "Away")):
        desk.store.tenants.put(tenant)
        desk.store.claims.put(tenant.id, [BALTIC], "", NOW)
    channel = Channel("discord:11", HOME, "discord", "11", "#alerts")
    desk.store.tenants.put_channel(channel)
    desk.store.watches.add(Watch("w", HOME, channel.id, "Troops", "troops"))
    updates = Verdict(BALTIC.id, Relation.UPDATES, 0.9, QUOTE, "5,000 → 4,800 soldiers")
    publish(desk, "Herald", "Berlin sends fewer troops", 30, verdicts=(updates,), article=f"So it is. {QUOTE}")
    publish(desk, "Gazeta", "Berlin wysyła mniej żołnierzy", 20, language="pl", unread="pl")
    publish(desk, "Courier", "Fewer troops go east", 10)
    publish(desk, "Wire", "Football results", 60 * 24 * 9, story="9999000000000000", matched=False)


def publish(
    desk: Desk,
    outlet: str,
    title: str,
    minutes: int,
    story: str = STORY,
    matched: bool = True,
    verdicts: tuple[Verdict, ...] = (),
    **more: str,
) -> Entry:
    """An entry so many minutes old, in that outlet's feed."""
    feed = desk.store.feeds.follow(HOME, FeedIntent(f"https://{outlet}.example/feed", title=outlet), NOW)
    at = NOW - timedelta(minutes=minutes)
    fields = {"language": "en", "outlet": outlet} | more
    entry = Entry(f"e-{outlet}", feed.id, "k", f"https://{outlet}.example/1", title, "Short.", at, at, **fields)
    matches = (Match("w", ("troops",)),) if matched else ()
    plan = EntryPlan(entry, Sketch(entry.id, story, "", b"", at), matches, {HOME: verdicts} if verdicts else {})
    alerts = (Alert(f"a-{outlet}", HOME, "discord:11", story, entry.id, AlertKind.VERDICT, NOW, verdicts),)
    owed = (Owed(f"d-{outlet}", "discord:11", DeliveryKind.ALERT, f"a-{outlet}", NOW),)
    desk.store.commit([PollPlan(feed, NOW, (plan,), alerts if verdicts else (), owed if verdicts else ())])
    return entry


def text(reply: Reply) -> str:
    parts: list[str] = []
    for card in (card for page in reply.pages for card in page.cards):
        parts += [plain(card.badge), card.title.text if card.title else "", card.quote]
        parts += [*map(plain, card.lines), plain(card.footer)]
    return "\n".join(part for part in parts if part)


def failed(reply: Reply) -> bool:
    return reply.pages[0].cards[0].tone is Tone.ERROR


# --- stories -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", ["4f2a", "story 4f2a", STORY, "e-Courier", "https://Courier.example/1"])
async def test_a_story_shows_its_reports_in_order(desk: Desk, named: str) -> None:
    shown = text(await answer(desk, ANALYST, "story", {"story": named}))
    places = [shown.index(outlet) for outlet in ("Herald ·", "Gazeta ·", "Courier ·")]
    assert places == sorted(places)
    assert f"5,000 → 4,800 soldiers · updates baltic-brigade (likely)\n“{QUOTE}” in the article" in shown
    assert "not compared (pl)" in shown
    assert "story 4f2a · 3 reports · 3 outlets" in shown


async def test_a_long_story_has_pages(desk: Desk) -> None:
    for number in range(4):
        publish(desk, f"Outlet{number}", f"More troops {number}", number)
    reply = await answer(desk, ANALYST, "story", {"story": "4f2a"})
    assert [plain(page.cards[0].footer) for page in reply.pages] == [
        "story 4f2a · 1–3 of 7 reports · 7 outlets",
        "story 4f2a · 4–6 of 7 reports · 7 outlets",
        "story 4f2a · 7–7 of 7 reports · 7 outlets",
    ]


@pytest.mark.parametrize("named", ["beef", "https://nowhere.example/1", "%", "_"])
async def test_a_story_that_is_not_there(desk: Desk, named: str) -> None:
    assert failed(await answer(desk, ANALYST, "story", {"story": named}))


async def test_stories_are_nobody_elses(desk: Desk) -> None:
    assert failed(await answer(desk, STRANGER, "story", {"story": "4f2a"}))
    assert await suggest(desk, STRANGER, "story", "story", "") == []
    offered = await suggest(desk, ANALYST, "story", "story", "fewer")
    assert [(option.label, option.value) for option in offered] == [("4f2a · Fewer troops go east", STORY)]


# --- why ---------------------------------------------------------------------------------------------------------


async def test_why_says_what_was_read_and_what_was_not_compared(desk: Desk) -> None:
    herald = text(await answer(desk, ANALYST, "why", {"url": "e-Herald"}))
    assert "so the article was read (42 characters)" in herald
    assert f"“{QUOTE}” in the article" in herald
    gazeta = text(await answer(desk, ANALYST, "why", {"url": "e-Gazeta"}))
    assert "✗ not compared (pl): the comparison model does not read its language" in gazeta
    assert "touches no claim" in text(await answer(desk, ANALYST, "why", {"url": "e-Courier"}))


# --- search ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"words": "troops"}, {"Herald", "Courier"}),
        ({"words": "troops", "feed": "herald"}, {"Herald"}),
        ({"feed": "Wire"}, {"Wire"}),
        ({"since": "1h"}, {"Herald", "Gazeta", "Courier"}),
        ({"since": "2w"}, {"Herald", "Gazeta", "Courier", "Wire"}),
        ({"since": "2026-03-17"}, {"Herald", "Gazeta", "Courier"}),
        ({"language": "PL"}, {"Gazeta"}),
        ({"claim": BALTIC.id}, {"Herald"}),
        ({"theme": "Troops"}, {"Herald"}),
        ({"theme": "troops", "claim": BALTIC.id, "words": "fewer"}, {"Herald"}),
        ({"words": "football", "since": "1h"}, set()),
        ({"words": "'; DROP TABLE entries; --"}, set()),
    ],
)
async def test_search_is_narrowed(desk: Desk, given: dict[str, str], found: set[str]) -> None:
    shown = text(await answer(desk, ANALYST, "search", given))
    assert {outlet for outlet in ("Herald", "Gazeta", "Courier", "Wire") if f"· {outlet} ·" in shown} == found
    assert ("Nothing found" in shown) is not bool(found)


@pytest.mark.parametrize(
    "given",
    [{}, {"since": "yesterday"}, {"since": "7"}, {"language": "p%"}, {"theme": "moon"}, {"claim": "x"}, {"feed": "x"}],
)
async def test_what_cannot_be_searched_for_says_why(desk: Desk, given: dict[str, str]) -> None:
    assert failed(await answer(desk, ANALYST, "search", given))


async def test_search_shows_nothing_of_others(desk: Desk) -> None:
    assert "Nothing found" in text(await answer(desk, STRANGER, "search", {"words": "troops"}))
    assert failed(await answer(desk, STRANGER, "search", {"feed": "Herald"}))
    assert await suggest(desk, STRANGER, "search", "language", "") == []


async def test_suggestions_for_a_search(desk: Desk) -> None:
    assert [one.value for one in await suggest(desk, ANALYST, "search", "language", "")] == ["en", "pl"]
    assert "7d" in [one.value for one in await suggest(desk, ANALYST, "search", "since", "")]
    assert [one.label for one in await suggest(desk, ANALYST, "search", "feed", "her")] == ["Herald"]


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("24h", datetime(2026, 3, 16, 12, tzinfo=UTC)),
        ("7D", datetime(2026, 3, 10, 12, tzinfo=UTC)),
        ("2 w", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("today", datetime(2026, 3, 17, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_since(typed: str, moment: datetime) -> None:
    assert moment_of(typed, NOW) == moment


@pytest.mark.parametrize("typed", ["", "7", "d", "-3d", "99999d", "2026-13-01", "yesterday", "٣d"])
def test_no_moment(typed: str) -> None:
    with pytest.raises(BadInput):
        moment_of(typed, NOW)


# --- check -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "compared"),
    [
        (Attached("notes.txt", "\ufeffBerlin sends fewer.".encode()), "Berlin sends fewer."),
        (Attached("page.html", b"<p>Berlin</p>"), Page(b"<p>Berlin</p>")),
        (Attached("saved", b"\n<!DOCTYPE html><html></html>"), Page(b"\n<!DOCTYPE html><html></html>")),
    ],
)
async def test_files_are_compared(desk: Desk, hooks: Hooks, file: Attached, compared: object) -> None:
    assert not failed(await answer(desk, ANALYST, "check", {"file": file}))
    assert hooks.compared == [compared]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"text": ""},
        {"text": "Berlin", "file": Attached("a.txt", b"Berlin")},
        {"file": Attached("a.pdf", b"%PDF-1.7\x00\xff")},
        {"file": Attached("a.txt", b"  ")},
        {"file": Attached("a.txt", b"a\x00b")},
        {"file": "a.txt"},
    ],
)
async def test_what_cannot_be_compared_says_why(desk: Desk, hooks: Hooks, given: dict[str, object]) -> None:
    assert failed(await answer(desk, ANALYST, "check", given))
    assert hooks.compared == []


async def test_what_nothing_reads_is_said_not_to_be_compared(desk: Desk, hooks: Hooks) -> None:
    hooks.unread = "pl"
    assert "not compared (pl)" in text(await answer(desk, ANALYST, "check", {"text": "Berlin wysyła mniej"}))


@pytest.mark.parametrize(
    ("message", "about"),
    [
        ("", ""),
        ("Berlin sends fewer troops.", "Berlin sends fewer troops."),
        ("https://herald.example/1", "https://herald.example/1"),
        ("look: <https://herald.example/1>", "https://herald.example/1"),
        (f"{'word ' * 30} https://herald.example/1", f"{'word ' * 30} https://herald.example/1"),
        ("x" * 7000, "x" * (LONGEST - 1) + "…"),
    ],
)
def test_what_a_message_is_about(message: str, about: str) -> None:
    assert subject_of(message) == about


# --- feeds and status --------------------------------------------------------------------------------------------


async def test_articles_of_a_feed_are_turned_off_and_on(desk: Desk) -> None:
    (herald,) = [feed for feed in desk.store.feeds.followed(HOME) if feed.title == "Herald"]
    assert not failed(await answer(desk, OWNER, "feed articles", {"feed": "herald", "read": "off"}))
    assert desk.store.feeds.readers(herald.id) == frozenset()
    assert failed(await answer(desk, ANALYST, "feed articles", {"feed": "herald", "read": "on"}))
    assert failed(await answer(desk, STRANGER, "feed articles", {"feed": "herald", "read": "on"}))
    assert desk.store.feeds.readers(herald.id) == frozenset()
    assert not failed(await answer(desk, OWNER, "feed articles", {"feed": herald.id, "read": "on"}))
    assert desk.store.feeds.readers(herald.id) == {HOME}


async def test_status_tells_lag_troubles_and_the_next_digest(desk: Desk) -> None:
    assert "none in the last 24 hours" in text(await answer(desk, ANALYST, "status", {}))
    (claimed,) = desk.store.deliveries.claim_due(NOW, ["discord"], 5)
    desk.store.deliveries.mark(claimed.id, Sent("1"), NOW)
    publish(desk, "Late", "More troops", 5, verdicts=(Verdict(BALTIC.id, Relation.CONFIRMS, 0.9, "So it is."),))
    (failing,) = desk.store.deliveries.claim_due(NOW, ["discord"], 5)
    desk.store.deliveries.mark(failing.id, Refused("the message is too long"), NOW)
    shown = text(await answer(desk, ANALYST, "status", {}))
    assert "1 in the last 24 hours, half of them within 30 min of publication, all within 30 min" in shown
    assert "1 sent, 0 waiting · 1 failed" in shown
    assert "#alerts: alert failed" in shown
    assert "the message is too long" in shown
    assert "digest daily at 07:00 (UTC), next 2026-03-18 07:00 UTC" in shown
    assert "30 min" not in text(await answer(desk, STRANGER, "status", {}))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7260, "2 h 1 min"), (90000, "1 d 1 h"), (86400, "1 d")],
)
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


async def test_retired_claims_are_listed_where_they_are_asked_for(desk: Desk) -> None:
    desk.store.claims.retire(HOME, BALTIC.id)
    assert BALTIC.id not in text(await answer(desk, ANALYST, "claim list", {}))
    assert BALTIC.id in text(await answer(desk, ANALYST, "claim list", {"state": "retired"}))
    assert BALTIC.id not in text(await answer(desk, ANALYST, "claim list", {"state": "retired", "theme": "elsewhere"}))
