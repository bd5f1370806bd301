"""Hostile news through the whole program to both platforms: nothing pings, no link lies, no log tells a secret."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import aiohttp
from discord_server import DiscordServer
from feed_server import FeedServer, Page
from openapi import check_all
from programs import Place, Program, free_port
from slack_rules import wrong_with_message
from slack_server import APP_TOKEN, BOT_TOKEN, TEAM, SlackServer, slack_server

from bot.inert import domain, honest

PASSWORD = "hunter2hunter2"
DISCORD_TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAw.GloopB.0123456789abcdefghijklmnopqrstuvwxyzAB"
SITE = "https://news.example/"
TITLES = [  # few, since Slack takes one post a second
    "@everyone @here nuclear <@123456789012345678> <@&123456789012345678> <#123456789012345678> <t:0:R>",
    "nuclear <!channel> <!here> <!everyone> <@U0ADMIN> <!subteam^S0BOARD|board> &lt;!channel&gt; :smile:",
    "[good](https://evil.example/nuclear) [](https://evil.example) \\[x](y)",
    "<https://evil.example|nuclear> <https://evil.example> https://evil.example",
    "Sign in at bank.example: nuclear",
    "nuclear \u202egnp.exe\u202c \u2066bidi\u2069 \u200fmarks \u200b\u200d\ufeff\u3164\u00ad \x7f\x85\x9b31m",
    "nuclear Z"
    + "\u0301\u0322\u0334" * 40
    + "algo {e.bot.token} {0.__class__} %s %(token)s ${jndi:ldap://evil.example}",
    "nuclear `code` ```block``` **bold** __x__ ~~x~~ ||spoiler|| *b* _i_ ~s~",
    "> nuclear quote",
    "# nuclear heading -# small",
    "<b>nuclear</b><img src=x onerror=alert(1)><script>alert(2)</script>'; DROP TABLE entries; --",
    "nuclear " + "long" * 2000,
]
LINKS = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://bank.example@odd.example/", ""]
ACTIVE = re.compile(r"(?<!\\)(?:\\\\)*(?:[*_~|`<>\[\]#]|@(?:everyone|here)|://|(?m:^\s*[-+] |^\s*\d+[.)] ))")
OURS = re.compile(r"\*\*|(?m:^> )|(?m:^-# (?=Matched |feed \d))|<t:\d+:[a-zA-Z]>|^(?:\*|_)|\*")
"""Our own markup: emphasis, quotes, times, and asides in small print, which begin with words of ours."""
OUR_LINK = re.compile(r"\[((?:[^\]\\]|\\.)*)\]\((https?://[^)\s]*)\)")
SLACK_LINK = re.compile(r"<(https?://[^|>]*)\|([^>]*)>")


def document() -> bytes:
    """Every title with an honest link, and one title with every dishonest one."""
    words = random.Random(1)
    rows = [(title, f"{SITE}{number}") for number, title in enumerate(TITLES)]
    rows += [(f"nuclear by {link.partition(':')[0] or 'no'} link", link) for link in LINKS]
    items = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<description>{' '.join(str(words.randrange(10**9)) for _ in range(30))} {escape(escape(title))}</description>"
        f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>"
        for number, (title, link) in enumerate(rows)
    )
    return f"<rss version='2.0'><channel><title>@everyone [x](https://evil.example)</title>{items}</channel></rss>".encode()


async def test_hostile_news_is_inert_text_on_both_platforms_and_in_the_log(tmp_path: Path) -> None:
    with DiscordServer(DISCORD_TOKEN) as discord, FeedServer() as feeds:
        async with slack_server() as slack:
            feeds.pages["/herald"] = page = Page(document())
            page.free.set()
            channel = discord.add_channel(guild := discord.add_guild("Analysts"), "alerts")
            slack.add_channel("C0NEWS", "news")
            url = feeds.url("herald", f"reader:{PASSWORD}@")
            place = Place.made(tmp_path, url, platform="discord", address=channel, guild=guild, port=free_port())
            _also_on_slack(place)
            environment = discord.environment() | {
                "SLACK_BOT_TOKEN": BOT_TOKEN,
                "SLACK_APP_TOKEN": APP_TOKEN,
                "CLAIMWATCH_SLACK_API": f"{slack.base}/api",
            }
            with Program(place, environment, level="DEBUG") as program:
                await asyncio.to_thread(program.wait_for, lambda: _all_sent(place))
                interaction = await asyncio.to_thread(discord.slash, channel, "latest")
                latest = await asyncio.to_thread(discord.answer, interaction)
                await slack.command("latest")
                answer = await slack.answer()
                metrics = await _metrics(place)
                assert await asyncio.to_thread(program.stop) == 0
            log = program.logged + program.printed
            requests = discord.requests()
    posts = [one.body for one in requests if one.method == "POST" and re.fullmatch("/channels/.*/messages", one.path)]
    assert len(posts) == len(slack.messages["C0NEWS"]) == len(TITLES) + len(LINKS)
    check_all((one.method, one.path, one.body) for one in requests)
    for body in posts:
        _inert_on_discord(body)
        assert body["allowed_mentions"]["parse"] == []
    _inert_on_discord(latest)
    for body in [*slack.messages["C0NEWS"], answer]:
        _inert_on_slack(body)
    assert slack.broken_rules == []
    _no_secret(log, slack, interaction)
    for platform in ("discord", "slack"):
        sent = f'claimwatch_deliveries_total{{kind="alert",outcome="sent",platform="{platform}"}} {float(len(posts))}'
        assert sent in metrics
    assert f'claimwatch_queue{{state="sent"}} {float(2 * len(posts))}' in metrics
    assert f"claimwatch_publication_to_post_seconds_count {float(2 * len(posts))}" in metrics


async def _metrics(place: Place) -> str:
    async with aiohttp.request("GET", f"http://127.0.0.1:{place.port}/metrics") as answer:
        return await answer.text()


def _also_on_slack(place: Place) -> None:
    """The topic's watches post to the first channel of each tenant."""
    settings = place.folder / "claimwatch.toml"
    channel = f'[[channels]]\nplatform = "slack"\naddress = "C0NEWS"\nguild = "{TEAM}"\nname = "news"\n'
    settings.write_text(settings.read_text() + channel)


