"""Dates as feeds write them: by the standards, and in the other ways in which one day is meant and no other.

feedparser reads many kinds too, but it makes up what it does not find: it takes month and day from today, an afternoon
for a morning, and counts the 31st of February on into March. So it is not asked.

A date is read in two steps: the time of day with its zone is looked for and taken out, and what is left must be a day
from its first word to its last.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.months import find_month

EARLIEST_YEAR = 1900
LATEST_YEAR = 2200
MAX_CHARACTERS = 100  # what is longer is no date
CENTURY_FROM = 69  # of years in two digits, as mail readers count them: 69 is 1969, 68 is 2068
FARTHEST_OFFSET = timedelta(hours=14)
# Zone names that are no Region/City. UTC is meant where none is named, or one that is not known.
ZONE_HOURS = (
    {"WEST": 1, "CET": 1, "MEZ": 1, "MET": 1, "BST": 1, "CEST": 2, "MESZ": 2, "MEST": 2, "EET": 2, "SAST": 2, "EEST": 3}
    | {"MSK": 3, "TRT": 3, "PKT": 5, "ICT": 7, "WIB": 7, "HKT": 8, "SGT": 8, "PHT": 8, "KST": 9, "JST": 9, "AEST": 10}
    | {"AEDT": 11, "NZST": 12, "NZDT": 13, "AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3, "ART": -3, "AT": -4, "ET": -5}
    | {"EST": -5, "EDT": -4, "CT": -6, "CST": -6, "CDT": -5, "MT": -7, "MST": -7, "MDT": -6, "PT": -8, "PST": -8}
    | {"PDT": -7}
)
KOREAN_ZONE_HOURS = ZONE_HOURS["KST"]  # a day in Korean signs is one of Korea
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_COMMENT = re.compile(r"\([^()]*\)")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)")
_SECONDS = re.compile(r"(\d{10})(?:\d{3})?")
_COMPACT = re.compile(r"^(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d))?(?!\d)")
_SIGNS = re.compile(r"(\d{4})\s*[年년]\s*(\d\d?)\s*[月월]\s*(\d\d?)\s*[日일]")
_KOREAN = re.compile("[년월일]")
_TIME = re.compile(
    r"(?:(?<=\d)T|(?P<eastern>[오午上下][전후前後午])\s*)?(?<![\d:])"
    r"(?P<hour>\d\d?)[:h](?P<minute>\d\d?)(?::(?P<second>\d\d?)(?:[.,]\d+)?)?(?![\d:])\s*(?P<half>[ap]\.?\s?m\b\.?)?"
    r"(?:\s*(?:[A-Z]{2,5}\b\s*)?\(?(?P<offset>[+-]\d\d?(?::?\d\d)?)(?!\d)\)?|\s*\(?(?P<zone>[A-Z_][A-Z_0-9]{0,20}(?:/[A-Z_]{3,30})?)\b\)?)?",
    re.IGNORECASE,
)
_AFTERNOON = frozenset({"오후", "午後", "下午"})

_YEAR, _DAY = r"(?P<year>\d{4}|(?<!\d)\d\d)", r"(?P<day>\d\d?)(?!\d)(?:st|nd|rd|th|er|º|ª)?"
_MONTH = r"(?P<month>[^\W\d_]{3,}|\d\d?(?!\d))"
_GAP = r"[\s.,/-]*(?:\b(?:de|del|of)\s+)?"
_WEEKDAY = r"(?:(?P<weekday>[^\W\d_]+)(?:[\s-][^\W\d_]+)?[\s.,،]+)?"
_REST = r"(?:\W+[^\W\d_]{1,5}){0,2}\W*"  # "at", "Uhr", "г."
_DAYS = [
    re.compile(f"{_WEEKDAY}{order}{_REST}", re.IGNORECASE)
    for order in (
        rf"(?P<year>\d{{4}}){_GAP}{_MONTH}(?:{_GAP}{_DAY})?",
        rf"{_DAY}(?P<mark>{_GAP}){_MONTH}{_GAP}{_YEAR}",
        rf"(?P<month>[^\W\d_]{{3,}}){_GAP}{_DAY}{_GAP}{_YEAR}",
        r"(?P<month>[^\W\d_]{3,})[\s.,]+(?P<year>\d{4})",
        r"(?P<year>\d{4})",
    )
]


def read_date(text: str) -> datetime | None:
    """The moment in UTC; where no zone is named, UTC is meant, and of a month or a year alone its first day."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text or len(text) > MAX_CHARACTERS:
        return None
    try:
        at = _read(text)
    except (ValueError, OverflowError):
        return None
    return at if at and EARLIEST_YEAR <= at.year <= LATEST_YEAR else None


