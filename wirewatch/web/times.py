"""Times as clients write them."""

import re
from datetime import UTC, datetime

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)?)?", re.ASCII)

EARLIEST, LATEST = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def parse_time(value: str) -> datetime:
    """An RFC 3339 time, UTC where no zone is given. Raises ValueError."""
    if not RFC_3339.fullmatch(value):
        raise ValueError("must be an RFC 3339 time such as 2026-05-04T12:30:00Z")
    try:
        parsed = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value.upper()))
    except ValueError as error:
        raise ValueError(f"is no time that exists: {error}") from error
    zoned = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    # A time is read back in some zone: what is outside the calendar there cannot be read at all.
    if not EARLIEST <= zoned < LATEST:
        raise ValueError("is no time that can be stored: from year 1 to year 9999, without their outermost days")
    return zoned
