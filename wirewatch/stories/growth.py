"""How fast a story grows."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

RECENT = timedelta(hours=6)
BEFORE = timedelta(hours=48)
# So many articles of late, and so many times as many an hour as before, make a burst.
BURST_ARTICLES = 5
BURST_FACTOR = 3.0


class Growth(NamedTuple):
    per_hour: float
    is_burst: bool


def growth_of(hours: Mapping[str, int], now: datetime) -> Growth:
    """From the number of articles by hour (RFC 3339): articles an hour of late, and whether that is a burst."""
    ages = [(now - datetime.fromisoformat(hour).astimezone(UTC), count) for hour, count in hours.items()]
    recent = sum(count for age, count in ages if age < RECENT)
    before = sum(count for age, count in ages if RECENT <= age < BEFORE)
    rate = recent / (RECENT / timedelta(hours=1))
    usual = before / ((BEFORE - RECENT) / timedelta(hours=1))
    return Growth(round(rate, 2), recent >= BURST_ARTICLES and rate >= BURST_FACTOR * usual)
