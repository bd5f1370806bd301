"""What the rooms ask of the outside world, as Protocols.

The store's methods are synchronous: async rooms call them through `asyncio.to_thread`. Reads see one consistent
state; every write is one transaction. They raise `StoreBusy` where a retry may help and `StoreError` otherwise;
look-ups by id raise `NotFound`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from bot.blocks import Limits, Message
from bot.model import (
    Actor,
    Alert,
    Change,
    Channel,
    Claim,
    ClaimEvidence,
    ClaimState,
    ClaimVersion,
    Delivery,
    Digest,
    DigestFact,
    Entry,
    Feed,
    FeedIntent,
    FetchOutcome,
    FetchRequest,
    Item,
    KeywordList,
    Lag,
    Mute,
    MuteKind,
    Owed,
    PollPlan,
    QueueStats,
    Relation,
    Report,
    Review,
    SendOutcome,
    Sieve,
    Sketch,
    StoryHead,
    StoryReport,
    Tenant,
    ThemeActivity,
    Trail,
    Verdict,
    Watch,
)

NO_SIEVE = Sieve()

T = TypeVar("T")


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...


class Fetcher(Protocol):
    async def fetch(self, request: FetchRequest) -> FetchOutcome:
        """Fetch one document within the caps and the deadline. Expected failures are values; never raises them."""
        ...


class Assessor(Protocol):
    """Says what items do to claims."""

    name: str  # shown by `/status`, for instance "local model 2026-11" or "lexical fall-back"
    languages: frozenset[str]  # those that it reads, as primary tags ("en"); empty: every one

    async def compare(self, items: Sequence[Item], claims: Sequence[Claim]) -> list[tuple[Verdict, ...]]:
        """For each item, in order, its verdicts, the surest first; at most one a claim.

        Heavy work is done in worker threads, the event loop never waits. Claims of equal wording and date are
        compared once. Raises `ModelError` where the weights are missing or broken.
        """
        ...


class Platform(Protocol):
    """A place where messages are posted."""

    name: str
    limits: Limits
    repeat_safe: float  # seconds after the first send for which the platform drops a repeat of its nonce
    spacing: float  # seconds between two posts in a channel; within one process the platform itself sees to it

    async def send(self, channel: Channel, message: Message, nonce: str) -> SendOutcome:
        """Post once. `nonce` (16 hex digits) is the delivery's id; the platform drops a repeat of it.

        In a channel of posts (a forum) a post is opened for it. What belongs `under` a message goes into the thread
        there, which is opened where it is not there yet; a thread that cannot be had closes no channel.
        """
        ...

    async def edit(self, channel: Channel, ref: str, message: Message) -> SendOutcome:
        """Bring a posted message up to date. A message that was deleted counts as `Sent`."""
        ...

    async def find(self, channel: Channel, nonce: str, since: datetime, under: str = "") -> SendOutcome | None:
        """Whether the message of that nonce was posted since then, in the channel or `under` a message of it.

        `Sent` where it was, `Later` where it certainly was not (post it again), None where nothing can tell.
        """
        ...


class TenantStore(Protocol):
    def put(self, tenant: Tenant) -> None: ...
    def get(self, tenant: str) -> Tenant: ...
    def all(self) -> list[Tenant]: ...
    def put_channel(self, channel: Channel) -> None:
        """Insert, or replace name, policy and state."""
        ...

    def channel(self, channel: str) -> Channel: ...
    def channels(self, tenant: str | None = None) -> list[Channel]: ...
    def pause_channel(self, channel: str, reason: str) -> bool:
        """Pause; True if it was active (its owner is to be told now), False if it was paused already."""
        ...


class FeedStore(Protocol):
    def follow(self, tenant: str, intent: FeedIntent, now: datetime) -> Feed:
        """Create the feed where it is new (due now), and let the tenant follow it.

        Raises `Conflict` where the tenant follows it already and `QuotaExceeded` where it may follow no more.
        """
        ...

    def unfollow(self, tenant: str, feed: str) -> Feed:
        """A feed that nobody follows is no longer polled; followed again, it starts afresh. Id, URL or title."""
        ...

    def get(self, feed: str) -> Feed: ...
    def find(self, tenant: str, name: str) -> Feed:
        """Among those that the tenant follows, by id, URL or title, whatever the case.

        Raises `NotFound`, whose message lists the nearest titles and URLs.
        """
        ...

    def followed(self, tenant: str) -> list[Feed]:
        """By title."""
        ...

    def followers(self, feed: str) -> frozenset[str]:
        """Ids of the tenants."""
        ...

    def readers(self, feed: str) -> frozenset[str]:
        """Ids of those tenants that let the articles behind its entries be read: at first all that follow it."""
        ...

    def read_articles(self, tenant: str, feed: str, wanted: bool) -> Feed:
        """Whether the tenant lets them be read. Raises `NotFound` like `find`."""
        ...

    def claim_due(self, now: datetime, lease: float, limit: int) -> list[Feed]:
        """The most overdue feeds that somebody follows, leased for `lease` seconds against a second poll.

        Feeds in state GONE are never due. Where there is a queue, their polls are queued in the same transaction.
        A power cut may undo the leases.
        """
        ...

    def put_polled(self, feeds: Sequence[Feed]) -> None:
        """Write feeds as polls that brought nothing leave them, their leases given back, all or none.

        Their URLs stay as they are. A power cut may undo it where none of the feeds failed.
        """
        ...


class EntryStore(Protocol):
    def get(self, entry: str) -> Entry: ...
    def known(self, feed: str, keys: Iterable[str]) -> frozenset[str]:
        """Which of these identities the feed has had: primary keys and aliases of all its entries.

        Pruned entries stay known, since a feed may list them for years; up to 4,000 keys are asked for at once.
        """
        ...

    def titles(self, entries: Iterable[str]) -> Mapping[str, str]:
        """The headlines of those of these entries that are stored; thousands are asked for at once."""
        ...

    def by_url(self, tenant: str, url: str, url_key: str = "") -> Entry:
        """The newest entry with that URL, or whose `Sketch.url_key` is one of the two, in feeds the tenant follows."""
        ...

    def latest(self, tenant: str, limit: int, before: datetime | None = None) -> list[Entry]: ...
    def search(self, tenant: str, words: str, limit: int, offset: int = 0, sieve: Sieve = NO_SIEVE) -> list[Entry]:
        """Full text, best first. `words` are data: no operator in them is obeyed but "quoted phrases".

        Without words what passes the sieve, newest first; without both nothing.
        """
        ...

    def sketches(self, after: int, since: datetime) -> tuple[list[Sketch], int]:
        """Sketches stored after that sequence number (0: all) and published since then; and the newest number."""
        ...

    def trail(self, tenant: str, entry: str) -> Trail: ...
    def reports(self, tenant: str, story: str) -> list[Report]:
        """The story's entries in feeds that the tenant follows, earliest first."""
        ...


