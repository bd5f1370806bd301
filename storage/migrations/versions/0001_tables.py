"""The tables as they were at first.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deferrals",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_deferrals")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("next_poll", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announce_existing", sa.Boolean(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("last_ok", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_full", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moved_to", sa.Text(), nullable=False),
        sa.Column("moved_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("interval", sa.Double(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
    )
    op.create_index(op.f("ix_feeds_next_poll"), "feeds", ["next_poll"])
    op.create_index("ix_feeds_url", "feeds", ["url"], postgresql_using="hash")
    op.create_table(
        "meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("admin_channel", sa.Text(), nullable=True),
        sa.Column("quotas", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "channels",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_channels_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
    )
    op.create_index(op.f("ix_channels_tenant"), "channels", ["tenant"])
    op.create_table(
        "claims",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_claims_tenant")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_claims")),
    )
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("aliases", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("shape", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name=op.f("fk_entries_feed")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_entries_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_entries_feed_published", "entries", ["feed", "published"])
    op.create_index(op.f("ix_entries_published"), "entries", ["published"])
    op.create_index(op.f("ix_entries_seen"), "entries", ["seen"])
    op.create_index(op.f("ix_entries_story"), "entries", ["story"])
    op.create_index("ix_entries_url", "entries", ["url"], postgresql_using="hash")
    op.create_index("ix_entries_url_key", "entries", ["url_key"], postgresql_using="hash")
    op.create_table(
        "follows",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name=op.f("fk_follows_feed")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_follows_tenant")),
        sa.PrimaryKeyConstraint("tenant", "feed", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_feed"), "follows", ["feed"])
    op.create_table(
        "identities",
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["feeds.id"], name=op.f("fk_identities_feed")),
        sa.PrimaryKeyConstraint("identity", name=op.f("pk_identities")),
    )
    op.create_index(op.f("ix_identities_feed"), "identities", ["feed"])
    op.create_table(
        "alerts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdicts", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_alerts_channel")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_alerts_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index("ix_alerts_channel_story", "alerts", ["channel", "story"])
    op.create_index(op.f("ix_alerts_entry"), "alerts", ["entry"])
    op.create_table(
        "claim_versions",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "claim"], ["claims.tenant", "claims.id"], name=op.f("fk_claim_versions_tenant_claim")
        ),
        sa.PrimaryKeyConstraint("tenant", "claim", "revision", name=op.f("pk_claim_versions")),
    )
    op.create_table(
        "decisions",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_decisions_channel")),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name=op.f("fk_decisions_entry"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry", "channel", name=op.f("pk_decisions")),
    )
    op.create_table(
        "deliveries",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("queued", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_ref", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_deliveries_channel")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("id", name=op.f("uq_deliveries_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_channel_state", "deliveries", ["channel", "state", "queued", "seq"])
    op.create_index("ix_deliveries_state_due", "deliveries", ["state", "due"])
    op.create_index("ix_deliveries_subject_channel", "deliveries", ["subject", "channel"])
    op.create_table(
        "digests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_digests_channel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
    )
    op.create_index(
        "uq_digests_channel_day",
        "digests",
        ["channel", "day"],
        unique=True,
        sqlite_where=sa.text("scheduled"),
        postgresql_where=sa.text("scheduled"),
    )
    op.create_table(
        "verdicts",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name=op.f("fk_verdicts_entry")),
        sa.ForeignKeyConstraint(
            ["tenant", "claim"], ["claims.tenant", "claims.id"], name=op.f("fk_verdicts_tenant_claim")
        ),
        sa.PrimaryKeyConstraint("tenant", "claim", "entry", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_entry"), "verdicts", ["entry"])
    op.create_table(
        "watches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.id"], name=op.f("fk_watches_channel")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_watches_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sa.UniqueConstraint("tenant", "name_key", name=op.f("uq_watches_tenant_name_key")),
    )
    op.create_index(op.f("ix_watches_channel"), "watches", ["channel"])
    op.create_table(
        "matches",
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("watch", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["entries.id"], name=op.f("fk_matches_entry"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["watch"], ["watches.id"], name=op.f("fk_matches_watch"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("entry", "watch", name=op.f("pk_matches")),
    )
    op.create_index(op.f("ix_matches_watch"), "matches", ["watch"])
