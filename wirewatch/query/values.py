"""Reading the values of fields: dates, numbers, words with wildcards. Each refusal says what was expected."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Final, cast

from wirewatch.errors import QueryError
from wirewatch.query.subject import latin_tokens
from wirewatch.query.syntax import Where
from wirewatch.text import fold_word

MAX_WILDCARDS: Final = 5
MAX_DISTANCE: Final = 50
_DATE: Final = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:T(\d{1,2}):(\d{2})(?::(\d{2}))?Z?)?)?)?", re.ASCII | re.IGNORECASE
)
_DATE_HINT: Final = "write a day as 2024-05-31, or a time in UTC as 2024-05-31T14:00:00Z"
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_WILD: Final = re.compile(r"[*?]")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A value in the query: the field it stands in ("" for none), what was written, and where."""

    field: str
    source: str
    position: int

    @property
    def where(self) -> Where:
        return cast(Where, self.field or "any")

    def error(self, detail: str, hint: str) -> QueryError:
        return QueryError(detail, self.position, hint)


def unescape(value: str) -> str:
    return _ESCAPE.sub(r"\1", value)


def has_wildcard(value: str) -> bool:
    return bool(_WILD.search(_ESCAPE.sub("", value)))


def interval(value: str, position: int) -> tuple[datetime, datetime]:
    """The half-open stretch of time that a year, month, day, minute or second names, in UTC."""
    match = _DATE.fullmatch(value.strip())
    if not match:
        raise QueryError(f"{value[:40]!r} is not a date", position, _DATE_HINT)
    parts = [int(part) for part in match.groups() if part is not None]
    try:
        start = datetime(*(parts + [1] * (3 - len(parts)))[:7], tzinfo=UTC)  # type: ignore[misc, arg-type]
        return start, _end(start, len(parts))
    except (ValueError, OverflowError):
        raise QueryError(f"{value[:40]!r} is not a date of the calendar", position, _DATE_HINT) from None


def _end(start: datetime, precision: int) -> datetime:
    if precision == 1:
        return start.replace(year=start.year + 1)
    if precision == 2:
        return (start + timedelta(days=31)).replace(day=1)
    return start + {3: timedelta(days=1), 5: timedelta(minutes=1), 6: timedelta(seconds=1)}[precision]


def number(value: str, position: int) -> int:
    if not _NUMBER.fullmatch(value):
        raise QueryError(f"{value[:40]!r} is not a whole number", position, "write for example story.sources:>2")
    return int(value)


def choice(value: str, allowed: tuple[str, ...], what: str, position: int) -> str:
    """One of the allowed words, or a refusal that suggests the nearest."""
    folded = value.lower().replace("-", "_")
    if folded in allowed:
        return folded
    near = get_close_matches(folded, allowed, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"it is one of {', '.join(allowed)}"
    raise QueryError(f"unknown {what} {value[:40]!r}", position, hint)


def wildcard(value: str, position: int) -> tuple[tuple[str, ...], str]:
    """Split "Tu-16*" into the keys before (tu) and the pattern of the last token (16*).

    Refused: a wildcard without two letters (or a designation) before it, one that reaches over into another word.
    """
    if len(_WILD.findall(value)) > MAX_WILDCARDS:
        raise QueryError(f"more than {MAX_WILDCARDS} wildcards in one word", position, "write a longer beginning")
    first = _WILD.search(value)
    assert first is not None
    head, tail = unescape(value[: first.start()]), value[first.start() :]
    tokens = latin_tokens(head)
    before = tuple(token.key for token in tokens[:-1])
    if not tokens or tokens[-1].end != len(head) or (len(tokens[-1].key) < 2 and not before):
        raise QueryError("a wildcard needs at least two letters before it", position, "write for example Kinzh*")
    pieces = [piece if _WILD.fullmatch(piece) else fold_word(piece) for piece in re.split(r"([*?])", tail) if piece]
    letters = "".join(pieces)
    is_number = tokens[-1].key.isdigit()
    if any(char not in "*?" and (not char.isalnum() or char.isdigit() != is_number) for char in letters):
        raise QueryError(
            "a wildcard stays within one run of letters or digits", position, "write for example Tu-16* or missil*"
        )
    return before, tokens[-1].key + letters
