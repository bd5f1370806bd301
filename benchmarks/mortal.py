"""The bot as a process of its own, for benches that start it often and kill it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from pathlib import Path

PATIENCE = 60.0
"""Seconds that a bot has to start or to end."""

FORKS = multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Once, before anything: bots are forked from a process that has imported the program and does nothing else."""
    for name in [one for one in os.environ if one.lower().endswith("_proxy")]:
        del os.environ[name]  # loopback is meant for nobody else
    FORKS.set_forkserver_preload(["__main__", "bot.cli"])


def live(folder: str, environment: dict[str, str], log: str, command: str = "run") -> None:
    """`claimwatch COMMAND`, with its output in a file."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.environ.update(environment)
    from bot.cli import app

    app([command, "--config", folder])


class Bot:
    """One bot of an installation: at most one process at a time."""

    def __init__(self, folder: Path, environment: dict[str, str], command: str = "run", name: str = "bot") -> None:
        self.log = folder / f"{name}.log"
        self._folder, self._environment, self._command = folder, environment, command
        self._born = 0

    def start(self) -> None:
        """Begin a new life."""
        self._born = self.log.stat().st_size if self.log.exists() else 0
        told = (str(self._folder), self._environment, str(self.log), self._command)
        self._process = FORKS.Process(target=live, args=told)
        self._process.start()

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def said(self) -> str:
        """Its log since it was started."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._born)
            return log.read().decode("utf-8", "replace")

    async def until_said(self, words: str, patience: float = PATIENCE) -> bool:
        """Wait until its log holds that. False where it never does."""
        end = time.monotonic() + patience
        while words not in self.said():
            if time.monotonic() > end or not self.alive:
                return False
            await asyncio.sleep(0.01)
        return True

    async def kill(self) -> None:
        """With -9. Raises `SystemExit` where it had ended by itself, which it never should."""
        self._process.kill()
        await asyncio.to_thread(self._process.join, PATIENCE)
        if self._process.exitcode != -signal.SIGKILL:
            raise SystemExit(f"the bot ended by itself ({self._process.exitcode}):\n{self.said()[-3000:]}")

    async def stop(self) -> int | None:
        """With SIGTERM. Its exit status; None where it did not end."""
        self._process.terminate()
        await asyncio.to_thread(self._process.join, PATIENCE)
        return self._process.exitcode
