"""Operation: logs without secrets, a pulse for each loop, and the local port that tells whether all is well."""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from bot.errors import ConfigError, StoreError
from bot.ports import Clock

MetricsText = Callable[[], Awaitable[bytes]]
PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8"

_SECRETS = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), "***"),  # a URL's user and password
    (re.compile(r"/api(?:/v\d+)?/(webhooks|interactions)/\d+/[\w-]+"), r"/api/\1/***"),
    (re.compile(r"/webhooks/\d+/[\w-]+"), "/webhooks/***"),  # interaction answers, too
    (re.compile(r"hooks\.slack\.com/\S+"), "hooks.slack.com/***"),
    (re.compile(r"\bx(?:ox[a-z]|app)-[\w-]{10,}"), "***"),
    (re.compile(r"\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"), "***"),  # a Discord token
    (re.compile(r"(?i)\b(bearer|bot|authorization:?)\s+[\w.~+/-]{16,}=*"), r"\1 ***"),
)


class RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, and then removes what looks like a secret or is one of ours."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._known = sorted((secret for secret in secrets if len(secret) >= 6), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The record as one text without secrets."""
        return self.redact(super().format(record))

    def redact(self, text: str) -> str:
        """`text` without secrets."""
        for secret in self._known:
            text = text.replace(secret, "***")
        for pattern, replacement in _SECRETS:
            text = pattern.sub(replacement, text)
        return text


def set_up_logging(level: str, secrets: Iterable[str] = ()) -> None:
    """Log to standard error from `level` on; libraries that chatter keep to warnings unless DEBUG is asked for."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    if logging.getLevelName(level) != logging.DEBUG:
        for name in ("apscheduler", "alembic", "httpx", "httpcore", "discord", "matplotlib", "procrastinate"):
            logging.getLogger(name).setLevel(logging.WARNING)


@dataclass
class Pulse:
    """When each loop was last seen alive."""

    clock: Clock
    patience: timedelta = timedelta(minutes=5)
    trouble: str = ""  # what else does not move, in words
    _beats: dict[str, datetime] = field(default_factory=dict)

    def beat(self, loop: str) -> None:
        """The loop came round."""
        self._beats[loop] = self.clock.now()

    def silent(self) -> list[str]:
        """What does not move, in words: loops that were not seen for longer than `patience`, and any other trouble."""
        now = self.clock.now()
        loops = [
            f"{loop} has not come round since {seen:%H:%M:%S} UTC"
            for loop, seen in sorted(self._beats.items())
            if now - seen > self.patience
        ]
        return [*loops, self.trouble] if self.trouble else loops

    @property
    def started(self) -> bool:
        """Whether any loop was ever seen."""
        return bool(self._beats)


@contextmanager
def heeding_signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT call `stop` in the event loop while the block runs."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def health_port(host: str, port: int, pulse: Pulse, metrics: MetricsText | None = None) -> AsyncIterator[int]:
    """Serve GET /healthz, and /metrics where there are any, while the block runs.

    Yields the port; 0 as `port` lets the system choose one. /healthz answers 200 "ok" while all moves, else 503 with a
    line for each thing that does not. Raises `ConfigError` where the port cannot be had.
    """

    async def healthz(_: web.Request) -> web.Response:
        silent = pulse.silent()
        ready = pulse.started and not silent
        return web.Response(
            text="ok\n" if ready else "\n".join(silent or ["starting"]) + "\n", status=200 if ready else 503
        )

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    if metrics is not None:
        app.router.add_get("/metrics", _metrics_page(metrics))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _metrics_page(metrics: MetricsText) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        try:
            return web.Response(body=await metrics(), headers={"Content-Type": PROMETHEUS_TEXT})
        except StoreError as error:
            return web.Response(text=f"{error}\n", status=503)

    return answer


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        problem = f"is {port}, but {host} cannot listen there: {error.strerror}; set another one, or 0 for none"
        raise ConfigError(problem, key="health.port") from None
