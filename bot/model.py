"""The words of Claimwatch: frozen dataclasses and enums, standard library only.

Stages of one thing have names of their own: `ParsedEntry` (read from the wire), `Entry` (stored), `PollPlan` (to be
written). Every datetime is aware and in UTC. Every id of ours is made from what the thing is (`stable_id`), never
drawn, so that writing the same thing twice is writing it once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import IntEnum, StrEnum


def stable_id(*parts: str) -> str:
    """Sixteen hex digits that depend on the parts alone, their order and their borders."""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


# --- who ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tenant:
    """A guild, a workspace or the local console. Nothing of one tenant is ever visible to another."""

    id: str  # "discord:<guild>", "slack:<team>", "console:local"
    platform: str
    name: str
    admin_channel: str | None = None  # id of the Channel that hears about broken feeds
    quotas: Quotas = field(default_factory=lambda: Quotas())
    configurers: str = ""  # the platform's id of a role whose members may configure, besides the administrators


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much one tenant may configure."""

    feeds: int = 300
    watches: int = 200
    claims: int = 1000


class DigestRhythm(StrEnum):
    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class Relation(StrEnum):
    """What an entry does to a claim; the definitions are those of the annotation guideline in the README."""

    CONFIRMS = "confirms"
    CONTRADICTS = "contradicts"
    UPDATES = "updates"


MOVES = frozenset({Relation.CONTRADICTS, Relation.UPDATES})
"""The relations that move a claim and that make an alarm."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily span of local time in which nothing is posted; it may run over midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Policy:
    """What a channel wants to hear, and when. Times are local to `timezone` (an IANA name)."""

    alert_on: frozenset[Relation] = MOVES
    min_confidence: float = 0.6
    timezone: str = "UTC"
    quiet: QuietHours | None = None
    digest: DigestRhythm = DigestRhythm.DAILY
    digest_at: time = time(7, 0)
    digest_weekday: int = 0  # Monday is 0; weekly digests only
    languages: frozenset[str] = frozenset()  # empty: every language
    ping: str = ""  # the platform's id of a role that is told of each alert; empty: nobody
    threads: bool = False  # what follows on a story goes into a thread under its card
    digest_in: str = ""  # id of the Channel that this one's digests are posted in; empty: here


class ChannelState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # the platform says that we may not post there; the owner was told once


@dataclass(frozen=True, slots=True)
class Channel:
    """A place where messages are posted."""

    id: str  # "<platform>:<address>"
    tenant: str
    platform: str
    address: str  # the platform's own id
    name: str
    policy: Policy = field(default_factory=Policy)
    state: ChannelState = ChannelState.ACTIVE
    state_reason: str = ""


# --- feeds -------------------------------------------------------------------------------------------------------


class FeedState(StrEnum):
    ACTIVE = "active"
    BROKEN = "broken"  # fails again and again; still polled, more and more rarely
    GONE = "gone"  # answered 410; no longer polled


@dataclass(frozen=True, slots=True)
class FeedIntent:
    """A feed that somebody wants to follow."""

    url: str
    title: str = ""
    language: str = ""
    weight: float = 1.0
    announce_existing: bool = False  # whether the first poll may announce what was there before


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as stored. It is polled once for all tenants that follow it."""

    id: str
    url: str
    title: str
    language: str
    weight: float
    next_poll: datetime
    announce_existing: bool = False
    site: str = ""
    etag: str = ""  # opaque; sent back byte for byte
    last_modified: str = ""
    body_hash: str = ""
    state: FeedState = FeedState.ACTIVE
    failures: int = 0  # in a row
    last_error: str = ""
    last_ok: datetime | None = None  # None: never polled with success
    last_full: datetime | None = None  # last unconditional fetch
    moved_to: str = ""  # where permanent redirects point to …
    moved_since: datetime | None = None  # … without a break since then
    interval: float = 0.0  # seconds between polls that its history and its server suggest; 0: not yet known


