"""From entities of the API to a file that `read` understands."""

import csv
from collections.abc import Iterable, Iterator
from typing import TextIO

import msgspec

from wirewatch.entity_files import follow_the_money
from wirewatch.entity_files.read import SEPARATOR
from wirewatch.entity_files.records import FIELDS, LISTS, FileFormat, Json


def write_entities(entities: Iterable[Json], file: TextIO, file_format: FileFormat) -> Iterator[bool]:
    """Writes one after the other, and says of each whether the format has room for it."""
    if file_format == "csv":
        yield from _write_table(entities, file)
        return
    for entity in entities:
        value = follow_the_money.write(entity) if file_format == "ftm" else {name: entity[name] for name in FIELDS}
        if value is not None:
            file.write(msgspec.json.encode(value).decode() + "\n")
        yield value is not None


def _write_table(entities: Iterable[Json], file: TextIO) -> Iterator[bool]:
    rows = csv.writer(file)
    rows.writerow(FIELDS)
    for entity in entities:
        # A bar separates the names of a cell, so a name that holds one would come back as two.
        fits = not any(SEPARATOR in name for field in LISTS for name in entity[field])
        if fits:
            rows.writerow(SEPARATOR.join(entity[f]) if f in LISTS else entity[f] or "" for f in FIELDS)
        yield fits
