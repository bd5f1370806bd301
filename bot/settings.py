"""`config/claimwatch.toml` and the environment → frozen settings.

Secrets come from the environment only: `NAME`, or `NAME_FILE` with the path of a file that holds it. Unknown keys
are refused, so that a misspelt one is never silently without effect.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import time
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from bot.errors import ConfigError
from bot.forms import WRITTEN, Form, read_form
from bot.model import MOVES, Channel, DigestRhythm, Policy, QuietHours, Relation

_DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|h|d)$")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_QUIET = re.compile(r"^(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)$")


def seconds(value: Any, info: ValidationInfo) -> Any:
    """ "15m" → 900.0. Numbers are seconds in our own code; in a file nobody could tell. Raises `ValueError`."""
    if info.context != WRITTEN and isinstance(value, int | float):
        return value
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise ValueError('expected a duration such as "30s", "15m", "6h" or "2d"')
    return float(found[1]) * _UNITS[found[2]]


def zone_name(name: str) -> str:
    """The name itself, where it is an IANA time zone. Raises `ValueError`."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError('expected an IANA time zone such as "Europe/Brussels"') from None
    return name


def quiet_hours(value: str) -> QuietHours | None:
    """ "22:00-06:30" → the span; "" or "off" → None. Raises `ValueError`."""
    if value.strip().lower() in {"", "off", "none"}:
        return None
    found = _QUIET.match(value.strip())
    if not found:
        raise ValueError('expected two times such as "22:00-06:30", or "off"')
    return QuietHours(clock_time(found[1]), clock_time(found[2]))


def clock_time(value: str) -> time:
    """ "6:30" → 06:30. Raises `ValueError`."""
    try:
        hour, minute = value.strip().split(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError('expected a time of day such as "06:30"') from None


def readable_quiet(value: str) -> str:
    quiet_hours(value)
    return value


def readable_time(value: str) -> str:
    clock_time(value)
    return value


def folder_name(value: str) -> str:
    """The value itself, where it can only name a folder beside the file. Raises `ValueError`."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
        raise ValueError("expected the name of a folder beside this file, in lower case, digits and hyphens")
    return value


def web_address(value: str) -> str:
    """The value itself, where it is empty or an http(s) address. Raises `ValueError`."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address that begins with http:// or https://")
    return value


def at_least_a_second(value: float) -> float:
    """The value itself. Raises `ValueError`."""
    if value < 1:
        raise ValueError("expected one second at least")
    return value


def network(value: Any) -> IPv4Network | IPv6Network:
    """ "10.0.0.0/8" → the network. Raises `ValueError`."""
    try:
        return ip_network(str(value))
    except ValueError:
        raise ValueError('expected a network such as "10.0.0.0/8" or "fd00::/8"') from None


