"""Whether a Celery worker can do its work: it beats while it hears from the broker and reaches the database.

Celery's own ping is no help: it travels by remote control, which is off.
"""

from pathlib import Path
from typing import Any

import psycopg
import structlog
from celery import Celery, bootsteps

from wirewatch.db import psycopg_url
from wirewatch.heartbeat import beat

log = structlog.get_logger()

BEAT_SECONDS = 5.0
# The worker's event loop waits for it, so it is short.
CONNECT_TIMEOUT_SECONDS = 2


def beat_while_able(app: Celery, path: Path | None, database_url: str | None) -> None:
    """Makes the workers of `app` touch `path`; without one nobody asks for their health."""
    if path is not None and database_url is not None:
        app.steps["consumer"].add(_make_step(path, database_url))


def _make_step(path: Path, database_url: str) -> type[Any]:
    class Heartbeat(bootsteps.StartStopStep):  # type: ignore[misc]  # celery has no types
        """Part of the consumer, which Celery stops whenever the broker is lost and starts once it is back."""

        requires = ("celery.worker.consumer.tasks:Tasks",)
        timer: Any = None

        def start(self, consumer: Any) -> None:
            beat_if_able(path, database_url)
            self.timer = consumer.timer.call_repeatedly(BEAT_SECONDS, beat_if_able, (path, database_url))

        def stop(self, _consumer: Any) -> None:
            if self.timer is not None:
                self.timer.cancel()
                self.timer = None

        shutdown = stop

    return Heartbeat


def beat_if_able(path: Path, database_url: str) -> None:
    """Beats if the database lets us in."""
    try:
        # A new connection each time: the main process may hold none, for it still forks.
        psycopg.connect(psycopg_url(database_url), connect_timeout=CONNECT_TIMEOUT_SECONDS).close()
    except psycopg.OperationalError as outage:
        log.warning("no heartbeat: the database is away", error=str(outage).partition("\n")[0])
        return
    beat(path)
