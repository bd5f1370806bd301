"""What a message is about, where somebody wants it compared. Pure."""

from __future__ import annotations

import re

from bot.blocks import clip

LONGEST = 6000
A_REMARK = 60
"""A message with an address and no more words than so many characters is about the address."""

_ADDRESS = re.compile(r"https?://[^\s<>]+")


def subject_of(text: str) -> str:
    """The address that a message is about, else its words; empty where it has neither."""
    addresses = _ADDRESS.findall(text)
    if addresses and len(_ADDRESS.sub("", text).strip(" <>\n")) <= A_REMARK:
        return str(addresses[0])
    return clip(text.strip(), LONGEST)
