"""When a feed is polled again, and what an answer means for it. Pure decisions; the polling itself is in poll."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from ingest.habits import DAY_SECONDS, FeedState, Habit, Reading, find_identity_change, observe
from wirewatch.http import Redirect

# A feed of which no habit is known is asked this often at first, and less and less while it brings nothing: after so
# large a part of the time that it has brought nothing.
DEFAULT_INTERVAL_SECONDS = 1_800.0
UNKNOWN_HABIT_SHARE = 0.1
POLLS_PER_ENTRY = 2  # so that an entry waits half the usual gap between two
BACKOFF_CAP_SECONDS = 86_400.0
MAX_RETRY_AFTER_SECONDS = 7 * 86_400.0
JITTER = 0.1

# A host that asks for a pause gets it for all its feeds, but a day is for the feed that it said it of.
BUSY_PAUSE_SECONDS = 60.0
MAX_HOST_PAUSE_SECONDS = 3_600.0

FAILING_FROM = 3  # so many failures in a row are told

GONE = 410
NOT_MODIFIED = 304
BUSY = frozenset({429, 503})
PERMANENT = frozenset({301, 308})

EventKind = Literal["moved", "paused", "failing", "recovered", "silent", "identity_changed", "partial"]

_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,9})\"?\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """How a poll went: the final status, or an error (of the network, or of a body that is no feed), or both.

    `reading` None: nothing was read, because nothing has changed or because of the error.
    """

    status: int | None
    error: str | None = None
    max_age_seconds: float | None = None
    retry_after_seconds: float | None = None
    permanent_url: str | None = None
    reading: Reading | None = None

    @property
    def is_success(self) -> bool:
        return (
            self.error is None and self.status is not None and (200 <= self.status < 300 or self.status == NOT_MODIFIED)
        )


@dataclass(frozen=True, slots=True)
class PollDecision:
    """What to record. `new_url` is set once two polls running were sent there for good; `paused_reason` where the feed
    is not to be polled until somebody says so; `events` are (kind, in words).
    """

    next_poll_at: datetime
    failures: int
    last_error: str | None = None
    last_warning: str | None = None
    paused_reason: str | None = None
    moved_to: str | None = None
    new_url: str | None = None
    entries_per_day: float | None = None
    usual_gap_seconds: float | None = None
    ttl_seconds: float | None = None
    last_entry_at: datetime | None = None
    silent_since: datetime | None = None
    title: str | None = None
    site_host: str | None = None
    events: tuple[tuple[EventKind, str], ...] = ()


def decide_poll(outcome: PollOutcome, state: FeedState, now: datetime, jitter: float) -> PollDecision:
    """`jitter`, a random number in [0, 1), puts the next poll later by up to JITTER, never sooner than asked for."""
    if not outcome.is_success:
        return _after_failure(outcome, state, now, jitter)
    reading = outcome.reading
    habit = observe(reading, state, now)
    ttl = reading.ttl_seconds if reading else state.ttl_seconds
    is_confirmed = outcome.permanent_url is not None and outcome.permanent_url == state.moved_to
    new_url = outcome.permanent_url if is_confirmed and _may_move(state, outcome.permanent_url) else None
    return PollDecision(
        next_poll_at=_later(now, interval_seconds(usual_seconds(habit, now), ttl, outcome, state), jitter),
        failures=0,
        last_warning=reading.warning if reading else state.last_warning,
        moved_to=None if new_url else outcome.permanent_url,
        new_url=new_url,
        entries_per_day=habit.entries_per_day,
        usual_gap_seconds=habit.usual_gap_seconds,
        ttl_seconds=ttl,
        last_entry_at=habit.last_entry_at,
        silent_since=habit.silent_since,
        title=(reading.title if reading else None) or state.title,
        site_host=(reading.site_host if reading else None) or state.site_host,
        events=tuple(_events_of_success(outcome, state, habit, new_url)),
    )


def usual_seconds(habit: Habit, now: datetime) -> float:
    """The time between polls that a habit asks for."""
    if habit.entries_per_day:
        return DAY_SECONDS / (habit.entries_per_day * POLLS_PER_ENTRY)
    return max(DEFAULT_INTERVAL_SECONDS, UNKNOWN_HABIT_SHARE * (now - habit.last_entry_at).total_seconds())


def interval_seconds(usual: float, ttl: float | None, outcome: PollOutcome, state: FeedState) -> float:
    """The time to the next poll of a feed that answered: as usual, not sooner than the feed asks for (ttl, max-age),
    and within the feed's own limits.
    """
    wanted = max(usual, ttl or 0, outcome.max_age_seconds or 0, state.min_interval_seconds)
    return min(wanted, max(state.max_interval_seconds, state.min_interval_seconds))


def host_pause_seconds(outcome: PollOutcome, gap_seconds: float) -> float:
    """How long the host is left alone after a poll: the usual gap, or what a busy one asks for."""
    if outcome.status not in BUSY:
        return gap_seconds
    asked = outcome.retry_after_seconds
    return max(gap_seconds, min(BUSY_PAUSE_SECONDS if asked is None else asked, MAX_HOST_PAUSE_SECONDS))


def _events_of_success(
    outcome: PollOutcome, state: FeedState, habit: Habit, new_url: str | None
) -> list[tuple[EventKind, str]]:
    events: list[tuple[EventKind, str]] = []
    if state.failures >= FAILING_FROM:
        events.append(("recovered", f"it can be read again after {state.failures} failures"))
    elif state.silent_since and not habit.silent_since:
        events.append(("recovered", "it brings new entries again"))
    if habit.silent_since and not state.silent_since:
        gap = _in_words(state.usual_gap_seconds or 0)
        since = f"{habit.silent_since:%Y-%m-%d %H:%M} UTC"
        events.append(("silent", f"it answers, but nothing new has come since {since}; usually something comes {gap}"))
    if new_url:
        events.append(("moved", f"it has moved for good from {state.url} to {new_url}"))
    if outcome.reading:
        change = find_identity_change(state, outcome.reading)
        events += [("identity_changed", change)] if change else []
        warning = outcome.reading.warning
        events += [("partial", warning)] if warning and warning != state.last_warning else []
    return events


def _in_words(gap_seconds: float) -> str:
    if gap_seconds < 2 * 3_600:
        return f"every {max(1, round(gap_seconds / 60))} minutes"
    if gap_seconds < 2 * DAY_SECONDS:
        return f"every {round(gap_seconds / 3_600)} hours"
    return f"every {round(gap_seconds / DAY_SECONDS)} days"


def _may_move(state: FeedState, url: str | None) -> bool:
    """What is meant for one server does not go to another because that one says so."""
    return not state.has_secrets or urlsplit(url or "")[:2] == urlsplit(state.url)[:2]


def _after_failure(outcome: PollOutcome, state: FeedState, now: datetime, jitter: float) -> PollDecision:
    """A failing feed is polled ever less often, down to once a day, and never given up; only 410 pauses it."""
    failures = state.failures + 1
    seconds = min(max(state.min_interval_seconds, 60.0) * 2 ** min(failures, 20), BACKOFF_CAP_SECONDS)
    seconds = max(seconds, state.min_interval_seconds)
    if outcome.status in BUSY and outcome.retry_after_seconds is not None:
        seconds = max(seconds, min(outcome.retry_after_seconds, MAX_RETRY_AFTER_SECONDS))
    error = outcome.error or f"the server answered {outcome.status}"
    paused = "the server says that the feed is gone for good (410)" if outcome.status == GONE else None
    events: list[tuple[EventKind, str]] = [("paused", paused)] if paused else []
    if failures == FAILING_FROM and not paused:
        events.append(("failing", f"{failures} polls in a row failed: {error}"))
    return PollDecision(
        next_poll_at=_later(now, seconds, jitter),
        failures=failures,
        last_error=error,
        last_warning=state.last_warning,
        paused_reason=paused,
        moved_to=state.moved_to,
        entries_per_day=state.entries_per_day,
        usual_gap_seconds=state.usual_gap_seconds,
        ttl_seconds=state.ttl_seconds,
        last_entry_at=state.last_entry_at,
        silent_since=state.silent_since,
        title=state.title,
        site_host=state.site_host,
        events=tuple(events),
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
