"""What Slack takes: its limits and forms for messages, modals and home tabs, as a list of what is wrong.

slack_sdk's models check a part of it; the rest is from https://docs.slack.dev/reference/block-kit/blocks,
https://docs.slack.dev/reference/views and, for the size of all blocks together, from what its servers refuse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

Json = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ALL_TEXT = 13_200
FALLBACK = 40_000
TEXT = 3000
BLOCK_ID = ACTION_ID = 255

_TYPES = {
    "message": {"section", "context", "actions", "divider", "image", "header"},
    "modal": {"section", "context", "actions", "divider", "image", "header", "input"},
    "home": {"section", "context", "actions", "divider", "image", "header", "input"},
}
_REFERENCE = re.compile(r"<([^<>]*)>")
_DATE = re.compile(r"!date\^-?\d+\^[^|^]+\|[^|]+")
_LINK = re.compile(r"https?://[^|\s]+\|[^|]+")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


def wrong_with_message(body: Json) -> list[str]:
    """What Slack would refuse, or what would not be inert, of a post, an edit or an answer."""
    blocks = body.get("blocks") or []
    attachments = body.get("attachments") or []
    every = [*blocks, *(block for each in attachments for block in each.get("blocks") or [])]
    return [
        *([] if body.get("text") or every else ["no_text"]),
        *(["text too long"] if len(body.get("text") or "") > FALLBACK else []),
        *_wrong_mrkdwn("text", body.get("text") or ""),
        *(f"attachment without {key}" for each in attachments for key in ("fallback", "blocks") if not each.get(key)),
        *(f"colour {each['color']}" for each in attachments if not re.fullmatch(r"#[0-9A-F]{6}", each["color"])),
        *_wrong_blocks(every, MESSAGE_BLOCKS, "message"),
    ]


def wrong_with_view(view: Json) -> list[str]:
    """What Slack would refuse of a modal or a home tab."""
    found = list(_wrong_blocks(view["blocks"], VIEW_BLOCKS, view["type"]))
    if view["type"] == "modal":
        for key in ("title", "submit", "close"):
            found += _wrong_plain(key, view[key], 24) if key in view else []
        inputs = any(block["type"] == "input" for block in view["blocks"])
        found += ["a form without submit"] if inputs and "submit" not in view else []
    found += ["private_metadata too long"] if len(view.get("private_metadata", "")) > 3000 else []
    found += [] if view["blocks"] else ["no blocks"]
    return found


def wrong_with_options(options: list[Json]) -> list[str]:
    """What Slack would refuse of suggestions."""
    return [
        *(["too many options"] if len(options) > 100 else []),
        *(x for each in options for x in _wrong_option(each)),
    ]


def _wrong_blocks(blocks: list[Json], most: int, surface: str) -> Iterator[str]:
    if len(blocks) > most:
        yield f"{len(blocks)} blocks"
    size = sum(len(text["text"]) for block in blocks for text in _texts(block))
    if size > ALL_TEXT:
        yield f"msg_blocks_too_long: {size}"
    for name in ("block_id", "action_id"):
        ids = [found for block in blocks for found in _ids(block, name)]
        yield from (f"{name} {each} twice" for each, count in Counter(ids).items() if count > 1 and name == "block_id")
        yield from (f"{name} too long" for each in ids if len(each) > BLOCK_ID)
    for block in blocks:
        if block["type"] not in _TYPES[surface]:
            yield f"no {block['type']} in a {surface}"
        yield from _wrong_model(block)
        yield from _wrong_block(block)


def _wrong_model(block: Json) -> list[str]:
    """What slack_sdk's own models find, and whether they know the block at all."""
    parsed = Block.parse(block)
    if parsed is None or not parsed.to_dict():
        return [f"slack_sdk knows no such block: {block['type']}"]
    try:
        parsed.validate_json()
    except SlackObjectFormationError as error:
        return [f"slack_sdk: {error}"]
    return []


