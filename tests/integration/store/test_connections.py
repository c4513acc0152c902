"""What callers are told when the database has no room for them."""

import pytest

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
