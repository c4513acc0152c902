"""The loop that sends: one per process, with one client, so that connections and lanes outlive a run of the stage."""

import asyncio
import queue
import resource
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

from wirewatch.channels import Children
from wirewatch.clock import Clock
from wirewatch.http import Network, OutgoingClient
from worker.delivery.channel import send_by_channel
from worker.delivery.lanes import Lanes
from worker.delivery.schedule import Outcome
from worker.delivery.send import Job, OnDone, Result, SendLimits, send_all, send_one

LIMITS = SendLimits()
# More than a hundred endpoints that hang can take with their lanes at full width.
CONNECTIONS = 1000
FILES_BESIDE = 256
SEND_AWAY_TICK_SECONDS = 0.25
# Endpoints that answer do so within less, and what is still missing then is worth nobody's waiting.
SILENCE_SECONDS = 0.01


class Sender:
    """May be used by any number of threads at once. Its own thread ends with the process."""

    def __init__(self, allow: Sequence[Network], limits: SendLimits = LIMITS) -> None:
        self._limits = limits
        self._loop = asyncio.new_event_loop()
        self._lanes = Lanes(limits.lanes)
        self._allow = tuple(allow)
        self._client = OutgoingClient(allow, connections=_connections())
        self._children = Children()
        threading.Thread(target=self._run, name="sender", daemon=True).start()

    def send(self, jobs: Sequence[Job], clock: Clock, on_silence: Callable[[], None]) -> Iterator[list[Result]]:
        """Send all jobs and yield results as they come, in groups: what ends while one is dealt with is the next.

        `on_silence` is called where no try has ended for a while.
        """
        if not jobs:
            return
        done: queue.SimpleQueue[Result | None] = queue.SimpleQueue()
        sending = asyncio.run_coroutine_threadsafe(self._send_all(jobs, clock, done.put, on_silence), self._loop)
        sending.add_done_callback(lambda _: done.put(None))
        missing = len(jobs)
        while missing and (first := done.get()) is not None:
            group = [first]
            with suppress(queue.Empty):
                while len(group) < missing and (one := done.get_nowait()) is not None:
                    group.append(one)
            missing -= len(group)
            yield group
        sending.result()

    def ask_child(self, request: Mapping[str, Any], seconds: float) -> dict[str, Any]:
        """What a child of wirewatch.channels answers."""
        return asyncio.run_coroutine_threadsafe(self._children.call(request, seconds), self._loop).result()

    async def _send_all(
        self, jobs: Sequence[Job], clock: Clock, on_done: OnDone, on_silence: Callable[[], None]
    ) -> None:
        ended = 0

        def count(result: Result) -> None:
            nonlocal ended
            ended += 1
            on_done(result)

        async def watch() -> None:
            # On the loop's own time: while it has enough to do, its endpoints are not what is waited for.
            seen = -1
            while seen != ended:
                seen = ended
                await asyncio.sleep(SILENCE_SECONDS)
            on_silence()

        watching = asyncio.create_task(watch())
        await send_all(jobs, self._send_one, self._lanes, self._limits, count, clock)
        watching.cancel()

    async def _send_one(self, job: Job, now: datetime) -> Outcome | None:
        if job.kind == "apprise":
            return await send_by_channel(job, self._children, self._allow, self._limits.total_seconds)
        return await send_one(job, self._client, self._limits, now)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._tending = self._loop.create_task(self._tend())
        self._loop.run_forever()

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(SEND_AWAY_TICK_SECONDS)
            self._lanes.send_away()


@cache
def get_sender(_database_url: str, allow: tuple[Network, ...]) -> Sender:
    """This process's sender: one for each database, whose endpoints have their own ids."""
    return Sender(allow)


def _connections() -> int:
    """As many as the process may have open, beside its other files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES_BESIDE
    if 0 <= soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(CONNECTIONS, soft - FILES_BESIDE)) if soft >= 0 else CONNECTIONS