class StoryStore(Protocol):
    def find(self, tenant: str, name: str) -> str:
        """The newest story whose id begins so, or the one of the entry of that id. Raises `NotFound`."""
        ...

    def reports(self, tenant: str, story: str) -> list[StoryReport]:
        """In feeds that the tenant follows, earliest first."""
        ...

    def recent(self, tenant: str, limit: int) -> list[StoryHead]:
        """Those that matched the tenant's watches last, newest first."""
        ...


class ClaimStore(Protocol):
    def all(self, tenant: str) -> list[Claim]:
        """By theme, then id; without retired ones."""
        ...

    def retired(self, tenant: str) -> list[Claim]:
        """Those that are held no longer, by theme, then id."""
        ...

    def get(self, tenant: str, claim: str) -> Claim:
        """Raises `NotFound`, whose message lists the nearest ids."""
        ...

    def put(self, tenant: str, claims: Sequence[Claim], by: str, now: datetime) -> int:
        """Insert new ones; where the statement or date changed, keep the old wording as a version. Number written.

        A changed claim is `revised`. The pack, put with `by` empty at every start, brings back neither a wording that
        was there before nor a retired claim. Raises `QuotaExceeded`, and writes nothing, beyond the tenant's quota.
        """
        ...

    def retire(self, tenant: str, claim: str) -> None: ...
    def versions(self, tenant: str, claim: str) -> list[ClaimVersion]:
        """All wordings, the first one first and the present one last."""
        ...

    def evidence(self, tenant: str, claim: str, limit: int) -> list[ClaimEvidence]:
        """Newest first."""
        ...

    def activity(self, tenant: str, days: Sequence[date], timezone: str) -> list[ThemeActivity]:
        """Verdicts a local day (of publication) and theme, most active theme first; idle themes are left out."""
        ...

    def counts(self, tenant: str) -> Mapping[ClaimState, int]:
        """How many claims are in each state; states without any are left out."""
        ...


class ReviewStore(Protocol):
    """What readers say of verdicts. The latest word on a verdict of a story counts, whoever it is from."""

    def put(self, review: Review, owed: Sequence[Owed] = ()) -> ClaimState:
        """Keep the mark in place of the same reader's earlier one, and give back the claim's state after it.

        What is `owed` for it (the edit that shows it on the card) is owed in the same transaction.
        The claim's state becomes what it would be if the verdicts that are marked wrong had never come.
        """
        ...

    def of(self, alert: str) -> list[Review]:
        """The latest word on each verdict that was marked under that alert, oldest first."""
        ...

    def refuted(self, tenant: str, stories: Iterable[str]) -> frozenset[tuple[str, str, Relation]]:
        """(story, claim, relation) of what is marked wrong in those stories.

        A relation that was not marked goes with the others of its story and claim.
        """
        ...

    def latest(self, tenant: str, since: datetime) -> list[Review]:
        """The latest word on each story, claim and relation that was marked since then, oldest first."""
        ...


