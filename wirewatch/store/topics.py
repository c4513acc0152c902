"""Topics, built in and users' own."""

from collections.abc import Sequence

import msgspec

from wirewatch.db import Transaction
from wirewatch.models import Topic
from wirewatch.store import catalogue
from wirewatch.store.tables import topics as table

COLUMNS = ("id", "name")


def upsert_builtin(tx: Transaction, values: Sequence[Topic]) -> bool:
    """Refresh the built-in topics; True, and a new revision, only where something changed."""
    return catalogue.upsert_builtin(tx, table, [catalogue.to_row(value, COLUMNS) for value in values])


def list_all(tx: Transaction) -> tuple[Topic, ...]:
    return tuple(_value(row) for row in catalogue.list_rows(tx, table, COLUMNS))


def list_page(tx: Transaction, *, after: str | None, limit: int) -> list[Topic]:
    """Topics by id after the id `after`."""
    return [_value(row) for row in catalogue.list_rows(tx, table, COLUMNS, after=after, limit=limit)]


def get(tx: Transaction, topic_id: str) -> Topic:
    """Raises NotFoundError."""
    return _value(catalogue.get_row(tx, table, COLUMNS, topic_id))


def find_names(tx: Transaction, topic_ids: Sequence[str]) -> dict[str, str]:
    """id -> name of those that exist."""
    rows = catalogue.list_rows(tx, table, COLUMNS, where=[table.c.id.in_(topic_ids)]) if topic_ids else []
    return {row["id"]: row["name"] for row in rows}


def create(tx: Transaction, value: Topic) -> None:
    """Raises ConflictError where the id is taken."""
    catalogue.create_row(tx, table, catalogue.to_row(value, COLUMNS))


def update(tx: Transaction, value: Topic) -> None:
    """Raises NotFoundError."""
    catalogue.update_row(tx, table, catalogue.to_row(value, COLUMNS))


def delete(tx: Transaction, topic_id: str) -> None:
    """Raises NotFoundError."""
    catalogue.delete_row(tx, table, topic_id)


def _value(row: catalogue.Row) -> Topic:
    return msgspec.convert(catalogue.from_row(row), Topic)
