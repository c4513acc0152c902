"""What a file of entities consists of."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

Json = dict[str, Any]
FileFormat = Literal["csv", "jsonl", "ftm"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)

# Fields that hold several values; in CSV they share a cell.
LISTS = ("aliases", "short_names", "demonyms", "metonyms", "titles")
FIELDS = ("id", "name", "type", *LISTS, "country", "category", "description")


@dataclass(frozen=True, slots=True)
class Record:
    """An entity in the shape of POST /v1/entities, and the line where it stands."""

    line: int
    body: Json


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that is no entity of ours and not meant to be one (an address, a passport): nothing is wrong with it."""

    line: int
    kind: str
