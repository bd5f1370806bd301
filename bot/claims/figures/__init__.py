"""Reads the quantities of a text and tells how a claim's figures stand in its evidence. Pure, linear in the text.

English first; the words for scales, currencies, bounds and the commonest units of German, French, Italian, Spanish
and Polish are known, too.
"""

from bot.claims.figures.comparing import compare, comparisons, signs
from bot.claims.figures.quantity import Bound, FigureChange, FigureSigns, Kind, Movement, Quantity
from bot.claims.figures.reading import read

__all__ = [
    "Bound",
    "FigureChange",
    "FigureSigns",
    "Kind",
    "Movement",
    "Quantity",
    "compare",
    "comparisons",
    "read",
    "signs",
]
