"""Readers' marks on verdicts, and claims that are proposed.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_proposals_tenant")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_proposals")),
    )
    op.create_table(
        "reviews",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("alert", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_reviews_alert")),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name=op.f("fk_reviews_tenant")),
        sa.PrimaryKeyConstraint("tenant", "alert", "claim", "relation", "by", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_tenant_story", "reviews", ["tenant", "story"])
    op.create_index("ix_reviews_tenant_claim", "reviews", ["tenant", "claim"])
