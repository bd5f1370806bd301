"""Reads bare numbers, in digits and in words, with their scale: "3,5 Mrd.", "half a trillion", "thirty-one"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.claims.figures.lexicon import ARTICLES, CONTINENTAL, DOTTED, LETTER_SCALES, SCALES, TENS, UNITS
from bot.claims.figures.tokens import Tokens

LONGEST = 24
"""Digits and separators beyond which a number is no quantity that anybody reports."""
_GROUPS = re.compile(r"[0-9]{1,3}(?:([.,'’])[0-9]{3})(?:\1[0-9]{3})*")
_THIN = frozenset("\u0020\u00a0\u2009\u202f")
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at tokens [at, end). `value` includes the scale; `step` is what its last digit stands for."""

    value: float
    scale: float
    step: float
    end: int
    digits: bool = False
    letter: bool = False  # its scale is a single letter, which may as well be a unit: "75m"
    article: bool = False  # "a" or "one" alone

    def scaled(self, factor: float) -> Amount:
        return Amount(self.value * factor, factor, self.step * factor, self.end, self.digits, self.letter)


def amount_at(tokens: Tokens, at: int) -> Amount | None:
    """The number that begins at token `at`, if one does."""
    kind = tokens[at].kind
    if kind in {"number", "glyph"}:
        return _from_digits(tokens, at)
    return _from_words(tokens, at) if kind == "word" else None


# --- digits ------------------------------------------------------------------------------------------------------


def _from_digits(tokens: Tokens, at: int) -> Amount | None:
    if tokens[at].kind == "glyph":
        return _scale(tokens, Amount(unicodedata.numeric(tokens[at].text), 1.0, 0.0, at + 1, digits=True))
    written, end = _with_spaced_groups(tokens, at)
    if len(written) > LONGEST or (written[0] == "0" and len(written) > 1 and written[1].isdigit()):
        return None
    read = numeral(written, continental=_continental(tokens, end), scaled=_scaled_next(tokens, end))
    if read is None:
        return None
    value, step = read
    if tokens[end].kind == "glyph":
        value, end = value + unicodedata.numeric(tokens[end].text), end + 1
    return _scale(tokens, Amount(value, 1.0, step, end, digits=True))


def _with_spaced_groups(tokens: Tokens, at: int) -> tuple[str, int]:
    """ "800 000" as "800000": groups of three digits after one blank each."""
    written, end = tokens[at].text, at + 1
    if not written.isdigit() or len(written) > 3 or written[0] == "0":
        return written, end
    while tokens[end].kind == "number" and len(written) <= LONGEST and _follows_as_group(tokens, end):
        written, end = written + tokens[end].text, end + 1
    return written, end


def _follows_as_group(tokens: Tokens, at: int) -> bool:
    gap = tokens.text[tokens[at - 1].end : tokens[at].start]
    text = tokens[at].text
    return len(gap) == 1 and gap in _THIN and len(text) == 3 and text.isdigit()


def _continental(tokens: Tokens, at: int) -> bool:
    return tokens.low(at) in CONTINENTAL and tokens.words(at, 2) != ("per", "cent")


def _scaled_next(tokens: Tokens, at: int) -> bool:
    word = tokens.low(at)
    return word in SCALES or tokens[at].text in LETTER_SCALES or word in {"%", "percent", "per"}


def numeral(written: str, *, continental: bool = False, scaled: bool = False) -> tuple[float, float] | None:
    """(value, step) of digits with separators; None where no locale writes so.

    A single comma before three digits groups, before any other number of digits it is a decimal one. A single full
    stop before three digits groups, too, unless an English scale or a percent sign follows ("1.234 million").
    """
    separators = {char for char in written if not char.isdigit()}
    if not separators:
        return float(written), _step_of_integer(written)
    if len(separators) == 1 and _GROUPS.fullmatch(written):
        mark = separators.pop()
        decimal = written[0] == "0" or (mark == "." and scaled and not continental and written.count(".") == 1)
        return _decimal(written, mark) if decimal else numeral(written.replace(mark, ""))
    point = max(written.rfind("."), written.rfind(","))
    whole = written[:point]
    if point < 0 or any(mark == written[point] for mark in whole):
        return None
    if not whole.isdigit() and not _GROUPS.fullmatch(whole):
        return None
    return _decimal("".join(char for char in whole if char.isdigit()) + written[point:], written[point])


def _decimal(written: str, mark: str) -> tuple[float, float]:
    return float(written.replace(mark, ".")), float(10.0 ** -(len(written) - written.index(mark) - 1))


def _step_of_integer(written: str) -> float:
    zeros = len(written) - len(written.rstrip("0"))
    return float(10.0**zeros) if len(written) > 3 else 1.0


