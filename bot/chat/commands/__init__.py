"""The verbs, the same on every platform: each answers with neutral blocks.

`VERBS` is the one table; platforms register it, the README lists it, and `answer` is the only way in.
"""

from bot.chat.commands.answering import answer, choose, may_ask, press, replaces, submit, suggest
from bot.chat.commands.desk import Asker, Attached, Comparison, Desk, Page, Place, Role
from bot.chat.commands.table import LARGEST_FILE, Ask, Kind, Option, Parameter, Verb
from bot.chat.commands.verbs import PRESSED, VERBS

__all__ = [
    "LARGEST_FILE",
    "PRESSED",
    "VERBS",
    "Ask",
    "Asker",
    "Attached",
    "Comparison",
    "Desk",
    "Kind",
    "Option",
    "Page",
    "Parameter",
    "Place",
    "Role",
    "Verb",
    "answer",
    "choose",
    "may_ask",
    "press",
    "replaces",
    "submit",
    "suggest",
]
