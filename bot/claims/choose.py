"""Which assessor compares, by the settings and by what can be read."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence

from bot.claims.assess import LocalAssessor
from bot.claims.encoder import MODEL_FOLDER, check_sums, languages_of, read_card
from bot.claims.lexical import LexicalAssessor
from bot.errors import ModelError
from bot.model import Claim, Item, Verdict
from bot.ports import Assessor

log = logging.getLogger(__name__)


def local_assessor(model: str) -> Assessor:
    """The shipped networks, or the one that `model` names; where they cannot be read, the lexical fall-back says so.

    The shipped ones are only held against their checksums here, and loaded at the first comparison: a start is quick,
    and a bot that holds no claims never loads them.
    """
    try:
        return _named(model) if model else OwnAssessor()
    except ModelError as error:
        return _fallen_back(error)


class OwnAssessor:
    """The shipped networks, loaded at the first comparison; the fall-back where that fails."""

    def __init__(self) -> None:
        """Raises `ModelError` where a file is missing or is not the one that was shipped."""
        card = read_card(MODEL_FOLDER)
        check_sums(MODEL_FOLDER, card)
        self.name = str(card.get("name", "local model"))
        self.languages = languages_of(card)
        self._loaded: Assessor | None = None
        self._loading = threading.Lock()

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """For each item its verdicts, the surest first."""
        if not items or not claims:
            return [() for _ in items]
        return await (await asyncio.to_thread(self._load)).compare(items, claims)

    def _load(self) -> Assessor:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._best()
                self.name = self._loaded.name
            return self._loaded

    @staticmethod
    def _best() -> Assessor:
        try:
            return _named("")
        except ModelError as error:
            return _fallen_back(error)


def _named(model: str) -> Assessor:
    assessor = LocalAssessor(other=model)
    assessor.engine()
    return assessor


def _fallen_back(error: ModelError) -> Assessor:
    log.error("%s", error)
    return LexicalAssessor()