def _all_sent(place: Place) -> bool:
    states = place.states()
    return len(states) == 2 * (len(TITLES) + len(LINKS)) and set(states) == {"sent"}


def _inert_on_discord(body: dict[str, Any]) -> None:
    assert not body.get("content")
    for embed in body["embeds"]:
        shown = embed.get("description") or ""
        for label, url in OUR_LINK.findall(shown):
            _honest(label.replace("\\", ""), url)
        rest = OURS.sub("", OUR_LINK.sub("", shown))
        assert not ACTIVE.search(rest), rest
        assert not ACTIVE.search(embed.get("title") or "")
        if embed.get("url"):
            _honest(embed["title"].replace("\\", ""), embed["url"])


def _inert_on_slack(body: dict[str, Any]) -> None:
    assert wrong_with_message(body) == []
    assert body.get("parse", "none") == "none"
    assert not body.get("link_names")
    for text in _texts(body):
        for url, label in SLACK_LINK.findall(text):
            _honest(label, url)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))
    elif isinstance(value, str):
        yield value


def _honest(label: str, url: str) -> None:
    """A link leads where an entry's own link does, and its words name no other site without saying so."""
    assert urlsplit(url).hostname in {domain(SITE), "odd.example"}, url
    plain = label.replace("\u200b", "")
    assert honest(plain, url) == plain


def _no_secret(log: str, slack: SlackServer, interaction: str) -> None:
    assert " DEBUG " in log
    secrets = [DISCORD_TOKEN, DISCORD_TOKEN.split(".")[2], BOT_TOKEN, APP_TOKEN, PASSWORD, interaction]
    for secret in [*secrets, f"{slack.base}/response/"]:
        assert secret not in log
        assert json.dumps(secret)[1:-1] not in log
    assert "Traceback" not in log
