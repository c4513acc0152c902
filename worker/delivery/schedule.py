"""When a delivery is tried again. Pure decisions about the outcome of a try; circuit.py has those about endpoints."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# What Standard Webhooks recommends: a first try at once, then these waits; three days in all.
RETRY_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_TRIES = len(RETRY_SECONDS) + 1
JITTER = 0.1
MAX_RETRY_AFTER_SECONDS = 86_400.0
HELD_BACK_SECONDS = 5.0

GONE = 410
BUSY = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try came to: a status, or an error where no complete answer came; neither where a channel took it.

    `excerpt` is the beginning of the answer's body as text; `retry_after_seconds` what the endpoint asked for.
    """

    status: int | None
    error: str | None
    retry_after_seconds: float | None
    duration_ms: float
    excerpt: str

    @property
    def is_success(self) -> bool:
        return self.error is None if self.status is None else 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == GONE


def next_attempt_at(step: int, outcome: Outcome, now: datetime, jitter: float) -> datetime | None:
    """When a delivery of which `step` tries have counted (this one included) is due again; None if never.

    Never means: it succeeded, the endpoint is gone, or all tries are used up. `jitter` is a random number in [0, 1)
    that spreads the retries of many deliveries by JITTER to either side. A Retry-After of a busy endpoint can put the
    next try later (by a day at most), not sooner: a short one, obeyed, would use up all tries within seconds.
    """
    if outcome.is_success or outcome.is_gone or step >= MAX_TRIES:
        return None
    seconds = RETRY_SECONDS[max(step, 1) - 1] * (1 - JITTER + 2 * JITTER * jitter)
    if outcome.status in BUSY and outcome.retry_after_seconds is not None:
        asked = min(outcome.retry_after_seconds, MAX_RETRY_AFTER_SECONDS)
        seconds = max(seconds, asked * (1 + JITTER * jitter))
    return now + timedelta(seconds=seconds)


def held_back_until(now: datetime, seconds: float | None, jitter: float) -> datetime:
    """When a delivery that was not tried is due, because others to its endpoint were in its way; it counts as no try.

    `seconds`: when there should be room for it, where that is known.
    """
    wait = HELD_BACK_SECONDS * (1 + jitter) if seconds is None else seconds
    return now + timedelta(seconds=wait)
