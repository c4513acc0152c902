"""Feeds as people see and change them. How the poller claims and records them is in polls.py."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import Row, any_, func, literal, select
from sqlalchemy import delete as sql_delete
from sqlalchemy import update as sql_update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.secretbox import SecretBox
from wirewatch.store.ids import number_of
from wirewatch.store.tables import feed_events, seen_entries
from wirewatch.store.tables import feeds as table
from wirewatch.store.views.times import utc, utc_or_none

FeedKind = Literal["feed", "sitemap", "json"]
FullText = Literal["on", "off", "auto"]
Health = Literal["new", "ok", "silent", "failing", "paused"]
EventKind = Literal["moved", "paused", "failing", "recovered", "silent", "identity_changed", "partial"]

MASK = "***"
SHOWN_EVENTS = 20
# Headers that hold no secrets; of any other only the name is shown.
PLAIN_HEADERS = frozenset({"accept", "accept-language", "user-agent", "referer"})
# What is asked of a feed anew once one of these is changed: its validators belong to the answer for the old ones.
RESETTING = frozenset({"url", "kind", "credentials", "headers"})


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Something that a feed's owner should know; `detail` says it in words."""

    id: str
    feed_id: str
    kind: EventKind
    detail: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, what it was told and how it is.

    `credentials` and `headers` are shown without their secrets. `failures` counts the polls that failed since the last
    success. `silent_since`: it answers, but has brought nothing new for longer than is its habit. `events`: the latest
    first.
    """

    id: str
    url: str
    kind: FeedKind
    name: str | None
    title: str | None
    lang: str | None
    tags: list[str]
    full_text: FullText
    credentials: dict[str, str] | None
    headers: dict[str, str]
    enabled: bool
    disabled_reason: str | None
    min_interval_seconds: int
    max_interval_seconds: int
    health: Health
    failures: int
    last_status: int | None
    last_error: str | None
    last_warning: str | None
    last_polled_at: datetime | None
    last_success_at: datetime | None
    last_entry_at: datetime | None
    silent_since: datetime | None
    entries_per_day: float | None
    next_poll_at: datetime
    created_at: datetime
    updated_at: datetime
    events: list[FeedEvent]


def list_page(tx: Transaction, *, after: int | None, limit: int, tag: str | None = None) -> list[Feed]:
    """Feeds by id after the id `after`, all or those with a tag."""
    query = select(table).where(table.c.id > (after or 0)).order_by(table.c.id).limit(limit)
    if tag is not None:
        query = query.where(literal(tag) == any_(table.c.tags))
    return _values(tx, tx.execute(query).all())


def list_events(
    tx: Transaction, *, before: int | None, limit: int, feed_id: str | None = None, kind: str | None = None
) -> list[FeedEvent]:
    """The latest first, those with an id less than `before`."""
    query = select(feed_events).order_by(feed_events.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(feed_events.c.id < before)
    if feed_id is not None:
        query = query.where(feed_events.c.feed_id == number_of(feed_id, "feed"))
    if kind is not None:
        query = query.where(feed_events.c.kind == kind)
    return [_event(row) for row in tx.execute(query)]


def get(tx: Transaction, feed_id: str) -> Feed:
    """Raises NotFoundError."""
    row = tx.execute(select(table).where(table.c.id == number_of(feed_id, "feed"))).first()
    if row is None:
        raise NotFoundError("no feed with this id")
    return _values(tx, [row])[0]


def create(tx: Transaction, box: SecretBox, url: str, **values: Any) -> Feed:
    """A feed to be polled at once; `values` are fields of Feed, with secrets in clear.

    Raises ConflictError where the URL is polled already.
    """
    row = {"url": url, **_columns(box, values)}
    found = tx.execute(postgresql.insert(table).values(row).on_conflict_do_nothing().returning(table)).first()
    if found is None:
        raise ConflictError("there is already a feed with this URL")
    return _values(tx, [found])[0]


def update(tx: Transaction, box: SecretBox, feed_id: str, **values: Any) -> Feed:
    """Change fields. Enabling forgets the failures; another URL what was said of the old one, and, where it leads to
    another server, the secrets that were meant for the old one.

    Raises NotFoundError, and ConflictError where another feed has the URL.
    """
    if "url" in values and _origin(values["url"]) != _origin(get(tx, feed_id).url):
        values = {"credentials": None, "headers": {}, **values}
    columns = _columns(box, values)
    if values.get("enabled"):
        columns |= {"disabled_reason": None, "failures": 0, "last_error": None, "next_poll_at": func.now()}
    if RESETTING & values.keys():
        columns |= {"etag": None, "last_modified": None, "body_hash": None, "next_poll_at": func.now()}
        # A poll under way loses its lease, and so does not write back what it was claimed with.
        columns |= {"lease_token": None, "leased_until": None}
    if "url" in values:
        columns |= {"moved_to": None, "title": None, "site_host": None, "ttl_seconds": None, "last_warning": None}
        tx.execute(sql_delete(seen_entries).where(seen_entries.c.feed_id == number_of(feed_id, "feed")))
    statement = sql_update(table).where(table.c.id == number_of(feed_id, "feed")).returning(table)
    try:
        row = tx.execute(statement.values(**columns, updated_at=func.clock_timestamp())).first()
    except IntegrityError as error:
        raise ConflictError("there is already a feed with this URL") from error
    if row is None:
        raise NotFoundError("no feed with this id")
    return _values(tx, [row])[0]


def delete(tx: Transaction, feed_id: str) -> None:
    """Stop polling; the articles that came from it stay. Raises NotFoundError."""
    if tx.execute(sql_delete(table).where(table.c.id == number_of(feed_id, "feed"))).rowcount == 0:
        raise NotFoundError("no feed with this id")


def open_secrets(box: SecretBox, sealed: bytes | None) -> dict[str, str]:
    """Credentials or headers in clear; empty where there are none. Raises SealedSecretError."""
    return dict(json.loads(box.unseal(sealed))) if sealed else {}


def _columns(box: SecretBox, values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as columns: secrets are encrypted, and kept masked beside that."""
    columns = dict(values)
    if "credentials" in columns:
        credentials = {name: value for name, value in (columns["credentials"] or {}).items() if value is not None}
        columns["credentials"] = _seal(box, credentials)
        columns["shown_credentials"] = _masked(credentials, frozenset({"username"})) if credentials else None
    if "headers" in columns:
        headers = columns["headers"]
        columns["headers"] = _seal(box, headers)
        columns["shown_headers"] = _masked(headers, PLAIN_HEADERS)
    return columns


