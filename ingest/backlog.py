"""Whether so much work waits that more of it should wait with its sender."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from wirewatch.db import Database
from wirewatch.store.backlog import count_waiting

FRESH_SECONDS = 2.0
# Single articles are what somebody waits for: they are taken until this many times the mark of bulk.
SINGLES_FACTOR = 4
RETRY_SECONDS = 30


class Backlog:
    """How many messages wait, counted at most every two seconds, however many ask."""

    def __init__(self, database: Database, mark: int, seconds: Callable[[], float] = monotonic) -> None:
        self._database, self._mark, self._seconds = database, mark, seconds
        self._waiting = 0
        self._counted_at: float | None = None
        self._counting = Lock()

    def is_long(self) -> bool:
        """Bulk should wait."""
        return self._count() >= self._mark

    def is_too_long(self) -> bool:
        """Even single articles should."""
        return self._count() >= self._mark * SINGLES_FACTOR

    def _count(self) -> int:
        """May block for as long as the count takes; while one thread counts, the others take what is known."""
        if self._is_stale() and self._counting.acquire(blocking=False):
            try:
                with self._database.transaction() as tx:
                    self._waiting = count_waiting(tx, limit=self._mark * SINGLES_FACTOR)
                self._counted_at = self._seconds()
            finally:
                self._counting.release()
        return self._waiting

    def _is_stale(self) -> bool:
        return self._counted_at is None or self._seconds() - self._counted_at > FRESH_SECONDS
