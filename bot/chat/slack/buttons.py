"""Buttons and what comes back when they are pressed. Pure.

All that a press needs is in the button's `value`, so that buttons work for ever, restarts included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.blocks import Button
from bot.chat.slack.markup import fit_plain

Element = dict[str, Any]
Block = dict[str, Any]

LABEL = 75
VALUE = 2000
ELEMENTS = 25

PRESS = "press"  # a card's verb with its argument
ASK = "ask"  # a verb, by its form where it has parameters
TURN = "turn"  # another page of an answer


def button(label: str, action: str, value: str, *, foremost: bool = False) -> Element:
    """A button; `action` is one of the above and a number that makes it unique in its message."""
    shown = {"type": "button", "text": plain_text(label or "…", LABEL), "action_id": action, "value": value}
    return shown | ({"style": "primary"} if foremost else {})


def card_buttons(buttons: Sequence[Button]) -> list[Element]:
    """The buttons of a message; what is too long for Slack cannot be pressed and is left out."""
    return [
        button(each.label, f"{PRESS}:{number}", f"{each.verb}:{each.argument}", foremost=each.foremost)
        for number, each in enumerate(buttons)
        if len(each.verb) + len(each.argument) < VALUE
    ]


def pressed(value: str) -> tuple[str, str]:
    """The verb and the argument of a card's button."""
    verb, _, argument = value.partition(":")
    return verb, argument


def turns(key: str, number: int, pages: int) -> list[Element]:
    """The buttons that lead to the pages beside this one."""
    back = [button("◀ Back", f"{TURN}:back", f"{key}:{number - 1}")] if number > 0 else []
    ahead = [button("Next ▶", f"{TURN}:next", f"{key}:{number + 1}")] if number + 1 < pages else []
    return [*back, *ahead]


def turned(value: str) -> tuple[str, int]:
    """The answer's key and the page's number; a value that is none of ours leads to page 0 of nothing."""
    key, _, number = value.partition(":")
    return (key, int(number)) if number.isdecimal() else ("", 0)


def rows(elements: Sequence[Element]) -> list[Block]:
    """The elements as blocks of at most as many as fit one."""
    return [
        {"type": "actions", "elements": list(elements[start : start + ELEMENTS])}
        for start in range(0, len(elements), ELEMENTS)
    ]


def plain_text(text: str, limit: int) -> dict[str, Any]:
    """A text object without mark-up; emoji codes stay text."""
    return {"type": "plain_text", "text": fit_plain(text, limit), "emoji": False}