Seconds = Annotated[float, BeforeValidator(seconds), Field(gt=0)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(network)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class PolicyForm(Form):
    """What a channel wants to hear; the fields are those of `bot.model.Policy`."""

    alert_on: frozenset[Relation] = MOVES
    min_confidence: float = Field(default=0.6, ge=0, le=1)
    timezone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    quiet: Annotated[str, AfterValidator(readable_quiet)] = ""
    digest: DigestRhythm = DigestRhythm.DAILY
    digest_at: Annotated[str, AfterValidator(readable_time)] = "07:00"
    digest_weekday: Weekday = "monday"
    languages: frozenset[str] = frozenset()
    threads: bool = False

    def policy(self) -> Policy:
        """The form as the domain's own value."""
        return Policy(
            alert_on=self.alert_on,
            min_confidence=self.min_confidence,
            timezone=self.timezone,
            quiet=quiet_hours(self.quiet),
            digest=self.digest,
            digest_at=clock_time(self.digest_at),
            digest_weekday=get_args(Weekday).index(self.digest_weekday),
            languages=self.languages,
            threads=self.threads,
        )


class ChannelForm(Form):
    """A channel that the operator configures by file; others are made by slash commands."""

    platform: Literal["console", "discord", "slack"]
    address: str
    guild: str = ""  # on Discord its server, on Slack its workspace
    name: str = ""
    policy: PolicyForm | None = None

    def channel(self, default: PolicyForm) -> Channel:
        """The channel, with the file's `[policy]` where it names none of its own."""
        tenant = f"{self.platform}:{self.guild or 'local'}"
        return Channel(
            id=f"{self.platform}:{self.address}",
            tenant=tenant,
            platform=self.platform,
            address=self.address,
            name=self.name or self.address,
            policy=(self.policy or default).policy(),
        )


CONSOLE = ChannelForm(platform="console", address="local", name="console")


class FetchForm(Form):
    """How politely and how patiently feeds are fetched."""

    min_interval: Annotated[Seconds, AfterValidator(at_least_a_second)] = 600.0
    max_interval: Seconds = 86400.0
    deadline: Seconds = 30.0
    parse_deadline: Seconds = 20.0
    concurrency: int = Field(default=32, ge=1, le=512)
    per_host: int = Field(default=2, ge=1, le=32)
    articles: bool = True  # read the page behind an entry that matches, where its feed gives only a teaser
    allow_networks: tuple[Network, ...] = ()


class LlmForm(Form):
    """A second opinion by a language model behind an OpenAI-compatible endpoint. Off without `base_url`."""

    base_url: Annotated[str, AfterValidator(web_address)] = ""
    model: str = ""
    daily_budget: int = Field(default=200, ge=0)
    timeout: Seconds = 20.0


class JudgeForm(Form):
    """What compares entries with claims."""

    model: str = ""  # a folder with an ONNX cross-encoder, or a hub's id; empty: our own
    llm: LlmForm = LlmForm()


class HealthForm(Form):
    """The local HTTP port for /healthz and /metrics, and the watchdog; 0 turns either off."""

    host: str = "127.0.0.1"
    port: int = Field(default=8787, ge=0, le=65535)
    watchdog: int = Field(default=6, ge=0)  # intervals without any feed read, after which admin channels are told


class SlackForm(Form):
    """How Slack reaches us, and who may configure there besides a workspace's admins."""

    configurers: str = ""  # id or handle of a user group
    http: bool = False
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    sockets: int = Field(default=2, ge=1, le=10)


class SettingsForm(Form):
    """`claimwatch.toml` as it stands in the file."""

    topic: Annotated[str, AfterValidator(folder_name)] = "european-defence"
    database: str = "sqlite:///data/claimwatch.sqlite"
    contact: str = ""
    retention: Seconds = 180 * 86400.0
    policy: PolicyForm = PolicyForm()
    fetch: FetchForm = FetchForm()
    judge: JudgeForm = JudgeForm()
    slack: SlackForm = SlackForm()
    health: HealthForm = HealthForm()
    channels: tuple[ChannelForm, ...] = ()


class Secrets(Form):
    """What is never written to a file of ours, a log or a message."""

    discord_token: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    llm_api_key: SecretStr | None = None


class Settings(Form):
    """All that the program is told from outside."""

    folder: Path  # of claimwatch.toml
    file: SettingsForm
    secrets: Secrets
    discord_api: str = ""
    discord_gateway: str = ""
    slack_api: str = ""

    @property
    def topic_folder(self) -> Path:
        """Where feeds.opml, watches.toml and claims.toml lie."""
        return self.folder / self.file.topic

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.file.database

    def channels(self) -> tuple[Channel, ...]:
        """The channels that the file configures; the console's where it names none and nothing but the console runs."""
        chat = self.secrets.discord_token or self.secrets.slack_bot_token
        forms = self.file.channels or (() if chat else (CONSOLE,))
        return tuple(form.channel(self.file.policy) for form in forms)


def load_settings(folder: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `folder`/claimwatch.toml and the environment. Raises `ConfigError`."""
    path = folder / "claimwatch.toml"
    form = read_form(path, SettingsForm, "give another with --config DIR")
    if database := environment.get("CLAIMWATCH_DATABASE", ""):
        form = form.model_copy(update={"database": database})
    if not (folder / form.topic).is_dir():
        raise ConfigError(f"no folder {form.topic!r} beside this file", file=str(path), key="topic")
    return Settings(
        folder=folder,
        file=form,
        secrets=Secrets(
            discord_token=secret("DISCORD_TOKEN", environment),
            slack_bot_token=secret("SLACK_BOT_TOKEN", environment),
            slack_app_token=secret("SLACK_APP_TOKEN", environment),
            slack_signing_secret=secret("SLACK_SIGNING_SECRET", environment),
            llm_api_key=secret("CLAIMWATCH_LLM_API_KEY", environment),
        ),
        discord_api=_address("CLAIMWATCH_DISCORD_API", environment, ("http://", "https://")),
        discord_gateway=_address("CLAIMWATCH_DISCORD_GATEWAY", environment, ("ws://", "wss://")),
        slack_api=_address("CLAIMWATCH_SLACK_API", environment, ("http://", "https://")),
    )


def secret(name: str, environment: Mapping[str, str]) -> SecretStr | None:
    """The value of `name`, or the content of the file that `name`_FILE names. Raises `ConfigError`."""
    if path := environment.get(f"{name}_FILE", ""):
        try:
            return SecretStr(Path(path).read_text(encoding="utf-8").strip())
        except OSError as error:
            problem = f"names a file that cannot be read ({error.strerror})"
            raise ConfigError(problem, file=path, key=f"{name}_FILE") from None
    value = environment.get(name, "").strip()
    return SecretStr(value) if value else None


def _address(name: str, environment: Mapping[str, str], schemes: tuple[str, ...]) -> str:
    value = environment.get(name, "").strip().rstrip("/")
    if value and not value.startswith(schemes):
        raise ConfigError(f"is {value!r}; expected an address that begins with {' or '.join(schemes)}", key=name)
    return value
