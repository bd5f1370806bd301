"""Which entries of a document are new. Pure.

An entry's identity is its guid, else its canonical link, else a hash of its title and text; entries of one document
that share it are told apart by link or content. A changed title, text or date makes no new entry. Besides its key each
entry keeps aliases (its link and its title), by which it is known again when a feed renames all its guids at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.feeds.canonical import canonical
from bot.feeds.plain import cut
from bot.model import Entry, Feed, Hush, ParsedEntry, ParsedFeed, Retitled, stable_id

FLOOD = 200
"""More new entries than this at once, and more than `FLOOD_FACTOR` times what was to be expected, are a flood."""
FLOOD_FACTOR = 5
RENAMED_AT_LEAST = 3
LATE = timedelta(hours=6)
"""An entry that was written longer before our last look than this has hardly come into its feed only now."""
HEADLINE = 120
"""Characters of the text that stand in for a title where an entry has none."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Identified:
    """The new entries, in document order; with `Hush.FLOOD` one summary notice is owed in place of alerts."""

    entries: tuple[Entry, ...]
    hush: Hush = Hush.NONE
    retitled: tuple[Retitled, ...] = ()


@dataclass(frozen=True, slots=True)
class _Identity:
    entry: ParsedEntry
    key: str
    shared: str  # the guid's key where several entries of the document have that guid
    link: str  # aliases; empty where they do not tell the document's entries apart
    title: str

    @property
    def aliases(self) -> tuple[str, ...]:
        others = dict.fromkeys((self.shared, self.link, self.title))
        return tuple(alias for alias in others if alias and alias != self.key)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document's entries, told apart."""

    parsed: ParsedFeed
    _identities: tuple[_Identity, ...]

    @classmethod
    def of(cls, parsed: ParsedFeed) -> Listed:
        return cls(parsed, tuple(_identities(parsed)))

    @property
    def keys(self) -> frozenset[str]:
        """All identities, to be asked for with `EntryStore.known` before `identify`."""
        return frozenset(key for identity in self._identities for key in (identity.key, *identity.aliases))

    def strangers(self, known: Collection[str]) -> list[_Identity]:
        """Those whose key is not known, in document order."""
        return [identity for identity in self._identities if identity.key not in known]

    def headlines(self, feed: Feed) -> dict[str, str]:
        """By the entries' ids: what the document heads them with, where it does."""
        return {
            stable_id(feed.id, identity.key): identity.entry.title
            for identity in self._identities
            if identity.entry.title
        }


def identify(feed: Feed, listed: Listed, known: Collection[str], now: datetime) -> Identified:
    """The entries of a document that the feed has not had, where `known` are those of its `keys` that it had."""
    strangers = listed.strangers(known)
    familiar = [stranger for stranger in strangers if _reminds(stranger, known, feed.last_ok)]
    renamed = len(strangers) >= RENAMED_AT_LEAST and 2 * len(familiar) > len(strangers)
    new = [stranger for stranger in strangers if not _had_before(stranger, known, feed.last_ok, renamed)]
    entries = tuple(_entry(feed, listed.parsed, identity, now) for identity in new)
    return Identified(entries, _hush(feed, len(entries), now))


def corrections(shown: Mapping[str, str], stored: Mapping[str, str]) -> tuple[Retitled, ...]:
    """The stored entries whose headline the document now gives in other words; white space is no word."""
    return tuple(
        Retitled(entry, title)
        for entry, title in shown.items()
        if entry in stored and title.split() != stored[entry].split()
    )


def _identities(parsed: ParsedFeed) -> list[_Identity]:
    links = Counter(_link_key(entry) for entry in parsed.entries)
    titles = Counter(_title_key(entry) for entry in parsed.entries)
    groups: dict[str, list[ParsedEntry]] = defaultdict(list)
    for entry in parsed.entries:
        groups[_base(entry)].append(entry)
    return [
        _Identity(
            entry,
            key,
            base if key != base else "",
            _alone(_link_key(entry), links),
            _alone(_title_key(entry), titles),
        )
        for base, group in groups.items()
        for key, entry in _told_apart(base, group).items()
    ]


