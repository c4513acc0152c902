"""What entities and topics have in common: a built-in set that users extend, edit and hide, and that upgrades refresh.

Both tables hold id, name and a few columns of their own; `body` is the rest of the value as JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, Literal, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Table, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql

from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.models import Entity, Topic
from wirewatch.store.revisions import Kind, raise_revision

Row = dict[str, Any]
Value = TypeVar("Value", Entity, Topic)
Put = Literal["created", "updated", "unchanged"]


class Shelf(Generic[Value]):
    """The values of one kind in their table. Every change raises the kind's revision, which workers look at."""

    def __init__(self, table: Table, kind: Kind, singular: str, value: type[Value], columns: Sequence[str]) -> None:
        """`columns` are the fields of a value that the table keeps outside `body`; `singular` is for people."""
        self._table, self._kind, self._singular = table, kind, singular
        self._type: type[Value] = value
        self._columns = (*columns, "origin")

    def upsert_builtin(self, tx: Transaction, values: Sequence[Value]) -> bool:
        """Bring the built-in values to those given; what a user edited, deleted or made is left alone.

        Returns whether anything changed; only then is the kind's revision raised.
        """
        if not values:
            return False
        rows = [{**self._row(value), "origin": "builtin"} for value in values]
        if "position" in self._table.c:
            rows = [{**row, "position": place} for place, row in enumerate(rows)]
        new = postgresql.insert(self._table)
        told = [name for name in rows[0] if name not in ("id", "origin")]
        statement = new.on_conflict_do_update(
            index_elements=[self._table.c.id],
            set_={**{name: new.excluded[name] for name in told}, "updated_at": func.clock_timestamp()},
            where=(self._table.c.origin == "builtin")
            & ~self._table.c.edited
            & ~self._table.c.deleted
            & or_(*(self._table.c[name].is_distinct_from(new.excluded[name]) for name in told)),
        ).returning(self._table.c.id)
        changed = bool(tx.execute(statement, rows).all())
        if changed:
            raise_revision(tx, self._kind)
        return changed

    def list_all(self, tx: Transaction) -> tuple[Value, ...]:
        """Built-in ones first, in the order in which they were given where the table keeps it; then by id."""
        first = [self._table.c.position.asc().nulls_last()] if "position" in self._table.c else []
        return tuple(self._values(tx, first=first))

    def list_page(
        self, tx: Transaction, *, after: str | None, limit: int, where: Sequence[ColumnElement[bool]] = ()
    ) -> list[Value]:
        """By id after the id `after`."""
        return self._values(tx, where=where, after=after, limit=limit)

    def get(self, tx: Transaction, wanted_id: str) -> Value:
        """Raises NotFoundError."""
        found = self._values(tx, where=[self._table.c.id == wanted_id])
        if not found:
            raise NotFoundError(f"no such {self._singular}")
        return found[0]

    def find_names(self, tx: Transaction, ids: Sequence[str]) -> dict[str, str]:
        """id -> name of those that exist."""
        query = select(self._table.c.id, self._table.c.name).where(~self._table.c.deleted)
        return {row.id: row.name for row in tx.execute(query.where(self._table.c.id.in_(ids)))} if ids else {}

    def create(self, tx: Transaction, value: Value) -> None:
        """A user's own; it may take the place of one that was deleted. Raises ConflictError where the id is taken."""
        raise_revision(tx, self._kind)
        tx.execute(delete(self._table).where(self._table.c.id == value.id, self._table.c.deleted))
        statement = postgresql.insert(self._table).values(**self._row(value)).on_conflict_do_nothing()
        if tx.execute(statement.returning(self._table.c.id)).first() is None:
            raise ConflictError(f"there is already a {self._singular} with the id {value.id}")

    def put(self, tx: Transaction, values: Sequence[Value]) -> list[Put]:
        """Users' values, whether their ids are taken or not; an id must not come twice. -> what became of each.

        A built-in one becomes an edited one. The revision is raised once, and only where something changes.
        """
        known = {value.id: value for value in self._values(tx, where=[self._table.c.id.in_([v.id for v in values])])}
        done = [_compare(known.get(value.id), value) for value in values]
        rows = [self._row(value) for value, put in zip(values, done, strict=True) if put != "unchanged"]
        if rows:
            raise_revision(tx, self._kind)
            self._overwrite(tx, rows)
        return done

    def update(self, tx: Transaction, wanted_id: str, changes: Mapping[str, Any]) -> Value:
        """Write the given fields and no other, so that edits of two users both count. -> the value as it is then.

        Later upgrades of the built-in set leave it alone. Raises NotFoundError.
        """
        raise_revision(tx, self._kind)
        fields: Row = msgspec.to_builtins(dict(changes))
        own: Row = {name: fields.pop(name) for name in self._columns if name in fields}
        if fields:
            own["body"] = self._table.c.body.concat(fields)
        statement = update(self._table).where(self._table.c.id == wanted_id, ~self._table.c.deleted)
        changed = statement.values(**own, edited=True, updated_at=func.clock_timestamp())
        row = tx.execute(changed.returning(*self._selected())).first()
        if row is None:
            raise NotFoundError(f"no such {self._singular}")
        return self._value(row)

    def delete(self, tx: Transaction, wanted_id: str) -> None:
        """Hide a value; the row stays, so that no upgrade brings a built-in back. Raises NotFoundError."""
        raise_revision(tx, self._kind)
        statement = update(self._table).where(self._table.c.id == wanted_id, ~self._table.c.deleted)
        if tx.execute(statement.values(deleted=True, updated_at=func.clock_timestamp())).rowcount == 0:
            raise NotFoundError(f"no such {self._singular}")

    def _overwrite(self, tx: Transaction, rows: Sequence[Row]) -> None:
        table, new = self._table, postgresql.insert(self._table)
        is_edit = (table.c.origin == "builtin") & ~table.c.deleted
        written: dict[str, Any] = {name: new.excluded[name] for name in rows[0] if name not in ("id", "origin")}
        # What was hidden begins anew, as the user's own.
        written["origin"] = case((is_edit, "builtin"), else_="user")
        written |= {"edited": is_edit, "deleted": False, "updated_at": func.clock_timestamp()}
        tx.execute(new.on_conflict_do_update(index_elements=[table.c.id], set_=written), list(rows))

    def _values(
        self,
        tx: Transaction,
        *,
        where: Sequence[ColumnElement[bool]] = (),
        after: str | None = None,
        limit: int | None = None,
        first: Sequence[ColumnElement[Any]] = (),
    ) -> list[Value]:
        # The order must be that of the comparison, whatever the database's collation.
        ordered = self._table.c.id.collate("C")
        query = select(*self._selected()).where(~self._table.c.deleted, *where).order_by(*first, ordered)
        if after is not None:
            query = query.where(ordered > after)
        return [self._value(row) for row in tx.execute(query.limit(limit))]

    def _selected(self) -> list[ColumnElement[Any]]:
        return [*(self._table.c[name] for name in self._columns), self._table.c.body]

    def _row(self, value: Value) -> Row:
        """The named fields as columns, the rest as `body`."""
        fields: Row = msgspec.to_builtins(value)
        row = {name: fields.pop(name) for name in self._columns}
        return {**row, "body": fields}

    def _value(self, row: Sequence[Any]) -> Value:
        fields = dict(zip(self._columns, row, strict=False))
        value: Value = msgspec.convert({**row[-1], **fields}, self._type)
        return value


def _compare(known: Value | None, value: Value) -> Put:
    if known is None:
        return "created"
    return "unchanged" if replace(value, origin=known.origin) == known else "updated"
