"""Copies, lineage, retention"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "lineages",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=True),
        sa.Column(
            "sentences", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_lineages_article_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["other_id"], ["articles.id"], name=op.f("fk_lineages_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "other_id", name=op.f("pk_lineages")),
    )
    op.create_index(op.f("ix_lineages_other_id"), "lineages", ["other_id"], unique=False)
    # What stories counted by shared hashes until now: each article and the first of its story with the same sentence.
    # Where the sentence stands in them is not known, so none is shown.
    op.execute("""
        INSERT INTO lineages (article_id, other_id)
        SELECT DISTINCT id, earliest FROM (
            SELECT a.id, min(a.id) OVER (PARTITION BY a.story_id, key) AS earliest
            FROM articles a JOIN fingerprints f ON f.article_id = a.id CROSS JOIN unnest(f.sentences) AS key
            WHERE a.story_id IS NOT NULL
        ) AS held WHERE id <> earliest
    """)
    op.add_column("articles", sa.Column("retracted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("articles", sa.Column("retracted_by", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("retraction", sa.Text(), nullable=True))
    op.add_column("article_versions", sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("deliveries", sa.Column("redacted_at", sa.DateTime(timezone=True), nullable=True))
    # Of a text that thousands print, the earliest article is found without sorting the others.
    op.create_index(
        op.f("ix_fingerprints_folded_hash_article_id"), "fingerprints", ["folded_hash", "article_id"], unique=False
    )
    op.drop_index(op.f("ix_fingerprints_folded_hash"), table_name="fingerprints")
    op.add_column("vectors", sa.Column("near_keys", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute("""
        UPDATE vectors SET near_keys = ARRAY(
            SELECT CAST(floor(extract(epoch FROM seen_at) / 604800) AS bigint) || ' ' || term
            FROM unnest(key_terms) AS term
        )
    """)
    op.create_index(
        op.f("ix_vectors_near_keys"),
        "vectors",
        ["near_keys"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_index(
        op.f("ix_vectors_key_terms"),
        table_name="vectors",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    op.create_index(
        op.f("ix_vectors_key_terms"),
        "vectors",
        ["key_terms"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_index(
        op.f("ix_vectors_near_keys"),
        table_name="vectors",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_column("vectors", "near_keys")
    op.create_index(op.f("ix_fingerprints_folded_hash"), "fingerprints", ["folded_hash"], unique=False)
    op.drop_index(op.f("ix_fingerprints_folded_hash_article_id"), table_name="fingerprints")
    op.drop_column("deliveries", "redacted_at")
    op.drop_column("article_versions", "changes")
    op.drop_column("articles", "retraction")
    op.drop_column("articles", "retracted_by")
    op.drop_column("articles", "retracted_at")
    op.drop_index(op.f("ix_lineages_other_id"), table_name="lineages")
    op.drop_table("lineages")
