"""What a document lacks for a query to hold: which of the parts that must all hold do, and which do not. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from bot.watch.expression import And, Expression, Field, Language, Not, Or, Phrase, Touches
from bot.watch.words import Document

KeyT = TypeVar("KeyT")

SHOWN = 4
"""Alternatives of a part that are written out."""


@dataclass(frozen=True, slots=True)
class Miss:
    """Why a query does not hold, in its own terms."""

    met: tuple[str, ...]  # parts that hold
    lacking: tuple[str, ...]  # parts that do not


def explain(expression: Expression, document: Document) -> Miss:
    """Which parts of the expression hold for the document. Where one of several must hold, the nearest counts."""
    parts = _parts(_nearest(expression, document))
    met = [part for part in parts if part.holds(document)]
    lacking = [part for part in parts if not part.holds(document)]
    return Miss(tuple(map(written, met)), tuple(map(written, lacking)))


def nearest_miss(expression: Expression, documents: Iterable[tuple[KeyT, Document]]) -> tuple[KeyT, Miss] | None:
    """Of documents for which it does not hold, the first of those that lack least and have some of its words.

    None where none of them has any.
    """
    best: tuple[float, KeyT, Miss] | None = None
    for key, document in documents:
        if expression.holds(document) or not _has_some(expression, document):
            continue
        miss = explain(expression, document)
        share = len(miss.met) / (len(miss.met) + len(miss.lacking))
        if best is None or share > best[0]:
            best = share, key, miss
    return best and (best[1], best[2])


def written(expression: Expression) -> str:
    """The expression as words of a query, folded as they are looked for; long alternatives are cut short."""
    match expression:
        case Phrase():
            return _phrase(expression)
        case Language():
            return f"lang:{expression.code}"
        case Touches():
            return f"{'theme' if expression.theme else 'claim'}:{expression.name}"
        case Not():
            return f"NOT {_grouped(expression.part)}"
        case And():
            return " AND ".join(map(_grouped, expression.parts))
        case Or():
            more = " OR …" if len(expression.parts) > SHOWN else ""
            return " OR ".join(map(_grouped, expression.parts[:SHOWN])) + more
        case _:
            return "…"


def _parts(expression: Expression) -> tuple[Expression, ...]:
    """What must all hold; an AND within an AND is one."""
    if isinstance(expression, And):
        return tuple(part for inner in expression.parts for part in _parts(inner))
    return (expression,)


def _nearest(expression: Expression, document: Document) -> Expression:
    """Of alternatives at the top the one of which most holds."""
    if isinstance(expression, Or) and any(isinstance(part, And) for part in expression.parts):
        return max(expression.parts, key=lambda part: _share(part, document))
    return expression


def _share(expression: Expression, document: Document) -> float:
    parts = _parts(expression)
    return sum(part.holds(document) for part in parts) / len(parts)


def _has_some(expression: Expression, document: Document) -> bool:
    """Whether any of its words stands in the document, other than those that must not."""
    match expression:
        case And() | Or():
            return any(_has_some(part, document) for part in expression.parts)
        case Not() | Language():
            return False
        case _:
            return expression.holds(document)


def _grouped(expression: Expression) -> str:
    text = written(expression)
    return f"({text})" if isinstance(expression, And | Or) else text


def _phrase(phrase: Phrase) -> str:
    words = " ".join(pattern.text for pattern in phrase.patterns)
    quoted = f'"{words}"' if len(phrase.patterns) > 1 else words
    near = f"~{phrase.slop}" if phrase.slop is not None else ""
    field = "" if phrase.field is Field.ANY else f"{phrase.field.value}:"
    return f"{field}{quoted}{near}"
