"""The store: schema, migrations, every query. Knows bot.model and bot.errors, nothing else of the bot."""

from storage.engine import Queue, postgres_address
from storage.moving import move
from storage.occupancy import Place, place
from storage.restoring import restore
from storage.store import Store, open_store

__all__ = ["Place", "Queue", "Store", "move", "open_store", "place", "postgres_address", "restore"]
