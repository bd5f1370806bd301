"""The verbs over a real store, as every platform gets them."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from chat_world import BALTIC, NOW, Hooks, publish

from bot.blocks import Reply, Tone, plain
from bot.chat.commands import VERBS, Asker, Desk, Place, answer, press, suggest
from bot.chat.commands.verbs import GROUPS
from bot.model import Level, Relation, Tenant, Verdict, WatchMode
from storage import Store

HOME, OTHER = "discord:1", "discord:2"
HERE = Place("11", "#alerts")
ANALYST = Asker(HOME, "discord", HERE, "ana")
OWNER = replace(ANALYST, level=Level.CONFIGURE)
STRANGER = Asker(OTHER, "discord", Place("22", "#news"), "bob", Level.CONFIGURE)


@pytest.fixture(autouse=True)
async def settled(desk: Desk) -> None:
    """Two tenants, each welcomed."""
    for tenant in (Tenant(HOME, "discord", "Home"), Tenant(OTHER, "discord", "Other")):
        desk.store.tenants.put(tenant)
        await desk.welcome(tenant)


def text(reply: Reply) -> str:
    """All that a reply says."""
    parts: list[str] = []
    for card in (card for page in reply.pages for card in page.cards):
        parts += [plain(card.badge), card.title.text if card.title else "", card.quote]
        parts += [*map(plain, card.lines), plain(card.footer)]
    return "\n".join(part for part in parts if part)


def failed(reply: Reply) -> bool:
    return reply.pages[0].cards[0].tone is Tone.ERROR


GIVEN = {
    "watch add": {"query": "troops"},
    "watch remove": {"name": "troops"},
    "watch test": {"query": "troops"},
    "feed add": {"url": "https://example.org"},
    "feed remove": {"feed": "Home herald"},
    "claim show": {"claim": BALTIC.id},
    "search": {"words": "troops"},
    "digest schedule": {"rhythm": "off"},
    "feed articles": {"feed": "Home herald", "read": "off"},
    "story": {"story": "4f2a"},
    "check": {"text": "Germany sends 4,000 soldiers."},
    "why": {"url": "https://nowhere.example/1"},
}


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.level is Level.CONFIGURE])
async def test_what_configures_is_denied_to_readers_and_written_down(
    desk: Desk, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "claimwatch.audit")
    before = (desk.store.watches.all(), desk.store.feeds.followed(HOME), desk.store.tenants.channels())
    reply = await answer(desk, ANALYST, name, GIVEN.get(name, {}))
    assert failed(reply)
    assert "Manage Server" in text(reply)
    assert before == (desk.store.watches.all(), desk.store.feeds.followed(HOME), desk.store.tenants.channels())
    assert [record.getMessage() for record in caplog.records] == [f"{HOME}: ana was denied /{name}"]


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.level is Level.READ])
async def test_what_reads_is_open_to_all(desk: Desk, name: str) -> None:
    reply = await answer(desk, ANALYST, name, GIVEN.get(name, {}))
    assert "Manage Server." not in text(reply)
    assert "wrong on our side" not in text(reply)


async def test_a_watch_is_added_listed_tested_and_removed(desk: Desk) -> None:
    added = await answer(desk, OWNER, "watch add", {"query": "troops AND east", "name": "Troops", "mode": "alert"})
    assert not failed(added)
    (watch,) = desk.store.watches.all(HOME)
    assert (watch.channel, watch.mode, watch.query) == ("discord:11", WatchMode.ALERT, "troops AND east")
    assert desk.store.tenants.channel("discord:11").name == "#alerts"
    assert "Troops · #alerts · every match at once: troops AND east" in text(
        await answer(desk, ANALYST, "watch list", {})
    )
    tested = text(await answer(desk, ANALYST, "watch test", {"query": "troops AND east"}))
    assert "latest 1 entry it holds for 1" in tested
    assert "Troops of Home move east" in tested
    assert not failed(await answer(desk, OWNER, "watch remove", {"name": "troops"}))
    assert desk.store.watches.all(HOME) == []


async def test_a_wrong_query_is_pointed_at(desk: Desk) -> None:
    reply = await answer(desk, OWNER, "watch add", {"query": "nato AND (saceur"})
    assert failed(reply)
    assert "nato AND ▸(saceur" in text(reply)
    assert desk.store.watches.all(HOME) == []


@pytest.mark.parametrize("verb", ["watch add", "watch test"])
@pytest.mark.parametrize(
    ("query", "said"),
    [("nato AND claim:baltic-brigde", "There is no claim 'baltic-brigde'; the nearest are"), ("theme:nixda", "theme")],
)
async def test_what_could_never_match_is_refused(desk: Desk, verb: str, query: str, said: str) -> None:
    reply = await answer(desk, OWNER, verb, {"query": query})
    assert failed(reply)
    assert said in text(reply)
    assert desk.store.watches.all(HOME) == []


async def test_a_name_is_taken_once(desk: Desk) -> None:
    await answer(desk, OWNER, "watch add", {"query": "nato", "name": "Nato"})
    assert failed(await answer(desk, OWNER, "watch add", {"query": "saceur", "name": "NATO"}))
    assert failed(await answer(desk, OWNER, "watch remove", {"name": "nat"}))


async def test_a_channel_where_we_may_not_post_is_not_watched(desk: Desk) -> None:
    closed = Place("12", "#secret", "The bot may not post in #secret: give it Send Messages there, then try again.")
    reply = await answer(desk, OWNER, "watch add", {"query": "nato", "channel": closed})
    assert text(reply) == closed.obstacle
    assert desk.store.tenants.channels(HOME) == []


async def test_feeds_are_followed_and_left(desk: Desk) -> None:
    assert not failed(await answer(desk, OWNER, "feed add", {"url": "https://new.example"}))
    assert {feed.title for feed in desk.store.feeds.followed(HOME)} == {"Home herald", "Discovered"}
    assert "Discovered · not polled yet" in text(await answer(desk, ANALYST, "feed list", {}))
    (new,) = [feed for feed in desk.store.feeds.followed(HOME) if feed.title == "Discovered"]
    assert not failed(await answer(desk, OWNER, "feed remove", {"feed": new.id}))
    assert [feed.title for feed in desk.store.feeds.followed(HOME)] == ["Home herald"]
    assert failed(await answer(desk, OWNER, "feed remove", {"feed": "Other herald"}))
    assert len(desk.store.feeds.followed(OTHER)) == 1


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org", "file:///etc/passwd", "javascript:alert(1)"])
async def test_only_web_addresses_are_feeds(desk: Desk, url: str) -> None:
    reply = await answer(desk, OWNER, "feed add", {"url": url})
    assert failed(reply)
    assert "https://" in text(reply)


async def test_a_claim_shows_its_wordings(desk: Desk) -> None:
    revised = replace(BALTIC, statement="Germany plans 4,800 soldiers in the Baltic states.", as_of="2026-03")
    desk.store.claims.put(HOME, [revised], "ana", NOW)
    shown = text(await answer(desk, ANALYST, "claim show", {"claim": BALTIC.id}))
    assert "REVISED · Troops" in shown
    assert "Held as of March 2026, from herald." in shown
    assert "Before, as of March 2025: Germany plans a brigade of 5,000" in shown
    others = text(await answer(desk, STRANGER, "claim show", {"claim": BALTIC.id}))
    assert "4,800" not in others


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({}, 1),
        ({"theme": "Troops"}, 1),
        ({"theme": "money"}, 0),
        ({"state": "standing"}, 1),
        ({"state": "outdated"}, 0),
    ],
)
async def test_claims_are_listed_by_theme_and_state(desk: Desk, given: dict[str, object], count: int) -> None:
    assert text(await answer(desk, ANALYST, "claim list", given)).count(BALTIC.id) == count


async def test_an_unknown_claim_lists_the_nearest(desk: Desk) -> None:
    reply = await answer(desk, ANALYST, "claim show", {"claim": "baltic-brigad"})
    assert failed(reply)
    assert BALTIC.id in text(reply)


async def test_look_ups_are_paged(desk: Desk, store: Store) -> None:
    publish(store, HOME, "Wire", [f"Exercise {number} begins" for number in range(25)])
    reply = await answer(desk, ANALYST, "search", {"words": "exercise"})
    assert len(reply.pages) == 3
    assert [plain(page.cards[0].footer) for page in reply.pages] == ["1–10 of 25", "11–20 of 25", "21–25 of 25"]
    assert "Exercise" in text(await answer(desk, ANALYST, "latest", {}))


async def test_nothing_of_another_tenant_is_found(desk: Desk, store: Store) -> None:
    (theirs,) = publish(store, OTHER, "Their wire", ["Their own exercise"])
    for name, given in (
        ("search", {"words": "exercise"}),
        ("latest", {}),
        ("why", {"url": theirs.url}),
        ("why", {"url": theirs.id}),
        ("watch test", {"query": "exercise"}),
    ):
        assert "Their own exercise" not in text(await answer(desk, OWNER, name, given))
    await answer(desk, STRANGER, "watch add", {"query": "exercise", "name": "Theirs"})
    assert failed(await answer(desk, OWNER, "watch remove", {"name": "Theirs"}))
    assert failed(await answer(desk, OWNER, "digest now", {"channel": Place("22", "#news")}))
    assert "Theirs" not in text(await answer(desk, OWNER, "watch list", {}))


async def test_a_digest_is_asked_for_and_scheduled(desk: Desk, hooks: Hooks) -> None:
    assert not failed(await answer(desk, OWNER, "digest now", {}))
    assert [channel.id for channel in hooks.digests] == ["discord:11"]
    given = {"rhythm": "weekly", "at": "6:30", "timezone": "Europe/Brussels", "weekday": "friday"}
    said = text(await answer(desk, OWNER, "digest schedule", given))
    assert "every Friday at 06:30 (Europe/Brussels)" in said
    policy = desk.store.tenants.channel("discord:11").policy
    assert (policy.digest_weekday, policy.timezone, f"{policy.digest_at:%H:%M}") == (4, "Europe/Brussels", "06:30")
    await answer(desk, OWNER, "digest schedule", {"rhythm": "daily"})
    assert desk.store.tenants.channel("discord:11").policy.timezone == "Europe/Brussels"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"rhythm": "hourly"}, "off, daily, weekly"),
        ({"rhythm": "daily", "at": "25:00"}, "06:30"),
        ({"rhythm": "daily", "timezone": "Mars/Base"}, "Europe/Brussels"),
        ({}, "needs rhythm"),
        ({"rhythm": "daily", "colour": "red"}, "takes no 'colour'"),
        ({"rhythm": "daily", "channel": "11"}, "expected a channel"),
    ],
)
async def test_what_cannot_be_used_says_what_was_expected(desk: Desk, given: dict[str, object], expected: str) -> None:
    reply = await answer(desk, OWNER, "digest schedule", given)
    assert failed(reply)
    assert expected in text(reply)


async def test_a_text_is_compared_on_the_spot(desk: Desk, hooks: Hooks) -> None:
    assert "touches none of the 1 claim" in text(await answer(desk, ANALYST, "check", {"text": "Nothing much."}))
    hooks.verdicts = (Verdict(BALTIC.id, Relation.UPDATES, 0.9, "4,800 soldiers", "5,000 → 4,800 people"),)
    reply = await answer(desk, ANALYST, "check", {"text": "Germany sends 4,800 soldiers."})
    assert "⟳ UPDATES · Troops" in text(reply)
    assert "5,000 → 4,800 people" in text(reply)
    assert "We held (March 2025, herald): Germany plans" in text(reply)
    assert reply.pages[0].cards[0].tone is Tone.UPDATES


async def test_why_says_what_became_of_an_entry(desk: Desk, store: Store) -> None:
    (entry,) = publish(store, HOME, "Wire", ["An exercise begins"])
    for asked in (entry.url, f"{entry.url}?utm_source=feed", entry.id):
        told = text(await answer(desk, ANALYST, "why", {"url": asked}))
        assert "✓ fetched 2026-03-17 12:00 UTC from Wire" in told
        assert "matched no watch" in told
    unknown = await answer(desk, ANALYST, "why", {"url": "https://nowhere.example/1"})
    assert failed(unknown)
    assert "/feed list" in text(unknown)


async def test_status_and_help_are_made_from_what_is_there(desk: Desk) -> None:
    await answer(desk, OWNER, "digest schedule", {"rhythm": "daily", "at": "06:30"})
    told = text(await answer(desk, ANALYST, "status", {}))
    assert "Feeds 1, all well" in told
    assert "compared by the test's own" in told
    assert "#alerts: digest daily at 06:30 (UTC)" in told
    listed = text(await answer(desk, ANALYST, "help", {}))
    assert all(f"/{name} {verb.description}" in listed for name, verb in VERBS.items())
    assert "needs" not in text(await answer(desk, ANALYST, "help", {"command": "search"}))
    assert failed(await answer(desk, ANALYST, "help", {"command": "dance"}))


async def test_what_breaks_is_logged_and_told_without_a_traceback(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(tenant: str, text: str) -> object:
        raise RuntimeError("secret detail")

    reply = await answer(replace(desk, compare=broken), ANALYST, "check", {"text": "x"})  # type: ignore[arg-type]
    assert failed(reply)
    assert "secret detail" not in text(reply)
    reference = text(reply).split()[-1].rstrip(".")
    assert reference in caplog.text
    assert "secret detail" in caplog.text


async def test_a_button_runs_its_verb_with_its_argument(desk: Desk) -> None:
    assert BALTIC.statement in text(await press(desk, ANALYST, "claim show", BALTIC.id))
    assert failed(await press(desk, ANALYST, "watch remove", "Troops"))
    assert failed(await press(desk, OWNER, "format disk", "c"))


async def test_suggestions_are_the_tenants_own_and_at_most_25(desk: Desk) -> None:
    for number in range(30):
        await answer(desk, OWNER, "watch add", {"query": "nato", "name": f"Watch {number:02}"})
    await answer(desk, STRANGER, "watch add", {"query": "nato", "name": "Watch of theirs"})
    options = await suggest(desk, OWNER, "watch remove", "name", "watch")
    assert len(options) == 25
    assert all("theirs" not in option.label for option in options)
    assert [option.value for option in await suggest(desk, OWNER, "watch remove", "name", "29")] == ["Watch 29"]
    assert await suggest(desk, ANALYST, "watch remove", "name", "watch") == []
    assert await suggest(desk, OWNER, "watch remove", "colour", "") == []
    assert await suggest(desk, OWNER, "dance", "name", "") == []


@pytest.mark.parametrize(
    ("name", "parameter", "typed", "expected"),
    [
        ("feed remove", "feed", "home", "Home herald"),
        ("claim show", "claim", "brigade", f"{BALTIC.id}: {BALTIC.statement}"),
        ("claim list", "theme", "", "troops"),
        ("digest schedule", "timezone", "brus", "Europe/Brussels"),
        ("why", "url", "troops", "Troops of Home move east"),
        ("help", "command", "watch a", "watch add"),
    ],
)
async def test_suggestions_per_parameter(desk: Desk, name: str, parameter: str, typed: str, expected: str) -> None:
    labels = [option.label for option in await suggest(desk, OWNER, name, parameter, typed)]
    assert labels[:1] == [expected]


def test_the_table_fits_every_platform() -> None:
    for name, verb in VERBS.items():
        words = name.split(" ")
        assert len(words) <= 2
        assert len(words) == 1 or words[0] in GROUPS
        assert all(word.isalpha() and word.islower() and len(word) <= 32 for word in words)
        assert 1 <= len(verb.description) <= 100
        required = [parameter.required for parameter in verb.parameters]
        assert required == sorted(required, reverse=True)
        for parameter in verb.parameters:
            assert 1 <= len(parameter.ask.description) <= 100
            assert len(parameter.choices) <= 25
