"""What a connection asks of the server, and what callers are told when there is none for them."""

from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import text

from wirewatch import db
from wirewatch.db import Database, DatabaseUnavailableError, Transaction
from wirewatch.sql import Sql


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


def ask_sqlalchemy(tx: Transaction) -> None:
    assert tx.execute(text("SELECT 1")).scalar_one() == 1


def ask_driver(tx: Transaction) -> None:
    assert Sql("SELECT 1").rows(tx, {}) == [(1,)]


@pytest.mark.parametrize("send", [ask_sqlalchemy, ask_driver])
@pytest.mark.parametrize("way", ["transaction", "statements"])
def test_one_outage_is_told_once(database_url: str, way: str, send: Callable[[Transaction], None]) -> None:
    """Where the server was away, the next try finds it, whoever asks and however."""
    database = Database(database_url, pool_size=2, asks_first=False, scans_tables=False)
    ask = getattr(database, way)
    for other in ("transaction", "statements"):
        with getattr(database, other)() as tx, getattr(database, other)() as second:
            send(tx)
            send(second)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(DatabaseUnavailableError), ask() as tx:
        send(tx)
    with ask() as tx, ask() as second:
        send(tx)
        send(second)
    database.close()


def test_nothing_is_compiled_whatever_the_server_would(database_url: str) -> None:
    """Where it compiles, as most installed servers do, it would at each look-up of who is near (ADR 0020)."""
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SHOW jit").fetchone() == ("on",)
    database = Database(database_url, pool_size=1)
    for way in (database.transaction, database.statements):
        with way() as tx:
            assert tx.execute(text("SHOW jit")).scalar_one() == "off"
    database.close()
