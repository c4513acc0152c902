"""What a feed may be told, and what is known of its habits"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HOST = r"lower(substring(url from '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)'))"


def _columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("host", sa.Text(), sa.Computed(HOST, persisted=True)),
        sa.Column("kind", sa.Text(), nullable=False, server_default="feed"),
        sa.Column("lang", sa.Text()),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("full_text", sa.Text(), nullable=False, server_default="off"),
        sa.Column("credentials", sa.LargeBinary()),
        sa.Column("shown_credentials", postgresql.JSONB()),
        sa.Column("headers", sa.LargeBinary()),
        sa.Column("shown_headers", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column("body_hash", sa.LargeBinary()),
        sa.Column("title", sa.Text()),
        sa.Column("site_host", sa.Text()),
        sa.Column("ttl_seconds", sa.DOUBLE_PRECISION()),
        sa.Column("usual_gap_seconds", sa.DOUBLE_PRECISION()),
        sa.Column("last_status", sa.Integer()),
        sa.Column("last_warning", sa.Text()),
        sa.Column("last_entry_at", sa.DateTime(timezone=True)),
        sa.Column("silent_since", sa.DateTime(timezone=True)),
    ]


def upgrade() -> None:
    for column in _columns():
        op.add_column("feeds", column)
    op.create_check_constraint(op.f("ck_feeds_kind"), "feeds", "kind IN ('feed', 'sitemap', 'json')")
    op.create_check_constraint(op.f("ck_feeds_full_text"), "feeds", "full_text IN ('on', 'off', 'auto')")
    op.create_table(
        "feed_hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_feed_hosts")),
    )
    op.create_table(
        "seen_entries",
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_seen_entries_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_seen_entries")),
    )
    op.create_table(
        "feed_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name=op.f("fk_feed_events_feed_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_events")),
    )
    op.create_index(op.f("ix_feed_events_feed_id_id"), "feed_events", ["feed_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_feed_events_feed_id_id"), table_name="feed_events")
    op.drop_table("feed_events")
    op.drop_table("seen_entries")
    op.drop_table("feed_hosts")
    op.drop_constraint(op.f("ck_feeds_full_text"), "feeds")
    op.drop_constraint(op.f("ck_feeds_kind"), "feeds")
    for column in reversed(_columns()):
        op.drop_column("feeds", column.name)
