"""Stories: which there are, and the reports of one."""

from __future__ import annotations

from sqlalchemy import Connection, desc, or_, select

from bot.model import Entry, StoryHead, StoryReport
from storage.engine import Database
from storage.entries import verdicts_on
from storage.feeds import visible
from storage.rows import columns, made, missing
from storage.schema import entries, matches, watches

_LOOKED_AT = 20
"""Times as many matched entries as stories are wanted: one may have many reports."""


class Stories:
    """Implements `bot.ports.StoryStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find(self, tenant: str, name: str) -> str:
        return self._db.read(lambda conn: _find(conn, tenant, name))

    def reports(self, tenant: str, story: str) -> list[StoryReport]:
        return self._db.read(lambda conn: _reports(conn, tenant, story))

    def recent(self, tenant: str, limit: int) -> list[StoryHead]:
        return self._db.read(lambda conn: _recent(conn, tenant, limit))


def _find(conn: Connection, tenant: str, name: str) -> str:
    wanted = name.strip().lower()
    named = or_(entries.c.story.startswith(wanted, autoescape=True), entries.c.id == name.strip())
    query = select(entries.c.story).where(named, visible(tenant, entries.c.feed)).order_by(desc(entries.c.seq))
    story = conn.scalar(query.limit(1)) if wanted else None
    if story is None:
        raise missing("story", name, [head.story[:4] for head in _recent(conn, tenant, 25)])
    return str(story)


def _reports(conn: Connection, tenant: str, story: str) -> list[StoryReport]:
    query = (
        select(*columns(entries, Entry))
        .where(entries.c.story == story, visible(tenant, entries.c.feed))
        .order_by(entries.c.published, entries.c.seq)
    )
    found = made(Entry, conn.execute(query))
    return [StoryReport(entry, tuple(verdicts_on(conn, tenant, entry.id))) for entry in found]


def _recent(conn: Connection, tenant: str, limit: int) -> list[StoryHead]:
    query = (
        select(entries.c.story, entries.c.title, entries.c.published)
        .join(matches, matches.c.entry == entries.c.id)
        .join(watches, watches.c.id == matches.c.watch)
        .where(watches.c.tenant == tenant, visible(tenant, entries.c.feed))
        .order_by(desc(entries.c.published), desc(entries.c.seq))
        .limit(limit * _LOOKED_AT)
    )
    heads: dict[str, StoryHead] = {}
    for head in made(StoryHead, conn.execute(query)):
        heads.setdefault(head.story, head)
    return list(heads.values())[:limit]
