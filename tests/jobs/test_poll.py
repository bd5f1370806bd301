"""A poll from the server's answer to what the store holds afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from jobs_world import HOUR, LATER, Newsroom, claim, says, settle

from bot.feeds.identify import FLOOD
from bot.jobs.poll import LEASE
from bot.model import Action, DeliveryKind, FeedState, Hush, PollPlan, Relation, Watch, WatchMode, stable_id
from storage import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULED_OUT = "Warsaw rules out nuclear weapons on Polish soil"
OLD = "Older piece on nuclear umbrellas"


async def begun(newsroom: Newsroom, *names: str) -> None:
    """Feeds that were polled once, so that what comes next is news."""
    for name in names:
        newsroom.server.publish(name, newsroom.news(f"{OLD} in {name}"))
        newsroom.follow(name)
    await newsroom.poll()
    newsroom.clock.forward(LATER)


@pytest.mark.parametrize("existing", [False, True])
async def test_what_was_there_before_is_announced_only_when_asked(newsroom: Newsroom, existing: bool) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    newsroom.follow("herald", existing=existing)
    (polled,) = await newsroom.poll()
    assert (polled.new, polled.matched, polled.alerts) == (1, 1, int(existing))
    assert newsroom.store.deliveries.stats().owed == int(existing)
    trail = newsroom.store.entries.trail("console:home", newsroom.latest()[0].id)
    assert [decision.action for decision in trail.decisions] == [Action.ALERT if existing else Action.NOTHING]
    assert (trail.decisions[0].reason == Hush.FIRST_POLL.value) is not existing


async def test_a_contradiction_that_comes_later_is_owed_with_its_entry(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    await begun(newsroom, "herald")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT), newsroom.news("Football results"))
    (polled,) = await newsroom.poll()
    assert (polled.new, polled.matched, polled.alerts) == (2, 1, 1)
    (alert,) = newsroom.alerts()
    assert alert.verdicts == (says(Relation.CONTRADICTS),)
    (owed,) = newsroom.store.deliveries.of(alert.id)
    assert (owed.kind, owed.channel, owed.due) == (DeliveryKind.ALERT, "console:news", newsroom.clock.now())


async def test_the_same_event_elsewhere_is_an_edit(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    newsroom.assessor.script["rules out nuclear"] = (says(Relation.CONTRADICTS),)
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, key="h1"))
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.server.publish("courier", newsroom.news(f"{RULED_OUT}, minister says", key="c1"))
    await newsroom.poll()
    (alert,) = newsroom.alerts()
    assert [one.kind for one in newsroom.store.deliveries.of(alert.id)] == [DeliveryKind.ALERT, DeliveryKind.EDIT]
    outlets = [report.outlet for report in newsroom.store.entries.reports("console:home", alert.story)]
    assert outlets == ["Herald", "Courier"]


async def test_two_entries_of_one_document_may_be_one_story(newsroom: Newsroom) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    await begun(newsroom, "herald")
    newsroom.server.publish(
        "herald", newsroom.news(RULED_OUT, key="h1"), newsroom.news(f"{RULED_OUT}, again", key="h2")
    )
    (polled,) = await newsroom.poll()
    assert (polled.new, polled.alerts) == (2, 1)


async def test_another_relation_is_told_anew(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    newsroom.assessor.script = {
        RULED_OUT: (says(Relation.CONTRADICTS),),
        "again": (says(Relation.UPDATES, change="0 → 1"),),
    }
    newsroom.assessor.script[RULED_OUT + " again"] = ()
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, key="h1"))
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.assessor.script[RULED_OUT] = ()
    newsroom.server.publish("courier", newsroom.news(f"{RULED_OUT} again", key="c1"))
    await newsroom.poll()
    first, second = newsroom.alerts()
    assert first.story == second.story
    assert [alert.verdicts[0].relation for alert in (first, second)] == [Relation.CONTRADICTS, Relation.UPDATES]


async def test_what_did_not_change_is_not_read_again(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    newsroom.server.publish("tagged", newsroom.news(OLD))
    newsroom.server.publish("bare", newsroom.news(OLD), etag=False)
    for name in ("tagged", "bare"):
        newsroom.follow(name)
    before = newsroom.parser.parsed
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    polled = await newsroom.poll()
    assert [one.new for one in polled] == [0, 0]
    assert newsroom.server.unchanged == 1
    assert newsroom.server.count("bare") == newsroom.server.count("tagged") == 2
    assert newsroom.parser.parsed - before == 2
    assert all(one.feed.last_ok == newsroom.clock.now() for one in polled)


async def test_a_feed_that_fails_is_told_once_and_once_when_it_is_well(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    await begun(newsroom, "herald")
    newsroom.server.fail("herald", 500)
    waits = []
    for _ in range(7):
        (polled,) = await newsroom.poll()
        assert polled.failure is not None
        waits.append((polled.feed.next_poll - newsroom.clock.now()).total_seconds())
        assert (polled.feed.state is FeedState.BROKEN) is (len(waits) >= 5)
        newsroom.clock.time = polled.feed.next_poll
    assert waits == sorted(waits)
    assert waits[0] < waits[3] < waits[-1] <= 86_400
    (notice,) = newsroom.notices()
    assert "fails" in notice
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    for _ in range(3):
        await newsroom.poll()
        newsroom.clock.forward(timedelta(days=1))
    (notice,) = newsroom.notices()
    assert "well again" in notice


async def test_one_feed_that_cannot_be_reached_is_not_taken_for_a_network_of_ours(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    await begun(newsroom, "herald")
    poller = newsroom.poller()
    newsroom.server.__exit__()
    for failures in range(1, 7):
        (polled,) = await newsroom.poll(poller)
        assert polled.feed.failures == failures
        newsroom.clock.time = polled.feed.next_poll
    assert len(newsroom.notices()) == 1


async def test_when_no_feed_can_be_reached_none_is_blamed(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    names = [f"feed{number}" for number in range(6)]
    await begun(newsroom, *names)
    poller = newsroom.poller()
    newsroom.server.__exit__()
    for _ in range(24):
        await newsroom.poll(poller)
        newsroom.clock.forward(HOUR / 2)
    feeds = newsroom.store.feeds.followed("console:home")
    assert len(newsroom.polled) > 6 * 10
    assert {feed.state for feed in feeds} == {FeedState.ACTIVE}
    assert max(feed.failures for feed in feeds) <= 1
    assert newsroom.notices() == []


async def test_a_rare_feed_that_was_well_does_not_speak_for_the_network_for_ever(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    for name in ("herald", "courier", "wire", "rare"):
        newsroom.server.publish(name, newsroom.news(f"{OLD} in {name}"))
        newsroom.follow(name)
    poller = newsroom.poller()
    polled = await newsroom.poll(poller)
    (rare,) = [one.feed for one in polled if one.feed.title == "Rare"]
    now = newsroom.clock.now()
    newsroom.store.commit([PollPlan(replace(rare, next_poll=now + timedelta(days=2)), now)])
    newsroom.server.__exit__()
    for _ in range(24):
        newsroom.clock.forward(HOUR / 2)
        await newsroom.poll(poller)
    assert {feed.state for feed in newsroom.store.feeds.followed("console:home")} == {FeedState.ACTIVE}
    assert newsroom.notices() == []


async def test_two_tenants_of_one_feed_never_see_each_others(newsroom: Newsroom) -> None:
    settle(newsroom.store, "home", "news", {"arms": "nuclear"})
    settle(newsroom.store, "away", "wire", {"ships": "frigate"}, [claim("arms", "Poland wants no nuclear arms.")])
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    newsroom.server.publish("herald", newsroom.news(OLD))
    feed = newsroom.follow("herald")
    newsroom.follow("herald", "console:away")
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.assessor.asked.clear()
    both = f"{RULED_OUT} and sends a frigate"
    newsroom.server.publish("herald", newsroom.news(RULED_OUT), newsroom.news(both), newsroom.news("A frigate sails"))
    await newsroom.poll()
    assert newsroom.server.count("herald") == 2
    assert sorted(newsroom.assessor.asked) == [
        ([RULED_OUT, both], ["Poland asks for nuclear arms."]),
        ([both, "A frigate sails"], ["Poland wants no nuclear arms."]),
    ]
    entries = {entry.title: entry.id for entry in newsroom.latest()}
    for tenant, mine, others in (
        ("console:home", RULED_OUT, "A frigate sails"),
        ("console:away", "A frigate sails", RULED_OUT),
    ):
        assert len(newsroom.store.entries.trail(tenant, entries[mine]).matches) == 1
        trail = newsroom.store.entries.trail(tenant, entries[others])
        assert (trail.matches, trail.verdicts, trail.decisions) == ((), (), ())
        assert {newsroom.store.tenants.channel(one.channel).tenant for one in trail.deliveries} <= {tenant}
    assert {alert.tenant for alert in newsroom.alerts("console:news")} == {"console:home"}
    assert {alert.tenant for alert in newsroom.alerts("console:wire")} == {"console:away"}
    newsroom.store.feeds.unfollow("console:away", feed.id)
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Another frigate sails"))
    await newsroom.poll()
    assert "Another frigate sails" not in {entry.title for entry in newsroom.latest("console:away")}


async def test_equal_claims_are_compared_once_for_all_who_hold_them(newsroom: Newsroom) -> None:
    settle(newsroom.store, "home", "news")
    settle(newsroom.store, "away", "wire")
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    newsroom.follow("herald", existing=True)
    newsroom.follow("herald", "console:away")
    await newsroom.poll()
    assert newsroom.assessor.asked == [([RULED_OUT], ["Poland asks for nuclear arms."])]
    assert len(newsroom.alerts("console:news")) == len(newsroom.alerts("console:wire")) == 1


async def test_a_commit_that_fails_leaves_nothing_and_the_next_poll_brings_all(
    newsroom: Newsroom, sqlite_url: str
) -> None:
    settle(newsroom.store)
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    await begun(newsroom, "herald")
    before = newsroom.store.feeds.followed("console:home")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    poller = newsroom.poller()
    database = sqlite3.connect(sqlite_url)
    database.execute("CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.commit()
    assert await newsroom.poll(poller) == []
    assert newsroom.store.feeds.followed("console:home") == before  # the ETag and the next poll among it
    assert [entry.title for entry in newsroom.latest()] == [f"{OLD} in herald"]
    database.execute("DROP TRIGGER full")
    database.commit()
    database.close()
    newsroom.clock.forward(timedelta(seconds=LEASE))
    (polled,) = await newsroom.poll(poller)
    assert (polled.new, polled.alerts) == (1, 1)
    (alert,) = newsroom.alerts()
    assert len(newsroom.store.deliveries.of(alert.id)) == 1


@dataclass
class Commits:
    """What `Store.commit` and `Store.turn` are asked for."""

    polls: list[int] = field(default_factory=list)  # of each commit
    turns: int = 0


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> Commits:
    """Counts them; the first commit takes so long that all other polls of a test come meanwhile."""
    counted, commit, turn = Commits(), Store.commit, Store.turn

    def counting(store: Store, plans: Sequence[PollPlan]) -> list[int]:
        time.sleep(0.5 if not counted.polls else 0)
        counted.polls.append(len(plans))
        return commit(store, plans)

    def turning(store: Store) -> AbstractContextManager[Callable[[], None]]:
        counted.turns += 1
        return turn(store)

    monkeypatch.setattr(Store, "commit", counting)
    monkeypatch.setattr(Store, "turn", turning)
    return counted


async def test_first_polls_share_transactions_and_stories(newsroom: Newsroom, commits: Commits) -> None:
    settle(newsroom.store)
    names = [f"herald{number}" for number in range(8)]
    for name in names:
        newsroom.server.publish(name, newsroom.news(RULED_OUT, key=name))
        newsroom.follow(name)
    polled = await newsroom.poll()
    assert [one.new for one in polled] == [1] * 8
    assert sum(commits.polls) == 8
    assert len(commits.polls) < 8
    assert commits.turns == len(commits.polls), "they begin stories, which other processes must see"
    story = newsroom.store.entries.trail("console:home", newsroom.latest()[0].id).story
    assert len(newsroom.store.entries.reports("console:home", story)) == 8


async def test_what_matches_nothing_waits_for_no_other_process(newsroom: Newsroom, commits: Commits) -> None:
    settle(newsroom.store)
    newsroom.server.publish("herald", newsroom.news("Football results"))
    newsroom.follow("herald")
    await newsroom.poll()
    assert (commits.polls, commits.turns) == ([1], 0)


async def test_reading_and_settling_work_one_at_a_time(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(newsroom.store)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    newsroom.follow("herald")
    poller, view, held = newsroom.poller(), Store.view, list[bool]()

    def viewing(store: Store, work: Callable[[], object]) -> object:
        held.append(poller._lane.locked())
        return view(store, work)

    monkeypatch.setattr(Store, "view", viewing)
    await newsroom.poll(poller)
    assert held == [True, True], "the view of what is new, and that of what is to be decided"


async def test_what_may_be_told_is_committed_alone(newsroom: Newsroom, commits: Commits) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    names = ("herald", "courier", "echo")
    await begun(newsroom, *names)
    commits.polls.clear()
    for name in names:
        newsroom.server.publish(name, newsroom.news(RULED_OUT, key=name))
    await newsroom.poll()
    assert commits.polls == [1, 1, 1], "each sees what was told before"
    (alert,) = newsroom.alerts()
    kinds = [one.kind for one in newsroom.store.deliveries.of(alert.id)]
    assert kinds == [DeliveryKind.ALERT, DeliveryKind.EDIT, DeliveryKind.EDIT]


async def test_a_story_whose_commit_failed_is_forgotten(newsroom: Newsroom, sqlite_url: str) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT, key="h1"))
    poller = newsroom.poller()
    database = sqlite3.connect(sqlite_url)
    database.execute("CREATE TRIGGER full BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    database.commit()
    assert [one.feed.title for one in await newsroom.poll(poller)] == ["Courier"]
    database.execute("DROP TRIGGER full")
    database.commit()
    database.close()
    newsroom.server.publish("herald")
    newsroom.server.publish("courier", newsroom.news(RULED_OUT, key="c1"))
    newsroom.clock.forward(LATER)
    await newsroom.poll(poller)
    (alert,) = newsroom.alerts()
    assert alert.story == alert.entry, "it begins a story, since none like it was ever stored"


async def test_twenty_restarts_poll_nothing_early(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    await begun(newsroom, "herald")
    await newsroom.poll()
    asked = newsroom.server.count("herald")
    for _ in range(20):
        newsroom.clock.forward(timedelta(seconds=10))
        assert await newsroom.poll(newsroom.poller()) == []
    assert newsroom.server.count("herald") == asked


async def test_a_flood_is_one_summary(newsroom: Newsroom) -> None:
    settle(newsroom.store, mode=WatchMode.ALERT)
    await begun(newsroom, "herald")
    number = 5000
    assert number > FLOOD
    newsroom.server.publish("herald", *(newsroom.news(f"Nuclear item {one}", key=str(one)) for one in range(number)))
    (polled,) = await newsroom.poll()
    assert FLOOD < polled.new <= number  # a document is read up to a bound
    assert (polled.matched, polled.alerts) == (polled.new, 0)
    (notice,) = newsroom.notices()
    assert "new entries at once" in notice
    assert newsroom.store.deliveries.stats().sent == 1


async def test_a_slow_feed_holds_up_nobody_and_is_not_begun_twice(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    await begun(newsroom, "slow", "quick")
    page = newsroom.server.hold("slow")
    poller = newsroom.poller()
    before = len(newsroom.polled)
    assert await poller.begin_due() == 2
    async with asyncio.timeout(30):
        while len(newsroom.polled) == before:
            await asyncio.sleep(0.01)
    assert newsroom.polled[-1].feed.title == "Quick"
    assert poller.busy
    newsroom.clock.forward(timedelta(seconds=LEASE + 1))
    assert await poller.begin_due() == 0  # its lease ran out, but it is still on its way
    page.free.set()
    await poller.drain(30)
    assert newsroom.polled[-1].feed.title == "Slow"
    assert newsroom.server.count("slow") == 2


async def test_a_new_watch_is_heard_by_the_next_poll(newsroom: Newsroom) -> None:
    place = settle(newsroom.store, mode=WatchMode.ALERT)
    await begun(newsroom, "herald")
    poller = newsroom.poller()
    newsroom.server.publish("herald", newsroom.news("A frigate sails"))
    (polled,) = await newsroom.poll(poller)
    assert polled.matched == 0
    watch = Watch(stable_id("ships"), place.tenant, place.id, "ships", "frigate", WatchMode.ALERT)
    newsroom.store.watches.add(watch)
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Another frigate was sold"))
    (polled,) = await newsroom.poll(poller)
    assert polled.alerts == 1


async def test_a_watch_that_goes_while_its_entry_is_compared_harms_nothing(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"arms": "nuclear", "ships": "frigate"})
    await begun(newsroom, "herald", "courier")
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    newsroom.server.publish("courier", newsroom.news("A frigate sails"))
    poller = newsroom.poller()
    herald, courier = sorted(
        newsroom.store.feeds.claim_due(newsroom.clock.now(), LEASE, 2), key=lambda feed: feed.title, reverse=True
    )
    gone = asyncio.Event()

    async def remove() -> None:
        if not gone.is_set():
            gone.set()
            newsroom.store.watches.remove("console:home", "arms")
            await poller.poll(courier)  # sees the change, and makes the index anew

    newsroom.assessor.before = remove
    polled = await poller.poll(herald)
    assert (polled.new, polled.matched) == (1, 1)
    assert {RULED_OUT, "A frigate sails"} <= {entry.title for entry in newsroom.latest()}


async def test_the_assessor_never_sees_what_matches_nothing(newsroom: Newsroom) -> None:
    settle(newsroom.store)
    newsroom.server.publish("herald", newsroom.news("Football results"))
    newsroom.follow("herald", existing=True)
    await newsroom.poll()
    assert newsroom.assessor.asked == []
