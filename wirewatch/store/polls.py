"""Feeds as the poller sees them: claim what is due, record how it went. Managing feeds is in feeds.py."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from wirewatch.db import ContentionError, Transaction
from wirewatch.store.feeds import FeedKind, FullText


class DueFeed(NamedTuple):
    """A feed leased to this poller, and its host with it: only the holder of `token` records the poll.

    `credentials` and `headers` are encrypted. See store.feeds.Feed and ingest.habits.FeedState for the rest.
    """

    id: str
    url: str
    host: str
    kind: FeedKind
    name: str | None
    lang: str | None
    full_text: FullText
    credentials: bytes | None
    headers: bytes | None
    etag: str | None
    last_modified: str | None
    body_hash: bytes | None
    min_interval_seconds: float
    max_interval_seconds: float
    failures: int
    entries_per_day: float | None
    usual_gap_seconds: float | None
    ttl_seconds: float | None
    moved_to: str | None
    last_success_at: datetime | None
    last_entry_at: datetime | None
    silent_since: datetime | None
    title: str | None
    site_host: str | None
    last_warning: str | None
    token: UUID


@dataclass(frozen=True, slots=True)
class PollRecord:
    """What is known after a poll. `name` None: as it was; `disabled_reason` pauses the feed."""

    next_poll_at: datetime
    failures: int
    last_status: int | None
    last_error: str | None
    last_warning: str | None
    url: str
    moved_to: str | None
    disabled_reason: str | None
    etag: str | None
    last_modified: str | None
    body_hash: bytes | None
    ttl_seconds: float | None
    entries_per_day: float | None
    usual_gap_seconds: float | None
    last_entry_at: datetime | None
    silent_since: datetime | None
    title: str | None
    site_host: str | None
    name: str | None
    host_pause_seconds: float
    events: tuple[tuple[str, str], ...] = ()


# One feed of each host that is free, the longest due first. Whoever writes a host's row has the host; a poller that was
# slower by a moment finds it taken. Leases and pauses go by the database's clock, when a feed is due by the caller's.
_CLAIM = text("""
    WITH due AS (
        SELECT DISTINCT ON (feeds.host) feeds.id, feeds.host, feeds.next_poll_at
        FROM feeds LEFT JOIN feed_hosts ON feed_hosts.host = feeds.host
        WHERE feeds.enabled AND feeds.next_poll_at <= :now
            AND (feeds.leased_until IS NULL OR feeds.leased_until < clock_timestamp())
            AND (feed_hosts.free_at IS NULL OR feed_hosts.free_at <= clock_timestamp())
            AND (feeds.failures = 0 OR :with_failing)
        ORDER BY feeds.host, feeds.next_poll_at, feeds.id
    ), chosen AS (
        SELECT id, host FROM feeds
        WHERE id IN (SELECT id FROM due ORDER BY next_poll_at LIMIT :limit)
            AND enabled AND (leased_until IS NULL OR leased_until < clock_timestamp())
        FOR UPDATE SKIP LOCKED
    ), hosts AS (
        INSERT INTO feed_hosts (host, free_at)
        SELECT host, clock_timestamp() + make_interval(secs => :seconds) FROM chosen ORDER BY host
        ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at WHERE feed_hosts.free_at <= clock_timestamp()
        RETURNING host
    )
    UPDATE feeds SET lease_token = :token, leased_until = clock_timestamp() + make_interval(secs => :seconds)
    FROM chosen JOIN hosts ON hosts.host = chosen.host
    WHERE feeds.id = chosen.id
    RETURNING feeds.id, url, feeds.host, kind, name, lang, full_text, credentials, headers, etag, last_modified,
        body_hash, min_interval_seconds, max_interval_seconds, failures, entries_per_day, usual_gap_seconds,
        ttl_seconds, moved_to, last_success_at, last_entry_at, silent_since, title, site_host, last_warning, lease_token