@dataclass(frozen=True, slots=True)
class FetchRequest:
    url: str
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, decoded and within the size cap."""

    url: str  # after redirects
    body: bytes
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    max_age: float | None = None  # seconds, from Cache-Control or Expires
    permanent_url: str = ""  # where 301/308 alone led, if anywhere


@dataclass(frozen=True, slots=True)
class NotModified:
    max_age: float | None = None
    permanent_url: str = ""


class FailureKind(StrEnum):
    REFUSED = "refused"  # the guard does not let us connect there
    NETWORK = "network"  # name, connection, TLS
    TIMEOUT = "timeout"
    TOO_LARGE = "too large"
    STATUS = "status"  # 4xx and 5xx
    GONE = "gone"  # 410
    ENCODING = "encoding"  # a compression that we do not accept, or a broken one
    PARSE = "parse"  # it came, but is no feed


@dataclass(frozen=True, slots=True)
class FetchFailed:
    """An expected failure, as a value. `detail` is shown to people and never holds a URL's password."""

    kind: FailureKind
    detail: str
    status: int | None = None
    retry_after: float | None = None  # seconds


FetchOutcome = Fetched | NotModified | FetchFailed


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry as it stands in the document; plain text without markup, absolute http(s) links or none."""

    guid: str
    link: str
    title: str
    text: str
    published: datetime | None = None
    updated: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    title: str
    site: str
    language: str
    entries: tuple[ParsedEntry, ...]
    interval: float | None = None  # seconds between updates that the document asks for (ttl, sy:updatePeriod)


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored entry. `published` never lies in the future of `seen`: a date that did is replaced by `seen`."""

    id: str
    feed: str
    key: str  # identity within the feed
    url: str  # may be empty
    title: str
    text: str
    published: datetime
    seen: datetime
    language: str = ""
    outlet: str = ""  # the feed's title
    aliases: tuple[str, ...] = ()  # further identities within the feed; `EntryStore.known` answers for them, too
    article: str = ""  # the text of the page behind `url`, where it was read because the feed gives only a teaser
    unread: str = ""  # its language, where nothing reads it that could compare it with claims


def speaks(language: str, wanted: frozenset[str]) -> bool:
    """Whether a language is one of those; "en-GB" is "en". One that is not known passes, and so do all where none is
    named."""
    primary = {tag.lower().split("-")[0] for tag in wanted}
    return not wanted or not language or language.lower().split("-")[0] in primary


# --- claims ------------------------------------------------------------------------------------------------------


class ClaimKind(StrEnum):
    FIGURE = "figure"
    PLAN = "plan"
    POSITION = "position"
    EVENT = "event"
    TREND = "trend"
    FACT = "fact"
    ASSESSMENT = "assessment"
    DEBATE = "debate"


class ClaimState(StrEnum):
    STANDING = "standing"
    CHALLENGED = "challenged"
    OUTDATED = "outdated"
    REVISED = "revised"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Claim:
    """A self-contained statement that a tenant holds to be true as of a month or day."""

    id: str
    theme: str
    kind: ClaimKind
    source: str
    as_of: str  # "2025-03" or "2025-03-20"
    statement: str
    state: ClaimState = ClaimState.STANDING
    revision: int = 1


@dataclass(frozen=True, slots=True)
class Item:
    """What is compared: a headline and the text under it, plain."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one item does to one claim. `evidence` is a verbatim substring of the item's title or text."""

    claim: str
    relation: Relation
    confidence: float  # calibrated: of verdicts shown with 0.8, 80 % are right
    evidence: str
    change: str | None = None  # for figures, "800 → 650 billion EUR"


class Mark(StrEnum):
    """What a reader says of a verdict."""

    RIGHT = "right"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Review:
    """A reader's mark on a verdict that a channel was told; of one reader's marks on a verdict the last one is kept."""

    tenant: str
    alert: str
    story: str
    claim: str
    relation: Relation
    confidence: float  # with which it was told
    mark: Mark
    by: str  # who, in the platform's words
    at: datetime


class Surety(StrEnum):
    LIKELY = "likely"
    PROBABLE = "probable"
    UNSURE = "unsure"


def surety(confidence: float) -> Surety:
    """The word that a card shows for a confidence: from 0.8 likely, from 0.6 probable, else unsure."""
    if confidence >= 0.8:
        return Surety.LIKELY
    return Surety.PROBABLE if confidence >= 0.6 else Surety.UNSURE


# --- watches, stories, alerts ------------------------------------------------------------------------------------


class WatchMode(StrEnum):
    MOVED = "moved"  # at once when a claim moves, else in the digest
    ALERT = "alert"  # every match at once, and not in the digest's new developments
    DIGEST = "digest"  # never at once
    BOTH = "both"  # every match at once, and in the digest


@dataclass(frozen=True, slots=True)
class Watch:
    """A query in Lucene syntax that a channel subscribes to."""

    id: str
    tenant: str
    channel: str
    name: str
    query: str
    mode: WatchMode = WatchMode.MOVED
    paused: bool = False


