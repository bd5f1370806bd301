"""`/claimwatch <verb> …` as it is typed, read by the table of verbs. Pure.

    watch add SACEUR OR "nuclear deterrent" name:"The deterrent" mode:alert channel:#defence
    digest schedule daily 06:30 Europe/Brussels

The first parameter needs no name; where it is a choice, the words after it go to the next ones. A name is followed
by : or =, and its value runs to the next name. Quotes around a value are taken off, save those of a first parameter:
in queries they hold a phrase together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from bot.chat.commands import VERBS, Kind, Parameter, Verb
from bot.chat.commands.verbs import GROUPS
from bot.chat.slack.markup import read
from bot.errors import BadInput

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "\u00a0": " "})
_QUOTED = re.compile(r'"[^"]*"')
_NAMED = re.compile(r"(?<!\S)([^\W\d_]+)[:=]")
_MENTION = re.compile(r"<#([A-Z0-9]+)(?:\|[^<>]*)?>")
_ALIKE = 0.7


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A channel that somebody named by its id; whether it is theirs to name is for Slack to say."""

    channel: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A verb and what was given to it."""

    verb: Verb
    given: dict[str, str | Mentioned]

    @property
    def needs_form(self) -> bool:
        """Whether nothing was given, though something is needed."""
        needed = self.verb.needs_some or any(parameter.required for parameter in self.verb.parameters)
        return needed and not self.given


def understand(text: str) -> Typed:
    """What was typed after the command. Raises `BadInput`, with the nearest verb or parameter where there is one."""
    words = text.translate(_QUOTES).strip().removeprefix("/").strip()
    verb, rest = _verb(words or "help")
    return Typed(verb, _given(verb, rest))


def _verb(words: str) -> tuple[Verb, str]:
    parts = words.split(None, 2)
    for length in (2, 1):
        name = " ".join(parts[:length]).lower()
        if len(parts) >= length and name in VERBS:
            rest = words.split(None, length)
            return VERBS[name], rest[length] if len(rest) > length else ""
    raise BadInput(_unknown(parts))


def _unknown(parts: list[str]) -> str:
    group = parts[0].lower()
    if group in GROUPS:
        within = [name for name in VERBS if name.startswith(f"{group} ")]
        near = get_close_matches(" ".join(parts[:2]).lower(), within, n=1, cutoff=_ALIKE) if len(parts) > 1 else []
        offer = f"did you mean {_command(near[0])}?" if near else f"there are {', '.join(map(_command, within))}"
        return f"{group} needs to know what to do: {offer}"
    typed = [" ".join(parts[:length]).lower() for length in (2, 1)]
    near = [name for each in typed for name in get_close_matches(each, [*VERBS, *GROUPS], n=1, cutoff=_ALIKE)]
    hint = f"did you mean {_command(near[0])}?" if near else "/help lists what there is"
    return f"there is no {_command(read(parts[0])[:60])}; {hint}"


def _command(name: str) -> str:
    return f"/{name}"


def _given(verb: Verb, rest: str) -> dict[str, str | Mentioned]:
    typable = [parameter for parameter in verb.parameters if parameter.kind is not Kind.FILE]
    known = {parameter.name: parameter for parameter in typable or verb.parameters}
    start, named = _split(rest, known)
    given = {name: _value(known[name], text, first=name == verb.parameters[0].name) for name, text in named.items()}
    if start:
        given |= dict(_positional(verb, start, named))
    return given


def _split(rest: str, known: dict[str, Parameter]) -> tuple[str, dict[str, str]]:
    """The text before the first name, and the text after each. Raises `BadInput` where a name comes twice."""
    if len(known) == 1:
        return _only(rest, next(iter(known)))
    quoted = [found.span() for found in _QUOTED.finditer(rest)]
    marks = [found for found in _NAMED.finditer(rest) if not any(a < found.start() < b for a, b in quoted)]
    for found in marks:
        _check_spelling(found[1].lower(), known)
    names = [found for found in marks if found[1].lower() in known]
    ends = [found.start() for found in names[1:]] + [len(rest)]
    values: dict[str, str] = {}
    for found, end in zip(names, ends, strict=False):
        if found[1].lower() in values:
            raise BadInput(f"{found[1].lower()} is given twice")
        values[found[1].lower()] = rest[found.end() : end].strip()
    return rest[: names[0].start() if names else len(rest)].strip(), values


def _only(rest: str, name: str) -> tuple[str, dict[str, str]]:
    """All of it is the one parameter's: a sentence may well hold its name and a colon."""
    found = re.match(rf"{name}[:=]", rest, re.IGNORECASE)
    return ("", {name: rest[found.end() :].strip()}) if found else (rest.strip(), {})


def _check_spelling(name: str, known: dict[str, Parameter]) -> None:
    """Raises `BadInput` where a name is none, but looks like one; other words may belong to a query or an address."""
    near = get_close_matches(name, known, n=1, cutoff=_ALIKE)
    if name not in known and near:
        raise BadInput(f"there is no {name}; did you mean {near[0]}?")


def _positional(verb: Verb, start: str, named: dict[str, str]) -> Iterator[tuple[str, str | Mentioned]]:
    """What stands before the first name: all of it the first parameter's, or one word for each where it is a choice."""
    if not verb.parameters:
        raise BadInput(f"/{verb.name} takes nothing more, but {start[:60]!r} was given")
    first = verb.parameters[0]
    if first.name in named:
        raise BadInput(f"{first.name} is given twice: as {start[:60]!r} and after its name")
    if first.kind is Kind.TEXT:
        yield first.name, _value(first, start, first=True)
        return
    free = [parameter for parameter in verb.parameters if parameter.name not in named]
    words = re.findall(r'"[^"]*"|<[^<>]*>|\S+', start)
    if len(words) > len(free):
        raise BadInput(f"too much was given: {' '.join(words[len(free) :])[:60]!r}; name the parameters, see /help")
    for parameter, word in zip(free, words, strict=False):
        yield parameter.name, _value(parameter, word, first=False)


def _value(parameter: Parameter, text: str, *, first: bool) -> str | Mentioned:
    if parameter.kind is Kind.PLACE:
        return _mentioned(parameter, text)
    if parameter.kind is Kind.ROLE:
        raise BadInput(f"{parameter.name} is a role, which Slack has none of")
    if parameter.kind is Kind.FILE:
        raise BadInput(f"{parameter.name} is a file, which cannot be typed; type the command alone and choose it there")
    plain = read(text).strip()
    inside = plain[1:-1] if len(plain) > 1 and plain[0] == plain[-1] == '"' else ""
    keeps_quotes = first and not parameter.ask.suggest and not inside.startswith(("http://", "https://"))
    value = plain if not inside or '"' in inside or keeps_quotes else inside
    return value.lower() if parameter.kind is Kind.CHOICE else value


def _mentioned(parameter: Parameter, text: str) -> Mentioned:
    found = _MENTION.fullmatch(text.strip())
    if not found:
        raise BadInput(
            f"{parameter.name} is {read(text)[:60]!r}; expected a channel: type # and choose it from Slack's list"
        )
    return Mentioned(found[1])
