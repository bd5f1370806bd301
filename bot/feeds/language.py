"""Which language an entry is in, where its feed does not say reliably.

py3langid knows 140 languages; it is asked about those that news is written in, so that dialects and pidgins do not
stand in front of them. What it is not sure of stays unknown: a headline of three names is in no language.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from bot.model import Entry

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ASKED = frozenset(
    "ar be bg bn ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ja ka kk ko lt lv mk ms mt nl nn"
    " no pl pt ro ru sk sl sq sr sv th tl tr uk ur uz vi zh".split()
)
SURE = 0.6
"""From this chance on a language is believed where nothing else is known."""
AGAINST = 0.9
"""From this chance on it is believed against the word of a document, which often is its template's."""
READ = 1_000
"""Characters of an entry that are looked at."""

_ENGLISH = frozenset(
    "the of and that with from this which their has been its not they who after said says would his about into than"
    " there could should what where while because these those".split()
)
"""Words that hold English sentences together and are hardly written in any other language that is asked about."""
PLAIN = 0.1
"""The share of them among an entry's words from which on nobody need be asked."""
LEAST = 12
"""Words that an entry must have for that."""

_LOADING = threading.Lock()
_SAME = {"nn": "no", "nb": "no"}


def with_languages(entries: Sequence[Entry], operator: str = "") -> tuple[Entry, ...]:
    """The entries, each with its language; `operator` is the word of whoever added the feed, and holds as it is."""
    if operator:
        return tuple(entries)
    return tuple(
        replace(one, language=language(one.title, f"{one.text}\n{one.article}", one.language)) for one in entries
    )


def language(title: str, text: str, said: str = "") -> str:
    """The primary tag of the text's language; `said` where the text leaves that open, and empty where that is, too."""
    words = f"{title}\n{text}"[:READ].strip()
    if not words:
        return said
    found, chance = ("en", 1.0) if _plainly_english(words) else _identifier().classify(words)
    primary = said.lower().split("-")[0]
    if _SAME.get(found, found) == _SAME.get(primary, primary):
        return said
    return _SAME.get(found, found) if chance >= (AGAINST if said else SURE) else said


def _plainly_english(words: str) -> bool:
    """A hundredth of what it takes to ask; most entries are."""
    each = words.lower().split()
    return len(each) >= LEAST and sum(map(_ENGLISH.__contains__, each)) >= PLAIN * len(each)


def _identifier() -> LanguageIdentifier:
    with _LOADING:  # by the first thread that asks, not by each
        return _loaded()


@cache
def _loaded() -> LanguageIdentifier:
    """Loaded when first asked: it takes a second and eighty megabytes."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(ASKED)
    return identifier
