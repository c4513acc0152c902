"""Dates as feeds write them: by the standards, and in the other ways in which one day is meant and no other.

feedparser reads many kinds too, but it makes up what it does not find: it takes the month from today, an unknown time
zone for UTC, and counts the 31st of February on into March. So it is asked last, and checked.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from time import struct_time

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
MAX_CHARACTERS = 100  # what is longer is no date
# Zone names that the standards for mail do not know.
ZONE_HOURS = (
    {"WEST": 1, "CET": 1, "MEZ": 1, "BST": 1, "CEST": 2, "MESZ": 2, "EET": 2, "SAST": 2, "EEST": 3, "MSK": 3}
    | {"TRT": 3, "PKT": 5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "KST": 9, "JST": 9, "AEST": 10, "AEDT": 11}
    | {"NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3}
    | {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
)

_TIME = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?\s*(?P<half>[ap]\.?m\b\.?)?"
_ZONE = r"\s*(?:(?:UTC|GMT)?(?P<offset>[+-]\d\d?(?::?\d\d)?)|(?P<zone>Z|[A-Z]{3,4}))?"
_CLOCK = rf"(?:(?:\s*T\s*|,?\s+){_TIME}{_ZONE})?"
_DATES = [
    re.compile(rf"(?P<year>\d{{4}})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?){_CLOCK}", re.IGNORECASE),
    re.compile(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)"
        + _ZONE
        + ")?",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?(?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE),
    # Which is the day and which the month, only a number above twelve tells.
    re.compile(rf"(?P<day>1[3-9]|[23]\d)/(?P<month>\d\d?)/(?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE),
    re.compile(rf"(?P<month>\d\d?)/(?P<day>1[3-9]|[23]\d)/(?P<year>\d{{4}}){_CLOCK}", re.IGNORECASE),
]
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?")
_HALF_OF_DAY = re.compile(r"(\d)\s*([ap])\.?m\b\.?", re.IGNORECASE)
_OFFSET = re.compile(r"(?<=:\d\d)\s*(?:GMT|UTC)?\s*([+-]\d\d?(?::?\d\d)?)(?:\s*\([^()]*\))?$", re.IGNORECASE)
_ZONE_NAME = re.compile(r"\d\s*\(?([A-Z]{3,4})\)?$")


def read_date(text: str, parsed: struct_time | None = None) -> datetime | None:
    """The moment in UTC; where no zone is named, UTC is meant. `parsed` is what feedparser made of `text`."""
    text = " ".join(text.split()).replace(" ,", ",")
    if not text or len(text) > MAX_CHARACTERS:
        return None
    if numbers := next((found for pattern in _DATES if (found := pattern.fullmatch(text))), None):
        return _checked(lambda: _of_numbers(numbers.groupdict()))
    if seconds := _SECONDS.fullmatch(text):
        return _checked(lambda: datetime.fromtimestamp(int(seconds[1]), UTC))
    return _checked(lambda: _of_mail(text)) or _checked(lambda: _of_feedparser(text, parsed))


def _checked(read: Callable[[], datetime | None]) -> datetime | None:
    try:
        at = read()
    except (ValueError, OverflowError):
        return None
    return at if at and EARLIEST_YEAR <= at.year <= LATEST_YEAR else None


def _of_numbers(parts: dict[str, str | None]) -> datetime:
    year, month, day, hour, minute, second = (
        int(parts.get(name) or 0) for name in ("year", "month", "day", "hour", "minute", "second")
    )
    hour = _hour(hour, parts.get("half"))
    at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    return at - _offset(parts.get("offset")) - timedelta(hours=ZONE_HOURS.get((parts.get("zone") or "").upper(), 0))


def _hour(hour: int, half: str | None) -> int:
    """Of twelve hours before or after noon, where `half` says which."""
    return hour if half is None else hour % 12 + 12 * half.lower().startswith("p")


def _offset(written: str | None) -> timedelta:
    """`+1`, `+01`, `+0130` or `+01:30`."""
    if written is None:
        return timedelta(0)
    digits = written[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    return timedelta(hours=hours, minutes=minutes) * (-1 if written[0] == "-" else 1)


def _of_mail(text: str) -> datetime | None:
    """As in mail (RFC 822 and after it), and what its readers put up with; without a time it is midnight."""
    offset, half = _OFFSET.search(text), _HALF_OF_DAY.search(text)
    plain = _HALF_OF_DAY.sub(r"\1", text[: offset.start()] if offset else text)
    found = parsedate_tz(plain if ":" in plain else f"{plain} 00:00:00")
    if found is None:
        return None
    year, month, day, hour, minute, second, *_, seconds_east = found
    at = datetime(year, month, day, _hour(hour, half[2] if half else None), minute, min(second, 59), tzinfo=UTC)
    if offset or seconds_east:
        return at - (_offset(offset[1]) if offset else timedelta(seconds=seconds_east or 0))
    zone = _ZONE_NAME.search(text.upper())
    return at - timedelta(hours=ZONE_HOURS.get(zone[1], 0)) if zone else at


def _of_feedparser(text: str, parsed: struct_time | None) -> datetime | None:
    """None where its month is not in the text, as a number or as a word."""
    if parsed is None:
        return None
    numbers = {int(number) for number in re.findall(r"\d{1,2}(?!\d)", text)}
    has_month = parsed.tm_mon in numbers or bool(re.search(r"[^\W\d_]{2}", text)) or parsed.tm_mon == 1
    return datetime(*parsed[:5], min(parsed.tm_sec, 59), tzinfo=UTC) if has_month else None
