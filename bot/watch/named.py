"""Claims and themes that queries name: one that is not there could never match. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from bot.watch.expression import Expression, touched


def unknown(expression: Expression, claims: Iterable[str], themes: Iterable[str]) -> str:
    """Which claim or theme that the expression names is not among these, in words; empty where all are."""
    there = {False: ("claim", sorted(claims)), True: ("theme", sorted(themes))}
    for one in touched(expression):
        kind, names = there[one.theme]
        if one.name not in map(str.casefold, names):
            return no_such(kind, one.name, names)
    return ""


def no_such(kind: str, name: str, there: Iterable[str]) -> str:
    """That nothing of the kind is called so, with the nearest that are there."""
    near = ", ".join(get_close_matches(name, list(there), n=3, cutoff=0.0))
    return f"no {kind} {name!r}; the nearest are {near}" if near else f"no {kind} {name!r}; there is none yet"
