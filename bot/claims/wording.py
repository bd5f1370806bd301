"""What a statement is, read from its wording alone: its kind, and an id for it. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.claims.figures import Kind, read
from bot.model import ClaimKind, stable_id

LONGEST_ID = 48
_ID_WORDS = 5
_STOPS = frozenset(
    "a an the of to in on at for by from with and or that this its his her their is are was were be been has have had "
    "will would as it he she they than more up about".split()
)
_FIGURES = frozenset({Kind.MONEY, Kind.PERCENT, Kind.COUNT})
_MARKS = (
    (
        ClaimKind.TREND,
        r"\b(?:rising|falling|growing|increasingly|shrinking|more and more|(?:has|have) (?:fallen|risen|grown|shrunk|"
        r"doubled|tripled|halved|dropped|climbed))\b",
    ),
    (
        ClaimKind.PLAN,
        r"\b(?:will|shall|plans?|planned|planning|intends?|aims?|is to|are to|proposes?|proposed|pledged?|pledges|"
        r"seeks?|prepares?|preparing|wants? to|agreed to|decided to|vows?|vowed|promised?|promises)\b",
    ),
    (
        ClaimKind.POSITION,
        r"\b(?:says?|said|opposes|opposed|supports|supported|rejects|rejected|backs|backed|rules? out|ruled out|"
        r"calls? for|called for|demands|demanded|insists|insisted|warns|warned|argues|argued|believes)\b",
    ),
    (
        ClaimKind.EVENT,
        r"\b(?:signed|launched|voted|met|approved|deployed|attacked|announced|adopted|opened|closed|sent|delivered|won|"
        r"resigned|appointed|elected|withdrew|joined|left|struck|seized|passed|began|ended)\b",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _MARKS)


def kind_of(statement: str) -> ClaimKind:
    """A figure where it states one, else by its verbs; what tells nothing is a fact."""
    if any(one.kind in _FIGURES for one in read(statement)):
        return ClaimKind.FIGURE
    return next((kind for kind, marks in _KINDS if marks.search(statement)), ClaimKind.FACT)


def slug_of(text: str, longest: int = LONGEST_ID) -> str:
    """Lower-case words with hyphens, such as ids are made of; of a text without any, a number."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(
        r"[a-z0-9]+", "".join(char for char in folded if not unicodedata.combining(char) and char != "'")
    )
    telling = [word for word in words if word not in _STOPS] or words
    slug = "-".join(telling[:_ID_WORDS])[:longest].strip("-")
    return slug or f"claim-{stable_id(text)[:8]}"


def is_position(statement: str) -> bool:
    """Whether somebody's position is stated."""
    return bool(dict(_KINDS)[ClaimKind.POSITION].search(statement))
