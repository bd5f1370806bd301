"""Whether a feed gives an entry's whole text or only a taste of it. Pure."""

from __future__ import annotations

import re

SHORT = 400
"""Characters under which a text is no article."""
_TAIL = 120

_GOES_ON = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.|&hellip;)\]|(?:>{1,2}|»|→)"
    r"|\b(?:read (?:more|on|the (?:full|whole|rest)[^.!?]{0,40})|continue reading[^.!?]{0,80}|full (?:story|article)"
    r"|weiterlesen|mehr (?:lesen|dazu)|lire (?:la suite|plus|l['’]article)|(?:leer|seguir|sigue) (?:más|leyendo)"
    r"|leer más|leggi (?:tutto|di più|anche|l['’]articolo)|czytaj (?:dalej|więcej)|ler mais|lees (?:verder|meer)"
    r"|läs (?:mer|vidare)|les (?:mer|videre)|læs (?:mere|videre)|lue lisää|číst (?:dál|více)|читать (?:далее|дальше)"
    r"|читати далі))\W*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\bthe post .{1,300} (?:appeared first on|first appeared on) .{1,100}$", re.IGNORECASE | re.DOTALL
)
"""What a widespread publishing system puts under excerpts and whole texts alike."""


def is_teaser(text: str) -> bool:
    """Whether the text is short, or its end says that it goes on elsewhere."""
    body = _SIGNATURE.sub("", text[-1_000:]).rstrip()
    return len(text) < SHORT or bool(_GOES_ON.search(body[-_TAIL:]))
