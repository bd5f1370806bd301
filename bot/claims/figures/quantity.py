"""What a figure in a text is: the dataclasses and enums of this room."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    MONEY = "money"
    PERCENT = "percent"
    COUNT = "count"
    DURATION = "duration"
    DATE = "date"
    NUMBER = "number"  # without a unit of its own; never returned by `read`


class Bound(StrEnum):
    """What a text says of the figure's sharpness."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    UP_TO = "up to"  # a ceiling that is itself the figure: "could mobilise up to 800 billion euros"


@dataclass(frozen=True, slots=True)
class Quantity:
    """One figure with its unit; `text` is the verbatim span `source[start:end]`.

    `low` and `high` are equal but for ranges. They are in units: euros rather than billions, percent (a third is
    33.3), the duration's own `unit`. A date is the proleptic ordinals of its first and last day.
    """

    kind: Kind
    low: float
    high: float
    unit: str  # ISO currency, "percent", "point", "year", the counted class ("country", "troop"), a date's precision
    text: str
    start: int
    end: int
    bound: Bound = Bound.EXACT
    scale: float = 1.0  # 1e9 where the text says billion
    step: float = 0.0  # what the last digit written stands for; 0: written in words
    per: str = ""  # "year" in "3.5 billion dollars a year"
    base: str = ""  # what a share is a share of, where it is the economy: "gdp"
    delta: bool = False  # a change rather than a level: "by 3 percent", "another 3,000 troops"
    former: bool = False  # said to hold no longer, or not: "down from 30", "instead of 800"
    lent: bool = False  # a bare number that was lent the unit of the claim's figure for the comparison
    owners: frozenset[str] = frozenset()  # nations between figure and noun: "3,000 Russian troops"
    context: frozenset[str] = frozenset()  # stems of the content words around it

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2


class Movement(StrEnum):
    EQUAL = "equal"
    WITHIN = "within"  # not the same figure, but one that the claim's wording allows
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure of a claim and the like figure of its evidence."""

    old: Quantity
    new: Quantity
    movement: Movement
    difference: float  # (new - old) / old; days for dates
    likeness: float  # 0..1: how surely both speak of the same thing
    change: str  # "800 → 650 billion EUR"; for what did not move, the evidence's own figure

    @property
    def moved(self) -> bool:
        return self.movement in {Movement.UP, Movement.DOWN}


@dataclass(frozen=True, slots=True)
class FigureSigns:
    """What figures say of a claim and an evidence, as numbers for a regression."""

    claimed: bool  # the claim holds a figure
    told: bool  # the evidence holds a figure
    comparable: bool
    kept: bool  # a figure of the claim stands in the evidence, or one that its wording allows
    moved: bool  # it stands there with another value
    denied: bool  # it stands there only as what holds no longer
    difference: float  # ln(new / old) of what moved, within ±3; 0 where nothing did
    likeness: float

    def vector(self) -> tuple[float, ...]:
        """In the order of the fields."""
        return (
            float(self.claimed),
            float(self.told),
            float(self.comparable),
            float(self.kept),
            float(self.moved),
            float(self.denied),
            self.difference,
            self.likeness,
        )
