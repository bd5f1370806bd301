"""What the Slack room is told from outside."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.errors import ConfigError

SOCKETS = 10
"""Socket Mode connections that Slack allows one app."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """Tokens, addresses and who may configure. Raises `ConfigError` where they cannot work together."""

    bot_token: str = field(repr=False)  # SLACK_BOT_TOKEN, "xoxb-…"
    app_token: str = field(default="", repr=False)  # SLACK_APP_TOKEN, "xapp-…"; Socket Mode needs it
    signing_secret: str = field(default="", repr=False)  # SLACK_SIGNING_SECRET; HTTP needs it
    api: str = "https://slack.com/api/"  # CLAIMWATCH_SLACK_API
    configurers: str = ""  # id or handle of a user group whose members may configure, besides the workspace's admins
    http: bool = False  # requests come to `host`:`port`/slack/events instead of over Socket Mode
    host: str = "127.0.0.1"
    port: int = 3000
    sockets: int = 2  # connections at a time, so that one is there while Slack renews the other
    ping: float = 10.0  # seconds between looks whether a connection is alive

    def __post_init__(self) -> None:
        _token("SLACK_BOT_TOKEN", self.bot_token, "xoxb-", "OAuth & Permissions, Bot User OAuth Token")
        if self.http and not self.signing_secret:
            raise ConfigError(
                "missing; requests over HTTP are only taken with Slack's signature: Basic Information, Signing Secret",
                key="SLACK_SIGNING_SECRET",
            )
        if not self.http:
            _token("SLACK_APP_TOKEN", self.app_token, "xapp-", "Basic Information, App-Level Tokens")
        if not 1 <= self.sockets <= SOCKETS:
            raise ConfigError(f"is {self.sockets}; expected 1 to {SOCKETS}", key="slack.sockets")


def _token(key: str, value: str, prefix: str, place: str) -> None:
    """The value is never shown: it may be another secret, put there by mistake."""
    if not value.startswith(prefix):
        problem = "missing" if not value else "does not look like one"
        raise ConfigError(
            f"{problem}; expected a token that begins with {prefix}, see https://api.slack.com/apps, your app, {place}",
            key=key,
        )
