"""The composition root: the only room that knows everybody."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import httpx

from bot.alerts.render import Labels
from bot.chat.commands import Desk
from bot.claims.asking import Asking, Endpoint
from bot.claims.choose import local_assessor
from bot.claims.llm import SecondOpinion
from bot.claims.llm_drafting import Drafter
from bot.feeds.articles import Articles
from bot.feeds.fetch import HttpFetcher
from bot.feeds.guard import Guard
from bot.feeds.pace import Pace
from bot.feeds.parse import Limits as ParseLimits
from bot.feeds.parse import Parser
from bot.feeds.robots import Robots
from bot.feeds.web import Caps, Web
from bot.jobs.compare import Comparer
from bot.jobs.compose import Composer
from bot.jobs.deliver import Deliverer, Told, nobody
from bot.jobs.digests import Digester
from bot.jobs.poll import Polled, Poller
from bot.jobs.watchdog import Watchdog
from bot.lookup import Lookup
from bot.memory import give_back_freed
from bot.model import Channel, Tenant
from bot.newcomers import bring_watches, install, welcome
from bot.ops import MetricsText, Pulse, health_port
from bot.pack import Pack, load_pack
from bot.ports import Assessor, Clock, Platform, Store
from bot.settings import Settings
from storage import Queue, open_store

log = logging.getLogger(__name__)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class House:
    """What every way of running shares, opened and wired; nothing in it runs by itself."""

    settings: Settings
    clock: Clock
    pack: Pack
    store: Store
    fetcher: HttpFetcher
    parser: Parser
    articles: Articles
    assessor: Assessor
    pulse: Pulse
    drafter: Drafter | None = None  # where a language model is configured

    @property
    def labels(self) -> Labels:
        """How the topic's themes and sources are called."""
        return Labels(self.pack.baseline.themes, self.pack.baseline.sources)

    def poller(self, told: Callable[[Polled], None], freed: Callable[[], None]) -> Poller:
        """A poller over this house; see `Poller` for what it calls."""
        fetch = self.settings.file.fetch
        return Poller(
            self.store,
            self.fetcher,
            self.parser,
            Comparer(self.assessor, self.store.claims),
            self.clock,
            Pace(floor=fetch.min_interval, ceiling=fetch.max_interval),
            random.random,
            fetch.concurrency,
            told,
            freed,
            self.articles if fetch.articles else None,
        )

    def rounds(self, told: Callable[[Polled], None]) -> Callable[[], Awaitable[None]]:
        """What polls until nothing is due any more, whenever it is called; what its poller remembers stays."""
        freed = asyncio.Event()
        poller = self.poller(told, freed.set)

        async def poll() -> None:
            while True:
                freed.clear()
                if not await poller.begin_due():
                    if not poller.busy:
                        return
                    await freed.wait()

        return poll

    def deliverer(self, platforms: Mapping[str, Platform], freed: Callable[[], None], told: Told = nobody) -> Deliverer:
        """A deliverer to these platforms; see `Deliverer` for what it calls."""
        return Deliverer(self.store, platforms, Composer(self.store, self.labels), self.clock, freed, told)

    def digester(self, platforms: Mapping[str, Platform]) -> Digester:
        """What makes the digests of these platforms' channels."""
        limits = {name: platform.limits for name, platform in platforms.items()}
        return Digester(self.store, limits, self.clock, self.pack.baseline.title)

    def watchdog(self) -> Watchdog | None:
        """What watches over the feeds, unless settings turn it off."""
        file = self.settings.file
        if not file.health.watchdog:
            return None
        return Watchdog(self.store, file.health.watchdog, file.fetch.min_interval, self.clock.now())

    async def keep_up(self, watchdog: Watchdog | None) -> None:
        """See whether feeds can be read, and drop what is older than settings keep."""
        now = self.clock.now()
        if watchdog:
            self.pulse.trouble = await asyncio.to_thread(watchdog.look, now)
        dropped = await asyncio.to_thread(self.store.prune, now - timedelta(seconds=self.settings.file.retention))
        if dropped:
            log.info("%d old entries were dropped", dropped)

    @asynccontextmanager
    async def health(self, metrics: MetricsText) -> AsyncIterator[None]:
        """The health port while the block runs, where settings give one."""
        place = self.settings.file.health
        if not place.port:
            yield
            return
        async with health_port(place.host, place.port, self.pulse, metrics) as port:
            log.info("health: http://%s:%d/healthz", place.host, port)
            yield

    def desk(self, platforms: Mapping[str, Platform], wake: Callable[[], None]) -> Desk:
        """Where commands are answered; `wake` is called when a command may have made something due.

        `platforms` may still grow: a platform needs its desk before it is one of them.
        """
        lookup = Lookup(self.store, self.fetcher, self.parser, self.assessor)

        async def request_digest(channel: Channel) -> None:
            await self.digester(platforms).make_now(channel)
            wake()

        async def greet(tenant: Tenant) -> None:
            await asyncio.to_thread(welcome, self.store, self.pack, tenant, self.clock.now())
            wake()

        drafting = {"draft": self.drafter.draft} if self.drafter else {}
        return Desk(
            **drafting,
            store=self.store,
            clock=self.clock,
            compare=lookup.compare,
            request_digest=request_digest,
            discover=lookup.discover,
            welcome=greet,
            bring_watches=lambda store, channel: bring_watches(store, self.pack, channel),
            refusal=Guard(allow=self.settings.file.fetch.allow_networks).check_url,
            read=lookup.read,
            assessor=self.assessor.name,
            policy=self.settings.file.policy.policy(),
            labels=self.labels,
        )


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock | None = None, pack: Pack | None = None, queue: Queue | None = None
) -> AsyncIterator[House]:
    """Open everything, bring the configured channels and the pack into the store, and close it all in the end.

    With a `queue` the store tells it what there is to do, for the workers of many processes.
    `clock` and `pack` take the place of the machine's time and of the topic's folder, for the demo and for tests.
    Raises `ConfigError` and `StoreError`.
    """
    give_back_freed()
    clock = clock or SystemClock()
    fetch = settings.file.fetch
    guard = Guard(allow=fetch.allow_networks)
    pack = pack or load_pack(settings.topic_folder, guard.check_url)
    for problem in pack.problems:
        log.warning("%s", problem)
    agent = user_agent(settings.file.contact)
    async with AsyncExitStack() as stack:
        web = Web(agent=agent, guard=guard, per_host=fetch.per_host)
        stack.push_async_callback(web.aclose)
        parser = Parser(ParseLimits(deadline=fetch.parse_deadline))
        stack.push_async_callback(parser.aclose)
        store = await asyncio.to_thread(open_store, settings.database, queue)
        stack.push_async_callback(_close, store)
        await asyncio.to_thread(install, store, pack, settings.channels(), clock.now())
        assessor = await asyncio.to_thread(local_assessor, settings.file.judge.model)
        drafter = None
        if endpoint := _endpoint(settings):
            client = await stack.enter_async_context(httpx.AsyncClient(headers={"User-Agent": agent}))
            asking = Asking(endpoint, client, clock)
            assessor, drafter = SecondOpinion(assessor, asking), Drafter(asking)
        fetcher = HttpFetcher(web, clock.now, Caps(deadline=fetch.deadline))
        reader = Parser(ParseLimits(workers=1, deadline=fetch.parse_deadline))  # so that no article holds up a feed
        stack.push_async_callback(reader.aclose)
        articles = Articles(fetcher, reader, Robots(fetcher, reader, clock.now))
        yield House(settings, clock, pack, store, fetcher, parser, articles, assessor, Pulse(clock), drafter)


def _endpoint(settings: Settings) -> Endpoint | None:
    """The language model that settings name, if any."""
    llm = settings.file.judge.llm
    if not llm.base_url:
        return None
    return Endpoint(llm.base_url, llm.model, settings.secrets.llm_api_key, llm.daily_budget, llm.timeout)


async def _close(store: Store) -> None:
    """A transaction that was begun in a thread is to end before the database is closed under it."""
    await asyncio.get_running_loop().shutdown_default_executor()
    store.close()


def user_agent(contact: str) -> str:
    """One honest name, with a way to reach the operator where the settings give one."""
    about = f"; +{contact}" if contact else ""
    return f"Claimwatch/{version('claimwatch')} (news feed monitor{about})"
