"""What a sentence only hints at, said: who "he" is, and which day "Tuesday" was; where that is certain. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

_NAME_PART = r"(?:[A-Z][\w’'-]+|[A-Z]\.)"
_PERSON = re.compile(rf"\b{_NAME_PART}(?:\s+(?:(?:van|von|der|den|de|di|da|al|bin|el|la|le)\s+)*{_NAME_PART})+")
_PROPER = re.compile(r"\b[A-Z][\w’'-]+(?:\s+(?:of\s+(?:the\s+)?)?[A-Z][\w’'-]+)*")
_TITLES = frozenset(
    "president prime minister chancellor king queen mr mrs ms dr general colonel secretary foreign defence defense "
    "interior finance european union commission council parliament united states kingdom nations north atlantic treaty "
    "organisation organization ministry department white house security strategic military army air force navy brigade "
    "group agency bank university institute party government supreme allied command republic federal national pact "
    "alliance senate congress court office south east west new times post".split()
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_NOT_NAMES = frozenset(
    (
        "January February March April May June July August September October November December "
        "Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
        "The A An In On At By For From With After Before Since Under Over Some Most Many More As It He She They"
    ).split()
)
_LEADING = re.compile(r"^(He|She|It|They|His|Her|Its|Their)\b\s*")
_PERSONAL = re.compile(r"\b(?:he|she|him|his|her|hers)\b")
_ATTRIBUTED = re.compile(r"\b(?:he|she|they|it) (?:said|says|added|told|noted|wrote|explained)\b[^.]*\.?[”\"]?$")


def named(sentence: str, before: str) -> str | None:
    """The sentence with its leading pronoun replaced by whom the sentence before names; None where that is unsure."""
    if _ATTRIBUTED.search(sentence):
        return None
    found = _LEADING.match(sentence)
    if found is None:
        return None if _unclear(sentence) else sentence
    name = _antecedent(found[1], before)
    if name is None:
        return None
    possessive = found[1] in {"His", "Her", "Its", "Their"}
    return f"{name}{_genitive(name) if possessive else ''} {sentence[found.end() :]}"


def _unclear(sentence: str) -> bool:
    """Whether it speaks of a he or she whom it does not name first."""
    pronoun = _PERSONAL.search(sentence)
    return pronoun is not None and not _people(sentence[: pronoun.start()]) and not _surname_first(sentence)


def _surname_first(sentence: str) -> bool:
    """ "Tusk said that he …": a name and its verb."""
    found = re.match(r"[A-Z][\w’'-]+(?=\s+[a-z])", sentence)
    return found is not None and found[0] not in _NOT_NAMES


def _antecedent(pronoun: str, before: str) -> str | None:
    if pronoun in {"He", "She", "His", "Her"}:
        people = _people(before)
        return people[0] if len(people) == 1 else None
    if pronoun in {"It", "Its"}:
        names = [name for name in _PROPER.findall(before) if name not in _NOT_NAMES]
        things = [name for name in dict.fromkeys(names) if name not in _people(before)]
        alone = len(things) == 1 and len(names) == 1 and re.match(rf"(?:The )?{re.escape(things[0])}\b", before)
        return alone.group() if alone else None
    return None


def _people(text: str) -> list[str]:
    """The persons whom a text names in full, each once: names of which no word belongs to an office or a body."""
    found = (_without_titles(name) for name in _PERSON.findall(text))
    return list(dict.fromkeys(name for name in found if name))


def _without_titles(name: str) -> str:
    words = name.split()
    while words and (words[0].casefold() in _TITLES or words[0] in _NOT_NAMES):
        words = words[1:]
    whole = len(words) > 1 and not any(word.casefold() in _TITLES or word in _NOT_NAMES for word in words)
    return " ".join(words).removesuffix("’s").removesuffix("'s") if whole else ""


def _genitive(name: str) -> str:
    return "’" if name.endswith("s") else "’s"


# --- dates -------------------------------------------------------------------------------------------------------

_PREPOSITION = r"(?P<prep>\b(?:in|on|by|since|from|until|till|before|after|during|for|of|over)\s+)?"
_NEAR_DAY = re.compile(rf"{_PREPOSITION}\b(?P<day>today|tonight|yesterday|tomorrow)\b(?P<own>[’']s)?", re.IGNORECASE)
_WEEKDAY = re.compile(
    rf"{_PREPOSITION}\b(?P<which>last |next |this )?(?P<day>{'|'.join(_DAYS)})\b(?P<own>[’']s)?(?! \d)"
)
_SPAN = re.compile(
    rf"{_PREPOSITION}\b(?P<which>last|this|next)\s+(?P<unit>year|month|week)\b(?P<own>[’']s)?", re.IGNORECASE
)
_VAGUE = re.compile(
    r"\b(?:(?:last|this|next|the past|the coming) (?:weekend|spring|summer|autumn|fall|winter|decade|quarter|morning|"
    r"evening|afternoon|night|few \w+)|(?:\w+) (?:days?|weeks?|months?|years?) (?:ago|earlier|later)|the day before|"
    r"the following \w+|the same day|overnight|earlier in the day)\b",
    re.IGNORECASE,
)
_AHEAD = re.compile(r"\b(?:will|is to|are to|plans? to|is due|are due|is set|are set|is expected|are expected|next)\b")
_TOLD = re.compile(
    rf"\b(?:said|told|announced|confirmed|wrote|warned|reported|declared)\b[^,;]{{0,40}}\b(?:{'|'.join(_DAYS)})\b"
)
_OFFSETS = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}
_STEPS = {"last": -1, "this": 0, "next": 1}


def dated(sentence: str, published: date | None) -> str | None:
    """The sentence with relative dates as absolute ones; None where that is unsure."""
    if _VAGUE.search(sentence):
        return None
    relative = any(pattern.search(sentence) for pattern in (_NEAR_DAY, _WEEKDAY, _SPAN))
    if not relative:
        return sentence
    if published is None or (_WEEKDAY.search(sentence) and _AHEAD.search(sentence) and not _TOLD.search(sentence)):
        return None
    said = _NEAR_DAY.sub(lambda found: _day(found, _near(found["day"], published)), sentence)
    said = _WEEKDAY.sub(lambda found: _day(found, _latest(found["day"], published)), said)
    said = _SPAN.sub(lambda found: _span(found, published), said)
    return said[:1].upper() + said[1:]


def _near(name: str, published: date) -> date:
    return published + timedelta(days=_OFFSETS[name.lower()])


def _latest(name: str, published: date) -> date:
    """The last day of that name up to then."""
    return published - timedelta(days=(published.weekday() - _DAYS.index(name)) % 7)


def _day(found: re.Match[str], day: date) -> str:
    prep = found["prep"] or "" if found["own"] else found["prep"] or "on "
    return f"{prep}{day.day} {day:%B %Y}{found['own'] or ''}"


def _span(found: re.Match[str], published: date) -> str:
    step = _STEPS[found["which"].lower()]
    match found["unit"].lower():
        case "year":
            said = str(published.year + step)
        case "month":
            months = published.year * 12 + published.month - 1 + step
            said = f"{date(months // 12, months % 12 + 1, 1):%B %Y}"
        case _:
            monday = published - timedelta(days=published.weekday() - 7 * step)
            said = f"the week of {monday.day} {monday:%B %Y}"
    prep = found["prep"] or ("" if found["own"] else "in ")
    return f"{prep}{said}{found['own'] or ''}"
