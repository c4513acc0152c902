"""What alerts and watches need beyond the first alert"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("watches", sa.Column("snoozed_until", sa.DateTime(timezone=True)))
    op.add_column("watches", sa.Column("backfill_since", sa.DateTime(timezone=True)))
    op.add_column("watches", sa.Column("sent_at", sa.ARRAY(sa.DateTime(timezone=True))))
    op.add_column("matches", sa.Column("holds", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("matches", sa.Column("score", sa.REAL(), server_default="1", nullable=False))
    op.add_column(
        "matches",
        sa.Column(
            "decided_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
    )
    op.add_column("matches", sa.Column("alert_id", sa.BigInteger()))
    op.add_column("matches", sa.Column("heard_version", sa.Integer()))
    op.add_column("matches", sa.Column("heard_as", sa.BigInteger()))
    op.add_column("matches", sa.Column("told", sa.Boolean(), server_default="false", nullable=False))
    op.execute("""
        UPDATE matches m SET alert_id = a.id, heard_version = m.version,
            told = EXISTS (SELECT FROM updates u WHERE u.alert_id = a.id AND m.article_id = ANY(u.article_ids))
        FROM alerts a WHERE a.watch_id = m.watch_id AND m.article_id = ANY(a.article_ids)
    """)
    op.add_column("alerts", sa.Column("last_seq", sa.Integer(), server_default="0", nullable=False))
    op.add_column("alerts", sa.Column("standing", postgresql.JSONB()))
    op.add_column("alerts", sa.Column("told_at", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("settles_at", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("snoozed_until", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("folded_into", sa.BigInteger()))
    op.create_foreign_key("fk_alerts_folded_into", "alerts", "alerts", ["folded_into"], ["id"], ondelete="SET NULL")
    op.create_index("ix_alerts_folded_into", "alerts", ["folded_into"])
    op.execute("UPDATE alerts a SET last_seq = (SELECT COALESCE(max(seq), 0) FROM updates WHERE alert_id = a.id)")
    op.add_column("updates", sa.Column("endpoint_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False))
    op.execute("""
        UPDATE updates u SET endpoint_ids = ARRAY(
            SELECT DISTINCT d.endpoint_id FROM delivery_updates du JOIN deliveries d ON d.id = du.delivery_id
            WHERE du.update_id = u.id AND d.endpoint_id IS NOT NULL)
    """)
    op.create_index("ix_updates_created_at", "updates", ["created_at"], postgresql_using="brin")
    op.create_index(
        "uq_deliveries_held",
        "deliveries",
        ["endpoint_id", "next_attempt_at", "reason"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )


def downgrade() -> None:
    op.drop_index("uq_deliveries_held", "deliveries")
    op.drop_index("ix_updates_created_at", "updates")
    op.drop_column("updates", "endpoint_ids")
    op.drop_index("ix_alerts_folded_into", "alerts")
    for column in ("folded_into", "snoozed_until", "settles_at", "told_at", "standing", "last_seq"):
        op.drop_column("alerts", column)
    op.execute("DELETE FROM matches WHERE NOT holds")
    for column in ("told", "heard_as", "heard_version", "alert_id", "decided_at", "score", "holds"):
        op.drop_column("matches", column)
    for column in ("sent_at", "backfill_since", "snoozed_until"):
        op.drop_column("watches", column)
