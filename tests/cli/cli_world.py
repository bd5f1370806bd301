"""The operator's commands, run in this process over a folder of their own."""

from __future__ import annotations

import json
import logging
import socketserver
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from typer.testing import CliRunner, Result

from bot.cli import app

CLAIMS = """
[[claims]]
id = "arms"
theme = "nuclear"
kind = "position"
as_of = "2025-03"
statement = "Poland asks for nuclear arms on its soil."
[[claims]]
id = "package"
theme = "money"
kind = "figure"
as_of = "2025-03"
statement = "The European Union plans a defence package of 800 billion euros."
"""
WATCHES = """
[[watches]]
name = "Arms"
query = "nuclear"
mode = "alert"
"""
SETTINGS = """
topic = "topic"
database = "sqlite:///{database}"
[fetch]
allow_networks = ["127.0.0.1/32"]
[health]
port = 0
"""


@dataclass(frozen=True)
class Office:
    """A configuration's folder, and commands run with it."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, *feeds: str) -> Office:
        (folder / "topic").mkdir()
        listed = "".join(f'<outline text="feed {number}" xmlUrl="{url}"/>' for number, url in enumerate(feeds))
        for name, text in {
            "claimwatch.toml": SETTINGS.format(database=folder / "store.sqlite"),
            "topic/claims.toml": CLAIMS,
            "topic/watches.toml": WATCHES,
            "topic/feeds.opml": f'<opml version="2.0"><body>{listed}</body></opml>',
        }.items():
            (folder / name).write_text(text, encoding="utf-8")
        return cls(folder)

    def run(self, *words: str, status: int | None = 0) -> Result:
        """Run a command with this configuration, and hold its exit status to that; None: any."""
        result = CliRunner(env={"CLAIMWATCH_CONFIG": str(self.folder), "COLUMNS": "200"}).invoke(app, list(words))
        logging.getLogger().handlers.clear()  # they write to a stream that is closed now
        assert status in (None, result.exit_code), f"{result.output}\n{result.exception!r}"
        return result

    def refused(self, *words: str) -> str:
        """The one line that a command is refused with."""
        lines = [line for line in self.run(*words, status=1).stderr.splitlines() if line.startswith("claimwatch: ")]
        assert len(lines) == 1
        return lines[0].removeprefix("claimwatch: ")

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def items(self, *rows: dict[str, Any]) -> str:
        return self.write("items.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


class Door:
    """A port of this machine at which any program may be: it answers whatever is said with `says`."""

    says = b""

    def __init__(self) -> None:
        door = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                self.request.recv(10_000)
                self.request.sendall(door.says)

        self._server = socketserver.TCPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
