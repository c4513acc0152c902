"""When an update may go out."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from wirewatch.alerts.times import next_digest, quiet_until
from wirewatch.models import Digest, Policy

CAP_PERIOD = timedelta(hours=1)


class Hold(NamedTuple):
    """It waits until then; `why` is what users are told."""

    until: datetime
    why: str


def find_hold(
    policy: Policy, snoozed: Sequence[datetime | None], sent_at: Sequence[datetime], now: datetime, *, was_held: bool
) -> Hold | None:
    """-> what an update has to wait for, None if it may go out now.

    A snooze holds everything, a digest everything until its time, quiet hours and the hourly bound what is not urgent;
    one may hand over to the next. `sent_at`: when the watch was told of last, the oldest first. `was_held`: its time
    has come; it is not put off to another digest.
    """
    hold = _snooze(snoozed, now)
    if policy.mode == "digest" and not was_held:
        digest = policy.digest or Digest()
        hold = Hold(next_digest(digest, hold.until if hold else now), f"{digest.every} digest")
    if policy.priority == "urgent":
        return hold
    if hold is None:
        hold = _bound(policy, sent_at, now)
    at = hold.until if hold else now
    quiet_ends = quiet_until(policy.quiet_hours, at) if policy.quiet_hours else None
    return Hold(quiet_ends, "quiet hours") if quiet_ends else hold


def keep_sent(policy: Policy, sent_at: Sequence[datetime], now: datetime) -> list[datetime]:
    """-> when the watch was told of, as far as the hourly bound asks, with now."""
    return [*sent_at, now][-(policy.max_per_hour or 1) :]


def _snooze(snoozed: Sequence[datetime | None], now: datetime) -> Hold | None:
    until = max((one for one in snoozed if one is not None), default=now)
    return Hold(until, "snoozed") if until > now else None


def _bound(policy: Policy, sent_at: Sequence[datetime], now: datetime) -> Hold | None:
    if policy.max_per_hour is None or policy.mode == "digest" or len(sent_at) < policy.max_per_hour:
        return None
    free_at = sent_at[-policy.max_per_hour] + CAP_PERIOD
    return Hold(free_at, f"at most {policy.max_per_hour} an hour") if free_at > now else None
