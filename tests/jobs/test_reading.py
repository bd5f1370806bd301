"""Polls whose entries are teasers, or in a language that nothing reads: what is compared, for whom, what is told."""

from __future__ import annotations

import pytest
from jobs_world import LATER, Newsroom, says, settle

from bot.alerts.render import AlertView, alert_message
from bot.blocks import plain
from bot.chat.console import LIMITS
from bot.feeds.articles import Articles
from bot.feeds.fetch import HttpFetcher
from bot.feeds.robots import Robots
from bot.model import Entry, Relation, Verdict, WatchMode

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOME, OTHER = "console:home", "console:other"
RULED_OUT = "Warsaw rules out nuclear weapons on Polish soil"
DENIAL = "The government will neither seek nor host them, the minister told parliament on Tuesday morning."
ARTICLE = f"""<html><head><title>{RULED_OUT}</title></head><body><article><h1>{RULED_OUT}</h1>
<p>Ministers met in the capital on Tuesday to talk about nuclear arms and about what the allies had offered.</p>
<p>{DENIAL}</p><p>The opposition asked for a debate, which the speaker of the house announced for next week.</p>
</article></body></html>"""
POLISH = "Warszawa wyklucza obecność broni jądrowej (nuclear) na polskiej ziemi, mówi minister obrony narodowej"


@pytest.fixture
def reading(newsroom: Newsroom) -> Newsroom:
    """A newsroom that reads articles, and whose assessor finds a contradiction wherever the denial stands."""
    fetcher = HttpFetcher(newsroom.web, newsroom.clock.now)
    newsroom.articles = Articles(fetcher, newsroom.parser, Robots(fetcher, newsroom.parser, newsroom.clock.now))
    newsroom.assessor.in_text[DENIAL] = Verdict("arms", Relation.CONTRADICTS, 0.9, DENIAL)
    return newsroom


async def publish(newsroom: Newsroom, title: str = RULED_OUT, text: str = "Ministers met. […]") -> Entry:
    """One entry that links to the article, in a feed that was polled before; as it is stored."""
    link = newsroom.server.serve("article", ARTICLE)
    newsroom.server.publish("herald", newsroom.news("Older piece"))
    newsroom.follow("herald")
    if any(tenant.id == OTHER for tenant in newsroom.store.tenants.all()):
        newsroom.follow("herald", OTHER)
    await newsroom.poll()
    newsroom.clock.forward(LATER)
    newsroom.server.publish("herald", newsroom.news(title, text, link=link))
    await newsroom.poll()
    return newsroom.latest()[0]


async def test_what_stands_only_in_the_article_is_found_and_said_to_stand_there(reading: Newsroom) -> None:
    settle(reading.store)
    stored = await publish(reading)
    assert DENIAL in stored.article
    (alert,) = reading.alerts()
    assert alert.verdicts[0].evidence == DENIAL
    card = alert_message(AlertView(alert, stored, {}, []), LIMITS).cards[0]
    assert "in the article" in [plain(parts) for parts in card.lines]
    assert [one.id for one in reading.store.entries.search(HOME, '"neither seek nor host"', 5)] == [stored.id]


async def test_what_matches_only_for_its_claim_is_read_too(reading: Newsroom) -> None:
    settle(reading.store, watches={"bombs": "claim:arms"})
    reading.assessor.script[RULED_OUT] = (says(Relation.UPDATES, confidence=0.7),)
    stored = await publish(reading)
    assert DENIAL in stored.article
    (alert,) = reading.alerts()
    assert [(one.relation, one.evidence) for one in alert.verdicts] == [(Relation.CONTRADICTS, DENIAL)]


async def test_what_may_match_for_a_claim_and_does_not_is_not_read(reading: Newsroom) -> None:
    settle(reading.store, watches={"bombs": "claim:arms"})
    stored = await publish(reading)
    assert (stored.article, reading.server.count("article"), reading.alerts()) == ("", 0, [])


async def test_an_entry_that_matches_nothing_is_not_read(reading: Newsroom) -> None:
    settle(reading.store)
    stored = await publish(reading, title="Football results")
    assert (stored.article, reading.server.count("article"), reading.server.count("robots.txt")) == ("", 0, 0)


async def test_nothing_is_read_when_a_feed_is_polled_for_the_first_time(reading: Newsroom) -> None:
    settle(reading.store)
    link = reading.server.serve("article", ARTICLE)
    reading.server.publish("herald", reading.news(RULED_OUT, "Ministers met. […]", link=link))
    reading.follow("herald")
    await reading.poll()
    assert reading.server.count("article") == 0


async def test_an_article_that_cannot_be_had_leaves_the_teasers_verdict(reading: Newsroom) -> None:
    settle(reading.store)
    reading.assessor.script[RULED_OUT] = (says(Relation.UPDATES),)
    reading.server.serve("robots.txt", "User-agent: *\nDisallow: /")
    stored = await publish(reading)
    assert (stored.article, reading.server.count("article")) == ("", 0)
    assert [alert.verdicts[0].relation for alert in reading.alerts()] == [Relation.UPDATES]


async def test_who_does_not_let_articles_be_read_has_nothing_of_them(reading: Newsroom) -> None:
    settle(reading.store)
    settle(reading.store, "other", "elsewhere")
    reading.server.publish("herald", reading.news("Older piece"))
    feed = reading.follow("herald")
    reading.follow("herald", OTHER)
    await reading.poll()
    reading.store.feeds.read_articles(OTHER, feed.id, False)
    reading.clock.forward(LATER)
    link = reading.server.serve("article", ARTICLE)
    reading.server.publish("herald", reading.news(RULED_OUT, "Ministers met. […]", link=link))
    await reading.poll()
    assert len(reading.alerts()) == 1
    assert reading.alerts("console:elsewhere") == []


async def test_a_language_that_nothing_reads_is_not_compared_and_says_so(reading: Newsroom) -> None:
    settle(reading.store, mode=WatchMode.ALERT)
    reading.assessor.languages = frozenset({"en"})
    stored = await publish(reading, title=POLISH)
    assert (stored.language, stored.unread) == ("pl", "pl")
    assert (stored.article, reading.server.count("article")) == ("", 0)
    assert not any(POLISH in titles for titles, _ in reading.assessor.asked)
    (alert,) = reading.alerts()
    card = alert_message(AlertView(alert, stored, {}, []), LIMITS).cards[0]
    assert "not compared (pl)" in plain(card.footer)
    (decision,) = reading.store.entries.trail(HOME, stored.id).decisions
    assert "at once" in decision.reason


async def test_the_digest_says_what_was_not_compared(reading: Newsroom) -> None:
    channel = settle(reading.store)
    reading.assessor.languages = frozenset({"en"})
    stored = await publish(reading, title=POLISH)
    (decision,) = reading.store.entries.trail(HOME, stored.id).decisions
    assert decision.reason.startswith("not compared (pl)")
    facts = reading.store.digests.facts(channel.id, reading.clock.now() - LATER, reading.clock.now() + LATER)
    assert [fact.unread for fact in facts if fact.lead.entry == stored.id] == ["pl"]


async def test_the_language_is_the_texts_where_the_feed_does_not_say(reading: Newsroom) -> None:
    settle(reading.store)
    stored = await publish(reading)
    assert stored.language == "en"
