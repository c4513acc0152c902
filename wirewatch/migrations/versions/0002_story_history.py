"""Merges, splits and corrections of stories"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("vectors", sa.Column("weights", sa.ARRAY(sa.REAL()), server_default="{}", nullable=False))
    op.add_column("vectors", sa.Column("arguments", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column(
        "vectors",
        sa.Column(
            "statements", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
    )
    op.add_column("stories", sa.Column("has_conflicts", sa.Boolean(), server_default="false", nullable=False))
    op.execute("UPDATE stories SET has_conflicts = true WHERE jsonb_array_length(facts -> 'conflicts') > 0")
    op.create_index(op.f("ix_stories_merged_into"), "stories", ["merged_into"], unique=False)
    op.create_table(
        "story_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("other_story_id", sa.BigInteger(), nullable=True),
        sa.Column("article_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("claim_ids", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_events_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_events")),
    )
    op.create_index(op.f("ix_story_events_story_id"), "story_events", ["story_id"], unique=False)
    op.create_index(op.f("ix_story_events_other_story_id"), "story_events", ["other_story_id"], unique=False)
    op.create_table(
        "story_splits",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_story_splits_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["stories.id"], name=op.f("fk_story_splits_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "other_id", name=op.f("pk_story_splits")),
    )
    op.create_index(op.f("ix_story_splits_other_id"), "story_splits", ["other_id"], unique=False)
    op.create_table(
        "claim_rejections",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_id", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("claim", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.clock_timestamp(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_claim_rejections_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_rejections")),
        sa.UniqueConstraint("article_id", "claim_id", name=op.f("uq_claim_rejections_article_id_claim_id")),
    )


def downgrade() -> None:
    op.drop_table("claim_rejections")
    op.drop_table("story_splits")
    op.drop_table("story_events")
    op.drop_index(op.f("ix_stories_merged_into"), table_name="stories")
    op.drop_column("stories", "has_conflicts")
    op.drop_column("vectors", "statements")
    op.drop_column("vectors", "arguments")
    op.drop_column("vectors", "weights")
