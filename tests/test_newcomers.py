"""What tenants are given at each start, and what stays as people have made it since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from bot.claims.baseline import Baseline
from bot.errors import NotFound
from bot.model import Channel, Claim, ClaimKind, FeedIntent, Policy, QuietHours, Quotas, Tenant, Watch, WatchMode
from bot.newcomers import bring_watches, install, welcome
from bot.pack import Pack, WatchForm
from storage import Store

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
CLAIM = Claim("arms", "nuclear", ClaimKind.POSITION, "Herald", "2025-03", "Poland asks for nuclear arms.")
PACK = Pack(
    Baseline("Topic", {}, {}, (CLAIM,)),
    (WatchForm(name="Arms", query="nuclear"), WatchForm(name="Ships", query="frigate")),
    (FeedIntent("https://herald.example/feed", "Herald"), FeedIntent("https://courier.example/feed", "Courier")),
    (),
)
HOME = "console:local"


def channel(name: str = "news", tenant: str = HOME) -> Channel:
    return Channel(f"console:{name}", tenant, "console", name, name)


def followed(store: Store, tenant: str = HOME) -> list[str]:
    return [feed.title for feed in store.feeds.followed(tenant)]


def watches(store: Store) -> dict[str, Watch]:
    return {watch.name: watch for watch in store.watches.all(HOME)}


def start(store: Store, pack: Pack = PACK, *channels: Channel) -> None:
    install(store, pack, channels or (channel(),), NOW)


def test_a_start_brings_the_pack(store: Store) -> None:
    start(store)
    assert followed(store) == ["Courier", "Herald"]
    assert [(watch.query, watch.channel) for watch in watches(store).values()] == [
        ("nuclear", "console:news"),
        ("frigate", "console:news"),
    ]
    assert store.claims.all(HOME) == [CLAIM]
    assert store.tenants.get(HOME).admin_channel == "console:news"


def test_another_start_changes_nothing(store: Store) -> None:
    start(store)
    version = store.watches.version()
    before = (followed(store), watches(store), store.claims.all(HOME), store.tenants.all())
    for _ in range(3):
        start(store)
    assert (followed(store), watches(store), store.claims.all(HOME), store.tenants.all()) == before
    assert store.watches.version() == version


def test_what_was_removed_or_changed_by_command_stays_so(store: Store) -> None:
    start(store)
    store.feeds.unfollow(HOME, "Herald")
    store.watches.remove(HOME, "Arms")
    store.watches.replace(replace(watches(store)["Ships"], query="destroyer", paused=True))
    store.claims.retire(HOME, "arms")
    start(store)
    assert followed(store) == ["Courier"]
    assert [(watch.query, watch.paused) for watch in watches(store).values()] == [("destroyer", True)]
    assert store.claims.all(HOME) == []


def test_what_the_pack_has_had_added_or_changed_arrives(store: Store) -> None:
    start(store)
    store.watches.replace(replace(watches(store)["Ships"], paused=True))
    grown = replace(
        PACK,
        watches=(
            PACK.watches[0],
            WatchForm(name="Ships", query="frigate OR corvette", mode=WatchMode.ALERT),
            WatchForm(name="Planes", query="fighter"),
        ),
        feeds=(*PACK.feeds, FeedIntent("https://wire.example/feed", "Wire")),
    )
    start(store, grown)
    assert followed(store) == ["Courier", "Herald", "Wire"]
    ships = watches(store)["Ships"]
    assert (ships.query, ships.mode, ships.paused) == ("frigate OR corvette", WatchMode.ALERT, True)
    assert set(watches(store)) == {"Arms", "Ships", "Planes"}


def test_the_file_says_what_a_channel_hears(store: Store) -> None:
    start(store)
    start(store, PACK, replace(channel(), policy=Policy(digest_at=time(9)), name="renamed"))
    stored = store.tenants.channel("console:news")
    assert (stored.name, stored.policy.digest_at) == ("renamed", time(9))


def test_another_channel_in_the_file_takes_over_the_watches(store: Store) -> None:
    start(store)
    start(store, PACK, channel("alerts"))
    assert {watch.channel for watch in watches(store).values()} == {"console:alerts"}


def test_of_two_channels_of_a_tenant_the_first_has_the_watches_and_it_is_said(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        start(store, PACK, channel(), channel("second"))
    assert {watch.channel for watch in watches(store).values()} == {"console:news"}
    assert "give second watches of its own" in caplog.text


def test_tenants_have_all_of_it_each(store: Store) -> None:
    start(store, PACK, channel(), channel("away", "console:away"))
    assert followed(store) == followed(store, "console:away")
    assert len(store.watches.all()) == 4


def test_beyond_a_quota_the_rest_is_left_out_and_the_start_goes_on(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.tenants.put(Tenant(HOME, "console", "local", quotas=Quotas(feeds=1, watches=1)))
    start(store)
    assert (len(followed(store)), len(watches(store))) == (1, 1)
    assert "not given all of the topic" in caplog.text
    store.tenants.put(Tenant(HOME, "console", "local"))
    start(store)
    assert (len(followed(store)), len(watches(store))) == (2, 2)


def test_a_name_that_somebody_has_used_is_left_alone(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.tenants.put(Tenant(HOME, "console", "local"))
    store.tenants.put_channel(channel())
    store.watches.add(Watch("mine", HOME, "console:news", "arms", "tanks"))
    start(store)
    assert {watch.name: watch.query for watch in store.watches.all(HOME)} == {"arms": "tanks", "Ships": "frigate"}
    assert "'Arms' is left out" in caplog.text


def test_a_guild_that_invites_the_bot_has_claims_and_feeds(store: Store) -> None:
    tenant = Tenant("discord:7", "discord", "Analysts")
    store.tenants.put(tenant)
    welcome(store, PACK, tenant, NOW)
    assert followed(store, "discord:7") == ["Courier", "Herald"]
    assert store.claims.all("discord:7") == [CLAIM]
    with pytest.raises(NotFound):
        store.tenants.get(HOME)


def test_setting_up_brings_the_watches_and_setting_up_elsewhere_moves_them(store: Store) -> None:
    store.tenants.put(Tenant(HOME, "console", "Home"))
    for name in ("news", "other"):
        store.tenants.put_channel(channel(name))
    bring_watches(store, PACK, channel("news"))
    store.watches.replace(replace(watches(store)["Ships"], paused=True))
    bring_watches(store, PACK, channel("other"))
    assert {name: (one.channel, one.paused) for name, one in watches(store).items()} == {
        "Arms": ("console:other", False),
        "Ships": ("console:other", True),
    }
    store.watches.remove(HOME, "Arms")
    bring_watches(store, PACK, channel("news"))
    assert list(watches(store)) == ["Ships"]


def test_what_people_set_survives_a_restart(store: Store) -> None:
    by_file = channel()
    install(store, PACK, [by_file], NOW)
    set_by_command = replace(by_file.policy, min_confidence=0.9, ping="77", quiet=QuietHours(time(22), time(7)))
    store.tenants.put_channel(replace(by_file, policy=set_by_command))
    install(store, PACK, [by_file], NOW)
    assert store.tenants.channel(by_file.id).policy == set_by_command


def test_what_the_file_says_anew_is_written_and_the_rest_stays(store: Store) -> None:
    by_file = channel()
    install(store, PACK, [by_file], NOW)
    set_by_command = replace(by_file.policy, min_confidence=0.9, languages=frozenset({"de"}))
    store.tenants.put_channel(replace(by_file, policy=set_by_command))
    edited = replace(by_file, policy=replace(by_file.policy, min_confidence=0.7, timezone="Europe/Paris"))
    for _ in range(2):
        install(store, PACK, [edited], NOW)
    expected = replace(set_by_command, min_confidence=0.7, timezone="Europe/Paris")
    assert store.tenants.channel(by_file.id).policy == expected
