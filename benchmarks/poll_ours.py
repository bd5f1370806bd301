"""The bot's poll path as a process that a bench drives: for each line that it is sent, one round over all feeds."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watches import VOCABULARY, query, word

from bot.app import House, SystemClock, opened
from bot.claims.baseline import Baseline
from bot.jobs.poll import Polled
from bot.model import Channel, FeedIntent, Quotas, Tenant, stable_id
from bot.model import Watch as Listening
from bot.pack import Pack
from bot.serve import SWITCH
from bot.settings import load_settings

TENANT = "console:local"
WATCHES = 200
STEP = timedelta(hours=4)
"""By so much the clock is put forward each round: every feed is due, and conditional requests are still made."""
SETTINGS = """
topic = "topic"
database = "sqlite:///{folder}/store.sqlite"
[fetch]
allow_networks = ["127.0.0.1/32"]
per_host = 32
articles = false
"""


class Forward(SystemClock):
    """The machine's time, and what it was put forward by."""

    ahead = timedelta()

    def now(self) -> datetime:
        """That time, aware, in UTC."""
        return super().now() + self.ahead


def settle(house: House, urls: list[str]) -> None:
    """One tenant that follows all feeds and listens for many things."""
    store = house.store
    tenant = Tenant(TENANT, "console", "bench", quotas=Quotas(feeds=len(urls), watches=WATCHES))
    store.tenants.put(tenant)
    store.tenants.put_channel(Channel("console:local", TENANT, "console", "local", "local"))
    now = datetime.now(UTC)
    for url in urls:
        store.feeds.follow(TENANT, FeedIntent(url), now)
    draw, words = random.Random(7), [word(number) for number in range(300, VOCABULARY // 3)]
    for number in range(WATCHES):
        name = f"watch {number}"
        store.watches.add(Listening(stable_id(name), TENANT, "console:local", name, query(draw, words)))


async def main(folder: Path, urls: list[str]) -> None:
    """Answer each line with a line of counts, until the input ends."""
    (folder / "topic").mkdir()
    (folder / "claimwatch.toml").write_text(SETTINGS.format(folder=folder))
    logging.disable(logging.INFO)
    sys.setswitchinterval(SWITCH)
    clock, pack = Forward(), Pack(Baseline("bench", {}, {}, ()), (), (), ())
    async with opened(load_settings(folder, {}), clock, pack) as house:
        await asyncio.to_thread(settle, house, urls)
        gc.freeze()
        print("{}", flush=True)
        polled: list[Polled] = []
        poll = house.rounds(polled.append)
        while await asyncio.to_thread(sys.stdin.readline):
            polled.clear()
            await poll()
            clock.ahead += STEP
            failed = [one.failure.detail for one in polled if one.failure]
            counts = {name: sum(getattr(one, name) for one in polled) for name in ("new", "matched")}
            print(json.dumps({"feeds": len(polled), "failed": failed[:3], **counts}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
