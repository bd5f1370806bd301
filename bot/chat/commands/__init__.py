"""The verbs, the same on every platform: each answers with neutral blocks.

`VERBS` is the one table; platforms register it, the README lists it, and `answer` is the only way in.
"""

from bot.chat.commands.answering import answer, press, suggest
from bot.chat.commands.desk import Asker, Comparison, Desk, Place
from bot.chat.commands.table import Ask, Kind, Option, Parameter, Verb
from bot.chat.commands.verbs import VERBS

__all__ = [
    "VERBS",
    "Ask",
    "Asker",
    "Comparison",
    "Desk",
    "Kind",
    "Option",
    "Parameter",
    "Place",
    "Verb",
    "answer",
    "press",
    "suggest",
]
