import logging
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from bot.errors import StoreError
from bot.ops import Pulse, RedactingFormatter, health_port

# Put together here, so that nothing in the repository looks like a real token to whoever scans it.
DISCORD = ".".join(["M" * 24, "Gabcde", "x" * 38])
SLACK = "-".join(["xoxb", "123456789012", "abcdefghijkl"])


@pytest.mark.parametrize(
    ("text", "leak"),
    [
        (f"token {DISCORD} refused", DISCORD),
        (f"posting with {SLACK}", SLACK),
        (f"Authorization: Bearer {'a1' * 20}", "a1" * 20),
        (f"'Authorization': 'Bot {DISCORD}'", DISCORD),
        ("GET https://user:hunter22@example.org/feed", "hunter22"),
        ("GET https://:hunter22@example.org/feed", "hunter22"),
        ("https://discord.com/api/webhooks/123456/abcDEF-123_x", "abcDEF-123_x"),
        ("https://discord.com/api/v10/webhooks/123456/abcDEF-123_x/messages/@original", "abcDEF-123_x"),
        ("http://127.0.0.1/api/v10/interactions/99/tok3n-xyz/callback", "tok3n-xyz"),
        ("https://hooks.slack.com/services/T0/B0/abcdef", "abcdef"),
        ("our own is open-sesame!", "open-sesame!"),
    ],
)
def test_no_secret_in_a_log(text, leak):
    redacted = RedactingFormatter(["open-sesame!"]).redact(text)
    assert leak not in redacted
    assert "***" in redacted


@pytest.mark.parametrize("text", ["https://example.org/feed?user:x", "12:30:15 polled 3 feeds", "a@b.example wrote"])
def test_what_is_no_secret_stays(text):
    assert RedactingFormatter().redact(text) == text


def test_a_traceback_is_redacted_too():
    try:
        raise ValueError("at https://me:hunter22@example.org/")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (ValueError, error, error.__traceback__))
    text = RedactingFormatter().format(record)
    assert "Traceback" in text
    assert "hunter22" not in text


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


async def test_health_follows_the_pulse():
    clock = Hands()
    pulse = Pulse(clock, patience=timedelta(minutes=5))
    async with health_port("127.0.0.1", 0, pulse) as port, aiohttp.ClientSession() as session:

        async def ask() -> tuple[int, str]:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status, await answer.text()

        assert await ask() == (503, "starting\n")
        pulse.beat("poll")
        pulse.beat("deliver")
        assert await ask() == (200, "ok\n")
        clock.time += timedelta(minutes=6)
        pulse.beat("poll")
        assert await ask() == (503, "deliver has not come round since 12:00:00 UTC\n")
        pulse.beat("deliver")
        pulse.trouble = "no feed could be read"
        assert await ask() == (503, "no feed could be read\n")
        pulse.trouble = ""
        assert await ask() == (200, "ok\n")


@pytest.mark.parametrize(("fails", "status", "words"), [(False, 200, "claimwatch_polls"), (True, 503, "is locked")])
async def test_metrics_are_served_where_there_are_any(fails, status, words):
    async def text() -> bytes:
        if fails:
            raise StoreError("the database is locked")
        return b"claimwatch_polls_total 1\n"

    async with (
        health_port("127.0.0.1", 0, Pulse(Hands()), text) as port,
        aiohttp.request("GET", f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert answer.status == status
        assert words in await answer.text()
        assert answer.headers["Content-Type"].startswith("text/plain")


async def test_without_metrics_there_is_no_page_of_them():
    async with (
        health_port("127.0.0.1", 0, Pulse(Hands())) as port,
        aiohttp.request("GET", f"http://127.0.0.1:{port}/metrics") as answer,
    ):
        assert answer.status == 404
