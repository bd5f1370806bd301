"""The store: schema, migrations, every query. Knows bot.model and bot.errors, nothing else of the bot."""

from storage.moving import move
from storage.restoring import restore
from storage.store import Store, open_store

__all__ = ["Store", "move", "open_store", "restore"]
