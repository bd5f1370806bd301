"""The store: schema, migrations, every query. Knows bot.model and bot.errors, nothing else of the bot."""

from storage.engine import Queue, postgres_address
from storage.moving import move
from storage.restoring import restore
from storage.store import Store, open_store

__all__ = ["Queue", "Store", "move", "open_store", "postgres_address", "restore"]
