"""A claim's picture: what the news did to it, day by day, over the wordings that it had. Call it in a thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.alerts.canvas import FAINT, GROUND, INK, RULE, Canvas
from bot.alerts.words import PAST, as_of, counted
from bot.blocks import clip
from bot.model import Claim, ClaimEvidence, ClaimVersion, Relation

_LANES = (Relation.CONTRADICTS, Relation.UPDATES, Relation.CONFIRMS)
_COLOUR = {Relation.CONTRADICTS: "#e5686a", Relation.UPDATES: "#e8ad55", Relation.CONFIRMS: "#5bb377"}
_SHAPE = {Relation.CONTRADICTS: "D", Relation.UPDATES: "^", Relation.CONFIRMS: "o"}
_LANE = 0.46  # inches
_TOP = 0.62
_LEFT, _WIDTH = 1.16, 3.32
_WORDING = "#4a5160"
_STANDING = "#6c9bd2"


@dataclass(frozen=True, slots=True)
class _Wording:
    """What the claim said from one day to another."""

    start: date
    end: date
    text: str
    current: bool


def timeline_png(
    claim: Claim, versions: Sequence[ClaimVersion], evidence: Sequence[ClaimEvidence], now: datetime
) -> bytes:
    """A lane a relation with a mark a day, and under them the wordings that were held."""
    start, end = _span(versions, evidence, now)
    canvas = Canvas(_TOP + _LANE * len(_LANES) + 1.02)
    canvas.write(0.22, 0.30, f"{clip(claim.id, 44)} · {claim.state.value}", size=10, bold=True)
    for index, relation in enumerate(_LANES):
        _draw_lane(canvas, _TOP + _LANE * index, relation, _days(evidence, relation), (start, end))
    top = _TOP + _LANE * len(_LANES) + 0.14
    canvas.write(_LEFT - 0.14, top + 0.16, "held", align="right")
    for wording in _wordings(claim, versions, start, end):
        _draw_wording(canvas, top, wording, (start, end))
    canvas.write(_LEFT, top + 0.60, _dated(start), size=7.5, colour=FAINT)
    canvas.write(_LEFT + _WIDTH, top + 0.60, _dated(end), size=7.5, align="right")
    return canvas.png()


def timeline_alt(
    claim: Claim, versions: Sequence[ClaimVersion], evidence: Sequence[ClaimEvidence], now: datetime
) -> str:
    """What `timeline_png` shows, in words."""
    start, end = _span(versions, evidence, now)
    told = []
    for relation in _LANES:
        if days := _days(evidence, relation):
            last = _dated(max(days))
            told.append(f"{PAST[relation]} by {counted(sum(days.values()), 'report')}, last on {last}")
    worded = f"{counted(len(versions) + 1, 'wording')}, the current one as of {as_of(claim.as_of)}"
    happened = "; ".join(told) or "touched by no report"
    return f"{claim.id}, {claim.state.value}, from {_dated(start)} to {_dated(end)}: {happened}; {worded}."


def _span(versions: Sequence[ClaimVersion], evidence: Sequence[ClaimEvidence], now: datetime) -> tuple[date, date]:
    """From somewhat before the first thing that happened to now; two weeks at least."""
    end = now.astimezone(UTC).date()
    happened = [item.report.published for item in evidence] + [version.changed for version in versions]
    first = min((moment.astimezone(UTC).date() for moment in happened), default=end)
    lead = max((end - first) * 0.12, timedelta(days=2))
    return min(first - lead, end - timedelta(days=14)), end


def _days(evidence: Sequence[ClaimEvidence], relation: Relation) -> Counter[date]:
    return Counter(
        item.report.published.astimezone(UTC).date() for item in evidence if item.verdict.relation is relation
    )


def _wordings(claim: Claim, versions: Sequence[ClaimVersion], start: date, end: date) -> list[_Wording]:
    """Earlier wordings up to the day that each was replaced, then the current one."""
    past = sorted(versions, key=lambda version: version.revision)
    borders = [start, *(max(start, version.changed.astimezone(UTC).date()) for version in past), end]
    texts = [*((version.as_of, version.statement) for version in past), (claim.as_of, claim.statement)]
    return [
        _Wording(borders[index], borders[index + 1], f"{as_of(since)}: {text}", index == len(past))
        for index, (since, text) in enumerate(texts)
    ]


def _draw_lane(canvas: Canvas, top: float, relation: Relation, days: Counter[date], span: tuple[date, date]) -> None:
    middle = top + _LANE / 2
    total = sum(days.values())
    canvas.write(_LEFT - 0.14, middle, relation.value, align="right", colour=INK if total else FAINT)
    canvas.write(_LEFT + _WIDTH + 0.2, middle, str(total), bold=True, colour=INK if total else FAINT)
    axes = canvas.panel(_LEFT, top, _WIDTH, _LANE)
    axes.set_xlim(0, (span[1] - span[0]).days)
    axes.axhline(0, color=RULE, linewidth=1, zorder=1)
    for day, count in sorted(days.items()):
        size, shape, colour = 46 + 30 * min(count - 1, 4), _SHAPE[relation], _COLOUR[relation]
        where = (day - span[0]).days
        axes.scatter([where], [0], s=size, marker=shape, color=colour, edgecolors=GROUND, zorder=2, clip_on=False)
        if count > 1:
            canvas.write(_left(day, span), middle - 0.17, str(count), size=7, align="center")
    axes.set_ylim(-1, 1)


def _draw_wording(canvas: Canvas, top: float, wording: _Wording, span: tuple[date, date]) -> None:
    left, right = _left(wording.start, span), _left(wording.end, span)
    width = max(right - left - 0.03, 0.03)
    axes = canvas.panel(left, top, width, 0.32)
    axes.axvspan(0, 1, color=_STANDING if wording.current else _WORDING, linewidth=0)
    axes.set_xlim(0, 1)
    room = int((width - 0.16) / 0.064)
    if room >= 8:
        canvas.write(
            left + 0.08, top + 0.16, clip(wording.text, room), size=8, colour=GROUND if wording.current else INK
        )


def _left(day: date, span: tuple[date, date]) -> float:
    """Where a day lies, in inches from the picture's left edge."""
    return _LEFT + _WIDTH * (day - span[0]).days / (span[1] - span[0]).days


def _dated(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"
