"""The platforms that settings give a token for, and the connections by which they live."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from bot.chat.commands import Desk
from bot.chat.console import ConsolePlatform
from bot.chat.discord import DiscordBot, DiscordPlatform, DiscordPoster, Shards, use_addresses
from bot.chat.slack import SlackBot, SlackPlatform, SlackSettings
from bot.errors import PlatformError
from bot.ports import Platform
from bot.settings import Settings

log = logging.getLogger(__name__)

SLACK = "https://slack.com/api"


class Connections:
    """Holds the platforms. One that cannot go on ends alone; `over` is called when none is left."""

    def __init__(self, over: Callable[[], None]) -> None:
        self.platforms: dict[str, Platform] = {}
        self._failure: PlatformError | None = None
        self._over = over
        self._lost: Callable[[str], None] = lambda name: None
        self._connecting: dict[str, Awaitable[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def answer(self, settings: Settings, desk: Callable[[], Desk], shards: Shards | None = None) -> None:
        """Take what people ask, and be able to post, wherever there is a token."""
        if token := settings.secrets.discord_token:
            use_addresses(settings.discord_api, settings.discord_gateway)
            discord = DiscordBot(desk(), shards or Shards())
            self._add(DiscordPlatform(discord), discord.run_until_closed(token.get_secret_value()))
        if settings.secrets.slack_bot_token:
            slack = SlackBot(desk(), slack_settings(settings))
            self._add(SlackPlatform(slack), slack.run_until_closed())

    def post(self, settings: Settings, desk: Callable[[], Desk]) -> None:
        """Be able to post wherever there is a token, and take nothing from there."""
        if token := settings.secrets.discord_token:
            use_addresses(settings.discord_api, settings.discord_gateway)
            discord = DiscordPoster()
            self._add(DiscordPlatform(discord), discord.run_until_closed(token.get_secret_value()))
        if settings.secrets.slack_bot_token:
            slack = SlackBot(desk(), slack_settings(settings))
            self._add(SlackPlatform(slack), slack.run_until_closed(listen=False))

    def print_else(self) -> None:
        """Where no platform has a token, messages are printed, which says so."""
        if not self.platforms:
            log.info("neither DISCORD_TOKEN nor SLACK_BOT_TOKEN is set, so messages are printed here")
            self.platforms["console"] = ConsolePlatform()

    def begin(self, lost: Callable[[str], None]) -> None:
        """Connect. `lost` is called with the name of a platform that cannot go on."""
        self._lost = lost
        self._tasks = [asyncio.create_task(self._stay(name, work)) for name, work in self._connecting.items()]

    async def end(self) -> None:
        """Leave."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raises why there is no platform left, where there is none."""
        if self._failure and not self.platforms:
            raise self._failure

    def _add(self, platform: Platform, connection: Awaitable[None]) -> None:
        self.platforms[platform.name] = platform
        self._connecting[platform.name] = connection

    async def _stay(self, name: str, connection: Awaitable[None]) -> None:
        try:
            await connection
        except PlatformError as error:
            self._lose(name, error)
        except Exception as error:
            log.exception("the connection to %s failed", name)
            self._lose(name, PlatformError(f"the connection to {name} failed: {type(error).__name__}: {error}"))

    def _lose(self, name: str, error: PlatformError) -> None:
        self._failure = error
        self.platforms.pop(name)
        self._lost(name)
        if self.platforms:
            log.error("%s ends here, the rest goes on: %s", name, error)
        else:
            self._over()


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
