"""`run`, `poll --once`, `demo`, `health`: the bot at work."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from bot.app import opened
from bot.cli.common import DEFAULT_CONFIG, Config, LogLevel, err, out, settled, told
from bot.errors import ClaimwatchError
from bot.jobs.poll import Polled
from bot.serve import occupying, serve
from bot.settings import Settings

DEMO_FOLDER = Path("demo-output")
LONGEST_ANSWER = 10_000
"""Bytes of an answer about health that are read."""


@told
def run(config: Config = DEFAULT_CONFIG, log_level: LogLevel = "INFO") -> None:
    """Watch the feeds and post, until told to stop (Ctrl-C or SIGTERM)."""
    asyncio.run(serve(settled(config, log_level)))


@told
def poll(
    once: Annotated[bool, typer.Option("--once", help="Poll what is due, once, and end.")] = False,
    config: Config = DEFAULT_CONFIG,
    log_level: LogLevel = "WARNING",
) -> None:
    """Poll all feeds that are due, store what is new and count it; what is owed is posted by `run`."""
    if not once:
        raise ClaimwatchError("poll runs once only; say so: claimwatch poll --once (or: claimwatch run)")
    polled = asyncio.run(_poll_once(settled(config, log_level)))
    for one in polled:
        if one.failure:
            err.print(f"✗ {one.feed.url}: {one.failure.detail}", markup=False, highlight=False, soft_wrap=True)
    sums = (sum(one.new for one in polled), sum(one.matched for one in polled), sum(one.alerts for one in polled))
    failed = sum(one.failure is not None for one in polled)
    out.print(
        f"{len(polled)} feeds polled, {failed} failed: {sums[0]} new entries, {sums[1]} matched, {sums[2]} alerts"
    )


async def _poll_once(settings: Settings) -> list[Polled]:
    polled: list[Polled] = []
    async with occupying(settings.database, alone=True), opened(settings) as house:
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("polling", total=None)

            def told_of(one: Polled) -> None:
                polled.append(one)
                progress.update(task, completed=len(polled), description=f"polled {len(polled)} feeds")

            await house.rounds(told_of)()
    return polled


@told
def health(config: Config = DEFAULT_CONFIG) -> None:
    """Ask a running bot whether all is well; the exit status is 0 if it is. For container health checks."""
    settings = settled(config)
    place = settings.file.health
    if not place.port:
        raise ClaimwatchError("health.port is 0, so there is nothing to ask; set it in claimwatch.toml")
    address = f"http://{place.host}:{place.port}/healthz"
    try:
        status, text = _asked(address)
    except http.client.HTTPException:
        raise ClaimwatchError(f"{address} does not answer as the web does: is that Claimwatch?") from None
    except OSError as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise ClaimwatchError(f"nobody answers at {address}: is the bot running? ({reason})") from None
    if text is None:
        raise ClaimwatchError(f"{address} answers {status}: is that Claimwatch? Another program may hold health.port")
    if status != HTTPStatus.OK:
        raise ClaimwatchError(text)
    out.print(text, markup=False)


def _asked(address: str) -> tuple[int, str | None]:
    """The status and what the bot says of itself; None where it is not the bot who speaks. Raises `OSError`."""
    try:
        # Past any proxy that the environment names: the bot is near.
        answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=5)
    except urllib.error.HTTPError as refusal:
        answer = refusal
    with answer:
        text = answer.read(LONGEST_ANSWER).decode("utf-8", "replace").strip()
        plain = answer.headers.get_content_type() == "text/plain"
        ours = text == "ok" if answer.status == HTTPStatus.OK else answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        return answer.status, text if ours and plain else None


@told
def demo(config: Config = DEFAULT_CONFIG, log_level: LogLevel = "ERROR") -> None:
    """Show the whole bot at work on three days of invented news: no network, no token, under a minute."""
    from bot.demo.run import run_demo  # its server and its news are of no use to anything else

    preview = run_demo(settled(config, log_level), DEMO_FOLDER, out)
    out.print(f"The cards as a chat shows them: {preview}", markup=False, highlight=False, soft_wrap=True)
