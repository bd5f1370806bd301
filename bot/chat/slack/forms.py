"""Modals, made from the table of verbs: one to fill in, one to wait before, one to read the answer in. Pure.

Limits: https://docs.slack.dev/reference/views and https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.blocks import Message, Reply
from bot.chat.commands import Kind, Option, Parameter, Verb
from bot.chat.slack.buttons import Block, Element, plain_text
from bot.chat.slack.markup import fit_plain
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

FORM = "verb"  # callback_id of a form
ANSWER = "answer"  # callback_id of an answer
SUGGEST = "suggest"  # action_id of an input with suggestions
GIVEN = "given"  # action_id of the others


def form(verb: Verb, channel: str = "") -> View:
    """The verb's parameters to be filled in; `channel` is where the form was asked for."""
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": remember(verb.name, channel),
        "title": _title(verb),
        "submit": plain_text(verb.name.split()[-1].capitalize(), TITLE),
        "close": plain_text("Cancel", TITLE),
        "blocks": [_input(parameter) for parameter in verb.parameters],
    }


def asks(verb: Verb) -> bool:
    """Whether a button for the verb leads to its form: where something is needed, or something is changed."""
    needed = any(parameter.required for parameter in verb.parameters)
    return needed or (bool(verb.parameters) and verb.level > Level.READ)


def waiting(verb: Verb, channel: str = "") -> View:
    """What stands there until the answer does."""
    return answered(verb, Reply.say("One moment …").pages[0], channel)


def answered(verb: Verb, page: Message, channel: str = "", more: Sequence[Element] = ()) -> View:
    """A page of the answer."""
    return {
        "type": "modal",
        "callback_id": ANSWER,
        "private_metadata": remember(verb.name, channel),
        "title": _title(verb),
        "close": plain_text("Close", TITLE),
        "blocks": flat(page, more),
    }


def remembered(view: Mapping[str, Any]) -> tuple[str, str]:
    """The verb's name and the channel that a modal of ours was made for; empty where it is none of ours."""
    try:
        kept = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        return "", ""
    return str(kept.get("verb", "")), str(kept.get("channel", ""))


def filled(verb: Verb, view: Mapping[str, Any]) -> tuple[dict[str, str | Mentioned], dict[str, str]]:
    """What was filled in, and for each input that cannot be used, why."""
    state = view.get("state", {}).get("values", {})
    given: dict[str, str | Mentioned] = {}
    wrong: dict[str, str] = {}
    for parameter in verb.parameters:
        value = _filled(state.get(parameter.name, {}))
        if value is None:
            continue
        given[parameter.name] = value
        try:
            if isinstance(value, str):
                parameter.read(value)
        except BadInput as error:
            wrong[parameter.name] = str(error)
    return given, wrong


def choices(options: Sequence[Option], typed: str) -> list[dict[str, Any]]:
    """Suggestions as Slack shows them. Where nothing fits, what was typed can be given as it stands."""
    own = [Option(typed, typed)] if not options and typed.strip() else []
    return [
        {"text": plain_text(option.label, OPTION), "value": option.value}
        for option in (*options, *own)
        if len(option.value) <= OPTION_VALUE
    ]


def _filled(inputs: Mapping[str, Any]) -> str | Mentioned | None:
    """The value of an input's only element; None where it was left empty."""
    element: Mapping[str, Any] = next(iter(inputs.values()), {})
    if channel := element.get("selected_conversation"):
        return Mentioned(str(channel))
    if option := element.get("selected_option"):
        return str(option["value"])
    return str(element["value"]) if element.get("value") else None


def _input(parameter: Parameter) -> Block:
    return {
        "type": "input",
        "block_id": parameter.name,
        "optional": not parameter.required,
        "label": plain_text(parameter.name.capitalize(), OPTION),
        "hint": plain_text(parameter.ask.description, 2000),
        "element": _element(parameter),
    }


def _element(parameter: Parameter) -> Element:
    if parameter.kind is Kind.PLACE:
        return {
            "type": "conversations_select",
            "action_id": GIVEN,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
        }
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


def _title(verb: Verb) -> dict[str, Any]:
    return plain_text(fit_plain(verb.name.capitalize(), TITLE), TITLE)


def remember(verb: str, channel: str) -> str:
    """What `remembered` reads."""
    return json.dumps({"verb": verb, "channel": channel})
