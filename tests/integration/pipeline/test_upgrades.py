"""What the first version stored survives the way to this one, and work goes on where it stood."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from tests.factories import make_watch
from tests.pipeline import accept, make_context, run_until_done
from wirewatch.db import Database, Transaction
from wirewatch.migrate import alembic_config, is_migrated, upgrade
from wirewatch.seeding import SeedArticle, read_corpus

CORPUS = Path(__file__).resolve().parents[3] / "seeds" / "articles"
FIRST_VERSION = "0001"
KEPT = ("articles", "article_versions", "stories", "watches", "alerts", "updates", "deliveries", "messages")


def corpus(prefix: str) -> list[SeedArticle]:
    return [part for part in read_corpus(sorted(CORPUS.glob(f"{prefix}*.md"))) if isinstance(part, SeedArticle)]


def count_rows(tx: Transaction) -> dict[str, int]:
    return {table: tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in KEPT}


def test_an_older_database_is_brought_here_with_all_it_holds(database: Database) -> None:
    make_watch(database, "rates", '"key rate"')
    context = make_context(database)
    accept(database, corpus("central-bank-01"))
    run_until_done(context)
    accept(database, corpus("coup"))
    with database.transaction() as tx:
        before = count_rows(tx)
        command.downgrade(alembic_config(tx), FIRST_VERSION)
    assert before["alerts"] == 1
    assert before["messages"] == 2

    upgrade(database)

    with database.transaction() as tx:
        assert is_migrated(tx)
        assert count_rows(tx) == before
        lengths = tx.execute(text("SELECT (SELECT sum(one * one) FROM unnest(weights) AS one) FROM vectors")).scalars()
        assert list(lengths) == [pytest.approx(1, abs=1e-3)]
    accept(database, corpus("central-bank-02"))
    run_until_done(make_context(database))
    with database.transaction() as tx:
        after = count_rows(tx)
        alerted = tx.execute(text("SELECT sum(cardinality(article_ids)) FROM alerts")).scalar_one()
    assert (after["articles"], after["messages"]) == (4, 0)
    assert alerted == 2
