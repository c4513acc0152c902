"""Numbers for the terms of articles, by which queries find them"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EXPECT = """
    CREATE FUNCTION expect_article_terms() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO article_terms (article_id, version) VALUES (NEW.id, NEW.version)
        ON CONFLICT (article_id) DO UPDATE SET version = excluded.version, terms = NULL;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.create_table(
        "article_terms",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("terms", sa.ARRAY(sa.Integer()), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_article_terms_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_article_terms")),
    )
    op.execute(EXPECT)
    # The lock that this takes lets nobody write articles until all of them have their rows.
    op.execute("""
        CREATE TRIGGER expect_article_terms AFTER INSERT OR UPDATE OF title, text ON articles
        FOR EACH ROW EXECUTE FUNCTION expect_article_terms()
    """)
    # Only the rows: what the articles say is read by and by (worker/reading.py).
    op.execute("INSERT INTO article_terms (article_id, version) SELECT id, version FROM articles")
    op.create_index(op.f("ix_article_terms_terms"), "article_terms", ["terms"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_article_terms_unread",
        "article_terms",
        ["article_id"],
        unique=False,
        postgresql_where=sa.text("terms IS NULL"),
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER expect_article_terms ON articles")
    op.execute("DROP FUNCTION expect_article_terms")
    op.drop_table("article_terms")
