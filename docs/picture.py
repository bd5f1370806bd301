"""Makes docs/cards.png, the picture in the README, from what the demo posts.

    python docs/picture.py [BROWSER]

The demo is played, and of its messages one card of each kind and the digest are shown by a headless Chromium.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bot.blocks import Tone, plain
from bot.chat.console import Posted
from bot.chat.preview import page
from bot.demo.run import demo_settings, played
from bot.settings import load_settings

DOCS = Path(__file__).parent
SIZE = (760, 1500)


def chosen(posts: tuple[Posted, ...]) -> list[Posted]:
    """The longest card that contradicts, the longest that updates a figure, and the digest's last page."""
    alerts = [post for post in posts if post.message.cards[0].quote]
    contradiction = _fullest(post for post in alerts if post.message.cards[0].tone is Tone.CONTRADICTS)
    update = _fullest(post for post in alerts if "→" in plain(post.message.cards[0].badge))
    digests = [post for post in posts if post.message.cards[-1].picture]
    return [contradiction, update, *digests[-1:]]


def _fullest(posts: object) -> Posted:
    return max(posts, key=lambda post: sum(len(plain(line)) for line in post.message.cards[0].lines))  # type: ignore[call-overload]


def main(browser: str) -> None:
    """Play, choose, draw."""
    with tempfile.TemporaryDirectory() as folder:
        settings = demo_settings(load_settings(DOCS.parent / "config", {}), Path(folder))
        posts = asyncio.run(played(settings, Console(quiet=True)))
        html = Path(folder) / "cards.html"
        html.write_text(page(chosen(posts)), encoding="utf-8")
        subprocess.run(
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--hide-scrollbars",
                "--force-dark-mode",
                "--blink-settings=preferredColorScheme=0",
                f"--user-data-dir={folder}/profile",
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--screenshot={DOCS / 'cards.png'}",
                html.as_uri(),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else shutil.which("chromium") or "chromium")
