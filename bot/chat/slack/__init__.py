"""Slack: `SlackBot` answers commands, `SlackPlatform` posts what is owed."""

from bot.chat.slack.connection import SlackBot
from bot.chat.slack.platform import SlackPlatform
from bot.chat.slack.settings import SlackSettings

__all__ = ["SlackBot", "SlackPlatform", "SlackSettings"]
