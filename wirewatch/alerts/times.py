"""Local times: when the next digest is due, and until when it is quiet.

Where clocks change, a local time that comes twice means the first, and one that is skipped comes as much later.
"""

from datetime import UTC, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from wirewatch.models import Digest, QuietHours, Weekday

WEEKDAYS: tuple[str, ...] = get_args(Weekday)


def next_digest(digest: Digest, now: datetime) -> datetime:
    """-> the first moment after `now`, in UTC, at which updates are sent together.

    `hourly` at the minute of `at`, the others at `at`, by the clocks of the digest's zone.
    """
    zone, at = ZoneInfo(digest.time_zone), time.fromisoformat(digest.at)
    here = now.astimezone(zone)
    if digest.every == "hourly":
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        due = minute + timedelta(minutes=(at.minute - here.minute) % 60)
        return due if due > now else due + timedelta(hours=1)
    day = here.date()
    while True:
        due = _moment(datetime.combine(day, at), zone)
        if due > now and (digest.every == "daily" or WEEKDAYS[day.weekday()] == digest.weekday):
            return due
        day += timedelta(days=1)


def quiet_until(quiet: QuietHours, now: datetime) -> datetime | None:
    """-> when the quiet hours end in which `now` lies, in UTC; None: it is not quiet. They do not hold their end."""
    zone = ZoneInfo(quiet.time_zone)
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        begins = _moment(datetime.combine(day, start), zone)
        ends = _moment(datetime.combine(day if start < end else day + timedelta(days=1), end), zone)
        if begins <= now < ends:
            return ends
    return None


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)
