"""The tables. `migrations/` brings a database there step by step; a test holds the two together.

Ids are given by the caller and made from what a thing is, so every insert is `ON CONFLICT DO NOTHING`. The search
index is not here: it differs between the dialects (`search.py`).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
    true,
)

from bot.model import (
    Action,
    AlertKind,
    ChannelState,
    Claim,
    ClaimKind,
    ClaimState,
    DeliveryKind,
    DeliveryState,
    Digest,
    FeedIntent,
    FeedState,
    Mark,
    Match,
    MuteKind,
    Policy,
    Quotas,
    Relation,
    Verdict,
    WatchMode,
)
from storage.columns import Choice, Document, Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", Words, primary_key=True),
    Column("platform", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("admin_channel", Words),
    Column("quotas", Document(Quotas), nullable=False),
    Column("configurers", Words, nullable=False, server_default=text("''")),
)

channels = Table(
    "channels",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False, index=True),
    Column("platform", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("policy", Document(Policy), nullable=False),
    Column("state", Choice(ChannelState), nullable=False),
    Column("state_reason", Words, nullable=False),
    Column("waits_until", Moment),  # the platform asked that nothing be posted there before then
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Words, primary_key=True),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("weight", Double, nullable=False),
    Column("next_poll", Moment, nullable=False, index=True),
    Column("announce_existing", Boolean(create_constraint=False), nullable=False),
    Column("site", Words, nullable=False),
    Column("etag", Words, nullable=False),
    Column("last_modified", Words, nullable=False),
    Column("body_hash", Words, nullable=False),
    Column("state", Choice(FeedState), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_error", Words, nullable=False),
    Column("last_ok", Moment),
    Column("last_full", Moment),
    Column("moved_to", Words, nullable=False),
    Column("moved_since", Moment),
    Column("interval", Double, nullable=False),
    Column("leased_until", Moment),  # somebody polls it right now
    # URLs may be longer than what a B-tree of PostgreSQL takes
    Index("ix_feeds_url", "url", postgresql_using="hash"),
)

follows = Table(
    "follows",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("feed", Words, ForeignKey("feeds.id"), nullable=False, index=True),
    Column("articles", Boolean(create_constraint=False), nullable=False, server_default=true()),
    PrimaryKeyConstraint("tenant", "feed"),
)

entries = Table(
    "entries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, unique=True),
    Column("feed", Words, ForeignKey("feeds.id"), nullable=False),
    Column("key", Words, nullable=False),
    Column("url", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("text", Words, nullable=False),
    Column("published", Moment, nullable=False, index=True),
    Column("seen", Moment, nullable=False, index=True),
    Column("language", Words, nullable=False),
    Column("outlet", Words, nullable=False),
    Column("aliases", Document(tuple[str, ...]), nullable=False),
    Column("article", Words, nullable=False, server_default=text("''")),
    Column("unread", Words, nullable=False, server_default=text("''")),
    Column("story", Words, nullable=False, index=True),
    Column("url_key", Words, nullable=False),
    Column("shape", LargeBinary, nullable=False),
    Index("ix_entries_feed_published", "feed", "published"),
    Index("ix_entries_language_published", "language", "published"),
    Index("ix_entries_url", "url", postgresql_using="hash"),
    Index("ix_entries_url_key", "url_key", postgresql_using="hash"),
    sqlite_autoincrement=True,  # numbers are never used again, so that a reader that remembers one misses nothing
)

identities = Table(  # of all entries that a feed ever had, dropped ones included: it may list one for years
    "identities",
    metadata,
    Column("identity", Words, primary_key=True),  # of feed and key, since keys may be of any length
    Column("feed", Words, ForeignKey("feeds.id"), nullable=False, index=True),
)

claims = Table(
    "claims",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("id", Words, nullable=False),
    Column("theme", Words, nullable=False),
    Column("kind", Choice(ClaimKind), nullable=False),
    Column("source", Words, nullable=False),
    Column("as_of", Words, nullable=False),
    Column("statement", Words, nullable=False),
    Column("state", Choice(ClaimState), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("changed", Moment, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)

claim_versions = Table(  # every wording, the present one included
    "claim_versions",
    metadata,
    Column("tenant", Words, nullable=False),
    Column("claim", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("statement", Words, nullable=False),
    Column("as_of", Words, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("by", Words, nullable=False),
    PrimaryKeyConstraint("tenant", "claim", "revision"),
    ForeignKeyConstraint(["tenant", "claim"], ["claims.tenant", "claims.id"]),
)

watches = Table(
    "watches",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("channel", Words, ForeignKey("channels.id"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("name_key", Words, nullable=False),  # the name with its case folded
    Column("query", Words, nullable=False),
    Column("mode", Choice(WatchMode), nullable=False),
    Column("paused", Boolean(create_constraint=False), nullable=False),
    UniqueConstraint("tenant", "name_key"),
)

lists = Table(
    "lists",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("words", Document(tuple[str, ...]), nullable=False),
    PrimaryKeyConstraint("tenant", "name"),
)

mutes = Table(  # those that are over hold for nobody, and are dropped with old entries
    "mutes",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("kind", Choice(MuteKind), nullable=False),
    Column("subject", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("until", Moment),
    Column("by", Words, nullable=False),
    Column("since", Moment, nullable=False),
    PrimaryKeyConstraint("tenant", "kind", "subject"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("by", Words, nullable=False),
    Column("command", Words, nullable=False),
    Column("at", Moment, nullable=False),
    Column("what", Words, nullable=False),
    Column("before", Words, nullable=False),
    Column("after", Words, nullable=False),
    Column("refused", Boolean(create_constraint=False), nullable=False),
    Index("ix_audit_tenant_seq", "tenant", "seq"),
)

matches = Table(
    "matches",
    metadata,
    Column("entry", Words, ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("watch", Words, ForeignKey("watches.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("words", Document(tuple[str, ...]), nullable=False),
    PrimaryKeyConstraint("entry", "watch"),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("tenant", Words, nullable=False),
    Column("entry", Words, ForeignKey("entries.id"), nullable=False, index=True),
    Column("claim", Words, nullable=False),
    Column("relation", Choice(Relation), nullable=False),
    Column("confidence", Double, nullable=False),
    Column("evidence", Words, nullable=False),
    Column("change", Words),
    Column("rank", Integer, nullable=False),  # the surest of its entry is 0
    PrimaryKeyConstraint("tenant", "claim", "entry"),
    ForeignKeyConstraint(["tenant", "claim"], ["claims.tenant", "claims.id"]),
)

decisions = Table(
    "decisions",
    metadata,
    Column("entry", Words, ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("channel", Words, ForeignKey("channels.id"), nullable=False),
    Column("action", Choice(Action), nullable=False),
    Column("reason", Words, nullable=False),
    PrimaryKeyConstraint("entry", "channel"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Words, primary_key=True),
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("channel", Words, ForeignKey("channels.id"), nullable=False),
    Column("story", Words, nullable=False),
    Column("entry", Words, nullable=False, index=True),
    Column("kind", Choice(AlertKind), nullable=False),
    Column("created", Moment, nullable=False),
    Column("verdicts", Document(tuple[Verdict, ...]), nullable=False),
    Column("match", Document(Match)),
    Index("ix_alerts_channel_story", "channel", "story"),
)

feed_proposals = Table(  # lists of feeds that somebody sent and has not yet said yes to
    "feed_proposals",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("id", Words, nullable=False),
    Column("made", Moment, nullable=False),
    Column("feeds", Document(tuple[FeedIntent, ...]), nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("alert", Words, ForeignKey("alerts.id"), nullable=False),
    Column("story", Words, nullable=False),
    Column("claim", Words, nullable=False),
    Column("relation", Choice(Relation), nullable=False),
    Column("confidence", Double, nullable=False),
    Column("mark", Choice(Mark), nullable=False),
    Column("by", Words, nullable=False),
    Column("at", Moment, nullable=False),
    PrimaryKeyConstraint("tenant", "alert", "claim", "relation", "by"),
    Index("ix_reviews_tenant_story", "tenant", "story"),
    Index("ix_reviews_tenant_claim", "tenant", "claim"),
)

proposals = Table(  # claims that somebody may accept
    "proposals",
    metadata,
    Column("tenant", Words, ForeignKey("tenants.id"), nullable=False),
    Column("id", Words, nullable=False),
    Column("made", Moment, nullable=False),
    Column("claims", Document(tuple[Claim, ...]), nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, unique=True),
    Column("channel", Words, ForeignKey("channels.id"), nullable=False),
    Column("kind", Choice(DeliveryKind), nullable=False),
    Column("subject", Words, nullable=False),
    Column("part", Integer, nullable=False),
    Column("payload", Words, nullable=False),
    Column("state", Choice(DeliveryState), nullable=False),
    Column("queued", Moment, nullable=False),  # when it was first due: a retry keeps its place in the channel's line
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_sent", Moment),
    Column("last_sent", Moment),
    Column("message_ref", Words, nullable=False),
    Column("error", Words, nullable=False),
    Index("ix_deliveries_subject_channel", "subject", "channel"),
    Index("ix_deliveries_state_due", "state", "due"),
    Index("ix_deliveries_channel_state", "channel", "state", "queued", "seq"),
    sqlite_autoincrement=True,
)

deferrals = Table(
    "deferrals",
    metadata,
    Column("platform", Words, primary_key=True),
    Column("until", Moment, nullable=False),
)

digests = Table(
    "digests",
    metadata,
    Column("id", Words, primary_key=True),
    Column("channel", Words, ForeignKey("channels.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("scheduled", Boolean(create_constraint=False), nullable=False),
    Column("made", Moment, nullable=False),
    Column("document", Document(Digest), nullable=False),
    Index(
        "uq_digests_channel_day",
        "channel",
        "day",
        unique=True,
        sqlite_where=text("scheduled"),
        postgresql_where=text("scheduled"),
    ),
)
