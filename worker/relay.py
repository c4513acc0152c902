"""Hands due messages from the ledger to the broker, by id, and brings back what got lost on the way.

Several relays may run. A crash between the mark and the broker, or an id published twice, harms nothing: the sweep
publishes again, and claiming decides who runs.
"""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import psycopg
import structlog
from celery import Celery
from kombu.exceptions import OperationalError as BrokerError

from wirewatch import log as logs
from wirewatch import outbox
from wirewatch.clock import Clock, system_clock
from wirewatch.db import Database, DatabaseUnavailableError
from wirewatch.heartbeat import beat
from wirewatch.messages import Published
from wirewatch.settings import Settings
from wirewatch.store import articles, messages
from worker.app import make_app
from worker.pipeline import PIPELINE, QUEUES
from worker.reading import Reading
from worker.retention import Retention

log = structlog.get_logger()

TICK_SECONDS = 0.5
SWEEP_SECONDS = 2.0
# A published id that no worker claims within this was lost with the broker's memory. Longer than a full queue takes.
UNCLAIMED_SECONDS = 30.0
PAUSE_SECONDS = 1.0
# Below this many waiting messages each travels alone: a lone article does not wait for company.
GROUP_ABOVE = 4
# While so many of a type wait for workers that are busy, others gather behind them and travel together; workers that
# fall behind so take ever larger groups, at a fraction of the cost. What was lost on the way holds nothing up for long.
QUEUED = GROUP_ABOVE
GATHER_SECONDS = 1.0
# Smaller groups of a backlog cost more in claims and records than they gain by running side by side.
SMALLEST_GROUP = 8
# How many messages of each queue may be in flight: at the most so many tasks, where each travels alone.
ROOM: dict[str, int] = {queue: sum(stage.in_flight for stage in PIPELINE if stage.queue == queue) for queue in QUEUES}


def group(published: Sequence[Published], batch: int, spread: int) -> list[list[int]]:
    """Ids that travel in one task: several where there is a backlog, one where it is large or has failed before.

    A backlog is cut into about `spread` groups, for as many workers, of SMALLEST_GROUP to `batch` ids.
    """
    alone = [[message.id] for message in published if message.alone or message.attempts]
    together = [message.id for message in published if not (message.alone or message.attempts)]
    wanted = max(SMALLEST_GROUP, -(-len(together) // spread))
    size = 1 if spread > 1 and len(together) <= GROUP_ABOVE else min(batch, wanted)
    return [together[start : start + size] for start in range(0, len(together), size)] + alone


class Relay:
    def __init__(self, database: Database, app: Celery, clock: Clock) -> None:
        self._database = database
        self._app = app
        self._clock = clock
        self._next_sweep = 0.0

    def run_round(self) -> int:
        """Publish all that may be published now, and sweep when it is time. -> how many were published."""
        if time.monotonic() >= self._next_sweep:
            self.sweep()
            self._next_sweep = time.monotonic() + SWEEP_SECONDS
        with self._database.statements() as tx:
            published = messages.publish(
                tx,
                {stage.takes: stage.in_flight for stage in PIPELINE},
                self._clock(),
                queued=QUEUED,
                gather_seconds=GATHER_SECONDS,
            )
        # Only after the commit: a worker that claims while our row lock stands would pass over the message.
        tasks = [
            (stage.task, ids)
            for stage in PIPELINE
            for ids in group([one for one in published if one.type == stage.takes], stage.batch, stage.spread)
        ]
        self._send(tasks)
        return sum(len(ids) for _, ids in tasks)

    def sweep(self) -> None:
        with self._database.statements() as tx:
            unclaimed = messages.find_unclaimed_types(tx, UNCLAIMED_SECONDS)
        full = self._find_full_queues() if unclaimed else set()
        patient = [stage.takes for stage in PIPELINE if stage.queue in full]
        with self._database.transaction() as tx:
            swept, quarantined = messages.sweep(tx, UNCLAIMED_SECONDS, patient=patient)
            articles.mark_quarantined(tx, quarantined)
        if swept:
            log.info("swept", messages=swept, quarantined=len(quarantined))

    def _find_full_queues(self) -> set[str]:
        """Queues that hold more tasks than may be in flight, and so copies: their workers are away or behind.

        Ids that wait there are not lost, and to publish them again for as long as nobody comes would fill the broker.
        """
        with self._app.connection_for_read() as connection:
            try:
                with connection.channel() as channel:
                    return {queue for queue, room in ROOM.items() if channel.client.llen(queue) >= room}
            except (*connection.connection_errors, *connection.channel_errors) as error:
                log.warning("broker away", error=str(error))
                return set(ROOM)

    def _send(self, tasks: Sequence[tuple[str, list[int]]]) -> None:
        for place, (task, ids) in enumerate(tasks):
            try:
                self._app.send_task(task, args=(ids,), retry=False)
            except BrokerError as error:
                log.warning("broker away", error=str(error))
                self._take_back(id_ for _, rest in tasks[place:] for id_ in rest)
                raise

    def _take_back(self, ids: Iterable[int]) -> None:
        with self._database.statements() as tx:
            messages.unpublish(tx, list(ids))


def run_forever(
    database_url: str, broker_url: str, heartbeat_path: Path | None = None, retention_days: int | None = None
) -> None:
    # A publication mark lost with the server is set again: the message then waits to be published as before.
    database = Database(database_url, pool_size=2, waits_for_disk=False, asks_first=False)
    relay = Relay(database, make_app(broker_url), system_clock)
    retention, reading = Retention(database, system_clock, retention_days), Reading(database)
    while True:
        try:
            for _ in outbox.wait_for(database_url, outbox.WORK_CHANNEL, TICK_SECONDS):
                while relay.run_round():
                    beat(heartbeat_path)
                retention.run_round()
                reading.run_round()
                beat(heartbeat_path)
        except (DatabaseUnavailableError, BrokerError, psycopg.OperationalError) as outage:
            log.warning("relay waits", error=str(outage).splitlines()[0] if str(outage) else type(outage).__name__)
            time.sleep(PAUSE_SECONDS)


def main() -> None:
    settings = Settings()
    logs.configure("relay", settings.log_level)
    if settings.database_url is None or settings.broker_url is None:
        raise SystemExit("WIREWATCH_DATABASE_URL and WIREWATCH_BROKER_URL must be set for the relay")
    run_forever(settings.database_url, settings.broker_url, settings.heartbeat_path, settings.retention_days)


if __name__ == "__main__":
    main()
