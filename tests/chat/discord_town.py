"""A guild of the simulated Discord, and what an answer in it says."""

from __future__ import annotations

from typing import Any

import discord
from simcord import Env


class Town:
    """A guild with an owner who may configure and a member who may not."""

    def __init__(self, env: Env, name: str) -> None:
        self.guild = env.create_guild(name)
        self.channel = self.guild.create_text_channel(f"{name}-alerts")
        manager = self.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True))
        self.owner = self.guild.add_member(env.create_user(f"{name}-owner"), roles=[manager])
        self.member = self.guild.add_member(env.create_user(f"{name}-member"))

    @property
    def tenant(self) -> str:
        return f"discord:{self.guild.id}"


def shown(result: Any) -> str:
    """All text of an answer's embeds."""
    embeds = result.response.embeds
    parts = (
        part for embed in embeds for part in (embed.author.name, embed.title, embed.description, embed.footer.text)
    )
    return "\n".join(part for part in parts if part)


def labels(result: Any) -> list[str]:
    return [child["label"] for row in result.response.components for child in row["components"]]
