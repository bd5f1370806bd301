"""How relations, states and moments read in answers. Pure."""

from __future__ import annotations

from calendar import month_name
from datetime import datetime

from bot.blocks import Span, Tone
from bot.model import ClaimState, Relation

SIGN = {Relation.CONFIRMS: "✓", Relation.CONTRADICTS: "⇄", Relation.UPDATES: "⟳"}

STATE_SIGN = {
    ClaimState.STANDING: "✓",
    ClaimState.CHALLENGED: "⇄",
    ClaimState.OUTDATED: "⟳",
    ClaimState.REVISED: "✎",
    ClaimState.RETIRED: "–",
}

STATE_TONE = {
    ClaimState.STANDING: Tone.CONFIRMS,
    ClaimState.CHALLENGED: Tone.CONTRADICTS,
    ClaimState.OUTDATED: Tone.UPDATES,
    ClaimState.REVISED: Tone.NEUTRAL,
    ClaimState.RETIRED: Tone.NEUTRAL,
}


def moment(at: datetime) -> Span:
    """A moment in the reader's own time where the platform can show it."""
    return Span(f"{at:%Y-%m-%d %H:%M} UTC", at=at)


def held_since(as_of: str) -> str:
    """ "2025-03" → "March 2025", "2025-03-20" → "20 March 2025"."""
    year, month, *day = as_of.split("-")
    return " ".join([*(part.lstrip("0") for part in day), month_name[int(month)], year])
