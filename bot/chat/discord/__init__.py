"""Discord: `DiscordBot` answers commands, `DiscordPlatform` posts what is owed."""

from bot.chat.discord.gateway import DiscordBot, use_addresses
from bot.chat.discord.platform import DiscordPlatform

__all__ = ["DiscordBot", "DiscordPlatform", "use_addresses"]
