"""Tells numbers that are parts of names, of clock times and the like from those that count: "F-35", "Article 5"."""

from __future__ import annotations

from bot.claims.figures.lexicon import UNITS
from bot.claims.figures.phrases import CONTEXT_NOISE, NAMED, NATIONS
from bot.claims.figures.tokens import Tokens

_TOUCHING = frozenset("/ # _ @ = & : + № §".split())
_NUMBERED = frozenset("no nr art vol p fig para ch".split())
_CLOCKS = frozenset("am pm uhr ° degrees degree celsius fahrenheit grad".split())
_LINKABLE = frozenset("mid pre post early late".split())


def is_name_part(tokens: Tokens, at: int) -> bool:
    """Whether the number at `at` is no quantity: "G7", "MiG-29", "No. 7", "Leopard 2", "24/7", "12:17", "#3"."""
    if tokens[at].kind != "number":
        return False
    if tokens.joined(at) and (tokens[at - 1].kind == "word" or tokens.low(at - 1) in _TOUCHING):
        return True
    if tokens[at - 1].kind == "hyphen" and tokens.joined(at) and tokens.joined(at - 1):
        return tokens[at - 2].kind == "word" and tokens.low(at - 2) not in _LINKABLE and tokens.low(at - 2) not in UNITS
    if tokens.low(at - 1) in NAMED or _is_numbered(tokens, at):
        return True
    return _is_clock(tokens, at) or _is_model(tokens, at) or _is_designation(tokens, at)


def _is_numbered(tokens: Tokens, at: int) -> bool:
    return tokens.low(at - 1) == "." and tokens.low(at - 2) in _NUMBERED


def _is_clock(tokens: Tokens, at: int) -> bool:
    after = tokens[at + 1]
    return (tokens.joined(at + 1) and after.text in {":", "/", "_", "@", "=", "°"}) or after.low in _CLOCKS


def _is_model(tokens: Tokens, at: int) -> bool:
    """A bare digit after a name within a sentence is a model's: newspapers spell small numbers out."""
    return len(tokens[at].text) == 1 and after_name(tokens, at) and not tokens[at + 1].text[:1].isupper()


def _is_designation(tokens: Tokens, at: int) -> bool:
    """ "2024 YR4": capitals that run on into a number."""
    return tokens[at + 1].text.isupper() and tokens[at + 2].kind == "number" and tokens.joined(at + 2)


def after_name(tokens: Tokens, at: int) -> bool:
    """Whether a capitalised word that is no common one and no nation stands right before."""
    before = tokens[at - 1]
    named = before.kind == "word" and before.text[0].isupper() and len(before.text) > 1
    return named and before.low not in CONTEXT_NOISE and before.low not in NATIONS
