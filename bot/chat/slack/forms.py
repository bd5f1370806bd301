"""Modals: a verb's parameters or an answer's own questions to fill in, one to wait before, one to read in. Pure.

Limits: https://docs.slack.dev/reference/views and https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import Field, Form, Message, Reply, Tone
from bot.chat.commands import LARGEST_FILE, Kind, Option, Parameter, Verb
from bot.chat.slack.buttons import Block, Element, plain_text
from bot.chat.slack.render import flat
from bot.chat.slack.typed import Mentioned
from bot.errors import BadInput
from bot.model import Level

View = dict[str, Any]

TITLE = 24
LONGEST_INPUT = 3000
LONG_TEXT = 400
"""From so many characters on, an input has several lines."""
OPTION = 75
OPTION_VALUE = 150

FORM = "verb"  # callback_id of a verb's parameters
FIELDS = "fields"  # callback_id of what an answer asks for
ANSWER = "answer"  # callback_id of an answer
SUGGEST = "suggest"  # action_id of an input with suggestions
ZONE = "timezone"  # the parameter that is filled in already
GIVEN = "given"  # action_id of the others


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a modal or home tab of ours was made for; Slack keeps it, nobody can change it."""

    verb: str = ""
    channel: str = ""  # where it was asked for
    argument: str = ""  # of `Form`


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was put into a form, still with Slack."""

    name: str
    address: str
    size: int


Given = str | Mentioned | Uploaded


def form(verb: Verb, channel: str = "", zone: str = "") -> View:
    """The verb's parameters to be filled in; `channel` is where the form was asked for, `zone` the asker's own."""
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": remember(Remembered(verb.name, channel)),
        "title": plain_text(verb.name.capitalize(), TITLE),
        "submit": plain_text(verb.name.split()[-1].capitalize(), TITLE),
        "close": plain_text("Cancel", TITLE),
        "blocks": [
            _input(parameter, zone if parameter.name == ZONE else "")
            for parameter in verb.parameters
            if parameter.kind is not Kind.ROLE  # Slack has none
        ],
    }


def fields(asked: Form, channel: str = "") -> View:
    """What an answer asks for, to be filled in."""
    return {
        "type": "modal",
        "callback_id": FIELDS,
        "private_metadata": remember(Remembered(asked.verb, channel, asked.argument)),
        "title": plain_text(asked.title, TITLE),
        "submit": plain_text("Send", TITLE),
        "close": plain_text("Cancel", TITLE),
        "blocks": [_field(field) for field in asked.fields],
    }


def asks(verb: Verb) -> bool:
    """Whether a button for the verb leads to its form: where something is needed, or something is changed."""
    needed = verb.needs_some or any(parameter.required for parameter in verb.parameters)
    return needed or (bool(verb.parameters) and verb.level > Level.READ)


def waiting(verb: str, channel: str = "") -> View:
    """What stands there until the answer does."""
    return answered(verb, Reply.say("One moment …").pages[0], channel)


def sorry(
    verb: str, channel: str = "", text: str = "That went wrong on our side; the operator's log says why."
) -> View:
    """What stands there where there is no answer."""
    return answered(verb, Reply.say(text, tone=Tone.ERROR).pages[0], channel)


def answered(verb: str, page: Message, channel: str = "", more: Sequence[Element] = ()) -> View:
    """A page of the answer."""
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "private_metadata": remember(Remembered(verb, channel)),
        "title": plain_text(verb.capitalize() or "Claimwatch", TITLE),
        "close": plain_text("Close", TITLE),
        "blocks": flat(page, more),
    }


def remember(memory: Remembered) -> str:
    """What `remembered` reads."""
    return json.dumps({"verb": memory.verb, "channel": memory.channel, "argument": memory.argument})


def remembered(view: Mapping[str, Any]) -> Remembered:
    """What the view was made for; nothing where it is none of ours."""
    try:
        kept = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        kept = {}
    return Remembered(str(kept.get("verb", "")), str(kept.get("channel", "")), str(kept.get("argument", "")))


def filled(verb: Verb, view: Mapping[str, Any]) -> tuple[dict[str, Given], dict[str, str]]:
    """What was filled in, and for each input that cannot be used, why."""
    state = _state(view)
    given: dict[str, Given] = {}
    wrong: dict[str, str] = {}
    for parameter in verb.parameters:
        value = _filled(state.get(parameter.name, {}))
        if value is None:
            continue
        given[parameter.name] = value
        if trouble := _trouble(parameter, value):
            wrong[parameter.name] = trouble
    return given, wrong


def answers_to_fields(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in where an answer asked for it, by the fields' names."""
    found = {name: _filled(inputs) for name, inputs in _state(view).items()}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def choices(options: Sequence[Option], typed: str) -> list[dict[str, Any]]:
    """Suggestions as Slack shows them. Where nothing fits, what was typed can be given as it stands."""
    own = [Option(typed, typed)] if not options and typed.strip() else []
    return [
        {"text": plain_text(option.label, OPTION), "value": option.value}
        for option in (*options, *own)
        if len(option.value) <= OPTION_VALUE
    ]


