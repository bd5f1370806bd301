"""Real feed documents and real news through the whole bot: all must parse, and nothing may storm.

    python .ci/real_feeds.py DATA

`DATA` holds feeds/*.xml and news/*.jsonl.gz. The feeds are served on loopback; the news is made into one RSS feed an
outlet, of which the first poll (`claimwatch poll --once`) sees the older half and the second one, a day later, all.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiohttp import web

from bot.app import SystemClock, opened
from bot.demo.formats import Article, Channel, rss
from bot.feeds import opml
from bot.jobs.poll import Polled
from bot.model import FeedIntent
from bot.settings import load_settings

ROOT = Path(__file__).parent.parent
ALERTS_IN_A_THOUSAND = 10
"""Matched entries that may alert, at the most; nearly none of this news bears on a claim."""
LATER = timedelta(days=1, hours=1)

Documents = dict[str, bytes]


class Tomorrow(SystemClock):
    """The machine's time, a day later."""

    def now(self) -> datetime:
        """That time, aware, in UTC."""
        return super().now() + LATER


def read_documents(data: Path, *, whole: bool) -> Documents:
    """Path → document: the real ones as they are, and the news by outlet, its older half unless `whole`."""
    found = {f"/{path.name}": path.read_bytes() for path in sorted((data / "feeds").glob("*.xml"))}
    for path in sorted((data / "news").glob("*.jsonl.gz")):
        found |= _by_outlet(path, whole=whole)
    return found


def _by_outlet(path: Path, *, whole: bool) -> Documents:
    outlets: dict[str, list[Article]] = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            outlet = row.get("source") or row.get("domain") or "politico-eu"
            when = datetime.fromisoformat(row.get("published") or row["first_seen"]).replace(tzinfo=UTC)
            outlets[outlet].append(
                Article(row["title"], row.get("summary", ""), "", row["url"], row["url"], "en", when)
            )
    name = path.name.split(".")[0]
    now = datetime.now(UTC)
    documents = {}
    for outlet, articles in outlets.items():
        articles.sort(key=lambda article: str(article.date))
        shown = articles if whole else articles[: len(articles) // 2]
        documents[f"/{name}/{outlet}.xml"] = rss(Channel(outlet, "", f"https://{outlet}/", "en", now, shown[-900:]))
    return documents


async def serve(documents: Documents) -> tuple[web.AppRunner, str]:
    """Serve them on a free port of loopback."""

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=documents[request.path], content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


def write_config(folder: Path, address: str, paths: list[str]) -> None:
    """The shipped topic with these feeds in place of its own, and a database in `folder`."""
    shutil.copytree(ROOT / "config" / "european-defence", folder / "european-defence")
    feeds = [FeedIntent(f"{address}{path}", path.strip("/"), "en") for path in paths]
    (folder / "european-defence" / "feeds.opml").write_bytes(opml.write(feeds, "real documents"))
    (folder / "claimwatch.toml").write_text(
        f'database = "sqlite:///{folder}/store.sqlite"\n'
        '[fetch]\narticles = false\nallow_networks = ["127.0.0.1/32"]\nper_host = 16\n'
        '[[channels]]\nplatform = "console"\naddress = "local"\n'
    )


async def main(data: Path) -> int:
    """Print the counts; 1 where a document does not parse or too much alerts."""
    documents = read_documents(data, whole=False)
    runner, address = await serve(documents)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            write_config(folder, address, sorted(documents))
            command = [sys.executable, "-m", "bot", "poll", "--once", "--config", str(folder)]
            first = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=os.environ, check=False)
            if first.returncode:
                return first.returncode
            documents |= read_documents(data, whole=True)
            return await second_poll(folder, len(documents))
    finally:
        await runner.cleanup()


async def second_poll(folder: Path, feeds: int) -> int:
    """Poll once more, a day later, when half of the news is new."""
    settings = load_settings(folder, {})
    polled: list[Polled] = []
    async with opened(settings, Tomorrow()) as house:
        await house.rounds(polled.append)()
    failed = [one for one in polled if one.failure]
    new, matched, alerts = (sum(getattr(one, name) for one in polled) for name in ("new", "matched", "alerts"))
    print(f"second poll: {len(polled)} of {feeds} feeds, {len(failed)} failed:", end=" ")
    print(f"{new} new, {matched} matched, {alerts} alerts")
    for one in failed:
        print(f"  {one.feed.url}: {one.failure.detail if one.failure else ''}")
    storm = alerts > max(ALERTS_IN_A_THOUSAND * matched / 1000, 3)
    if storm:
        print(f"an alert storm: {alerts} alerts from {matched} matched entries")
    return int(bool(failed) or len(polled) != feeds or storm or not new)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
