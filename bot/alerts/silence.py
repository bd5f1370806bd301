"""Whether what was held back is still to be told, after what was muted meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.model import Alert, Entry, Mute, MuteKind


def silencing(alert: Alert, entry: Entry, watches: Iterable[str], mutes: Sequence[Mute]) -> Mute | None:
    """The mute for which the alert is not told; `watches` are those of its channel that its entry matches.

    As where it is decided: a mute of a story or feed silences it, one of a claim or watch where there is no other.
    """
    by_subject = {(mute.kind, mute.subject): mute for mute in mutes}
    whole = by_subject.get((MuteKind.STORY, alert.story)) or by_subject.get((MuteKind.FEED, entry.feed))
    claims = [by_subject.get((MuteKind.CLAIM, verdict.claim)) for verdict in alert.verdicts]
    heard = [by_subject.get((MuteKind.WATCH, watch)) for watch in watches]
    return whole or _first_of_all(claims) or _first_of_all(heard)


def _first_of_all(mutes: Sequence[Mute | None]) -> Mute | None:
    """The first one, where nothing is without."""
    return mutes[0] if mutes and all(mutes) else None
