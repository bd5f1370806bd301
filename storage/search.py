"""Finding entries in the archive: by words, and by what they are narrowed to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Connection, desc, exists, or_, select

from bot.model import Entry, Sieve
from storage import dialect
from storage.feeds import visible
from storage.rows import columns, made
from storage.schema import entries, verdicts

NO_SIEVE = Sieve()


def search(conn: Connection, tenant: str, words: str, limit: int, offset: int, sieve: Sieve) -> list[Entry]:
    """What holds all the words, best first; without words what passes the sieve, newest first."""
    asked = dialect.search(conn, words)
    query = select(*columns(entries, Entry)).where(visible(tenant, entries.c.feed), *_narrowed(tenant, sieve))
    newest = (desc(entries.c.published), desc(entries.c.seq))
    if asked is not None:
        source, found, rank = asked
        query = query.select_from(source).where(found).order_by(rank, *newest)
    elif words.strip() or sieve == NO_SIEVE:
        return []
    else:
        query = query.order_by(*newest)
    return made(Entry, conn.execute(query.limit(limit).offset(offset)))


def _narrowed(tenant: str, sieve: Sieve) -> Iterator[ColumnElement[bool]]:
    if sieve.feed:
        yield entries.c.feed == sieve.feed
    if sieve.since is not None:
        yield entries.c.published >= sieve.since
    if sieve.language:
        tag = sieve.language.lower().split("-")[0]
        yield or_(entries.c.language == tag, entries.c.language.istartswith(f"{tag}-", autoescape=True))
    if sieve.claims is not None:
        touching = exists().where(verdicts.c.entry == entries.c.id, verdicts.c.tenant == tenant)
        yield touching.where(verdicts.c.claim.in_(sieve.claims))
