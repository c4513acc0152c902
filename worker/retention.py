"""Erases articles that have reached the age at which they are to go, a bounded batch at a time."""

import time
from dataclasses import dataclass
from datetime import timedelta

import structlog

from wirewatch.clock import Clock
from wirewatch.db import Database
from wirewatch.store import erasures

log = structlog.get_logger()

# While quotations are taken out of what was told, no alert is raised and no article placed: few at once, soon again.
BATCH = 20
PAUSE_SECONDS = 0.2
IDLE_SECONDS = 60.0


@dataclass(slots=True)
class Retention:
    """`days` None: everything is kept."""

    database: Database
    clock: Clock
    days: int | None
    _next: float = 0.0

    def run_round(self) -> int:
        """Erase some of what is too old, if it is time. -> how many articles."""
        if self.days is None or time.monotonic() < self._next:
            return 0
        with self.database.transaction() as tx:
            erased = erasures.erase_expired(tx, self.clock() - timedelta(days=self.days), BATCH)
        self._next = time.monotonic() + (PAUSE_SECONDS if erased == BATCH else IDLE_SECONDS)
        if erased:
            log.info("articles erased by age", articles=erased, days=self.days)
        return erased
