"""What callers are told when the database has no room for them."""

import psycopg
import pytest
from sqlalchemy import text

from wirewatch import db
from wirewatch.db import Database, DatabaseUnavailableError


def test_no_free_connection_is_an_outage_and_no_fault_of_the_caller(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "POOL_TIMEOUT_SECONDS", 0.1)
    database = Database(database_url, pool_size=1)
    with (
        database.transaction(),
        database.transaction(),
        pytest.raises(DatabaseUnavailableError, match="in use"),
        database.transaction(),
    ):
        pass
    database.close()


@pytest.mark.parametrize("way", ["transaction", "statements"])
def test_one_outage_is_told_once(database_url: str, way: str) -> None:
    """Where the server was away, the next try finds it, whoever asks and however."""
    database = Database(database_url, pool_size=1, asks_first=False, scans_tables=False)
    ask = getattr(database, way)
    for other in ("transaction", "statements"):
        with getattr(database, other)() as tx:
            assert tx.execute(text("SELECT 1")).scalar_one() == 1
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(DatabaseUnavailableError), ask() as tx:
        tx.execute(text("SELECT 1"))
    with ask() as tx:
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    database.close()
