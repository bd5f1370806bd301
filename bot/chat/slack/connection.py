"""The connection to Slack: logging in, Socket Mode or HTTP, and staying there."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aiohttp
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.commands import Desk
from bot.chat.slack.failures import DENIED, FAILURES, error_code, outcome_of
from bot.chat.slack.reception import Admission, Reception
from bot.chat.slack.service import Service
from bot.chat.slack.settings import SlackSettings
from bot.chat.slack.workspace import Identity, Workspace
from bot.errors import NotFound, PlatformError
from bot.model import Later, Tenant

T = TypeVar("T")

RECONNECT = (2.0, 300.0)
"""Seconds between attempts to log in while Slack cannot be reached: the first pause, and the longest."""

LOST = 6
"""Looks at a connection that is down before it is given up for a new one."""

DRAIN = 10.0
"""Seconds that answers which were begun have to end, when the bot leaves."""

PATH = "/slack/events"

SCOPES = frozenset(
    "channels:history channels:read chat:write commands files:read files:write groups:history groups:read"
    " im:history im:read im:write usergroups:read users:read".split()
)

_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)

log = logging.getLogger(__name__)


class SlackBot:
    """One process's Slack: answers for one workspace, and lets `SlackPlatform` post. Made inside a running loop."""

    def __init__(self, desk: Desk, settings: SlackSettings) -> None:
        self._settings = settings
        self._logger = _quiet_logger()
        self.desk = desk
        self.ready = asyncio.Event()
        self.client = AsyncWebClient(settings.bot_token, settings.api, logger=self._logger, retry_handlers=[])
        self.workspace = Workspace(self.client, Identity("", "", "", ""))
        self.port = 0  # where requests come to, once they do, with `settings.http`
        self._closing = asyncio.Event()

    async def run_until_closed(self, listen: bool = True) -> None:
        """Log in, stay connected through every loss of connection, and return once closed.

        Without `listen` nothing is taken from Slack, for a process that only posts.
        Raises `PlatformError` where Slack refuses a token.
        """
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            self.client.session = session
            try:
                identity = await self._until_reached(self._log_in)
                self.workspace = Workspace(self.client, identity, self._settings.configurers)
                await self._welcome(identity)
                self.ready.set()
                await (self._listen(session) if listen else self._closing.wait())
            except _LeftError:
                log.info("left before Slack could be reached")
            finally:
                self.ready.clear()

    async def close(self) -> None:
        """Leave Slack; what is sent from now on is `Later`."""
        self.ready.clear()
        self._closing.set()

    async def _listen(self, session: aiohttp.ClientSession) -> None:
        """Take what Slack sends, until closed; then let the answers that were begun end."""
        service = Service(self.desk, self.client, self.workspace, session, self._logger)
        reception = Reception(service)
        try:
            await (self._serve_http if self._settings.http else self._serve_sockets)(self._app(reception))
        finally:
            await reception.close(DRAIN)

    def _app(self, reception: Reception) -> AsyncApp:
        app = AsyncApp(
            name="claimwatch",
            logger=self._logger,
            client=AsyncWebClient(
                base_url=self._settings.api, session=self.client.session, logger=self._logger, retry_handlers=[]
            ),
            signing_secret=self._settings.signing_secret,
            authorize=Admission(self.workspace.identity),  # type: ignore[arg-type] # bolt takes None for "not one of ours"
        )
        reception.listen(app)
        return app

    async def _log_in(self) -> Identity:
        answer = await self.client.auth_test()
        granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")} - {""}
        if granted and SCOPES - granted:
            missing = ", ".join(sorted(SCOPES - granted))
            log.warning("Slack's app lacks scopes (%s): update it from config/slack-manifest.yaml", missing)
        return Identity(
            team=str(answer["team_id"]),
            team_name=str(answer.get("team", "")),
            user=str(answer["user_id"]),
            bot=str(answer.get("bot_id", "")),
        )

    async def _welcome(self, identity: Identity) -> None:
        """Put the workspace's tenant into the store and welcome it, once."""
        tenants = self.desk.store.tenants
        try:
            await self.desk.ask(tenants.get, self.workspace.tenant)
        except NotFound:
            tenant = Tenant(self.workspace.tenant, "slack", identity.team_name)
            await self.desk.ask(tenants.put, tenant)
            await self.desk.welcome(tenant)

    async def _serve_http(self, app: AsyncApp) -> None:
        """Take requests at `host`:`port`; bolt refuses those without Slack's signature."""
        runner = web.AppRunner(app.web_app(path=PATH), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._settings.host, self._settings.port).start()
            self.port = int(runner.addresses[0][1])
            log.info("Slack's requests are taken at %s:%d%s", self._settings.host, self.port, PATH)
            await self._closing.wait()
        finally:
            self.port = 0
            await runner.cleanup()

    async def _serve_sockets(self, app: AsyncApp) -> None:
        """Keep so many connections; slack_sdk renews them, and one that it cannot bring back is made anew."""
        handlers: list[AsyncSocketModeHandler] = []
        try:
            while len(handlers) < self._settings.sockets:
                handlers.append(await self._until_reached(lambda: self._connect(app)))
            log.info("connected to Slack as %s in %s", self.workspace.identity.user, self.workspace.identity.team_name)
            down = [0] * len(handlers)
            while not await self._closed_within(self._settings.ping):
                for number, handler in enumerate(handlers):
                    down[number] = 0 if await handler.client.is_connected() else down[number] + 1
                    if down[number] >= LOST:
                        log.warning("a connection to Slack is lost; making a new one")
                        await handler.close_async()
                        handlers[number] = await self._until_reached(lambda: self._connect(app))
                        down[number] = 0
        finally:
            for handler in handlers:
                await handler.close_async()

    async def _connect(self, app: AsyncApp) -> AsyncSocketModeHandler:
        """A connection. The first address is asked for here: slack_sdk would try a token that is refused for ever."""
        opened = await self.client.apps_connections_open(app_token=self._settings.app_token)
        handler = AsyncSocketModeHandler(
            app, self._settings.app_token, logger=self._logger, ping_interval=self._settings.ping
        )
        handler.client.wss_uri = str(opened["url"])
        try:
            # The address is good for one attempt, and slack_sdk would repeat it for ever.
            async with asyncio.timeout(self._settings.ping * LOST):
                await handler.connect_async()
        except BaseException:
            await handler.close_async()
            raise
        return handler

    async def _until_reached(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What the attempt gives; while Slack cannot be reached, again and again with longer and longer pauses."""
        pause, longest = RECONNECT
        while True:
            try:
                return await attempt()
            except FAILURES as error:
                wait = _wait(error, pause)
                log.warning("Slack cannot be reached (%s); next try in %.0f s", type(error).__name__, wait)
            if await self._closed_within(wait):
                raise _LeftError
            pause = min(pause * 2, longest)

    async def _closed_within(self, seconds: float) -> bool:
        """Wait so long; True as soon as we are to leave."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return False
        return True


def _wait(error: Exception, pause: float) -> float:
    """Seconds until the next attempt. Raises `PlatformError` where there is no point in one."""
    code = error_code(error)
    if isinstance(error, SlackApiError) and code in DENIED:
        raise PlatformError(
            f"Slack does not accept a token ({code}). Copy SLACK_BOT_TOKEN (OAuth & Permissions) and SLACK_APP_TOKEN"
            " (Basic Information, App-Level Tokens, scope connections:write) anew from https://api.slack.com/apps."
        ) from None
    outcome = outcome_of(error)
    return max(pause, outcome.seconds) if isinstance(outcome, Later) else pause


class _LeftError(Exception):
    """The bot was closed while it waited for Slack."""


class _NoTickets(logging.Filter):
    """Takes one-time addresses out of what slack_sdk logs, tracebacks included."""

    _ticket = re.compile(r"(?<=[?&]ticket=)[^&\s'\"]+|(?<=hooks\.slack\.com/)[^\s'\"]+")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._ticket.sub("***", record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._ticket.sub("***", logging.Formatter().formatException(record.exc_info))
        return True


def _quiet_logger() -> logging.Logger:
    """What bolt and slack_sdk log to: at DEBUG level they log whole requests, and in them addresses that answer."""
    logger = logging.getLogger("bot.chat.slack.library")
    logger.setLevel(logging.INFO)
    if not logger.filters:
        logger.addFilter(_NoTickets())
    return logger
