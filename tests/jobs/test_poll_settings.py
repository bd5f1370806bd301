"""Polls under mutes, lists of keywords and watches over claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from jobs_world import LATER, Newsroom, claim, says, settle

from bot.model import Action, KeywordList, Mute, MuteKind, Relation, WatchMode

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOME, AWAY = "console:home", "console:away"
RULED_OUT = "Warsaw rules it out"


async def begun(newsroom: Newsroom, *tenants: str) -> None:
    newsroom.server.publish("herald", newsroom.news("Old piece"))
    for tenant in tenants or (HOME,):
        newsroom.follow("herald", tenant)
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.assessor.asked.clear()


async def test_a_watch_over_a_claim_matches_what_no_word_does(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"bombs": "claim:arms"})
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    await begun(newsroom)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT), newsroom.news("Football results"))
    (polled,) = await newsroom.poll()
    assert (polled.new, polled.matched, polled.alerts) == (2, 1, 1)
    (alert,) = newsroom.alerts()
    assert alert.verdicts == (says(Relation.CONTRADICTS),)
    trail = newsroom.store.entries.trail(HOME, alert.entry)
    assert [(watch.name, match.words) for watch, match in trail.matches] == [("bombs", ("arms",))]


async def test_a_watch_over_a_theme_matches_by_the_claims_theme(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"bombs": "theme:Nuclear"})
    newsroom.assessor.script[RULED_OUT] = (says(Relation.UPDATES),)
    await begun(newsroom)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    assert [polled.alerts for polled in await newsroom.poll()] == [1]


async def test_only_what_such_a_watch_may_match_is_compared_for_its_tenant_alone(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"bombs": "warsaw AND claim:arms"})
    settle(newsroom.store, "away", "far", watches={"words": "penguin"}, claims=[claim("other", "Penguins fly.")])
    await begun(newsroom, HOME, AWAY)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT), newsroom.news("Football results"))
    await newsroom.poll()
    assert newsroom.assessor.asked == [([RULED_OUT], ["Poland asks for nuclear arms."])]


async def test_an_entry_that_words_match_is_not_compared_again(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"words": "warsaw", "bombs": "claim:arms"})
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS),)
    await begun(newsroom)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    await newsroom.poll()
    assert len(newsroom.assessor.asked) == 1
    (alert,) = newsroom.alerts()
    assert len(newsroom.store.entries.trail(HOME, alert.entry).matches) == 2


async def test_what_was_compared_for_nothing_moves_no_claim(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"bombs": "claim:arms"}, claims=[claim(), claim("aid", "Aid goes on.")])
    newsroom.assessor.script[RULED_OUT] = (says(Relation.CONTRADICTS, "aid"),)
    await begun(newsroom)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    (polled,) = await newsroom.poll()
    assert (polled.matched, polled.alerts, polled.relations) == (0, 0, ())
    assert newsroom.store.claims.evidence(HOME, "aid", 5) == []


async def test_a_paused_watch_over_claims_costs_nothing(newsroom: Newsroom) -> None:

    settle(newsroom.store, watches={"bombs": "claim:arms"})
    (bombs,) = newsroom.store.watches.all(HOME)
    newsroom.store.watches.replace(replace(bombs, paused=True))
    await begun(newsroom)
    newsroom.server.publish("herald", newsroom.news(RULED_OUT))
    await newsroom.poll()
    assert newsroom.assessor.asked == []


async def test_a_list_that_changes_changes_what_its_watches_match(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"any": "seldom"}, mode=WatchMode.ALERT)
    settle(newsroom.store, "away", "far", watches={"any": "seldom"}, mode=WatchMode.ALERT)
    for tenant in (HOME, AWAY):
        newsroom.store.lists.put(KeywordList(tenant, "places", ("Warsaw",) if tenant == HOME else ("Madrid",)))
    for watch in newsroom.store.watches.all():
        newsroom.store.watches.replace(replace(watch, query="@places"))
    await begun(newsroom, HOME, AWAY)
    poller = newsroom.poller()
    newsroom.server.publish("herald", newsroom.news("Warsaw acts"))
    await newsroom.poll(poller)
    newsroom.store.lists.put(KeywordList(HOME, "places", ("Lisbon",)))
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Warsaw rests"), newsroom.news("Lisbon sleeps"))
    await newsroom.poll(poller)
    titles = [newsroom.store.entries.get(alert.entry).title for alert in newsroom.alerts()]
    assert titles == ["Warsaw acts", "Lisbon sleeps"]
    assert newsroom.alerts("console:far") == []


async def test_what_is_muted_is_told_again_when_the_mute_is_over(newsroom: Newsroom) -> None:
    settle(newsroom.store, watches={"all": "warsaw"}, mode=WatchMode.ALERT)
    await begun(newsroom)
    feed = newsroom.store.feeds.find(HOME, "herald")
    until = newsroom.clock.now() + timedelta(hours=1)
    newsroom.store.mutes.put(Mute(HOME, MuteKind.FEED, feed.id, "Herald", until, "ana", newsroom.clock.now()))
    newsroom.server.publish("herald", newsroom.news("Warsaw acts"))
    await newsroom.poll()
    trail = newsroom.store.entries.trail(HOME, newsroom.latest()[0].id)
    assert [(one.action, one.reason[:27]) for one in trail.decisions] == [
        (Action.NOTHING, "feed “Herald” is muted unti")
    ]
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news("Warsaw votes on ferries"))
    assert [polled.alerts for polled in await newsroom.poll()] == [1]
