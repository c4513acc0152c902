"""Recording work and being woken by it: rows in `messages`, and PostgreSQL's NOTIFY when they are committed."""

from collections.abc import Iterator, Sequence

import psycopg

from wirewatch.db import Transaction, psycopg_url
from wirewatch.messages import NewMessage
from wirewatch.store import messages
from wirewatch.store.messages import Claimed, Counted, Kept

WORK_CHANNEL = "wirewatch_work"
UPDATES_CHANNEL = "wirewatch_updates"
CATALOGUE_CHANNEL = "wirewatch_catalogue"


def put(tx: Transaction, new: Sequence[NewMessage]) -> None:
    """Record work in the caller's transaction; the relay wakes when it commits."""
    if new:
        messages.insert(tx, new, wake=WORK_CHANNEL)


def conclude(tx: Transaction, new: Sequence[NewMessage], counted: Counted, kept: Kept | None = None) -> Claimed:
    """The end of a stage's record: the work that follows, and what was done. -> what of it the run's holder keeps."""
    return messages.conclude(tx, new, counted, wake=WORK_CHANNEL, kept=kept)


def wait_for(database_url: str, channel: str, tick_seconds: float) -> Iterator[bool]:
    """Yield whenever the channel is notified (True), and at the latest every `tick_seconds` (False).

    Holds one direct connection, since LISTEN does not survive a transaction pooler. Raises psycopg.OperationalError
    when the connection is lost: the caller decides when to try again.
    """
    with psycopg.connect(psycopg_url(database_url), autocommit=True, connect_timeout=5) as connection:
        connection.execute(f"LISTEN {channel}")
        yield True
        while True:
            woken = False
            for _ in connection.notifies(timeout=tick_seconds, stop_after=1):
                woken = True
            yield woken