def _base(entry: ParsedEntry) -> str:
    if entry.guid:
        return f"guid:{stable_id(entry.guid)}"
    return _link_key(entry) or _content_key(entry)


def _told_apart(base: str, group: Sequence[ParsedEntry]) -> dict[str, ParsedEntry]:
    """Keys for the entries that share one identity; what is the same throughout is one entry."""
    marked = _first_by(_link_key, group)
    if len(marked) < len(group) or "" in marked:
        marked = _first_by(_content_key, group)
    if len(marked) == 1:
        return {base: group[0]}
    return {f"{base}+{mark}": entry for mark, entry in marked.items()}


def _first_by(mark: Callable[[ParsedEntry], str], group: Sequence[ParsedEntry]) -> dict[str, ParsedEntry]:
    found: dict[str, ParsedEntry] = {}
    for entry in group:
        found.setdefault(mark(entry), entry)
    return found


def _link_key(entry: ParsedEntry) -> str:
    link = canonical(entry.link)
    return f"link:{stable_id(link)}" if link else ""


def _title_key(entry: ParsedEntry) -> str:
    title = " ".join(entry.title.casefold().split())
    return f"title:{stable_id(title)}" if title else ""


def _content_key(entry: ParsedEntry) -> str:
    return f"text:{stable_id(entry.title, entry.text)}"


def _alone(key: str, counts: Counter[str]) -> str:
    return key if counts[key] == 1 else ""


def _reminds(stranger: _Identity, known: Collection[str], last_ok: datetime | None) -> bool:
    """Whether its link is known, or its title and nothing says that it was written after we last looked."""
    return stranger.link in known or (stranger.title in known and not _younger(stranger.entry, last_ok))


def _younger(entry: ParsedEntry, moment: datetime | None) -> bool:
    return entry.published is not None and moment is not None and entry.published >= moment


def _had_before(stranger: _Identity, known: Collection[str], last_ok: datetime | None, renamed: bool) -> bool:
    """Whether an entry with an unknown key is a known one all the same.

    It reminds of one, and more speaks for it: most strangers of the document do (guids were renamed), or its guid is
    shared and known, or it was written before we last looked, and link and title are known or that was long ago.
    """
    if not _reminds(stranger, known, last_ok):
        return False
    if renamed or stranger.shared in known:
        return True
    if stranger.link in known and stranger.title in known:
        return not _younger(stranger.entry, last_ok)
    dated = stranger.entry.published
    return dated is not None and last_ok is not None and dated < last_ok - LATE


def _entry(feed: Feed, parsed: ParsedFeed, identity: _Identity, now: datetime) -> Entry:
    entry = identity.entry
    return Entry(
        id=stable_id(feed.id, identity.key),
        feed=feed.id,
        key=identity.key,
        url=entry.link,
        title=entry.title or cut(entry.text.partition("\n")[0], HEADLINE) or entry.link,
        text=entry.text,
        published=_published(entry, now),
        seen=now,
        language=feed.language or entry.language or parsed.language,
        outlet=feed.title or parsed.title,
        aliases=identity.aliases,
    )


def _published(entry: ParsedEntry, now: datetime) -> datetime:
    """The entry's date where it can be true, else `now`: nothing is the newest for ever."""
    stated: Iterable[datetime | None] = (entry.published, entry.updated)
    return next((date for date in stated if date is not None and EARLIEST <= date <= now), now)


def _hush(feed: Feed, new: int, now: datetime) -> Hush:
    if feed.last_ok is None and not feed.announce_existing:
        return Hush.FIRST_POLL
    return Hush.FLOOD if new > max(FLOOD, FLOOD_FACTOR * _expected(feed, now)) else Hush.NONE


def _expected(feed: Feed, now: datetime) -> float:
    """About how many entries the time since the last poll brought, by the feed's interval (a quarter of its gaps)."""
    if feed.last_ok is None or not feed.interval:
        return 0.0
    return (now - feed.last_ok).total_seconds() / (4 * feed.interval)
