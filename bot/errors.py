"""One root, and a class for each thing that a caller treats differently.

A message says what is wrong and what to do about it; it is shown to people as it stands and never holds a secret.
"""

from __future__ import annotations


class ClaimwatchError(Exception):
    """Everything that we raise on purpose."""


class ConfigError(ClaimwatchError):
    """A configuration file or variable is not as expected.

    `str()` reads "file:line: key: what is wrong; what was expected".
    """

    def __init__(self, problem: str, *, file: str = "", line: int | None = None, key: str = "") -> None:
        place = f"{file}:{line}" if line is not None else file
        super().__init__(": ".join(part for part in (place, key, problem) if part))
        self.file, self.line, self.key = file, line, key


class QueryError(ClaimwatchError):
    """A watch's query cannot be read; `position` is the 0-based offset of the trouble in `query`."""

    def __init__(self, problem: str, query: str, position: int) -> None:
        super().__init__(f"{problem}\n  {query}\n  {' ' * position}^")
        self.problem, self.query, self.position = problem, query, position


class NotFound(ClaimwatchError):
    """A thing asked for by name does not exist for this tenant; the message lists the nearest names."""


class Conflict(ClaimwatchError):
    """A thing of that name is there already."""


class QuotaExceeded(ClaimwatchError):
    """A tenant has used up what it may configure."""


class BadInput(ClaimwatchError):
    """What was given to a command cannot be used; the message says what was expected."""


class NotAllowed(ClaimwatchError):
    """The asker may not do that."""


class StoreError(ClaimwatchError):
    """The database does not do what it should; drivers' errors are wrapped in it."""


class StoreBusy(StoreError):
    """The database is locked or away for the moment; the same call may go through later."""


class StoreRefused(StoreError):
    """The database is well, but did not take what was to be written."""


class ModelError(ClaimwatchError):
    """The comparison model's files are missing or broken."""


class PlatformError(ClaimwatchError):
    """A platform cannot be started, for instance because its token is wrong."""
