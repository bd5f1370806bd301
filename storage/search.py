"""Finding entries in the archive: by words, and by what they are narrowed to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, desc, func, select

from bot.model import Entry, Sieve
from storage import dialect
from storage.feeds import visible
from storage.rows import columns, made
from storage.schema import entries, verdicts

NO_SIEVE = Sieve()


RANKED = 5_000
"""Of more entries that hold the words, the newest so many are held against each other: a word may be in half of all."""


def search(conn: Connection, tenant: str, words: str, limit: int, offset: int, sieve: Sieve) -> list[Entry]:
    """What holds all the words, best first; without words what passes the sieve, newest first."""
    where = [visible(tenant, entries.c.feed), *_narrowed(conn, tenant, sieve)]
    first = _first(conn, sieve) if words.strip() else 0
    if first is None:
        return []
    hits = dialect.hits(conn, words, where, first, RANKED)
    query, newest = select(*columns(entries, Entry)), (desc(entries.c.published), desc(entries.c.seq))
    if hits is not None:
        query = query.join(hits, hits.c.seq == entries.c.seq).order_by(hits.c.rank, *newest)
    elif words.strip() or sieve == NO_SIEVE:
        return []
    else:
        query = query.where(*where).order_by(*newest)
    return made(Entry, conn.execute(query.limit(limit).offset(offset)))


def _first(conn: Connection, sieve: Sieve) -> int | None:
    """The lowest number in that time, so that a frequent word is not looked up in all; None where nothing came."""
    if sieve.since is None:
        return 0
    # the sum keeps both databases from walking the numbers from the oldest on, rather than the index of dates
    lowest = select(func.min(entries.c.seq + 0)).where(entries.c.published >= sieve.since)
    first: int | None = conn.scalar(lowest)
    return first


def _narrowed(conn: Connection, tenant: str, sieve: Sieve) -> Iterator[ColumnElement[bool]]:
    if sieve.feed:
        yield entries.c.feed == sieve.feed
    if sieve.since is not None:
        yield entries.c.published >= sieve.since
    if sieve.language:
        primary = sieve.language.lower().split("-")[0]
        yield entries.c.language.in_([tag for tag in _languages(conn) if tag.lower().split("-")[0] == primary])
    if sieve.claims is not None:
        touching = select(verdicts.c.entry).where(verdicts.c.tenant == tenant, verdicts.c.claim.in_(sieve.claims))
        yield entries.c.id.in_(touching)


def _languages(conn: Connection) -> list[str]:
    """All tags that entries have: from each to the next in the index, past all entries between them."""
    first = select(func.min(entries.c.language).label("tag")).cte("tags", recursive=True)
    following = select(func.min(entries.c.language)).where(entries.c.language > first.c.tag).scalar_subquery()
    tags = first.union_all(select(following).where(first.c.tag.is_not(None)))
    return list(conn.scalars(select(tags.c.tag).where(tags.c.tag.is_not(None))))
