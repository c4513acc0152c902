"""Sentences that very many articles hold, with the earliest of these"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Empty: what is common is noted when it is met.
    op.create_table(
        "common_sentences",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holders", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_common_sentences")),
    )


def downgrade() -> None:
    op.drop_table("common_sentences")
