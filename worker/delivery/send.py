"""Sending a batch of webhooks at the same time, so that a slow endpoint holds up nobody else's."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from wirewatch.clock import Clock
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import Limits, OutgoingClient, Request, Response, parse_retry_after
from worker.delivery.schedule import Outcome
from worker.delivery.sign import sign_headers


@dataclass(frozen=True, slots=True)
class Job:
    """One try of one delivery: everything that is needed to send it without asking the store again."""

    delivery_id: int
    endpoint_id: int
    url: str
    webhook_id: str
    body: bytes
    secrets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """`outcome` None: not tried, because its endpoint was failing or the batch had no time left."""

    job: Job
    started_at: datetime
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class SendLimits:
    """`per_endpoint`: how many may be under way to one endpoint; after `failures_in_row` the rest of the batch leaves
    it alone. No try begins after `start_seconds`, so that a batch ends within `total_seconds` of that.
    """

    per_endpoint: int = 8
    failures_in_row: int = 8
    total_seconds: float = 15.0
    start_seconds: float = 30.0
    excerpt_bytes: int = 16 * 1024


OnDone = Callable[[Sequence[Result]], Awaitable[None]]


async def send_all(
    jobs: Sequence[Job], client: OutgoingClient, limits: SendLimits, on_done: OnDone, clock: Clock
) -> None:
    """Sends all jobs and hands their results to `on_done` as they come, in groups: what finishes while `on_done` is
    at work makes up the next group. An error of `on_done` stops what is still under way and is raised.
    """
    batch = _Batch(client, limits, clock)
    tasks = [asyncio.create_task(batch.run(job)) for job in jobs]
    try:
        missing = len(jobs)
        while missing:
            group = [await batch.results.get()]
            while not batch.results.empty():
                group.append(batch.results.get_nowait())
            missing -= len(group)
            await on_done(group)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class _Share:
    """What one endpoint may take of a batch."""

    slots: asyncio.Semaphore
    failures_in_row: int = 0


class _Batch:
    def __init__(self, client: OutgoingClient, limits: SendLimits, clock: Clock) -> None:
        self._client, self._limits, self._clock = client, limits, clock
        self._shares: dict[int, _Share] = {}
        self._start_until = time.monotonic() + limits.start_seconds
        self.results: asyncio.Queue[Result] = asyncio.Queue()

    async def run(self, job: Job) -> None:
        share = self._shares.setdefault(job.endpoint_id, _Share(asyncio.Semaphore(self._limits.per_endpoint)))
        async with share.slots:
            started_at = self._clock()
            outcome = None
            if share.failures_in_row < self._limits.failures_in_row and time.monotonic() < self._start_until:
                outcome = await send_one(job, self._client, self._limits, started_at)
                share.failures_in_row = 0 if outcome.is_success else share.failures_in_row + 1
        self.results.put_nowait(Result(job, started_at, outcome))


async def send_one(job: Job, client: OutgoingClient, limits: SendLimits, now: datetime) -> Outcome:
    """One signed try. Never raises: whatever the endpoint, its address or its secret do is the outcome."""
    started = time.perf_counter()
    response: Response | None = None
    error: str | None = None
    try:
        response = await client.fetch(_request(job, limits, now))
    except (RefusedAddressError, FetchError) as problem:
        error = str(problem)
    except Exception as problem:  # noqa: BLE001 (a fault met in one delivery must not keep the others from being recorded)
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(
        status=response.status if response else None,
        error=error,
        retry_after_seconds=parse_retry_after(response, now) if response else None,
        duration_ms=(time.perf_counter() - started) * 1000,
        excerpt=_excerpt(response.body) if response else "",
    )


def _request(job: Job, limits: SendLimits, now: datetime) -> Request:
    return Request(
        url=job.url,
        method="POST",
        headers=(("Content-Type", "application/json"), *sign_headers(job.webhook_id, job.body, job.secrets, now)),
        body=job.body,
        limits=Limits(total_seconds=limits.total_seconds, body_bytes=limits.excerpt_bytes, cut_body=True),
    )


def _excerpt(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\0", "\ufffd")