@dataclass(frozen=True, slots=True)
class KeywordList:
    """Words and phrases that all of a tenant's queries may use as `@name`."""

    tenant: str
    name: str  # lower case, without the @
    words: tuple[str, ...]


class MuteKind(StrEnum):
    STORY = "story"
    FEED = "feed"
    WATCH = "watch"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Mute:
    """That a tenant wants to hear nothing of a story, a feed, a watch or a claim for a while."""

    tenant: str
    kind: MuteKind
    subject: str  # its id
    name: str  # as people call it
    until: datetime | None  # None: for ever
    by: str  # who, in the platform's words
    since: datetime


@dataclass(frozen=True, slots=True)
class Match:
    """That a watch's query holds for an entry, and on which words."""

    watch: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is needed to tell whether another entry reports the same event; `shape` is opaque outside bot.stories."""

    entry: str
    story: str
    url_key: str  # canonical URL, or empty
    shape: bytes
    published: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One entry of a story as a reader sees it."""

    entry: str
    outlet: str
    title: str
    url: str
    published: datetime


class AlertKind(StrEnum):
    VERDICT = "verdict"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Alert:
    """What a channel is told of a story: its verdicts, the strongest first, or that it is new."""

    id: str  # stable_id(channel, story, lead claim or "new", relation)
    tenant: str
    channel: str
    story: str
    entry: str  # the entry that made it
    kind: AlertKind
    created: datetime
    verdicts: tuple[Verdict, ...] = ()
    match: Match | None = None  # for NEW


class Hush(StrEnum):
    """Why the new entries of a poll are stored, but not announced one by one."""

    NONE = ""
    FIRST_POLL = "was there before the feed was added"
    FLOOD = "came with too many others at once"  # one summary notice is owed in place of alerts


class Action(StrEnum):
    """What was decided for an entry in a channel; `/why` shows it with its reason."""

    ALERT = "alert"
    HOLD = "hold"  # alert, after the quiet hours
    MERGE = "merge"  # joins a story that the channel was told of; its message is edited
    DIGEST = "digest"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Decision:
    entry: str
    channel: str
    action: Action
    reason: str


# --- deliveries --------------------------------------------------------------------------------------------------


class DeliveryKind(StrEnum):
    ALERT = "alert"
    EDIT = "edit"  # brings the posted message of an alert up to date
    FOLLOWUP = "followup"  # a report of an alert's story, or all that the alert says, in the thread under its message
    DIGEST = "digest"
    NOTICE = "notice"
    PREVIEW = "preview"  # shows a channel that was just set up what it will be told


class DeliveryState(StrEnum):
    OWED = "owed"
    SENDING = "sending"  # committed before the request goes out
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # may or may not have arrived, and nothing can tell
    WITHDRAWN = "withdrawn"  # was not sent after all: while it was held back, it was muted


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery to be written. `id` is the key (channel, subject, part): enqueued once."""

    id: str
    channel: str
    kind: DeliveryKind
    subject: str  # id of the alert, digest or notice
    due: datetime
    part: int = 0
    payload: str = ""  # the text of a notice; the entry of a follow-up


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery as stored."""

    id: str
    channel: str
    kind: DeliveryKind
    subject: str
    part: int
    payload: str
    state: DeliveryState
    due: datetime
    attempts: int  # sends begun, this one included once it is `sending`
    first_sent: datetime | None  # when the first send began: the nonce window runs from there
    message_ref: str = ""  # the platform's id of the posted message
    error: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    ref: str  # the platform's id of the message


@dataclass(frozen=True, slots=True)
class Later:
    """Certainly not posted; try again after so many seconds. `everywhere`: the platform waits, not just the channel."""

    seconds: float
    reason: str
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Will never be posted like this. `channel_closed`: nothing can be posted in that channel (it is paused)."""

    reason: str
    channel_closed: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """The request went out and no answer came."""

    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """The platform does not accept our token: all sending there stops."""

    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Nobody wants to hear it any more, and it was never sent."""

    reason: str


SendOutcome = Sent | Later | Refused | Unknown | Denied | Withdrawn


# --- plans -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """A new entry and all that follows from it, per tenant where it differs."""

    entry: Entry
    sketch: Sketch
    matches: tuple[Match, ...] = ()
    verdicts: Mapping[str, tuple[Verdict, ...]] = field(default_factory=dict)  # tenant id → verdicts
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Retitled:
    """A stored entry whose feed has corrected its headline."""

    entry: str
    title: str


