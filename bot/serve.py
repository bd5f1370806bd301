"""Running: the loops, the ticks that wake them, the platforms and the health port, until told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pydantic import SecretStr

from bot.app import House, opened
from bot.chat.commands import Desk
from bot.chat.console import ConsolePlatform
from bot.chat.discord import DiscordBot, DiscordPlatform, use_addresses
from bot.chat.slack import SlackBot, SlackPlatform, SlackSettings
from bot.errors import ClaimwatchError, PlatformError
from bot.jobs.digests import Digester
from bot.jobs.loop import Loop
from bot.jobs.poll import Polled
from bot.jobs.watchdog import Watchdog
from bot.metrics import Metrics
from bot.model import Channel, Delivery, DeliveryKind, SendOutcome, Sent
from bot.ops import health_port
from bot.ports import Platform
from bot.settings import Settings

log = logging.getLogger(__name__)

SLACK = "https://slack.com/api"
TICK = 2.0
"""Seconds between looks at what is due."""
UPKEEP = 60.0
LOST_AFTER = timedelta(minutes=10)
"""A delivery that is still `sending` after so long was lost by whoever sent it: longer than any send takes."""
SWITCH = 0.0005
"""Seconds that a busy thread keeps the interpreter from the event loop, which lets go of it at each read and write:
with Python's own 5 ms a poll that brings a thousand entries makes the loop wait for tenths of a second."""
DRAIN = 20.0
"""Seconds that polls and deliveries have to end when the program is told to stop."""


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises `PlatformError` where no platform is left to post on."""
    sys.setswitchinterval(SWITCH)
    async with opened(settings) as house:
        gc.freeze()  # what is there by now stays: looking through it at each collection would hold up the loop
        await Server(house).run()


class Server:
    """One process that does everything."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._stop = asyncio.Event()
        self._platforms: dict[str, Platform] = {}
        self._connections: dict[str, Awaitable[None]] = {}
        self._digests = Loop("digest", self._make_digests, house.pulse)
        self._deliveries = Loop("deliver", self._deliver, house.pulse)
        self._polls = Loop("poll", self._poll, house.pulse)
        self._upkeep = Loop("upkeep", self._keep_up, house.pulse)
        self._failure: PlatformError | None = None
        self._recovered = False
        self._metrics = Metrics()
        self._watchdog = self._posted_watchdog()

    async def run(self) -> None:
        """Until told to stop by a signal, or until no platform is left."""
        self._connect()
        self._deliverer = self._house.deliverer(self._platforms, self._deliveries.wake, self._delivered)
        self._poller = self._house.poller(self._polled, self._polls.wake)
        async with AsyncExitStack() as stack:
            stack.callback(self._forget_signals)
            self._heed_signals()
            health = self._house.settings.file.health
            if health.port:
                serving = health_port(health.host, health.port, self._house.pulse, self._metrics_text)
                port = await stack.enter_async_context(serving)
                log.info("health: http://%s:%d/healthz", health.host, port)
            await self._work()
        if self._failure and not self._platforms:
            raise self._failure

    def _connect(self) -> None:
        """Make the platforms: those that have a token, else the console, which says so."""
        settings = self._house.settings
        if token := settings.secrets.discord_token:
            use_addresses(settings.discord_api, settings.discord_gateway)
            discord = DiscordBot(self._desk())
            self._platforms["discord"] = DiscordPlatform(discord)
            self._connections["discord"] = discord.run_until_closed(token.get_secret_value())
        if settings.secrets.slack_bot_token:
            slack = SlackBot(self._desk(), slack_settings(settings))
            self._platforms["slack"] = SlackPlatform(slack)
            self._connections["slack"] = slack.run_until_closed()
        if not self._platforms:
            log.info("neither DISCORD_TOKEN nor SLACK_BOT_TOKEN is set, so messages are printed here")
            self._platforms["console"] = ConsolePlatform()

    def _desk(self) -> Desk:
        async def request_digest(channel: Channel) -> None:
            await self._digester().make_now(channel)

        return self._house.desk(request_digest, self._wake_all)

    def _digester(self) -> Digester:
        return self._house.digester(self._platforms)

    async def _work(self) -> None:
        """The loops, the connections and the ticks, until told to stop; then what was begun is brought to an end."""
        loops = (self._polls, self._deliveries, self._digests, self._upkeep)
        running = [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
        connected = [asyncio.create_task(self._stay(name, work)) for name, work in self._connections.items()]
        scheduler = self._scheduler()
        scheduler.start()
        self._wake_all()
        try:
            await self._stop.wait()
        finally:
            scheduler.shutdown(wait=False)
            for loop in loops:
                loop.stop()
            await asyncio.wait(running, timeout=DRAIN)
            await asyncio.gather(self._poller.drain(DRAIN), self._deliverer.drain(DRAIN))
            await _cancel([*running, *connected])

    def _scheduler(self) -> AsyncIOScheduler:
        """Ticks in UTC that only wake loops: what is due is a column, so a late or lost tick loses nothing."""
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        scheduler.add_job(self._tick, "interval", seconds=TICK)
        scheduler.add_job(self._tick_upkeep, "interval", seconds=UPKEEP)
        return scheduler

    async def _tick(self) -> None:
        """A coroutine, since APScheduler runs plain functions in threads, from which no event may be set."""
        self._wake_all()

    async def _tick_upkeep(self) -> None:
        self._upkeep.wake()

    async def _poll(self) -> int:
        return await self._poller.begin_due()

    async def _deliver(self) -> int:
        """First of all, what a process before us left: the platforms, which may have to be asked, connect meanwhile."""
        if not self._recovered:
            await self._deliverer.recover()
            self._recovered = True
        return await self._deliverer.begin_due()

    async def _make_digests(self) -> int:
        if made := await self._digester().make_due():
            self._deliveries.wake()
        return made

    async def _keep_up(self) -> int:
        """Settle lost deliveries, see whether feeds can be read, and drop what is older than settings keep."""
        now = self._house.clock.now()
        if self._watchdog:
            self._house.pulse.trouble = await asyncio.to_thread(self._watchdog.look, now)
        if self._recovered:
            await self._deliverer.recover(before=now - LOST_AFTER)
        keep = timedelta(seconds=self._house.settings.file.retention)
        dropped = await asyncio.to_thread(self._house.store.prune, now - keep)
        if dropped:
            log.info("%d old entries were dropped", dropped)
        return 0

    def _posted_watchdog(self) -> Watchdog | None:
        """What watches over the feeds, unless settings turn it off."""
        file, house = self._house.settings.file, self._house
        if not file.health.watchdog:
            return None
        return Watchdog(house.store, file.health.watchdog, file.fetch.min_interval, house.clock.now())

    async def _metrics_text(self) -> bytes:
        return self._metrics.text(await asyncio.to_thread(self._house.store.deliveries.stats))

    async def _delivered(self, delivery: Delivery, channel: Channel, outcome: SendOutcome) -> None:
        self._metrics.delivered(delivery, channel, outcome)
        if delivery.kind is not DeliveryKind.ALERT or not isinstance(outcome, Sent):
            return
        try:
            published = await asyncio.to_thread(self._published, delivery.subject)
        except ClaimwatchError as error:  # it is posted all the same
            log.warning("how late delivery %s came is not known: %s", delivery.id, error)
        else:
            self._metrics.posted((self._house.clock.now() - published).total_seconds())

    def _published(self, alert: str) -> datetime:
        store = self._house.store
        return store.entries.get(store.alerts.get(alert).entry).published

    def _polled(self, polled: Polled) -> None:
        self._metrics.polled(polled.failure.kind if polled.failure else None, self._house.clock.now())
        self._metrics.stored(polled.new, polled.matched, polled.alerts, polled.relations)
        if polled.failure:
            log.warning("%s: %s", polled.feed.title or polled.feed.url, polled.failure.detail)
        if polled.new:
            log.info("%s: %d new, %d matched, %d alerts", polled.feed.title, polled.new, polled.matched, polled.alerts)
        for owed in polled.owed:
            log.info("delivery %s (%s %s) is owed to %s", owed.id, owed.kind, owed.subject, owed.channel)
        self._deliveries.wake()

    def _wake_all(self) -> None:
        for loop in (self._polls, self._deliveries, self._digests):
            loop.wake()

    async def _stay(self, name: str, connection: Awaitable[None]) -> None:
        """Hold a platform's connection. A platform that cannot go on ends alone, and the last one ends the program."""
        try:
            await connection
        except PlatformError as error:
            self._lose(name, error)
        except Exception as error:
            log.exception("the connection to %s failed", name)
            self._lose(name, PlatformError(f"the connection to {name} failed: {type(error).__name__}: {error}"))

    def _lose(self, name: str, error: PlatformError) -> None:
        self._failure = error
        self._platforms.pop(name)
        self._deliverer.drop(name)
        if self._platforms:
            log.error("%s ends here, the rest goes on: %s", name, error)
        else:
            self._stop.set()  # and `run` raises the error

    def _heed_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._stop.set)

    def _forget_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().remove_signal_handler(number)


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def slack_settings(settings: Settings) -> SlackSettings:
    """What the Slack room is told. Raises `ConfigError` where tokens and form do not fit together."""
    secrets, form = settings.secrets, settings.file.slack
    return SlackSettings(
        bot_token=_plain(secrets.slack_bot_token),
        app_token=_plain(secrets.slack_app_token),
        signing_secret=_plain(secrets.slack_signing_secret),
        configurers=form.configurers,
        http=form.http,
        host=form.host,
        port=form.port,
        sockets=form.sockets,
        api=f"{settings.slack_api or SLACK}/",
    )


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
