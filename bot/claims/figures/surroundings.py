"""What the words around a figure say of it: bound, rate, a change or a level, still or no longer, and its context."""

from __future__ import annotations

from dataclasses import replace

from bot.claims.figures.amounts import Amount
from bot.claims.figures.lexicon import ARTICLES
from bot.claims.figures.phrases import BOUNDS, CONTEXT_NOISE, MONTHS, MOVERS, NATIONS
from bot.claims.figures.quantity import Bound, Kind, Quantity
from bot.claims.figures.tokens import Tokens
from bot.claims.figures.units import Unit

STEM = 6
"""Words are compared by their first letters, so that plurals and tenses fall together."""
_AROUND = 24  # tokens on either side whose words tell what a figure is about
_FORMER = frozenset({("instead", "of"), ("rather", "than"), ("down", "from"), ("up", "from"), ("compared", "with")})
_DENIED = frozenset("not formerly previously longer against".split())
_FORMER_AFTER = frozenset("previously formerly originally earlier assumed".split())
_MORE = frozenset("another further additional extra".split())
_RATES = frozenset("a per each every pro par al".split())
_PERIODS = {
    **dict.fromkeys("year annum jahr an anno año rok yr".split(), "year"),
    **dict.fromkeys("month monat mois mese mes".split(), "month"),
    **dict.fromkeys("week woche semaine settimana semana".split(), "week"),
    **dict.fromkeys("day tag jour giorno día".split(), "day"),
}


def plain(tokens: Tokens, at: int, end: int, amount: Amount, unit: Unit) -> Quantity:
    """The quantity at tokens [at, end), before its surroundings are looked at."""
    start, stop = tokens[at].start, tokens[end - 1].end
    return Quantity(
        kind=unit.kind,
        low=amount.value,
        high=amount.value,
        unit=unit.name,
        text=tokens.text[start:stop],
        start=start,
        end=stop,
        scale=amount.scale,
        step=amount.step,
        base=unit.base,
        owners=unit.owners,
    )


def finished(tokens: Tokens, at: int, end: int, quantity: Quantity) -> Quantity:
    """The quantity with all that its surroundings say of it."""
    return replace(
        quantity,
        bound=_bound(tokens, at, end),
        per=_rate(tokens, end) if quantity.kind is not Kind.DURATION else "",
        delta=_is_delta(tokens, at, end),
        former=quantity.former or is_former(tokens, at, end),
    )


def stems(tokens: Tokens) -> list[str]:
    """For each token what it is compared by; empty for what tells nothing."""
    return [_stem(tokens.low(at)) if tokens[at].kind == "word" else "" for at in range(len(tokens))]


def context(of_tokens: list[str], at: int, end: int) -> frozenset[str]:
    """The stems around tokens [at, end)."""
    near = of_tokens[max(0, at - _AROUND) : at] + of_tokens[end : end + _AROUND]
    return frozenset(stem for stem in near if stem)


def is_former(tokens: Tokens, at: int, end: int) -> bool:
    """Whether the figure is said to hold no longer, or not: "down from 30", "instead of 800", "not in 2032 but"."""
    if tokens.words(at - 2, 2) in _FORMER or tokens.words(at - 3, 2) in _FORMER:
        return True
    near = set(tokens.words(max(0, at - 2), min(2, at)))
    if near & _DENIED and not near & {"more", "less", "fewer", "than"}:
        return True
    if "but" in tokens.words(end, 2) and {"not", "t", "longer"} & set(tokens.words(max(0, at - 5), min(5, at))):
        return True
    return bool(_FORMER_AFTER & set(tokens.words(end, 2)))


def led_by(tokens: Tokens, at: int, words: frozenset[str] | set[str]) -> bool:
    """Whether one of the words stands before the figure, with nothing but an article or "about" between."""
    return tokens.low(at - 1) in words or (tokens.low(at - 2) in words and tokens.low(at - 1) in ARTICLES | {"about"})


def moves(tokens: Tokens, at: int) -> bool:
    """Whether a word of rising, falling or the like stands in the eight tokens before."""
    return any(tokens.low(i).startswith(MOVERS) for i in range(max(0, at - 8), at))


def _bound(tokens: Tokens, at: int, end: int) -> Bound:
    for length in (3, 2, 1):
        if at >= length and (bound := BOUNDS.get(tokens.words(at - length, length))):
            return bound
    inside = tokens.words(at, end - at)
    if "+" in inside or "plus" in inside or {"or", "more"} <= set(inside):
        return Bound.AT_LEAST
    return Bound.ABOUT if "odd" in inside or "so" in inside else Bound.EXACT


def _rate(tokens: Tokens, end: int) -> str:
    """The period of "a year", "per month", "annually"."""
    at = end + 1 if tokens[end].kind == "hyphen" else end
    if tokens.low(at) in {"annually", "yearly", "jährlich"}:
        return "year"
    after = at + 2 if tokens[at + 1].kind == "hyphen" else at + 1
    return _PERIODS.get(tokens.low(after), "") if tokens.low(at) in _RATES else ""


def _is_delta(tokens: Tokens, at: int, end: int) -> bool:
    before = tokens.low(at - 1)
    inside = tokens.words(at + 1, end - at - 1)
    added = before in _MORE or tokens.low(at - 2) in _MORE or bool(_MORE & set(inside))
    more = "more" in inside and "or" not in inside
    return added or more or before == "by" or tokens.low(end) in {"more", "fewer"}


def _stem(word: str) -> str:
    if len(word) < 2 or word in CONTEXT_NOISE or word in MONTHS:
        return ""
    return f"@{NATIONS[word]}" if word in NATIONS else word[:STEM]