def _wrong_block(block: Json) -> Iterator[str]:
    match block["type"]:
        case "section":
            yield from _wrong_text("section", block["text"], TEXT) if "text" in block else []
            yield from ["section of nothing"] if not block.get("text") and not block.get("fields") else []
            yield from (x for each in block.get("fields", []) for x in _wrong_text("field", each, 2000))
        case "context":
            yield from ["context of nothing"] if not block["elements"] else []
            yield from ["more than 10 in a context"] if len(block["elements"]) > 10 else []
            yield from (x for each in block["elements"] if "text" in each for x in _wrong_text("context", each, 2000))
        case "header":
            yield from _wrong_plain("header", block["text"], 150)
        case "actions":
            yield from _wrong_actions(block["elements"])
        case "input":
            yield from _wrong_plain("label", block["label"], 2000)
            yield from _wrong_plain("hint", block["hint"], 2000) if "hint" in block else []
            yield from _wrong_element(block["element"])


def _wrong_actions(elements: list[Json]) -> Iterator[str]:
    if not 1 <= len(elements) <= 25:
        yield f"{len(elements)} actions"
    for each, count in Counter(element["action_id"] for element in elements).items():
        yield from [f"action_id {each} twice"] if count > 1 else []
    for element in elements:
        yield from _wrong_element(element)


def _wrong_element(element: Json) -> Iterator[str]:
    kind = element["type"]
    if kind == "button":
        yield from _wrong_plain("button", element["text"], 75)
        yield from ["button value too long"] if len(element.get("value", "")) > 2000 else []
    if kind == "static_select":
        yield from wrong_with_options(element["options"]) or ([] if element["options"] else ["no options"])
    if kind == "plain_text_input" and not 1 <= element.get("max_length", 1) <= 3000:
        yield f"max_length {element['max_length']}"
    if "placeholder" in element:
        yield from _wrong_plain("placeholder", element["placeholder"], 150)


def _wrong_option(option: Json) -> list[str]:
    too_long = [] if 1 <= len(option["value"]) <= 150 else [f"option value of {len(option['value'])}"]
    return [*too_long, *_wrong_plain("option", option["text"], 75)]


def _wrong_plain(place: str, text: Json, most: int) -> list[str]:
    if text["type"] != "plain_text":
        return [f"{place} is no plain text"]
    return [] if 1 <= len(text["text"].strip()) <= len(text["text"]) <= most else [f"{place} of {len(text['text'])}"]


def _wrong_text(place: str, text: Json, most: int) -> list[str]:
    found = [] if 1 <= len(text["text"].strip()) <= len(text["text"]) <= most else [f"{place} of {len(text['text'])}"]
    if text["type"] != "mrkdwn":
        return found
    verbatim = [] if text.get("verbatim") else [f"{place} lets Slack find mentions by itself"]
    return [*found, *verbatim, *_wrong_mrkdwn(place, text["text"])]


def _wrong_mrkdwn(place: str, text: str) -> list[str]:
    """References other than links by http(s) and dates, and characters that Slack wants as entities."""
    found = [
        f"{place} refers to {each[1][:80]!r}"
        for each in _REFERENCE.finditer(text)
        if not _DATE.fullmatch(each[1]) and not _LINK.fullmatch(each[1])
    ]
    rest = re.sub(r"(?m)^> ", "", _REFERENCE.sub("", text))
    found += [f"{place} has a bare {each!r}" for each in "<>" if each in rest]
    return [*found, *([f"{place} has a bare &"] if _ENTITY.search(text) else [])]


def _texts(block: Json) -> Iterator[Json]:
    if isinstance(block.get("text"), dict):
        yield block["text"]
    yield from block.get("fields", [])
    for element in block.get("elements", []):
        if isinstance(element.get("text"), dict):
            yield element["text"]
        elif "text" in element:
            yield element


def _ids(block: Json, name: str) -> list[str]:
    elements = [block, *block.get("elements", []), *([block["element"]] if "element" in block else [])]
    return [each[name] for each in elements if name in each]
