"""The pictures: that they are drawn, what they hold, and that their words say the same."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import date, timedelta

import matplotlib.image
import numpy as np
import pytest
from alerts_world import CONFIRMS, CONTRADICTS, NOW, UPDATES, claim, report

from bot.alerts.canvas import DPI, WIDTH, drawable
from bot.alerts.chart import THEMES, activity_alt, activity_png
from bot.alerts.digest import activity_days
from bot.alerts.render import Labels
from bot.alerts.timeline import timeline_alt, timeline_png
from bot.model import ClaimEvidence, ClaimVersion, ThemeActivity, Verdict

DAYS = activity_days(date(2026, 3, 18))
LABELS = Labels({"nuclear": "Nuclear"})


def activity(theme: str, *last: int) -> ThemeActivity:
    return ThemeActivity(theme, (0,) * (len(DAYS) - len(last)) + last)


def pixels(png: bytes) -> np.ndarray:
    image = matplotlib.image.imread(io.BytesIO(png))
    return np.asarray(image[..., :3])


def evidence(verdict: Verdict, days_ago: int) -> ClaimEvidence:
    return ClaimEvidence(verdict, report("DW", published=NOW - timedelta(days=days_ago)), "story")


def version(revision: int, days_ago: int, statement: str = "Earlier wording.") -> ClaimVersion:
    return ClaimVersion(revision, statement, "2025-03", NOW - timedelta(days=days_ago), "anna")


def test_the_picture_is_as_wide_as_planned_and_grows_with_its_themes() -> None:
    heights = []
    for number in (1, 4):
        image = pixels(activity_png(DAYS, [activity(f"t{n}", n + 1) for n in range(number)], LABELS))
        assert image.shape[1] == int(WIDTH * DPI)
        heights.append(image.shape[0])
    assert heights[0] < heights[1]


def test_more_activity_draws_more_blue() -> None:
    def blue(*counts: int) -> int:
        image = pixels(activity_png(DAYS, [activity("a", 9), activity("b", *counts)], LABELS))
        return int(((image[..., 2] - image[..., 0]) > 0.2).sum())

    assert blue(1, 1, 1) < blue(5, 5, 5) < blue(9, 9, 9)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing"),
        pytest.param([activity("a")], id="zeros only"),
        pytest.param([activity("$x_{1}$ \\frac", 1)], id="no mathematics"),
        pytest.param([activity("核武器 \u202e\U0001f600", 3)], id="glyphs that the font lacks"),
        pytest.param([activity("a", 10**9)], id="a billion"),
        pytest.param([activity("long " * 40, 1)], id="a long name"),
    ],
)
def test_whatever_comes_is_drawn(rows: list[ThemeActivity]) -> None:
    """Warnings are errors here: a missing glyph would be one."""
    assert activity_png(DAYS, rows, LABELS).startswith(b"\x89PNG")
    assert activity_alt(DAYS, rows, LABELS)


def test_the_words_say_what_the_picture_shows() -> None:
    rows = [activity("a", 2), activity("nuclear", 3, 0, 5), activity("silent")]
    assert activity_alt(DAYS, rows, LABELS) == (
        "Reports that touched a claim, 5 to 18 March: "
        "Nuclear 8 reports, most on 18 March (5); A 2 reports, most on 18 March (2)."
    )
    assert activity_alt(DAYS, [], LABELS) == "Reports that touched a claim, 5 to 18 March: none."


def test_a_span_over_two_months_names_both() -> None:
    assert "22 February to 7 March" in activity_alt(activity_days(date(2026, 3, 7)), [], LABELS)


def test_themes_beyond_the_eighth_share_a_row() -> None:
    told = activity_alt(DAYS, [activity(f"theme {n}", 20 - n) for n in range(THEMES + 3)], LABELS)
    assert told.count(";") == THEMES - 1
    assert "4 others 46 reports, most on 18 March (46)" in told


def test_what_the_font_lacks_becomes_a_dot() -> None:
    assert drawable("Zeitenwende ⇄ Đặng 核") == "Zeitenwende ⇄ Đặng ·"


@pytest.mark.parametrize(
    ("versions", "found"),
    [
        pytest.param([], [], id="nothing happened"),
        pytest.param([], [evidence(CONTRADICTS, 0)], id="today"),
        pytest.param([version(1, 0)], [], id="changed today"),
        pytest.param([version(1, 20), version(2, 20)], [evidence(UPDATES, 400)] * 9, id="two changes on a day"),
        pytest.param([version(1, 9, "$^{核")], [evidence(v, 3) for v in (CONFIRMS, UPDATES, CONTRADICTS)], id="all"),
        pytest.param([], [evidence(CONFIRMS, -2)], id="from tomorrow"),
    ],
)
def test_a_timeline_is_drawn(versions: list[ClaimVersion], found: list[ClaimEvidence]) -> None:
    held = claim("arms-in-poland", "A statement $with_{signs}$.")
    assert timeline_png(held, versions, found, NOW).startswith(b"\x89PNG")


def test_a_timeline_says_in_words_what_happened() -> None:
    found = [evidence(CONTRADICTS, 1), evidence(CONTRADICTS, 2), evidence(CONFIRMS, 10)]
    assert timeline_alt(claim("arms-in-poland"), [version(1, 5)], found, NOW) == (
        "arms-in-poland, standing, from 4 March 2026 to 18 March 2026: "
        "contradicted by 2 reports, last on 17 March 2026; confirmed by 1 report, last on 8 March 2026; "
        "2 wordings, the current one as of March 2025."
    )
    assert "touched by no report; 1 wording" in timeline_alt(claim("a"), [], [], NOW)


def test_relations_differ_by_colour_and_stand_in_lanes_of_their_own() -> None:
    def ink(verdict: Verdict) -> tuple[float, float]:
        """The mean row and the mean red of what this one mark adds to the picture."""
        empty = pixels(timeline_png(claim("a"), [], [], NOW))
        marked = pixels(timeline_png(claim("a"), [], [evidence(verdict, 5)], NOW))
        changed = (np.abs(marked - empty).sum(axis=2) > 0.3)[:, : int(6.3 * DPI)]
        rows, columns = np.nonzero(changed[:, int(1.7 * DPI) :])
        return float(rows.mean()), float(marked[rows, columns + int(1.7 * DPI), 0].mean())

    rows, reds = zip(*(ink(verdict) for verdict in (CONTRADICTS, UPDATES, CONFIRMS)), strict=True)
    assert rows[0] < rows[1] < rows[2]
    assert reds[0] > reds[2]


def test_pictures_are_drawn_in_threads_side_by_side() -> None:
    drawn: list[bytes] = []

    def draw(make: Callable[[], bytes]) -> None:
        drawn.append(make())

    def chart() -> bytes:
        return activity_png(DAYS, [activity("a", 1, 2, 3)], LABELS)

    threads = [threading.Thread(target=draw, args=(chart,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(drawn) == 4
    assert len(set(drawn)) == 1