""")

_RECORD = text("""
    WITH held AS (
        UPDATE feeds SET next_poll_at = :next_poll_at, failures = :failures, last_status = :last_status,
            last_error = :last_error, last_warning = :last_warning, url = :url, moved_to = :moved_to,
            enabled = enabled AND CAST(:disabled_reason AS text) IS NULL,
            disabled_reason = COALESCE(:disabled_reason, disabled_reason), etag = :etag, last_modified = :last_modified,
            body_hash = :body_hash, ttl_seconds = :ttl_seconds, entries_per_day = :entries_per_day,
            usual_gap_seconds = :usual_gap_seconds, last_entry_at = :last_entry_at, silent_since = :silent_since,
            title = :title, site_host = :site_host, name = COALESCE(name, :name), last_polled_at = :now,
            last_success_at = CASE WHEN :failures = 0 THEN :now ELSE last_success_at END,
            lease_token = NULL, leased_until = NULL
        WHERE id = :id AND lease_token = :token
        RETURNING id
    ), freed AS (
        UPDATE feed_hosts SET free_at = clock_timestamp() + make_interval(secs => :host_pause_seconds)
        WHERE host = :host AND EXISTS (SELECT 1 FROM held)
    ), told AS (
        INSERT INTO feed_events (feed_id, kind, detail)
        SELECT held.id, kind, detail
        FROM held, unnest(CAST(:event_kinds AS text[]), CAST(:event_details AS text[])) AS new (kind, detail)
    )
    SELECT id FROM held
""")

_IS_TAKEN = text("SELECT EXISTS (SELECT 1 FROM feeds WHERE url = :url AND id <> :id)")

_RELEASE = text("""
    WITH held AS (
        UPDATE feeds SET lease_token = NULL, leased_until = NULL
        WHERE id = ANY(:ids) AND lease_token = ANY(:tokens) RETURNING host
    )
    UPDATE feed_hosts SET free_at = clock_timestamp() + make_interval(secs => :host_pause_seconds)
    WHERE host IN (SELECT host FROM held)
""")

_SEEN = text("SELECT entries FROM seen_entries WHERE feed_id = :id")

_REMEMBER = text("""
    INSERT INTO seen_entries (feed_id, entries) VALUES (:id, :entries)
    ON CONFLICT (feed_id) DO UPDATE SET entries = excluded.entries
""")


def claim_due(
    tx: Transaction, now: datetime, *, limit: int, lease_seconds: float, with_failing: bool = True
) -> list[DueFeed]:
    """Lease due feeds, at most one of each host, and none of a host that is to be left alone.

    However many pollers there are, none polls what another polls. `with_failing` False: only feeds that were well.
    """
    parameters = {"now": now, "limit": limit, "with_failing": with_failing, "token": uuid4(), "seconds": lease_seconds}
    return [DueFeed(str(row[0]), *row[1:]) for row in tx.execute(_CLAIM, parameters)]


def record(tx: Transaction, feed: DueFeed, poll: PollRecord, now: datetime) -> bool:
    """Write how a poll went; False where the lease was lost or the feed deleted, and nothing was written.

    A feed that moved to where another one is polled already is paused. Raises ContentionError where that other one came
    at this very moment: try again.
    """
    parameters = {**asdict(poll), "id": int(feed.id), "token": feed.token, "host": feed.host, "now": now}
    events = list(poll.events)
    if poll.url != feed.url and tx.execute(_IS_TAKEN, {"url": poll.url, "id": int(feed.id)}).scalar_one():
        reason = f"it has moved to {poll.url}, which another feed polls already"
        parameters |= {"url": feed.url, "disabled_reason": reason}
        events = [("paused", reason), *(event for event in events if event[0] != "moved")]
    parameters |= {"event_kinds": [kind for kind, _ in events], "event_details": [detail for _, detail in events]}
    del parameters["events"]
    try:
        return tx.execute(_RECORD, parameters).first() is not None
    except IntegrityError as error:
        raise ContentionError("another feed was given this address") from error


def release(tx: Transaction, feeds: Sequence[DueFeed], host_pause_seconds: float) -> None:
    """Give back what was claimed and not polled to its end, so that nobody has to wait for the leases to run out."""
    parameters = {"ids": [int(feed.id) for feed in feeds], "tokens": [feed.token for feed in feeds]}
    tx.execute(_RELEASE, {**parameters, "host_pause_seconds": host_pause_seconds})


def find_seen(tx: Transaction, feed: DueFeed) -> bytes | None:
    """What `remember` kept of the feed's entries."""
    entries = tx.execute(_SEEN, {"id": int(feed.id)}).scalar_one_or_none()
    return None if entries is None else bytes(entries)


def remember(tx: Transaction, feed: DueFeed, entries: bytes) -> None:
    tx.execute(_REMEMBER, {"id": int(feed.id), "entries": entries})
