"""Which assessor compares, by the settings and by what can be read."""

from __future__ import annotations

import logging

from bot.claims.assess import LocalAssessor
from bot.claims.lexical import LexicalAssessor
from bot.errors import ModelError
from bot.ports import Assessor

log = logging.getLogger(__name__)


def local_assessor(model: str) -> Assessor:
    """The shipped networks, or the one that `model` names; where they cannot be read, the lexical fall-back says so."""
    assessor = LocalAssessor(other=model)
    try:
        assessor.engine()
    except ModelError as error:
        log.error("%s", error)  # noqa: TRY400 - the message says what to do; a traceback would hide it
        return LexicalAssessor()
    return assessor
