"""Dates of feeds: as feedparser reads them, less what it makes up."""

import re
from datetime import UTC, date, datetime, timedelta
from time import struct_time

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
# Zone names that feedparser does not know, and takes for UTC.
ZONE_HOURS = (
    {"WEST": 1, "CET": 1, "MEZ": 1, "BST": 1, "CEST": 2, "MESZ": 2, "EET": 2, "SAST": 2, "EEST": 3, "MSK": 3}
    | {"TRT": 3, "PKT": 5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "KST": 9, "JST": 9, "AEST": 10, "AEDT": 11}
    | {"NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3}
)

_ISO_DAY = re.compile(r"\s*(\d{4}-\d\d-\d\d)")
_ZONE_NAME = re.compile(r"\d\s*\(?([A-Z]{3,4})\)?\s*$")


def read_date(text: str, parsed: struct_time | None) -> datetime | None:
    """`parsed` is what feedparser made of `text`, in UTC; None where it has read more into it than it says.

    It counts the 31st of February on into March, and takes unknown time zones for UTC.
    """
    if parsed is None or not EARLIEST_YEAR <= parsed.tm_year <= LATEST_YEAR:
        return None
    day = _ISO_DAY.match(text)
    try:
        if day:
            date.fromisoformat(day[1])
        at = datetime(*parsed[:5], min(parsed.tm_sec, 59), tzinfo=UTC)
    except ValueError:
        return None
    zone = _ZONE_NAME.search(text.upper())
    return at - timedelta(hours=ZONE_HOURS.get(zone[1], 0)) if zone else at