# --- words -------------------------------------------------------------------------------------------------------


def _from_words(tokens: Tokens, at: int) -> Amount | None:
    if tokens.low(at) == "half" and tokens.low(at + 1) in ARTICLES:
        return _half(tokens, at + 2)
    if tokens.words(at, 2) in {("a", "half"), ("one", "half")} and tokens.low(at + 2) in SCALES:
        return _half(tokens, at + 2)
    if tokens.low(at) in ARTICLES and (tokens.low(at + 1) in SCALES or tokens.low(at + 1) in {"hundred", "dozen"}):
        return _words(tokens, at + 1, 1.0)
    if tokens.low(at) in {"dozen"}:
        return Amount(12.0, 1.0, 0.0, at + 1)
    return _words(tokens, at, 0.0) if tokens.low(at) in UNITS or tokens.low(at) in TENS else None


def _half(tokens: Tokens, at: int) -> Amount | None:
    if tokens.low(at) == "dozen":
        return Amount(6.0, 1.0, 0.0, at + 1)
    return _scale(tokens, Amount(0.5, 1.0, 0.0, at)) if tokens.low(at) in SCALES else None


def _words(tokens: Tokens, at: int, start: float) -> Amount:
    """Composes "three hundred and fifty thousand"; `start` is 1 where an article stood before."""
    total, current, end = 0.0, start, at
    for _ in range(_MOST_WORDS):
        word = tokens.low(end)
        if word in UNITS and (current == 0 or (current % 10 == 0 and current % 100 != 10)):
            current += UNITS[word]
        elif word in TENS and current % 100 == 0:
            current += TENS[word]
        elif word in {"hundred", "hundert"} and current:
            current *= 100
        elif word == "dozen" and current:
            current *= 12
        elif word == "thousand" and current and tokens.low(end + 1) not in SCALES:
            total, current = total + current * 1e3, 0.0
        else:
            break
        end = _over_joint(tokens, end + 1)
    if tokens.words(end, 3) in {("and", "a", "half"), ("et", "un", "demi")}:
        current, end = current + 0.5, end + 3
    first = tokens.low(at) in {"one", "eine", "ein", "une", "un", "una", "uno"}
    article = end <= at + 1 and total == 0 and current == 1 and first
    spoken = Amount(total + current, 1e3 if total and not current else 1.0, 0.0, end, article=article)
    return _scale(tokens, spoken)


def _over_joint(tokens: Tokens, at: int) -> int:
    """Over the hyphen of "thirty-one" or the "and" of "hundred and fifty", if number words go on behind it."""
    joint = tokens[at].kind == "hyphen" or (tokens.low(at) == "and" and tokens.low(at - 1) in {"hundred", "thousand"})
    after = tokens.low(at + 1)
    return at + 1 if joint and (after in UNITS or after in TENS or after == "hundred") else at


# --- scales ------------------------------------------------------------------------------------------------------


def _scale(tokens: Tokens, amount: Amount) -> Amount:
    """The amount times the scale words that follow it: "800 thousand million", "-billion", "bn", "m"."""
    at = amount.end + 1 if _hyphened_scale(tokens, amount.end) else amount.end
    if tokens.words(at, 3) == ("and", "a", "half") and tokens.low(at + 3) in SCALES:
        amount, at = Amount(amount.value + 0.5, amount.scale, 0.0, at + 3, amount.digits), at + 3
    if tokens.low(at) == "hundred" and tokens.low(at + 1) in SCALES:
        amount, at = Amount(amount.value * 100, 1.0, amount.step * 100, at + 1, amount.digits), at + 1
    factor, end = 1.0, at
    while end < at + 2 and (found := _scale_word(tokens, end)):
        factor, end = factor * found, end + 1
    if factor > 1:
        end += tokens.low(end - 1) in DOTTED and tokens[end].text == "." and tokens.joined(end)
        scaled = amount.scaled(factor)
        return Amount(scaled.value, factor * max(1.0, amount.scale), scaled.step, end, amount.digits)
    if amount.digits and tokens.joined(at) and tokens[at].text in LETTER_SCALES:
        factor = LETTER_SCALES[tokens[at].text]
        return Amount(amount.value * factor, factor, amount.step * factor, at + 1, True, letter=True)
    return amount


def _scale_word(tokens: Tokens, at: int) -> float:
    word = tokens.low(at)
    if word == "mil":
        return 1e3
    return SCALES.get(word, 0.0)


def _hyphened_scale(tokens: Tokens, at: int) -> bool:
    return tokens[at].kind == "hyphen" and tokens.joined(at) and tokens.low(at + 1) in SCALES
