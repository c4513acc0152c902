"""From a file to bodies of POST /v1/entities, line by line, whatever its size."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from wirewatch.entity_files import follow_the_money
from wirewatch.entity_files.records import FIELDS, LISTS, FileFormat, Json, Record, Skipped
from wirewatch.errors import InvalidInputError

SEPARATOR = "|"
_PEEKED_LINES = 20


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that could not be read, and why."""

    line: int
    detail: str


Part = Record | Skipped | Unread


def read_entities(path: Path, file_format: FileFormat | None, on_bytes: Callable[[int], object]) -> Iterator[Part]:
    """Every record of the file in order; `on_bytes` is told how far reading has come. Without a format it is guessed.

    Raises OSError, or InvalidInputError for a file that is none of these.
    """
    try:
        with path.open("rb") as file:
            chosen = file_format or guess_format(path, file)
            lines = _counted(file, on_bytes)
            yield from _read_table(lines) if chosen == "csv" else _read_lines(lines, chosen)
    except (UnicodeError, csv.Error) as error:
        raise InvalidInputError([(str(path), str(error))]) from error


def guess_format(path: Path, file: io.BufferedReader) -> FileFormat:
    """By the name, and for JSON by whether the first record says of which schema it is."""
    if path.suffix.lower() in (".csv", ".tsv"):
        return "csv"
    start = file.tell()
    peeked = [_parse(line) for _, line in zip(range(_PEEKED_LINES), file, strict=False) if line.strip()]
    file.seek(start)
    first = next((value for value in peeked if isinstance(value, dict)), {})
    return "ftm" if "schema" in first and "properties" in first else "jsonl"


def _counted(file: Iterable[bytes], on_bytes: Callable[[int], object]) -> Iterator[bytes]:
    read = 0
    for line in file:
        read += len(line)
        on_bytes(read)
        yield line


def _read_lines(lines: Iterable[bytes], file_format: FileFormat) -> Iterator[Part]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        value = _parse(line)
        if not isinstance(value, dict):
            yield Unread(number, value if isinstance(value, str) else "is no JSON object")
        elif file_format == "ftm":
            body = follow_the_money.read(value)
            yield Skipped(number, str(value.get("schema"))) if body is None else Record(number, body)
        else:
            # What an export says of a value's origin is not for the importer to say.
            yield Record(number, {name: field for name, field in value.items() if name != "origin"})


def _parse(line: bytes) -> Any:
    """The value; a text that says what is wrong with the line."""
    try:
        return msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeError) as error:
        return f"is not valid JSON: {error}"


def _read_table(lines: Iterable[bytes]) -> Iterator[Part]:
    rows = csv.DictReader(_decoded(lines), restkey="", strict=True)
    unknown = [name for name in rows.fieldnames or () if name not in FIELDS and name != "origin"]
    if unknown or not rows.fieldnames:
        known = ", ".join(FIELDS)
        raise InvalidInputError([("", f"the first line must name the columns, of {known}; not: {', '.join(unknown)}")])
    for row in rows:
        if "" in row:
            yield Unread(rows.line_num, "has more cells than the first line names")
        else:
            yield Record(rows.line_num, _of_row(row))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.decode("utf-8-sig" if number == 0 else "utf-8")


def _of_row(row: dict[str, Any]) -> Json:
    """Cells that are not empty; those of lists cut at the bars."""
    body: Json = {}
    for name, cell in row.items():
        if name == "origin" or not (cell or "").strip():
            continue
        parts = [part.strip() for part in cell.split(SEPARATOR)]
        body[name] = [part for part in parts if part] if name in LISTS else cell.strip()
    return body
