"""Seeing that one transaction waits for another."""

import time

from sqlalchemy import text

from wirewatch.db import Database


def wait_for_a_blocked_transaction(database: Database) -> None:
    blocked = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
    )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database.transaction() as tx:
            if tx.execute(blocked).scalar():
                return
        time.sleep(0.01)
    raise AssertionError("nothing waits for a lock")
