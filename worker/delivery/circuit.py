"""Whether an endpoint is to be tried at all: a circuit that opens when it only fails, and what its health comes to.

While the circuit is open one delivery at a time is tried, the probe; the others wait and use up no tries. Pure
decisions; what they change is stored in wirewatch/store/targets.py.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from wirewatch.store.targets import Gate, Health, Target
from worker.delivery.schedule import BUSY, JITTER, MAX_RETRY_AFTER_SECONDS, Outcome

OPEN_AFTER = 5
OPEN_SECONDS = (15, 30, 60, 120, 300, 600, 900)
# How long others wait for the outcome of a probe: longer than a try can take.
PROBE_SECONDS = 30.0
# Who waits for an open circuit is woken when it closes; should that fail, it looks again by itself.
PARK_SECONDS = 3600.0

WARN_AFTER = timedelta(days=3)
DISABLE_AFTER = timedelta(days=5)
# Between the two, for an endpoint that was hardly ever tried.
WARNING_LEAD = timedelta(days=1)

Verdict = Literal["none", "warn", "disable"]
Admission = Literal["send", "probe", "park", "suppress"]

HEALTHY = Health()


class Try(NamedTuple):
    """An outcome, and whether it was that of an open circuit's probe."""

    outcome: Outcome
    is_probe: bool


def admit(target: Target | None, delivery_id: str, now: datetime) -> Admission:
    """What may be done now with a delivery to this endpoint; `probe`: one of them may be sent."""
    if target is None or not target.enabled:
        return "suppress"
    if target.health.open_until is None:
        gate = Gate(None, target.catching_up_to)
        return "park" if gate.is_closed_to(delivery_id) else "send"
    return "probe" if target.health.open_until <= now else "park"


def next_health(health: Health, tries: Iterable[Try], now: datetime, jitter: float) -> tuple[Health, Verdict]:
    """An endpoint's health after these tries, in the order in which they ended, and what is to be done about it.

    It is warned of once after three days of nothing but failures, and disabled after five, or when it says that it is
    gone. `jitter` in [0, 1) spreads the probes of many endpoints.
    """
    is_gone = False
    for one in tries:
        health = HEALTHY if one.outcome.is_success else _failed(health, one, now, jitter)
        is_gone = is_gone or one.outcome.is_gone
    return _judged(health, is_gone, now)


def _failed(health: Health, one: Try, now: datetime, jitter: float) -> Health:
    # Tries that were under way when the circuit opened say nothing new.
    counts = health.open_until is None or one.is_probe
    failures = health.failures_in_row + counts
    until = health.open_until
    if counts:
        until = _later(until, now, _open_seconds(failures, jitter)) if failures >= OPEN_AFTER else None
    if one.outcome.status in BUSY and one.outcome.retry_after_seconds is not None:
        until = _later(until, now, min(one.outcome.retry_after_seconds, MAX_RETRY_AFTER_SECONDS))
    return health._replace(failing_since=health.failing_since or now, failures_in_row=failures, open_until=until)


def _open_seconds(failures: int, jitter: float) -> float:
    seconds = OPEN_SECONDS[min(failures - OPEN_AFTER, len(OPEN_SECONDS) - 1)]
    return seconds * (1 - JITTER + 2 * JITTER * jitter)


def _later(until: datetime | None, now: datetime, seconds: float) -> datetime:
    at = now + timedelta(seconds=seconds)
    return at if until is None else max(until, at)


def _judged(health: Health, is_gone: bool, now: datetime) -> tuple[Health, Verdict]:
    failing_for = now - health.failing_since if health.failing_since else timedelta(0)
    if is_gone:
        return health, "disable"
    if health.warned_at is not None:
        is_over = failing_for >= DISABLE_AFTER and now - health.warned_at >= WARNING_LEAD
        return health, "disable" if is_over else "none"
    if failing_for >= WARN_AFTER:
        return health._replace(warned_at=now), "warn"
    return health, "none"
