"""Words divided at the end of a line are terms too: articles that have such are read for terms again"""

from collections.abc import Sequence

from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(r"""
        UPDATE article_terms SET terms = NULL FROM articles
        WHERE articles.id = article_id AND (title || E'\n' || text) ~ E'[-‐‑‒–—―−﹘﹣－⁃\u00ad]\r?\n'
    """)


def downgrade() -> None:
    """Nothing: a term too many finds an article that is then decided."""
