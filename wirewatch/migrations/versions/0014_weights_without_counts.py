"""Of placed articles the weights of their terms are kept, and no counts"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import REAL

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# TF-IDF by what is known of the terms today, for articles from before weights were kept.
WEIGH = """
    UPDATE vectors SET weights = weighed.weights FROM (
        SELECT article_id, array_agg((raw / length)::real ORDER BY place) AS weights
        FROM (
            SELECT article_id, place, raw, sqrt(sum(raw * raw) OVER (PARTITION BY article_id)) AS length
            FROM (
                SELECT v.article_id, one.place, (1 + ln(one.count::float8))
                    * ln((COALESCE((SELECT value FROM counters WHERE name = 'term_articles'), 0) + 502.0)::float8
                        / (COALESCE(t.articles, 0) + 1.0)) AS raw
                FROM vectors v CROSS JOIN unnest(v.terms, v.counts) WITH ORDINALITY AS one (term, count, place)
                LEFT JOIN terms t ON t.term = one.term
                WHERE v.weights = '{}'
            ) AS found
        ) AS measured
        GROUP BY article_id
    ) AS weighed
    WHERE vectors.article_id = weighed.article_id
"""


def upgrade() -> None:
    op.execute(WEIGH)
    op.alter_column("vectors", "weights", server_default=None)
    op.drop_column("vectors", "counts")


def downgrade() -> None:
    op.alter_column("vectors", "weights", server_default="{}", existing_type=sa.ARRAY(REAL()))
    op.add_column("vectors", sa.Column("counts", sa.ARRAY(sa.SmallInteger()), nullable=False, server_default="{}"))
    op.execute("UPDATE vectors SET counts = array_fill(1::smallint, ARRAY[cardinality(terms)])")
    op.alter_column("vectors", "counts", server_default=None)
