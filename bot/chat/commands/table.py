"""How a verb is written down, so that every platform and the README can be made from one table.

A handler's docstring is the verb's description, and the annotations of its parameters say the rest:

    async def search(desk: Desk, asker: Asker, words: Annotated[str, Ask("What to look for")]) -> Reply:
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from bot.blocks import Reply
from bot.chat.commands.desk import Asker, Attached, Desk, Place, Role
from bot.errors import BadInput
from bot.model import Level


@dataclass(frozen=True, slots=True)
class Option:
    """A suggested value and how it is shown."""

    label: str
    value: str


Suggest = Callable[[Desk, Asker], Awaitable[list[Option]]]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a parameter."""

    description: str
    suggest: Suggest | None = None
    longest: int = 200


LARGEST_FILE = 512 * 1024
"""Bytes of a file that somebody sends along; platforms take no larger one in."""


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    PLACE = "channel"
    FILE = "file"
    ROLE = "role"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb. `choices` of kind CHOICE alone."""

    name: str
    kind: Kind
    ask: Ask
    required: bool
    choices: tuple[str, ...] = ()
    convert: Callable[[Any], Any] = str

    def read(self, value: object) -> Any:
        """What was given, as the handler takes it. Raises `BadInput`."""
        if self.kind is Kind.PLACE:
            if not isinstance(value, Place):
                raise BadInput(f"{self.name}: expected a channel")
            return value
        if self.kind is Kind.ROLE:
            return _role(self.name, value)
        if self.kind is Kind.FILE:
            return _file(self.name, value)
        text = str(value).strip()
        if self.required and not text:
            raise BadInput(f"{self.name} is empty; {self.ask.description[:1].lower()}{self.ask.description[1:]}")
        if len(text) > self.ask.longest:
            raise BadInput(f"{self.name} has {len(text)} characters; at most {self.ask.longest} are read")
        if self.choices and text not in self.choices:
            raise BadInput(f"{self.name} is {text!r}; expected one of {', '.join(self.choices)}")
        return self.convert(text)


Handler = Callable[..., Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: `name` is one word, or a group and a word ("watch add")."""

    name: str
    description: str
    level: Level
    parameters: tuple[Parameter, ...]
    handler: Handler
    asks: bool = False  # it may answer with a form, and is quick enough to do so at once
    replaces: bool = False  # its answer takes the place of the message whose button or choice was used
    needs_some: bool = False  # no parameter is required, but one of them is needed

    def parameter(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise BadInput(f"/{self.name} takes no {name!r}")

    async def run(self, desk: Desk, asker: Asker, given: Mapping[str, object]) -> Reply:
        """Answer with what was given; parameters left out take their defaults. Raises `ClaimwatchError`."""
        values = {name: self.parameter(name).read(value) for name, value in given.items() if value is not None}
        for parameter in self.parameters:
            if parameter.required and parameter.name not in values:
                raise BadInput(f"/{self.name} needs {parameter.name}: {parameter.ask.description}")
        return await self.handler(desk, asker, **values)


def verb(
    name: str,
    handler: Handler,
    level: Level = Level.READ,
    *,
    asks: bool = False,
    replaces: bool = False,
    needs_some: bool = False,
) -> Verb:
    """The verb that a handler is, read from its docstring and annotations."""
    description = (inspect.getdoc(handler) or "").partition("\n")[0]
    hints = get_type_hints(handler, include_extras=True)
    given = list(inspect.signature(handler).parameters.values())[2:]
    parameters = tuple(_parameter(item.name, hints[item.name], item.default is item.empty) for item in given)
    return Verb(name, description, level, parameters, handler, asks, replaces, needs_some)


def _role(name: str, value: object) -> Role:
    if not isinstance(value, Role):
        raise BadInput(f"{name}: expected a role")
    if value.everybody:
        raise BadInput(f"{name} is {value.name}, which everybody has; choose another role")
    return value


def _file(name: str, value: object) -> Attached:
    if not isinstance(value, Attached):
        raise BadInput(f"{name}: expected a file")
    if len(value.content) > LARGEST_FILE:
        raise BadInput(f"{name} has {len(value.content):,} bytes; at most {LARGEST_FILE:,} are read")
    return value


def _parameter(name: str, hint: Any, required: bool) -> Parameter:
    kind, ask = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
    if not isinstance(ask, Ask):
        raise TypeError(f"parameter {name} needs Annotated[…, Ask(…)]")
    plain = next((part for part in get_args(kind) if part is not type(None)), kind)
    if plain is Place:
        return Parameter(name, Kind.PLACE, ask, required)
    if plain is Role:
        return Parameter(name, Kind.ROLE, ask, required)
    if plain is Attached:
        return Parameter(name, Kind.FILE, ask, required)
    if issubclass(plain, Enum):
        return Parameter(name, Kind.CHOICE, ask, required, tuple(str(choice.value) for choice in plain), plain)
    return Parameter(name, Kind.TEXT, ask, required)
