"""The store: schema, migrations, every query. Knows bot.model and bot.errors, nothing else of the bot."""

from storage.restoring import restore
from storage.store import Store, open_store

__all__ = ["Store", "open_store", "restore"]
