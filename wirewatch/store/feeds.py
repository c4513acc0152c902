"""Feeds as people see and change them. How the poller claims and records them is in polls.py."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql

from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.store.ids import number_of
from wirewatch.store.tables import feeds as table


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and its health; `failures` counts those since the last success."""

    id: str
    url: str
    name: str | None
    enabled: bool
    disabled_reason: str | None
    min_interval_seconds: int
    max_interval_seconds: int
    failures: int
    last_error: str | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime
    created_at: datetime
    updated_at: datetime


def list_page(tx: Transaction, *, after: int | None, limit: int) -> list[Feed]:
    """Feeds by id after the id `after`."""
    query = select(table).where(table.c.id > (after or 0)).order_by(table.c.id).limit(limit)
    return [_value(row) for row in tx.execute(query)]


def get(tx: Transaction, feed_id: str) -> Feed:
    """Raises NotFoundError."""
    row = tx.execute(select(table).where(table.c.id == number_of(feed_id, "feed"))).first()
    if row is None:
        raise NotFoundError("no feed with this id")
    return _value(row)


def create(tx: Transaction, url: str, **values: Any) -> Feed:
    """A feed to be polled at once; `values` are columns. Raises ConflictError where the URL is polled already."""
    statement = postgresql.insert(table).values(url=url, **values).on_conflict_do_nothing().returning(table)
    row = tx.execute(statement).first()
    if row is None:
        raise ConflictError("there is already a feed with this URL")
    return _value(row)


def update(tx: Transaction, feed_id: str, **values: Any) -> Feed:
    """Change columns. Enabling forgets the failures, another URL what was said of the old one.

    Raises NotFoundError, and ConflictError where another feed has the URL.
    """
    if values.get("enabled"):
        values |= {"disabled_reason": None, "failures": 0, "last_error": None, "next_poll_at": func.now()}
    if "url" in values:
        taken = select(table.c.id).where(table.c.url == values["url"], table.c.id != number_of(feed_id, "feed"))
        if tx.execute(taken).first():
            raise ConflictError("there is already a feed with this URL")
        values |= {"etag": None, "last_modified": None, "moved_to": None, "next_poll_at": func.now()}
        # A poll of the old address that is under way loses its lease, and so does not write that address back.
        values |= {"lease_token": None, "leased_until": None}
    statement = sql_update(table).where(table.c.id == number_of(feed_id, "feed")).returning(table)
    row = tx.execute(statement.values(**values, updated_at=func.clock_timestamp())).first()
    if row is None:
        raise NotFoundError("no feed with this id")
    return _value(row)


def delete(tx: Transaction, feed_id: str) -> None:
    """Stop polling; the articles that came from it stay. Raises NotFoundError."""
    if tx.execute(sql_delete(table).where(table.c.id == number_of(feed_id, "feed"))).rowcount == 0:
        raise NotFoundError("no feed with this id")


def _value(row: Row[Any]) -> Feed:
    known = row._mapping
    fields = {name: known[name] for name in Feed.__dataclass_fields__ if name != "id"}
    return Feed(id=str(row.id), **fields)
