"""Of each stage, the messages that a process went on with without the broker"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("stage_counts", sa.Column("gone_on", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("stage_counts", "gone_on")
