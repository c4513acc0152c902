"""Statements that run for every article, or where stories merge: they go to the driver as they are (ADR 0020)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, cast

import psycopg

from wirewatch.db import Transaction

_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class Sql:
    """SQL in which `:name` stands for a parameter, as in SQLAlchemy's `text`."""

    def __init__(self, sql: str) -> None:
        self._names = tuple(dict.fromkeys(_PARAMETER.findall(sql)))
        places = {name: f"${place}" for place, name in enumerate(self._names, start=1)}
        self._sql = _PARAMETER.sub(lambda found: places[found[1]], sql).encode()
        self._in_binary = False

    def in_binary(self) -> Self:
        """For one that gives long arrays: read as text these take three times as long, on both sides."""
        self._in_binary = True
        return self

    def run(self, tx: Transaction, given: Mapping[str, Any]) -> None:
        """For a statement that gives no rows."""
        self._execute(tx, given)

    def rows(self, tx: Transaction, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        return self._execute(tx, given).fetchall()

    def _execute(self, tx: Transaction, given: Mapping[str, Any]) -> psycopg.Cursor[tuple[Any, ...]]:
        """Raises psycopg.Error, which Database tells outages from."""
        cursor = _cursor(tx)
        try:
            return cursor.execute(self._sql, [_written(given[name]) for name in self._names], binary=self._in_binary)
        except psycopg.Error:
            if cursor.connection.closed:
                # As SQLAlchemy does where a server is gone: the pool's other connections are gone with it.
                tx.invalidate()
                tx.engine.dispose()
            raise


def _cursor(tx: Transaction) -> psycopg.RawCursor[tuple[Any, ...]]:
    """One for all statements of a connection, since making it takes a third of a short statement's time on our side."""
    cursor: psycopg.RawCursor[tuple[Any, ...]] | None = tx.info.get("cursor")
    if cursor is None:
        driver: psycopg.Connection[tuple[Any, ...]] = cast(Any, tx.connection.driver_connection)
        cursor = tx.info["cursor"] = psycopg.RawCursor(driver)
    return cursor


def _written(value: Any) -> Any:
    """Lists of integers and of strings as PostgreSQL spells arrays, which takes psycopg a look at each item's type."""
    if not isinstance(value, list):
        return value
    kinds = set(map(type, value))
    if kinds <= {int}:
        return spell_numbers(value)
    return _spell_strings(value) if kinds == {str} else value


def spell_numbers(numbers: Iterable[int]) -> str:
    """PostgreSQL's spelling of an array, also for one of several of unequal length, which cannot travel as one."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _spell_strings(strings: Sequence[str]) -> str:
    joined = '","'.join(strings)
    if "\\" in joined or joined.count('"') > 2 * (len(strings) - 1):
        joined = '","'.join(one.replace("\\", "\\\\").replace('"', '\\"') for one in strings)
    return '{"' + joined + '"}'
