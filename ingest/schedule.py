"""When a feed is polled again, and what an answer means for it. Pure decisions; the polling itself is in poll."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wirewatch.http import Redirect

DEFAULT_INTERVAL_SECONDS = 1_800.0
POLLS_PER_ENTRY = 2  # so that an entry waits half the usual gap between two
BACKOFF_CAP_SECONDS = 86_400.0
MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0
JITTER = 0.1

GONE = 410
NOT_MODIFIED = 304
BUSY = frozenset({429, 503})
PERMANENT = frozenset({301, 308})

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})\"?\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed before a poll. `moved_to`: where the last poll was sent for good, not yet believed."""

    min_interval_seconds: float
    max_interval_seconds: float
    failures: int = 0
    entries_per_day: float | None = None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """How a poll went: the final status, or an error (of the network, or of a body that is no feed), or both."""

    status: int | None
    error: str | None = None
    ttl_seconds: float | None = None
    max_age_seconds: float | None = None
    retry_after_seconds: float | None = None
    permanent_url: str | None = None

    @property
    def is_success(self) -> bool:
        return (
            self.error is None and self.status is not None and (200 <= self.status < 300 or self.status == NOT_MODIFIED)
        )


@dataclass(frozen=True, slots=True)
class PollDecision:
    """What to record. `new_url` is set once two polls running were sent there for good; `paused_reason` where the feed
    is not to be polled until somebody says so.
    """

    next_poll_at: datetime
    failures: int
    last_error: str | None = None
    paused_reason: str | None = None
    moved_to: str | None = None
    new_url: str | None = None


def decide_poll(outcome: PollOutcome, state: FeedState, now: datetime, jitter: float) -> PollDecision:
    """`jitter`, a random number in [0, 1), puts the next poll later by up to JITTER, never sooner than asked for."""
    if not outcome.is_success:
        return _after_failure(outcome, state, now, jitter)
    is_confirmed = outcome.permanent_url is not None and outcome.permanent_url == state.moved_to
    return PollDecision(
        next_poll_at=_later(now, interval_seconds(outcome, state), jitter),
        failures=0,
        moved_to=None if is_confirmed else outcome.permanent_url,
        new_url=outcome.permanent_url if is_confirmed else None,
    )


def interval_seconds(outcome: PollOutcome, state: FeedState) -> float:
    """The time to the next poll of a feed that answered: by the rate of its entries, not sooner than the feed asks
    for (ttl, max-age), and within the feed's own limits.
    """
    rate = state.entries_per_day
    usual = 86_400 / (rate * POLLS_PER_ENTRY) if rate else DEFAULT_INTERVAL_SECONDS
    wanted = max(usual, outcome.ttl_seconds or 0, outcome.max_age_seconds or 0, state.min_interval_seconds)
    return min(wanted, max(state.max_interval_seconds, state.min_interval_seconds))


def _after_failure(outcome: PollOutcome, state: FeedState, now: datetime, jitter: float) -> PollDecision:
    """A failing feed is polled ever less often, down to once a day, and never given up; only 410 pauses it."""
    failures = state.failures + 1
    seconds = min(max(state.min_interval_seconds, 60.0) * 2 ** min(failures, 20), BACKOFF_CAP_SECONDS)
    seconds = max(seconds, state.min_interval_seconds)
    if outcome.status in BUSY and outcome.retry_after_seconds is not None:
        seconds = max(seconds, min(outcome.retry_after_seconds, MAX_RETRY_AFTER_SECONDS))
    return PollDecision(
        next_poll_at=_later(now, seconds, jitter),
        failures=failures,
        last_error=outcome.error or f"the server answered {outcome.status}",
        paused_reason="the server says that the feed is gone for good (410)" if outcome.status == GONE else None,
        moved_to=state.moved_to,
    )


def _later(now: datetime, seconds: float, jitter: float) -> datetime:
    return now + timedelta(seconds=seconds * (1 + JITTER * jitter))


def find_permanent_url(redirects: Sequence[Redirect]) -> str | None:
    """Where a feed has moved for good: as far as its redirects are permanent; behind a temporary one nothing is."""
    url = None
    for redirect in redirects:
        if redirect.status not in PERMANENT:
            break
        url = redirect.url
    return url


def parse_max_age(cache_control: str | None) -> float | None:
    """Seconds from a Cache-Control header's max-age; None if it has none or forbids keeping the answer."""
    if not cache_control or re.search(r"\bno-(?:cache|store)\b", cache_control, re.IGNORECASE):
        return None
    found = _MAX_AGE.search(cache_control)
    return float(found[1]) if found else None


def estimate_entries_per_day(published: Sequence[datetime], now: datetime) -> float | None:
    """The rate of a feed by the dates of its entries, up to now; None where fewer than two dates say nothing.

    Counted from the oldest of them, so that a feed that has fallen silent is polled less and less often.
    """
    past = [at for at in published if at <= now]
    if len(past) < 2:
        return None
    days = (now - min(past)).total_seconds() / 86_400
    return len(past) / days if days > 0 else None
