"""Why a watch is not told of a match"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("matches", sa.Column("untold", sa.Text()))
    op.execute("UPDATE matches SET untold = 'decided by an earlier version, which did not keep why' WHERE NOT told")
    op.create_index(op.f("ix_matches_matched_at"), "matches", ["matched_at"], postgresql_using="brin")


def downgrade() -> None:
    op.drop_index(op.f("ix_matches_matched_at"), table_name="matches")
    op.drop_column("matches", "untold")