def _trouble(parameter: Parameter, value: Given) -> str:
    """Why the value cannot be used; empty where it can, as far as can be said before somebody is asked."""
    if isinstance(value, Uploaded) and value.size > LARGEST_FILE:
        return f"{parameter.name} has {value.size:,} bytes; at most {LARGEST_FILE:,} are read"
    try:
        if isinstance(value, str):
            parameter.read(value)
    except BadInput as error:
        return str(error)
    return ""


def _state(view: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    values: Mapping[str, Mapping[str, Any]] = view.get("state", {}).get("values", {})
    return values


def _filled(inputs: Mapping[str, Any]) -> Given | None:
    """The value of an input's only element; None where it was left empty."""
    element: Mapping[str, Any] = next(iter(inputs.values()), {})
    if files := element.get("files"):
        name, address = str(files[0].get("name", "")), str(files[0].get("url_private_download", ""))
        return Uploaded(name, address, int(files[0].get("size", 0)))
    if channel := element.get("selected_conversation"):
        return Mentioned(str(channel))
    if option := element.get("selected_option"):
        return str(option["value"])
    return str(element["value"]) if element.get("value") else None


def _input(parameter: Parameter, chosen: str) -> Block:
    return {
        "type": "input",
        "block_id": parameter.name,
        "optional": not parameter.required,
        "label": plain_text(parameter.name.capitalize(), OPTION),
        "hint": plain_text(parameter.ask.description, 2000),
        "element": _element(parameter) | _initial(chosen),
    }


def _initial(chosen: str) -> Element:
    return {"initial_option": {"text": plain_text(chosen, OPTION), "value": chosen}} if chosen else {}


def _element(parameter: Parameter) -> Element:
    if parameter.kind is Kind.PLACE:
        return {
            "type": "conversations_select",
            "action_id": GIVEN,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        }
    if parameter.kind is Kind.FILE:
        return {"type": "file_input", "action_id": GIVEN, "max_files": 1}
    if parameter.kind is Kind.CHOICE:
        options = [{"text": plain_text(choice, OPTION), "value": choice} for choice in parameter.choices]
        return {"type": "static_select", "action_id": GIVEN, "options": options}
    if parameter.ask.suggest:
        return {"type": "external_select", "action_id": SUGGEST, "min_query_length": 0}
    return {
        "type": "plain_text_input",
        "action_id": GIVEN,
        "multiline": parameter.ask.longest > LONG_TEXT,
        "max_length": min(parameter.ask.longest, LONGEST_INPUT),
    }


def _field(field: Field) -> Block:
    longest = min(field.longest, LONGEST_INPUT)
    element: Element = {
        "type": "plain_text_input",
        "action_id": GIVEN,
        "multiline": longest > LONG_TEXT,
        "max_length": longest,
    }
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": plain_text(field.label, OPTION),
        "element": element | ({"initial_value": field.value[:longest]} if field.value else {}),
    }
    return block | ({"hint": plain_text(field.hint, OPTION * 2)} if field.hint else {})
