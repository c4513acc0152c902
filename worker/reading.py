"""Reads the terms of articles that were there before terms were kept, the newest first, a bounded batch at a time."""

import time
from dataclasses import dataclass

import structlog

from wirewatch.db import Database
from wirewatch.store import terms

log = structlog.get_logger()

# The relay, which does this beside its work, is not held up for longer than this takes: some 50 ms.
BATCH = 50
PAUSE_SECONDS = 0.1
IDLE_SECONDS = 300.0


@dataclass(slots=True)
class Reading:
    database: Database
    pause_seconds: float = PAUSE_SECONDS
    _next: float = 0.0
    _read: int = 0

    def run_round(self) -> int:
        """Read some, if it is time. -> how many articles."""
        if time.monotonic() < self._next:
            return 0
        with self.database.transaction() as tx:
            found = terms.find_unread(tx, BATCH)
        with self.database.transaction() as tx:
            terms.put(tx, found)
        self._read += len(found)
        if len(found) == BATCH:
            self._next = time.monotonic() + self.pause_seconds
        else:
            self._next = time.monotonic() + IDLE_SECONDS
            if self._read:
                log.info("terms of older articles read", articles=self._read)
                self._read = 0
        return len(found)
