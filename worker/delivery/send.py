"""Sending webhooks at the same time, so that a slow endpoint holds up nobody else's."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wirewatch.clock import Clock
from wirewatch.errors import FetchError, RefusedAddressError, WirewatchError
from wirewatch.http import Limits, OutgoingClient, Request, Response, parse_retry_after
from wirewatch.store.targets import EndpointKind
from worker.delivery.lanes import LaneLimits, Lanes
from worker.delivery.schedule import Outcome
from worker.delivery.sign import sign_headers


class NotReadyError(WirewatchError):
    """What is to be sent could not be made, for no fault of the delivery or its endpoint; it counts as no try."""


@dataclass(frozen=True, slots=True)
class Job:
    """One try of one delivery: everything that is needed to send it without asking the store again.

    `careful`: one at a time to its endpoint, in the order of the jobs. `fault`: why it cannot be sent at all.
    `make_body`: blocks, and gives the body where that is still to be made. Raises NotReadyError,
    DatabaseUnavailableError.
    """

    delivery_id: int
    endpoint_id: int
    url: str
    webhook_id: str
    body: bytes
    secrets: tuple[str, ...]
    careful: bool = False
    per_second: float | None = None
    fault: str | None = None
    kind: EndpointKind = "webhook"
    make_body: Callable[[], bytes] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`outcome` None: not tried, because others to its endpoint were in the way, the batch had no time left, or what is
    to be sent was not ready.

    `wait_seconds`: when there should be room for it, where that is known.
    """

    job: Job
    started_at: datetime
    outcome: Outcome | None
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SendLimits:
    """No try begins after `start_seconds`, so that a batch ends within `total_seconds` of that."""

    lanes: LaneLimits = field(default_factory=LaneLimits)
    total_seconds: float = 15.0
    start_seconds: float = 30.0
    excerpt_bytes: int = 16 * 1024


OnDone = Callable[[Result], None]
Send = Callable[[Job, datetime], Awaitable[Outcome | None]]


async def send_all(
    jobs: Sequence[Job], send: Send, lanes: Lanes, limits: SendLimits, on_done: OnDone, clock: Clock
) -> None:
    """Sends all jobs, each in its endpoint's lane, and hands each result to `on_done` as it comes."""
    start_until = time.monotonic() + limits.start_seconds

    async def run(job: Job) -> None:
        async with lanes.turn(job.endpoint_id, careful=job.careful, per_second=job.per_second) as turn:
            started_at = clock()
            outcome = None
            turn.granted = turn.granted and time.monotonic() < start_until
            if turn.granted:
                outcome = await send(job, started_at)
                turn.granted = outcome is not None
                turn.well = outcome is not None and outcome.is_success
        on_done(Result(job, started_at, outcome, turn.wait_seconds))

    await asyncio.gather(*map(run, jobs))


async def send_one(job: Job, client: OutgoingClient, limits: SendLimits, now: datetime) -> Outcome:
    """One signed try. Never raises: whatever the endpoint, its address or its secret do is the outcome."""
    started = time.perf_counter()
    response: Response | None = None
    error: str | None = None
    try:
        if job.fault is not None:
            raise FetchError(job.fault)
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
