"""Pages that entries wait for, what became of them, and the choice of text for each publisher"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.add_column("articles", sa.Column("author", sa.Text()))
    op.add_column("articles", sa.Column("page_state", sa.Text()))
    op.create_table(
        "pages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("submission", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("lease_token", sa.UUID()),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("key", name=op.f("uq_pages_key")),
    )
    op.create_index(op.f("ix_pages_host_due_at"), "pages", ["host", "due_at"], unique=False)
    op.create_table(
        "domains",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("text_from", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint("text_from IN ('feed', 'page')", name=op.f("ck_domains_text_from")),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_domains")),
    )


def downgrade() -> None:
    op.drop_table("domains")
    op.drop_index(op.f("ix_pages_host_due_at"), table_name="pages")
    op.drop_table("pages")
    op.drop_column("articles", "page_state")
    op.drop_column("articles", "author")
