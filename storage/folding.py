"""Words as the search index sees them: runs of letters and digits without case and diacritics. Pure."""

from __future__ import annotations

import re
import unicodedata

_QUOTED = re.compile(r'"([^"]*)"|(\S+)')


def spaced(text: str) -> str:
    """The text with everything that is no letter, digit or mark of one as a space."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(char if char.isalnum() or unicodedata.combining(char) else " " for char in composed).strip()


def fold(text: str) -> str:
    """`spaced`, without case and diacritics: Kraków → krakow, Straße → strasse."""
    decomposed = unicodedata.normalize("NFKD", spaced(text).casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


LONGEST_QUERY = 1000
MOST_PHRASES = 32


def phrases(words: str) -> list[str]:
    """What somebody asks for: "quoted phrases" and single words, each once, without those of signs alone.

    What goes beyond `LONGEST_QUERY` characters or `MOST_PHRASES` is left out.
    """
    asked = (quoted or single for quoted, single in _QUOTED.findall(words[:LONGEST_QUERY]))
    return list(dict.fromkeys(phrase for phrase in asked if fold(phrase).strip()))[:MOST_PHRASES]