@dataclass(frozen=True, slots=True)
class PollPlan:
    """All that one poll changes, written in ONE transaction by `Store.commit`."""

    feed: Feed  # as it shall be, ETag and next poll included
    polled: datetime
    entries: tuple[EntryPlan, ...] = ()
    alerts: tuple[Alert, ...] = ()
    owed: tuple[Owed, ...] = ()
    retitled: tuple[Retitled, ...] = ()


# --- digests -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DigestFact:
    """One matched story of the digest's span, as the store knows it."""

    story: str
    lead: Report  # the earliest report
    outlets: tuple[str, ...]  # distinct, earliest first
    entries: int
    matched: tuple[str, ...]  # names of the watches
    modes: frozenset[WatchMode]
    verdicts: tuple[tuple[str, Verdict], ...] = ()  # (outlet, verdict), earliest first
    unread: str = ""  # the first report's language, where no report could be compared


@dataclass(frozen=True, slots=True)
class ThemeActivity:
    """How many verdicts touched a theme on each of the last days, oldest first."""

    theme: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MovedClaim:
    claim: str
    statement: str
    relation: Relation
    outlets: int
    outlet: str  # the first that reported it
    evidence: str
    change: str | None
    url: str


@dataclass(frozen=True, slots=True)
class NewStory:
    story: str
    title: str
    url: str
    outlets: tuple[str, ...]
    unread: str = ""  # its language, where it could not be compared


@dataclass(frozen=True, slots=True)
class Digest:
    """What a channel is told of a span of time; frozen when it is made, so that its parts never shift."""

    id: str  # stable_id(channel, local day or the asker's request)
    channel: str
    day: date  # local
    made: datetime
    since: datetime
    topic: str
    timezone: str
    moved: tuple[MovedClaim, ...]
    confirmed: tuple[tuple[str, int], ...]  # (claim id, number of outlets), most first
    fresh: tuple[NewStory, ...]
    entries: int
    feeds: int
    failing: int
    activity_days: tuple[date, ...] = ()
    activity: tuple[ThemeActivity, ...] = ()
    watched: tuple[str, ...] = ()  # names of the channel's watches, for a day on which nothing matched


# --- look-ups ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sieve:
    """What a search is narrowed to; what is empty narrows nothing."""

    feed: str = ""  # id
    since: datetime | None = None  # published then or later
    language: str = ""  # primary tag
    claims: frozenset[str] | None = None  # the tenant's verdicts on the entry touch one of them


@dataclass(frozen=True, slots=True)
class StoryHead:
    """A story by its newest report, for choosing among many."""

    story: str
    title: str
    published: datetime


@dataclass(frozen=True, slots=True)
class StoryReport:
    """One report of a story with what it does to the tenant's claims, the surest first."""

    entry: Entry
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class Lag:
    """How late alerts were posted: seconds after publication, quiet hours included."""

    posts: int
    median: float
    slowest: float
    noticed: float  # the median until we saw the entry: what its publisher's feed and our polling take


@dataclass(frozen=True, slots=True)
class Trail:
    """What became of one entry for one tenant: the stages behind `/why`."""

    entry: Entry
    story: str
    reports: tuple[Report, ...]
    matches: tuple[tuple[Watch, Match], ...]
    verdicts: tuple[Verdict, ...]
    decisions: tuple[Decision, ...]
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class ClaimEvidence:
    """One verdict on a claim with where it came from."""

    verdict: Verdict
    report: Report
    story: str


@dataclass(frozen=True, slots=True)
class ClaimVersion:
    revision: int
    statement: str
    as_of: str
    changed: datetime
    by: str  # who, in the platform's words; "" for the pack


@dataclass(frozen=True, slots=True)
class QueueStats:
    owed: int
    sending: int
    sent: int
    failed: int
    uncertain: int
    oldest_due: datetime | None
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose word something is changed, and by which command."""

    tenant: str
    by: str  # who, in the platform's words
    command: str  # "/watch add"
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a tenant's audit log: what was changed from what to what, or why it was refused."""

    actor: Actor
    what: str  # "watch Nuclear", or why it was refused
    before: str = ""  # only what differs; empty where the thing is new
    after: str = ""  # empty where the thing is gone
    refused: bool = False


class Level(IntEnum):
    """How much somebody may do. Checked in every handler."""

    READ = 0
    CONFIGURE = 1
