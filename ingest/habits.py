"""What is usual for a feed, and whether it still keeps to it. Pure."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY_SECONDS = 86_400.0
RATE_DAYS = 2.0  # how far back the observed rate looks
SILENT_GAPS = 10.0
SILENT_AT_LEAST = timedelta(days=2)

_WORD = re.compile(r"\w{2,}")


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed before a poll.

    `moved_to`: where the last poll was sent for good, not yet believed. `usual_gap_seconds`: between entries, as it was
    when the last new one came. `has_secrets`: credentials or headers meant for this server alone.
    """

    min_interval_seconds: float
    max_interval_seconds: float
    url: str = ""
    failures: int = 0
    entries_per_day: float | None = None
    usual_gap_seconds: float | None = None
    ttl_seconds: float | None = None
    moved_to: str | None = None
    last_success_at: datetime | None = None
    last_entry_at: datetime | None = None
    silent_since: datetime | None = None
    title: str | None = None
    site_host: str | None = None
    last_warning: str | None = None
    has_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a body held that was read: `new_entries` never seen before, and the dates of all that have one (of
    publication, or of change).
    """

    title: str | None = None
    site_host: str | None = None
    ttl_seconds: float | None = None
    new_entries: int = 0
    dates: tuple[datetime, ...] = ()
    warning: str | None = None


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a feed brings something; None where neither dates nor new entries have told it yet."""

    entries_per_day: float | None
    usual_gap_seconds: float | None
    last_entry_at: datetime
    silent_since: datetime | None


def observe(reading: Reading | None, state: FeedState, now: datetime) -> Habit:
    """What one more good answer adds to what is known. `reading` None: nothing has changed."""
    rate = observe_rate(reading, state, now)
    if state.last_entry_at is None or (reading is not None and reading.new_entries > 0):
        gap = DAY_SECONDS / rate if rate else state.usual_gap_seconds
        is_first = state.last_entry_at is None
        newest = max((at for at in reading.dates if at <= now), default=now) if reading and is_first else now
        return Habit(rate, gap, newest, None)
    if state.usual_gap_seconds is None:  # without a habit there is none to break
        return Habit(rate, None, state.last_entry_at, None)
    patience = max(SILENT_AT_LEAST, timedelta(seconds=SILENT_GAPS * state.usual_gap_seconds))
    is_silent = now - state.last_entry_at > patience
    silent_since = (state.silent_since or state.last_entry_at) if is_silent else None
    return Habit(rate, state.usual_gap_seconds, state.last_entry_at, silent_since)


def observe_rate(reading: Reading | None, state: FeedState, now: datetime) -> float | None:
    """Entries per day. At first by their dates, or else by how long the first new ones let themselves be waited for;
    from then on by what was new at each poll, older polls weighing less: dates may be wrong, or made anew at each
    request.
    """
    if state.last_success_at is None or state.entries_per_day is None:
        dated = estimate_entries_per_day(reading.dates, now) if reading else None
        return dated or state.entries_per_day or _first_rate(reading, state, now)
    days = (now - state.last_success_at).total_seconds() / DAY_SECONDS
    if days <= 0:
        return state.entries_per_day
    weight = math.exp(-days / RATE_DAYS)
    return state.entries_per_day * weight + (reading.new_entries if reading else 0) / days * (1 - weight)


def _first_rate(reading: Reading | None, state: FeedState, now: datetime) -> float | None:
    if reading is None or state.last_entry_at is None or state.last_entry_at >= now:
        return None
    return reading.new_entries / ((now - state.last_entry_at).total_seconds() / DAY_SECONDS) or None


def find_identity_change(state: FeedState, reading: Reading) -> str | None:
    """What shows that this is another feed than it was, in words: other pages, or a title without a common word."""
    if state.site_host and reading.site_host and state.site_host != reading.site_host:
        return f"its pages are now at {reading.site_host}, they were at {state.site_host}"
    if state.title and reading.title and not _words(state.title) & _words(reading.title):
        return f"it is now called {reading.title[:200]!r}, it was called {state.title[:200]!r}"
    return None


def _words(title: str) -> set[str]:
    folded = title.casefold()
    return set(_WORD.findall(folded)) or {folded}


def estimate_entries_per_day(published: Sequence[datetime], now: datetime) -> float | None:
    """The rate of a feed by the dates of its entries, up to now; None where fewer than two different ones say nothing.

    Counted from the oldest of them, so that a feed that has fallen silent is polled less and less often.
    """
    past = [at for at in published if at <= now]
    if len(set(past)) < 2:
        return None
    days = (now - min(past)).total_seconds() / DAY_SECONDS
    return len(past) / days if days > 0 else None
