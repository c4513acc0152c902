"""Feeds: addresses that are polled, what the last poll said, and who is polling now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, func, select, text
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
    etag: str | None
    last_modified: str | None
    failures: int
    last_error: str | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    next_poll_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedFeed:
    """A feed that this process alone polls until the lease ends; only the holder of `token` may record."""

    feed: Feed
    token: UUID


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll leaves behind. `error` None: it went well. `url`: where the feed has moved for good."""

    next_poll_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    error: str | None = None
    url: str | None = None
    disabled_reason: str | None = None


ERROR_CHARS = 2000

_CLAIM = text("""
    UPDATE feeds
    SET lease_token = :token, leased_until = clock_timestamp() + make_interval(secs => :lease_seconds)
    WHERE id IN (
        SELECT id FROM feeds
        WHERE enabled AND next_poll_at <= :now AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING *
""")


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
        values |= {"etag": None, "last_modified": None, "next_poll_at": func.now()}
    statement = sql_update(table).where(table.c.id == number_of(feed_id, "feed")).returning(table)
    row = tx.execute(statement.values(**values, updated_at=func.clock_timestamp())).first()
    if row is None:
        raise NotFoundError("no feed with this id")
    return _value(row)


def delete(tx: Transaction, feed_id: str) -> None:
    """Stop polling; the articles that came from it stay. Raises NotFoundError."""
    if tx.execute(sql_delete(table).where(table.c.id == number_of(feed_id, "feed"))).rowcount == 0:
        raise NotFoundError("no feed with this id")


def claim_due(tx: Transaction, now: datetime, *, limit: int, lease_seconds: float) -> list[ClaimedFeed]:
    """Lease up to `limit` enabled feeds whose time has come, the longest waiting first."""
    token = uuid4()
    rows = tx.execute(_CLAIM, {"token": token, "lease_seconds": lease_seconds, "now": now, "limit": limit})
    return [ClaimedFeed(_value(row), token) for row in rows]


def record_poll(tx: Transaction, claimed: ClaimedFeed, polled: Polled, now: datetime) -> bool:
    """Write what a poll found and give the lease back; False where somebody else holds the feed by now."""
    values: dict[str, Any] = {
        "lease_token": None,
        "leased_until": None,
        "last_polled_at": now,
        "next_poll_at": polled.next_poll_at,
        "etag": polled.etag,
        "last_modified": polled.last_modified,
    }
    if polled.error is None:
        values |= {"failures": 0, "last_error": None, "last_success_at": now}
    else:
        error = polled.error[:ERROR_CHARS].replace("\0", "")
        values |= {"failures": table.c.failures + 1, "last_error": error}
    if polled.disabled_reason is not None:
        values |= {"enabled": False, "disabled_reason": polled.disabled_reason}
    if polled.url is not None and not _is_taken(tx, polled.url):
        values["url"] = polled.url
    statement = sql_update(table).where(table.c.id == int(claimed.feed.id), table.c.lease_token == claimed.token)
    return tx.execute(statement.values(**values)).rowcount == 1


def release(tx: Transaction, claimed: Sequence[ClaimedFeed]) -> None:
    """A stopping process gives its feeds back unpolled."""
    for one in claimed:
        statement = sql_update(table).where(table.c.id == int(one.feed.id), table.c.lease_token == one.token)
        tx.execute(statement.values(lease_token=None, leased_until=None))


def _is_taken(tx: Transaction, url: str) -> bool:
    return tx.execute(select(table.c.id).where(table.c.url == url)).first() is not None


def _value(row: Row[Any]) -> Feed:
    known = row._mapping
    fields = {name: known[name] for name in Feed.__dataclass_fields__ if name != "id"}
    return Feed(id=str(row.id), **fields)
