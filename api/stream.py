"""Alerts as they are raised: one listener on the database tells any number of streams.

Order and completeness come from the database alone: events are read in the order of (transaction, update) and never
past the oldest transaction still running, so that a reader who comes back with the last event's id misses nothing.
A notification only says that it is time to read; a slow tick stands in for one that was lost.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import anyio
import msgspec
import psycopg
from anyio import to_thread

from wirewatch.db import Database, DatabaseUnavailableError, psycopg_url
from wirewatch.errors import NotFoundError
from wirewatch.log import get_logger
from wirewatch.outbox import UPDATES_CHANNEL
from wirewatch.store.views import alerts
from wirewatch.store.views.alerts import AlertView, Position, Told, UpdateView

TICK_SECONDS = 2.0
UNSETTLED_SECONDS = 0.02
RECONNECT_SECONDS = 1.0
BATCH = 200
KEPT = 2000

log = get_logger(__name__)


class Event(NamedTuple):
    """`data` is the alert as JSON, with its updates up to this one, which it holds again as `update`."""

    position: Position
    data: str


@dataclass(frozen=True, slots=True)
class ToldAlert(AlertView):
    """An alert with its updates up to the one that is told, which it holds again as `update`."""

    update: UpdateView


class UpdateStream:
    """Runs inside the app's event loop; `events` may be read by any number of clients."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Event] = deque(maxlen=KEPT)
        self._start: Position | None = None
        self._told = asyncio.Condition()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.ending = anyio.Event()
        """Set by whoever sees the server stop: every stream then comes to its end."""

    def start(self) -> None:
        self._tasks = (
            asyncio.create_task(self._follow(), name="updates"),
            asyncio.create_task(self._wake_at_the_end(), name="updates-end"),
        )

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def find_start(self, last_event_id: str | None) -> Position:
        """Where a stream begins: behind the event that the client has seen last, otherwise now."""
        return await to_thread.run_sync(self._find_start, last_event_id)

    async def events(self, position: Position) -> AsyncIterator[Event]:
        """Every event after the position, until the server stops."""
        while not self.ending.is_set():
            told, position = await self._after(position)
            for event in told:
                yield event

    async def _after(self, position: Position) -> tuple[list[Event], Position]:
        """What came after the position, once there is any, and the position behind it.

        From memory where that reaches back so far.
        """
        async with self._told:
            await self._told.wait_for(
                lambda: self.ending.is_set() or (self._start is not None and self._end() > position)
            )
            end = max(position, self._end())
            if position >= (self._start or position):
                return [event for event in self._recent if event.position > position], end
        told = await to_thread.run_sync(self._read, position)
        # Nothing, although there was something: it was deleted since, and to look for it again would never end.
        return told, told[-1].position if told else end

    def _end(self) -> Position:
        return self._recent[-1].position if self._recent else self._start or Position(0, 0)

    async def _wake_at_the_end(self) -> None:
        await self.ending.wait()
        async with self._told:
            self._told.notify_all()

    async def _follow(self) -> None:
        while True:
            try:
                await self._listen()
            except (psycopg.Error, DatabaseUnavailableError) as error:
                log.warning("lost the listener for updates; trying again", error=str(error))
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        url = psycopg_url(self._database.url)
        async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
            await connection.execute(f"LISTEN {UPDATES_CHANNEL}")
            if self._start is None:
                self._start = await to_thread.run_sync(self._find_start, None)
            while True:
                settled = await self._publish()
                timeout = TICK_SECONDS if settled else UNSETTLED_SECONDS
                async for _ in connection.notifies(timeout=timeout, stop_after=1):
                    pass

    async def _publish(self) -> bool:
        """Tell what is new; False where something still waits for an older transaction."""
        while events := await to_thread.run_sync(self._read, self._end()):
            async with self._told:
                dropped = len(self._recent) + len(events) - KEPT
                if dropped > 0:
                    self._start = [*self._recent, *events][dropped - 1].position
                self._recent.extend(events)
                self._told.notify_all()
        async with self._told:
            self._told.notify_all()
        return not await to_thread.run_sync(self._has_unsettled)

    def _read(self, position: Position) -> list[Event]:
        with self._database.transaction() as tx:
            told = alerts.list_told_after(tx, position, BATCH)
            shown = {alert.id: alert for alert in alerts.show(tx, sorted({one.alert_id for one in told}))}
        return [
            Event(one.position, msgspec.json.encode(told_alert(shown[str(one.alert_id)], one)).decode())
            for one in told
            if str(one.alert_id) in shown
        ]

    def _has_unsettled(self) -> bool:
        with self._database.transaction() as tx:
            return alerts.has_unsettled(tx)

    def _find_start(self, last_event_id: str | None) -> Position:
        with self._database.transaction() as tx:
            if last_event_id:
                with suppress(NotFoundError):  # no id of ours: as if none was given
                    if position := alerts.find_position(tx, last_event_id):
                        return position
            return alerts.get_last_position(tx)


def told_alert(alert: AlertView, told: Told) -> ToldAlert:
    """The alert as it stood with this update."""
    update = next(update for update in alert.updates if update.id == str(told.position.update_id))
    known = [one for one in alert.updates if one.seq <= update.seq]
    fields = {name: getattr(alert, name) for name in AlertView.__dataclass_fields__}
    return ToldAlert(**(fields | {"updates": known}), update=update)