def _read(text: str) -> datetime | None:
    if _RFC_3339.fullmatch(text):  # what most feeds write, and the library reads fast
        return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
    if seconds := _SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(seconds[1]), UTC)
    is_korean = bool(_KOREAN.search(text))
    plain = _SIGNS.sub(r"\1-\2-\3 ", _COMPACT.sub(_spread, text))
    time = _TIME.search(plain)
    day = _find_day(plain if time is None else f"{plain[: time.start()]} {plain[time.end() :]}")
    if day is None:
        return None
    if time is None:
        return day
    at = day + _time_of_day(time)
    return at - (timedelta(hours=KOREAN_ZONE_HOURS) if is_korean else _zone(time["offset"], time["zone"], at))


def _spread(compact: re.Match[str]) -> str:
    """20300501T123000 as 2030-05-01 12:30:00."""
    year, month, day, hour, minute, second = compact.groups()
    return f"{year}-{month}-{day}" + (f" {hour}:{minute}:{second}" if hour else "")


def _time_of_day(time: re.Match[str]) -> timedelta:
    """Raises ValueError where there is none such; midnight may be written as 24:00, and a leap second counts as 59."""
    hour, minute, second = int(time["hour"]), int(time["minute"]), int(time["second"] or 0)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError("no time of day")
    if time["half"] or time["eastern"]:
        is_afternoon = (time["half"] or "").lower().startswith("p") or time["eastern"] in _AFTERNOON
        hour = hour % 12 + 12 * is_afternoon if hour <= 12 else hour
    return timedelta(hours=hour, minutes=minute, seconds=min(second, 59))


def _zone(offset: str | None, name: str | None, at: datetime) -> timedelta:
    """East of Greenwich: `+1`, `+01`, `+0130` or `+01:30`, else by the name; none where no place on earth has it."""
    if offset is None:
        return _named_zone(name or "", at)
    digits = offset[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    east = timedelta(hours=hours, minutes=minutes)
    return (-east if offset[0] == "-" else east) if east <= FARTHEST_OFFSET else timedelta(0)


def _named_zone(name: str, at: datetime) -> timedelta:
    if "/" not in name:
        return timedelta(hours=ZONE_HOURS.get(name.upper(), 0))
    try:
        return at.replace(tzinfo=ZoneInfo(name)).utcoffset() or timedelta(0)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timedelta(0)


def _find_day(text: str) -> datetime | None:
    """Midnight in UTC of the one day that all of the text means; None where it means none, or may mean two."""
    text = _COMMENT.sub(" ", text).strip(" ,.;|-–@T")
    for pattern in _DAYS:
        found = pattern.fullmatch(text)
        if found and (numbers := _numbers_of(found.groupdict())):
            return datetime(*numbers, tzinfo=UTC)
    return None


def _numbers_of(parts: dict[str, str | None]) -> tuple[int, int, int] | None:
    """Year, month and day; None for a word that is no month, and for numbers of which either may be the month."""
    year, day, month = _year(parts["year"] or ""), int(parts.get("day") or 1), parts.get("month") or "1"
    if not month.isdigit():
        named = find_month(month)
        return (year, named, day) if named else None
    first, second = day, int(month)
    if "mark" not in parts:  # the year comes first, and the day last
        return year, second, first
    if len(parts["year"] or "") == 2 and "-" in (parts["mark"] or ""):  # the year may well be the first of them
        return None
    if "." in (parts["mark"] or "") and second <= 12:
        return year, second, first
    meant = {(year, month, day) for month, day in ((first, second), (second, first)) if month <= 12}
    if len(meant) == 2:
        meant = {one for one in meant if _is_on(one, parts.get("weekday"))}
    return meant.pop() if len(meant) == 1 else None


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else int(digits) + (1900 if int(digits) >= CENTURY_FROM else 2000)


def _is_on(day: tuple[int, int, int], weekday: str | None) -> bool:
    return WEEKDAYS[datetime(*day, tzinfo=UTC).weekday()] == (weekday or "").lower()[:3]
