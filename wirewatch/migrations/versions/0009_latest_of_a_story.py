"""The latest articles of a story, found without reading the others"""

from collections.abc import Sequence

from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(op.f("ix_vectors_story_id_article_id"), "vectors", ["story_id", "article_id"], unique=False)
    op.drop_index(op.f("ix_vectors_story_id"), table_name="vectors")


def downgrade() -> None:
    op.create_index(op.f("ix_vectors_story_id"), "vectors", ["story_id"], unique=False)
    op.drop_index(op.f("ix_vectors_story_id_article_id"), table_name="vectors")
