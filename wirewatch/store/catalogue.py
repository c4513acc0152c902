"""What entities and topics have in common: a built-in set that users extend, edit and hide, and that upgrades refresh.

Both tables hold id, name and a few columns of their own; `body` is the rest of the value as JSON.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql

from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.store.revisions import Kind, raise_revision

Row = dict[str, Any]


def to_row(value: Any, columns: Sequence[str]) -> Row:
    """The table's row for a catalogue value: the named fields as columns, the rest as `body`."""
    fields: Row = msgspec.to_builtins(value)
    row = {name: fields.pop(name) for name in (*columns, "origin")}
    return {**row, "body": fields}


def from_row(row: Row) -> Row:
    """The fields of the value, for msgspec.convert."""
    body: Row = row.pop("body")
    return {**body, **row}


def upsert_builtin(tx: Transaction, table: Table, rows: Sequence[Row]) -> bool:
    """Bring the built-in rows to those given; what a user edited, deleted or made is left alone.

    Returns whether anything changed; only then is the kind's revision raised.
    """
    if not rows:
        return False
    new = postgresql.insert(table)
    told = [name for name in rows[0] if name not in ("id", "origin")]
    differs = or_(*(table.c[name].is_distinct_from(new.excluded[name]) for name in told))
    statement = new.on_conflict_do_update(
        index_elements=[table.c.id],
        set_={**{name: new.excluded[name] for name in told}, "updated_at": func.clock_timestamp()},
        where=(table.c.origin == "builtin") & ~table.c.edited & ~table.c.deleted & differs,
    ).returning(table.c.id)
    changed = bool(tx.execute(statement, [{**row, "origin": "builtin"} for row in rows]).all())
    if changed:
        raise_revision(tx, _kind(table))
    return changed


def list_rows(
    tx: Transaction,
    table: Table,
    columns: Sequence[str],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    after: str | None = None,
    limit: int | None = None,
    first: ColumnElement[Any] | None = None,
) -> list[Row]:
    """The rows that are not deleted, by `first` where it is given, then by id; `after` is the last id already seen."""
    names = (*columns, "origin", "body")
    # The order must be that of the comparison, whatever the database's collation.
    ordered = table.c.id.collate("C")
    query = select(*(table.c[name] for name in names)).where(~table.c.deleted, *where)
    query = query.order_by(*(() if first is None else (first,)), ordered)
    if after is not None:
        query = query.where(ordered > after)
    return [dict(zip(names, row, strict=True)) for row in tx.execute(query.limit(limit))]


def get_row(tx: Transaction, table: Table, columns: Sequence[str], wanted_id: str) -> Row:
    """Raises NotFoundError."""
    rows = list_rows(tx, table, columns, where=[table.c.id == wanted_id])
    if not rows:
        raise NotFoundError(f"no such {_singular(table)}")
    return rows[0]


def create_row(tx: Transaction, table: Table, row: Row) -> None:
    """A user's own value; it may take the place of one that was deleted. Raises ConflictError where the id is taken."""
    raise_revision(tx, _kind(table))
    tx.execute(delete(table).where(table.c.id == row["id"], table.c.deleted))
    statement = postgresql.insert(table).values(**row).on_conflict_do_nothing().returning(table.c.id)
    if tx.execute(statement).first() is None:
        raise ConflictError(f"there is already a {_singular(table)} with the id {row['id']}")


def update_row(tx: Transaction, table: Table, row: Row) -> None:
    """A user's edit, which later upgrades of the built-in set leave alone. Raises NotFoundError."""
    raise_revision(tx, _kind(table))
    values = {name: value for name, value in row.items() if name not in ("id", "origin")}
    statement = update(table).where(table.c.id == row["id"], ~table.c.deleted)
    if tx.execute(statement.values(**values, edited=True, updated_at=func.clock_timestamp())).rowcount == 0:
        raise NotFoundError(f"no such {_singular(table)}")


def delete_row(tx: Transaction, table: Table, wanted_id: str) -> None:
    """Hide a value; the row stays, so that no upgrade brings a built-in back. Raises NotFoundError."""
    raise_revision(tx, _kind(table))
    statement = update(table).where(table.c.id == wanted_id, ~table.c.deleted)
    if tx.execute(statement.values(deleted=True, updated_at=func.clock_timestamp())).rowcount == 0:
        raise NotFoundError(f"no such {_singular(table)}")


def _kind(table: Table) -> Kind:
    return "entities" if table.name == "entities" else "topics"


def _singular(table: Table) -> str:
    return "entity" if table.name == "entities" else "topic"