def _seal(box: SecretBox, secrets: Mapping[str, str] | None) -> bytes | None:
    return box.seal(json.dumps(dict(secrets))) if secrets else None


def _masked(secrets: Mapping[str, str], plain: frozenset[str]) -> dict[str, str]:
    return {name: value if name.lower() in plain else MASK for name, value in secrets.items()}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _values(tx: Transaction, rows: Sequence[Row[Any]]) -> list[Feed]:
    events = _latest_events(tx, [row.id for row in rows])
    return [_value(row, events.get(row.id, [])) for row in rows]


def _latest_events(tx: Transaction, ids: list[int]) -> dict[int, list[FeedEvent]]:
    rank = func.row_number().over(partition_by=feed_events.c.feed_id, order_by=feed_events.c.id.desc())
    ranked = select(feed_events, rank.label("rank")).where(feed_events.c.feed_id.in_(ids)).subquery()
    query = select(ranked).where(ranked.c.rank <= SHOWN_EVENTS).order_by(ranked.c.id.desc())
    found: dict[int, list[FeedEvent]] = {}
    for row in tx.execute(query):
        found.setdefault(row.feed_id, []).append(_event(row))
    return found


def _event(row: Row[Any]) -> FeedEvent:
    return FeedEvent(str(row.id), str(row.feed_id), row.kind, row.detail, utc(row.created_at))


def _value(row: Row[Any], events: list[FeedEvent]) -> Feed:
    known = row._mapping
    own = {"id", "credentials", "headers", "health", "events"}
    fields = {name: _shown(known[name]) for name in Feed.__dataclass_fields__ if name not in own}
    secrets = {"credentials": row.shown_credentials, "headers": row.shown_headers}
    return Feed(id=str(row.id), health=_health(row), events=events, **secrets, **fields)


def _shown(value: Any) -> Any:
    return utc_or_none(value) if isinstance(value, datetime) else value


def _health(row: Row[Any]) -> Health:
    if not row.enabled:
        return "paused"
    if row.last_polled_at is None:
        return "new"
    if row.failures:
        return "failing"
    return "silent" if row.silent_since else "ok"
