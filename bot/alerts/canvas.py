"""The ground that pictures are drawn on: colours, text that is taken as it stands, and the way to a PNG.

Pictures bring their own dark ground, so that they read the same on a platform's dark and light themes. Matplotlib is
used through its objects only: pyplot keeps global state and is not thread-safe.
"""

from __future__ import annotations

import io
from functools import lru_cache

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from bot.blocks import clip
from bot.inert import inert

GROUND = "#26282d"
INK = "#e9ebef"
FAINT = "#a3a9b4"
RULE = "#3b3e46"
DPI = 200
WIDTH = 5.0  # inches: platforms show pictures some 400 pixels wide, so that letters are to be large

_FONT = "DejaVu Sans"  # comes with matplotlib


class Canvas:
    """A figure of a given height, measured in inches from its top left corner."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor=GROUND)
        FigureCanvasAgg(self.figure)

    def panel(self, left: float, top: float, width: float, height: float) -> Axes:
        """Bare axes there: no frame, no ticks, the ground's colour."""
        place = (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        axes = self.figure.add_axes(place, facecolor="none")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(False)
        return axes

    def write(
        self,
        left: float,
        top: float,
        text: str,
        *,
        size: float = 9,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """One line of foreign or own text whose middle is `top` inches from the top."""
        self.figure.text(
            left / WIDTH,
            1 - top / self.height,
            drawable(text),
            color=colour,
            ha=align,
            va="center_baseline",
            fontproperties=FontProperties(family=_FONT, size=size, weight="bold" if bold else "normal"),
            parse_math=False,
        )

    def png(self) -> bytes:
        out = io.BytesIO()
        self.figure.savefig(out, format="png", facecolor=GROUND, metadata={"Software": None})
        return out.getvalue()


def drawable(text: str, limit: int = 200) -> str:
    """The text as one inert line; what the font cannot draw becomes a middle dot."""
    known = _glyphs()
    return "".join(char if ord(char) in known else "·" for char in clip(inert(text), limit))


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties(family=_FONT))).get_charmap())
