"""The digest's picture: fourteen days by theme. Drawing takes some 0.2 s, so call it in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bot.alerts.canvas import FAINT, INK, RULE, Canvas
from bot.alerts.render import Labels
from bot.alerts.words import counted
from bot.blocks import clip
from bot.model import ThemeActivity

THEMES = 8
"""So many themes have a row of their own; where there are more, the last row is for all others."""

_BAR = "#6c9bd2"
_LAST_BAR = "#b7d4f7"
_ROW = 0.38  # inches
_TOP = 0.62
_LEFT, _WIDTH = 1.58, 2.86


def activity_png(days: Sequence[date], activity: Sequence[ThemeActivity], labels: Labels) -> bytes:
    """A row a theme and a bar a day, all on one scale, the oldest day on the left; each row's sum at its end."""
    rows = _rows(activity, labels)
    canvas = Canvas(_TOP + _ROW * max(len(rows), 1) + 0.42)
    canvas.write(0.22, 0.30, _title(days), size=10, bold=True)
    highest = max((count for row in rows for count in row.counts), default=0)
    for index, row in enumerate(rows):
        _draw_row(canvas, _TOP + index * _ROW, row, max(highest, 1))
    if not rows:
        canvas.write(0.22, _TOP + _ROW / 2, "No claim was touched.", colour=FAINT)
    _draw_days(canvas, _TOP + _ROW * max(len(rows), 1), days)
    return canvas.png()


def activity_alt(days: Sequence[date], activity: Sequence[ThemeActivity], labels: Labels) -> str:
    """What `activity_png` shows, in words."""
    told = [_told(row, days) for row in _rows(activity, labels)]
    return f"{_title(days)}: {'; '.join(told) or 'none'}."


def _rows(activity: Sequence[ThemeActivity], labels: Labels) -> list[ThemeActivity]:
    """Themes that were touched, most active first, by name; beyond `THEMES` rows in one."""
    touched = [ThemeActivity(labels.theme(row.theme), row.counts) for row in activity if any(row.counts)]
    touched.sort(key=lambda row: (-sum(row.counts), row.theme))
    if len(touched) <= THEMES:
        return touched
    named, others = touched[: THEMES - 1], touched[THEMES - 1 :]
    together = tuple(sum(counts) for counts in zip(*(row.counts for row in others), strict=True))
    return [*named, ThemeActivity(f"{len(others)} others", together)]


def _draw_row(canvas: Canvas, top: float, row: ThemeActivity, highest: int) -> None:
    middle = top + _ROW / 2 + 0.03
    canvas.write(_LEFT - 0.14, middle, clip(row.theme, 18), align="right")
    canvas.write(_LEFT + _WIDTH + 0.14, middle, f"{sum(row.counts):,}", bold=True)
    axes = canvas.panel(_LEFT, top, _WIDTH, _ROW)
    last = len(row.counts) - 1
    colours = [_LAST_BAR if day == last else _BAR for day in range(len(row.counts))]
    axes.bar(range(len(row.counts)), row.counts, width=0.72, color=colours, linewidth=0)
    axes.axhline(0, color=RULE, linewidth=1)
    axes.set_xlim(-0.6, last + 0.6)
    axes.set_ylim(0, highest * 1.55)
    if max(row.counts) == highest:  # one number gives the scale of all rows
        canvas.write(*_above(row.counts.index(highest), len(row.counts), top), str(highest), size=7, align="center")


def _above(index: int, days: int, top: float) -> tuple[float, float]:
    return _LEFT + _WIDTH / (days + 0.2) * (index + 0.6), top + 0.05


def _draw_days(canvas: Canvas, top: float, days: Sequence[date]) -> None:
    """The first and the last day."""
    for index, colour in ((0, FAINT), (len(days) - 1, INK)):
        middle, _ = _above(index, len(days), top)
        day = days[index]
        canvas.write(middle, top + 0.15, f"{day:%a} {day.day} {day:%b}", size=7.5, colour=colour, align="center")


def _title(days: Sequence[date]) -> str:
    first, last = days[0], days[-1]
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else _short(first)
    return f"Reports that touched a claim, {start} to {_short(last)}"


def _told(row: ThemeActivity, days: Sequence[date]) -> str:
    peak = max(range(len(row.counts)), key=lambda day: (row.counts[day], day))
    return f"{row.theme} {counted(sum(row.counts), 'report')}, most on {_short(days[peak])} ({row.counts[peak]})"


def _short(day: date) -> str:
    return f"{day.day} {day:%B}"
