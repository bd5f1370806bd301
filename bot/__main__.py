"""`python -m bot` is `claimwatch`."""

from bot.cli import app

app(prog_name="claimwatch")
