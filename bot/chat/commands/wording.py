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


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "3 h 20 min", "2 d 4 h"; what lies in the future is "0 s"."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60 % 60, whole // 3600 % 24, whole // 86400
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2])
