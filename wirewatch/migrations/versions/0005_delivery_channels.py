"""Channels, circuits and exports of deliveries"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, REAL

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _endpoint_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("kind", sa.Text, nullable=False, server_default="webhook"),
        sa.Column("content", sa.Text, nullable=False, server_default="full"),
        sa.Column("template", JSONB),
        sa.Column("notices", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("max_per_second", REAL),
        sa.Column("failures_in_row", sa.Integer, nullable=False, server_default="0"),
        sa.Column("open_until", sa.DateTime(timezone=True)),
        sa.Column("catching_up_to", sa.BigInteger),
        sa.Column("warned_at", sa.DateTime(timezone=True)),
    )


def upgrade() -> None:
    for column in _endpoint_columns():
        op.add_column("endpoints", column)
    op.create_check_constraint("kind", "endpoints", "kind IN ('webhook', 'apprise')")
    op.create_check_constraint("content", "endpoints", "content IN ('full', 'thin')")
    op.create_table(
        "watch_templates",
        sa.Column("watch_id", sa.BigInteger, sa.ForeignKey("watches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
    )
    op.add_column("deliveries", sa.Column("step", sa.Integer, nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("rendered", sa.LargeBinary))
    # Until now every try counted.
    op.execute("UPDATE deliveries SET step = tries WHERE tries > 0")
    op.create_index(None, "deliveries", ["created_at"])
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["endpoint_id", "id"], postgresql_where=sa.text("state = 'pending'")
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_waiting", "deliveries")
    op.drop_index("ix_deliveries_created_at", "deliveries")
    op.drop_column("deliveries", "rendered")
    op.drop_column("deliveries", "step")
    op.drop_table("watch_templates")
    op.drop_constraint(op.f("ck_endpoints_kind"), "endpoints")
    op.drop_constraint(op.f("ck_endpoints_content"), "endpoints")
    for column in _endpoint_columns():
        op.drop_column("endpoints", column.name)