class ProposalStore(Protocol):
    """Claims that were proposed, to be accepted or not."""

    def put(self, tenant: str, claims: Sequence[Claim], now: datetime) -> str:
        """Keep them for some weeks, in order. Their id: the same claims again have the same one."""
        ...

    def get(self, tenant: str, proposal: str) -> tuple[Claim, ...]:
        """Raises `NotFound` where they are gone."""
        ...

    def put_feeds(self, tenant: str, feeds: Sequence[FeedIntent], now: datetime) -> str:
        """The same for feeds to follow."""
        ...

    def feeds(self, tenant: str, proposal: str) -> tuple[FeedIntent, ...]:
        """Raises `NotFound` where they are gone."""
        ...


class WatchStore(Protocol):
    def version(self) -> int:
        """Grows whenever any watch or list of keywords changes."""
        ...

    def all(self, tenant: str | None = None) -> list[Watch]:
        """By tenant, then name."""
        ...

    def find(self, tenant: str, name: str) -> Watch:
        """By name, whatever its case. Raises `NotFound`, whose message lists the nearest names."""
        ...

    def add(self, watch: Watch) -> None:
        """Raises `Conflict` where the tenant has one of that id or name, and `QuotaExceeded`."""
        ...

    def replace(self, watch: Watch) -> None:
        """Change the watch of that id. Raises `NotFound`, and `Conflict` where another one has its name."""
        ...

    def remove(self, tenant: str, name: str) -> Watch:
        """Raises `NotFound`, whose message lists the nearest names."""
        ...


class ListStore(Protocol):
    """Keywords that a tenant's queries share."""

    def all(self, tenant: str | None = None) -> list[KeywordList]:
        """By tenant, then name."""
        ...

    def get(self, tenant: str, name: str) -> KeywordList:
        """Raises `NotFound`, whose message lists the nearest names."""
        ...

    def put(self, keywords: KeywordList) -> None:
        """Insert, or replace its words. Raises `QuotaExceeded` where the tenant has `MOST_LISTS` already."""
        ...

    def remove(self, tenant: str, name: str) -> KeywordList:
        """Raises `NotFound`."""
        ...


class MuteStore(Protocol):
    def active(self, tenant: str, now: datetime) -> list[Mute]:
        """Those that hold at that time, by kind, then name."""
        ...

    def put(self, mute: Mute) -> None:
        """Insert, or replace the one of that subject."""
        ...

    def remove(self, tenant: str, kind: MuteKind, subject: str) -> Mute:
        """Raises `NotFound`."""
        ...


class AuditStore(Protocol):
    """Who changed what. What is changed through `Store.acting` is noted in the transaction that changes it."""

    def put(self, change: Change) -> None:
        """Note what changed nothing in the store: something that was refused."""
        ...

    def latest(self, tenant: str, limit: int) -> list[Change]:
        """Newest first."""
        ...


class AlertStore(Protocol):
    def get(self, alert: str) -> Alert: ...
    def told(self, channels: Iterable[str], stories: Iterable[str]) -> list[Alert]:
        """All alerts of those stories in those channels."""
        ...

    def headed(self, entries: Iterable[str]) -> list[Alert]:
        """All alerts whose headline is that of one of these entries."""
        ...


