"""What logging in to Discord says, and what it does not."""

from __future__ import annotations

import discord
import pytest

from bot.chat.discord import DiscordPoster


async def test_nobody_is_told_that_the_bot_has_no_voice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for library in ("warn_nacl", "warn_dave"):
        monkeypatch.setattr(discord.VoiceClient, library, True)  # as where neither is installed
    await DiscordPoster().close()
    assert caplog.messages == []
