"""Discord: `DiscordBot` answers commands, `DiscordPlatform` posts what is owed, through it or a `DiscordPoster`."""

from bot.chat.discord.gateway import DiscordBot, Shards
from bot.chat.discord.login import DiscordPoster, use_addresses
from bot.chat.discord.platform import DiscordPlatform

__all__ = ["DiscordBot", "DiscordPlatform", "DiscordPoster", "Shards", "use_addresses"]
