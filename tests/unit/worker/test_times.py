"""Digests and quiet hours by the clocks of a place, also where these change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wirewatch.alerts.times import next_digest, quiet_until
from wirewatch.models import Digest, QuietHours


def utc(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("digest", "now", "due"),
    [
        (Digest("daily", "08:00"), "2026-03-03T07:59", "2026-03-03T08:00"),
        (Digest("daily", "08:00"), "2026-03-03T08:00", "2026-03-04T08:00"),
        (Digest("daily", "08:00", time_zone="Asia/Tokyo"), "2026-03-03T12:00", "2026-03-03T23:00"),
        # Berlin: clocks go forward on 29 March 2026 at 02:00, back on 25 October at 03:00.
        (Digest("daily", "08:00", time_zone="Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T06:00"),
        (Digest("daily", "08:00", time_zone="Europe/Berlin"), "2026-03-27T12:00", "2026-03-28T07:00"),
        (Digest("daily", "02:30", time_zone="Europe/Berlin"), "2026-03-28T12:00", "2026-03-29T01:30"),
        (Digest("daily", "02:30", time_zone="Europe/Berlin"), "2026-10-24T12:00", "2026-10-25T00:30"),
        # The second 02:30 of the day the clocks go back is not another one.
        (Digest("daily", "02:30", time_zone="Europe/Berlin"), "2026-10-25T00:30", "2026-10-26T01:30"),
        (Digest("weekly", "08:00", "monday"), "2026-03-03T07:00", "2026-03-09T08:00"),
        (Digest("weekly", "08:00", "tuesday"), "2026-03-03T07:00", "2026-03-03T08:00"),
        # In Auckland it is Monday while it is Sunday in UTC.
        (Digest("weekly", "08:00", "monday", "Pacific/Auckland"), "2026-03-07T00:00", "2026-03-08T19:00"),
        (Digest("hourly", "00:15"), "2026-03-03T07:15", "2026-03-03T08:15"),
        (Digest("hourly", "00:15"), "2026-03-03T07:14:59", "2026-03-03T07:15"),
        (Digest("hourly", "00:00", time_zone="Asia/Kolkata"), "2026-03-03T07:10", "2026-03-03T07:30"),
    ],
)
def test_the_next_digest(digest: Digest, now: str, due: str) -> None:
    assert next_digest(digest, utc(now)) == utc(due)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        (QuietHours("22:00", "07:00"), "2026-03-03T21:59:59", None),
        (QuietHours("22:00", "07:00"), "2026-03-03T22:00", "2026-03-04T07:00"),
        (QuietHours("22:00", "07:00"), "2026-03-04T06:59:59", "2026-03-04T07:00"),
        (QuietHours("22:00", "07:00"), "2026-03-04T07:00", None),
        (QuietHours("12:00", "13:30"), "2026-03-03T12:45", "2026-03-03T13:30"),
        (QuietHours("12:00", "13:30"), "2026-03-03T11:00", None),
        (QuietHours("22:00", "07:00", "America/New_York"), "2026-03-04T03:00", "2026-03-04T12:00"),
        # New York's clocks go forward on 8 March 2026: that night is an hour shorter.
        (QuietHours("22:00", "07:00", "America/New_York"), "2026-03-08T03:00", "2026-03-08T11:00"),
        (QuietHours("22:00", "07:00", "America/New_York"), "2026-11-01T03:00", "2026-11-01T12:00"),
    ],
)
def test_quiet_hours(quiet: QuietHours, now: str, until: str | None) -> None:
    assert quiet_until(quiet, utc(now)) == (until and utc(until))


moments = st.integers(1_700_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu"])
clocks = st.times().map(lambda at: f"{at:%H:%M}")


@given(st.sampled_from(["hourly", "daily", "weekly"]), clocks, zones, moments)
def test_a_digest_is_always_near_and_never_now(every: str, at: str, zone: str, now: datetime) -> None:
    due = next_digest(Digest(every, at, "friday", zone), now)  # type: ignore[arg-type]
    longest = {"hourly": timedelta(hours=1), "daily": timedelta(hours=25), "weekly": timedelta(days=7, hours=1)}[every]
    assert now < due <= now + longest


@given(clocks, clocks, zones, moments)
def test_when_quiet_hours_end_it_is_not_quiet(start: str, end: str, zone: str, now: datetime) -> None:
    if start == end:
        return
    quiet = QuietHours(start, end, zone)
    until = quiet_until(quiet, now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)
        assert quiet_until(quiet, until) is None
