"""How states and moments read in answers. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.blocks import Span, Tone
from bot.model import ClaimState

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
