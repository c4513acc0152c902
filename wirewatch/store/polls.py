"""Feeds as the poller sees them: claim what is due, record how it went. Managing feeds is in feeds.py."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from wirewatch.db import Transaction


class DueFeed(NamedTuple):
    """A feed leased to this poller: only the holder of `token` records its poll."""

    id: str
    url: str
    name: str | None
    etag: str | None
    last_modified: str | None
    min_interval_seconds: float
    max_interval_seconds: float
    failures: int
    entries_per_day: float | None
    moved_to: str | None
    token: UUID


class PollRecord(NamedTuple):
    """What is known after a poll. `name` None: as it was; `disabled_reason` pauses the feed."""

    next_poll_at: datetime
    failures: int
    last_error: str | None
    url: str
    moved_to: str | None
    disabled_reason: str | None
    etag: str | None
    last_modified: str | None
    entries_per_day: float | None
    name: str | None


_CLAIM = text("""
    UPDATE feeds SET lease_token = :token, leased_until = clock_timestamp() + make_interval(secs => :lease_seconds)
    WHERE id IN (
        SELECT id FROM feeds
        WHERE enabled AND next_poll_at <= :now AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    RETURNING id, url, name, etag, last_modified, min_interval_seconds, max_interval_seconds, failures, entries_per_day,
              moved_to, lease_token
""")

_RECORD = text("""
    UPDATE feeds SET next_poll_at = :next_poll_at, failures = :failures, last_error = :last_error, moved_to = :moved_to,
        enabled = enabled AND CAST(:disabled_reason AS text) IS NULL,
        disabled_reason = COALESCE(:disabled_reason, disabled_reason), etag = :etag, last_modified = :last_modified,
        entries_per_day = COALESCE(:entries_per_day, entries_per_day), name = COALESCE(name, :name),
        url = CASE WHEN EXISTS (SELECT 1 FROM feeds other WHERE other.url = :url AND other.id <> feeds.id)
                   THEN feeds.url ELSE :url END,
        last_polled_at = :now, last_success_at = CASE WHEN :failures = 0 THEN :now ELSE last_success_at END,
        lease_token = NULL, leased_until = NULL
    WHERE id = :id AND lease_token = :token
    RETURNING id
""")


def claim_due(tx: Transaction, now: datetime, *, limit: int, lease_seconds: float) -> list[DueFeed]:
    """Lease the feeds that are longest due; several pollers never poll one feed at a time."""
    rows = tx.execute(_CLAIM, {"now": now, "limit": limit, "lease_seconds": lease_seconds, "token": uuid4()})
    return [DueFeed(str(row[0]), *row[1:]) for row in rows]


def record(tx: Transaction, feed: DueFeed, poll: PollRecord, now: datetime) -> bool:
    """Write how a poll went; False where the lease was lost or the feed deleted, and nothing was written."""
    parameters = {**poll._asdict(), "id": int(feed.id), "token": feed.token, "now": now}
    return tx.execute(_RECORD, parameters).first() is not None