class DeliveryStore(Protocol):
    def claim_due(
        self, now: datetime, platforms: Iterable[str], limit: int, channel: str | None = None
    ) -> list[Delivery]:
        """At most one a channel, the earliest owed of each active channel that has none in `sending`; now `sending`.

        With `channel` only that one is looked at.

        Channels and platforms that were asked to wait (`Later`, `defer`) have none. An edit waits until its alert's
        message is posted, fails with it, and is left out while a newer edit of the same message is owed.
        """
        ...

    def interrupted(
        self, platforms: Iterable[str], before: datetime | None = None, channel: str | None = None
    ) -> list[Delivery]:
        """What a process that is gone left in `sending`; called once at start, before any `claim_due`.

        Where several processes share the database: only those whose last send began before then, or those of the one
        channel in which the caller alone delivers.
        """
        ...

    def queue_due(self, now: datetime, platforms: Iterable[str], before: datetime, limit: int) -> int:
        """Tell the queue of the channels that have something due, or in `sending` since `before`. Their number."""
        ...

    def mark(self, delivery: str, outcome: SendOutcome, now: datetime) -> Delivery:
        """`Sent`, `Refused` (failed), `Unknown` (uncertain) and `Withdrawn` end it; `Later` makes it owed again.

        After `Later` the whole channel waits, in its order, and with `everywhere` the platform does (see `defer`);
        `Denied` makes it owed again at once. The end of an edit is that of all older edits of the same message.
        Raises `StoreError` where the delivery is not in `sending`.
        """
        ...

    def get(self, delivery: str) -> Delivery: ...
    def of(self, subject: str) -> list[Delivery]:
        """All deliveries of an alert, digest or notice, in the order in which they were owed."""
        ...

    def owe(self, owed: Sequence[Owed]) -> int:
        """Enqueue; what is there already stays as it is. Number of new ones."""
        ...

    def posted(self, channel: str, subject: str) -> Delivery | None:
        """The delivery that posted the alert, digest (its first part) or notice, if it was sent."""
        ...

    def stats(self, tenant: str | None = None) -> QueueStats: ...
    def lag(self, tenant: str, since: datetime) -> Lag | None:
        """Of the alerts that were posted since then; None where there are none."""
        ...

    def troubles(self, tenant: str, limit: int) -> list[Delivery]:
        """The last ones that failed or are uncertain, newest first."""
        ...

    def next_due(self) -> datetime | None:
        """When `claim_due` will have something, if nothing else happens; None where nothing waits for its time."""
        ...


class DigestStore(Protocol):
    def facts(self, channel: str, since: datetime, until: datetime) -> list[DigestFact]:
        """The stories with an entry that matched the channel's watches and was seen in [since, until).

        Entries that were decided to be nothing for the channel are left out, here and in `counts`, and so is what is
        muted at `until`.
        """
        ...

    def counts(self, channel: str, since: datetime, until: datetime) -> tuple[int, int, int]:
        """Entries matched, feeds followed, feeds failing (broken or gone)."""
        ...

    def last(self, channel: str) -> Digest | None:
        """The last scheduled one."""
        ...

    def get(self, digest: str) -> Digest: ...
    def commit(self, digest: Digest, owed: Sequence[Owed], scheduled: bool) -> bool:
        """Both in one transaction; False, and nothing written, where that channel has that day's digest already."""
        ...


class MetaStore(Protocol):
    """Small facts about the installation, by name."""

    def get(self, key: str) -> str | None: ...
    def put(self, key: str, value: str) -> None: ...
    def installation(self) -> str:
        """Thirty-two hex digits that tell this installation from others; drawn once."""
        ...


class Store(Protocol):
    """All that is kept. One transaction per method."""

    @property
    def tenants(self) -> TenantStore: ...
    @property
    def feeds(self) -> FeedStore: ...
    @property
    def entries(self) -> EntryStore: ...
    @property
    def stories(self) -> StoryStore: ...
    @property
    def claims(self) -> ClaimStore: ...
    @property
    def reviews(self) -> ReviewStore: ...
    @property
    def proposals(self) -> ProposalStore: ...
    @property
    def watches(self) -> WatchStore: ...
    @property
    def lists(self) -> ListStore: ...
    @property
    def mutes(self) -> MuteStore: ...
    @property
    def audit(self) -> AuditStore: ...
    @property
    def alerts(self) -> AlertStore: ...
    @property
    def deliveries(self) -> DeliveryStore: ...
    @property
    def digests(self) -> DigestStore: ...
    @property
    def meta(self) -> MetaStore: ...
    def turn(self) -> AbstractContextManager[Callable[[], None]]:
        """Held by one at a time, whichever process it is in, as long as the block runs.

        Call what it gives before what the turn is for is written: it raises `StoreBusy` where the turn was lost.
        """
        ...

    def view(self, work: Callable[[], T]) -> T:
        """What `work` returns, all of whose reads see one state of the database; they cost less than one by one.

        It works in the thread that it is called in, writes nothing, and may be called again where the database failed.
        """
        ...

    def acting(self, actor: Actor) -> Store:
        """The same store; what is changed through it is noted in the audit log, in the same transaction."""
        ...

    def commit(self, plans: Sequence[PollPlan]) -> list[int]:
        """Write polls, of one feed each, in one transaction: all or none. For each the number of new entries.

        What is there already stays as it is. A feed that moved (its `url` changed) to a URL that another feed has
        keeps its old one.
        """
        ...

    def defer(self, platform: str, until: datetime) -> None:
        """No delivery to that platform before then; survives a restart."""
        ...

    def deferred(self) -> Mapping[str, datetime]: ...
    def prune(self, before: datetime) -> int:
        """Drop entries seen before then that no verdict holds as evidence. Number dropped."""
        ...

    def backup(self, target: Path) -> None:
        """A consistent copy while running."""
        ...

    def check(self) -> list[str]:
        """What is wrong with the database, in words; empty when all is well."""
        ...

    def close(self) -> None: ...
