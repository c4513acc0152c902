"""The knowledge base: entities, built in and users' own."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import func

from wirewatch.db import Transaction
from wirewatch.models import Entity, EntityType
from wirewatch.store import catalogue
from wirewatch.store.tables import entities as table

COLUMNS = ("id", "name", "type")


def upsert_builtin(tx: Transaction, values: Sequence[Entity]) -> bool:
    """Refresh the built-in entities; True, and a new revision, only where something changed."""
    rows = [{**catalogue.to_row(value, COLUMNS), "position": place} for place, value in enumerate(values)]
    return catalogue.upsert_builtin(tx, table, rows)


def list_all(tx: Transaction) -> tuple[Entity, ...]:
    """Built-in entities first, in the order in which they were given: the better known before the less known."""
    rows = catalogue.list_rows(tx, table, COLUMNS, first=table.c.position.asc().nulls_last())
    return tuple(_value(row) for row in rows)


def list_page(
    tx: Transaction, *, after: str | None, limit: int, entity_type: EntityType | None = None, q: str | None = None
) -> list[Entity]:
    """Entities by id after the id `after`, of one type, and with `q` anywhere in id, name, aliases or short names."""
    where = []
    if entity_type:
        where.append(table.c.type == entity_type)
    if q:
        names = table.c.body["aliases"].astext + " " + table.c.body["short_names"].astext
        searched = func.lower(table.c.id + " " + table.c.name + " " + names)
        where.append(searched.contains(q.lower(), autoescape=True))
    return [_value(row) for row in catalogue.list_rows(tx, table, COLUMNS, where=where, after=after, limit=limit)]


def get(tx: Transaction, entity_id: str) -> Entity:
    """Raises NotFoundError."""
    return _value(catalogue.get_row(tx, table, COLUMNS, entity_id))


def find_names(tx: Transaction, entity_ids: Sequence[str]) -> dict[str, str]:
    """id -> name of those that exist."""
    rows = catalogue.list_rows(tx, table, COLUMNS, where=[table.c.id.in_(entity_ids)]) if entity_ids else []
    return {row["id"]: row["name"] for row in rows}


def create(tx: Transaction, value: Entity) -> None:
    """Raises ConflictError where the id is taken."""
    catalogue.create_row(tx, table, catalogue.to_row(value, COLUMNS))


def update(tx: Transaction, value: Entity) -> None:
    """Raises NotFoundError."""
    catalogue.update_row(tx, table, catalogue.to_row(value, COLUMNS))


def delete(tx: Transaction, entity_id: str) -> None:
    """Raises NotFoundError."""
    catalogue.delete_row(tx, table, entity_id)


def _value(row: catalogue.Row) -> Entity:
    return msgspec.convert(catalogue.from_row(row), Entity)
