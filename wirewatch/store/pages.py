"""Entries that wait for the pages they link to: put in, claimed host by host, taken out with their article.

A host is read by one at a time, whoever polls its feeds included: feed_hosts says from when on it is free.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import text

from wirewatch.db import Transaction


class NewPage(NamedTuple):
    """`key` is what makes two forms of an entry the same one; `submission` what the feed gave of it."""

    key: bytes
    host: str
    url: str
    submission: dict[str, Any]


class ClaimedPage(NamedTuple):
    """A page leased to this reader: only the holder of `token` takes it out. `attempts` counts this one."""

    id: int
    host: str
    url: str
    submission: dict[str, Any]
    attempts: int
    token: UUID


_PUT = text("""
    INSERT INTO pages (key, host, url, submission)
    SELECT * FROM unnest(
        CAST(:keys AS bytea[]), CAST(:hosts AS text[]), CAST(:urls AS text[]), CAST(:submissions AS jsonb[])
    ) AS new (key) ORDER BY new.key
    ON CONFLICT (key) DO UPDATE SET host = excluded.host, url = excluded.url, submission = excluded.submission,
        attempts = 0, due_at = excluded.due_at, lease_token = NULL, leased_until = NULL
""")

# One page of each host that is free now. Who first moves the host's time on has it; the others pass it over.
_CLAIM = text("""
    WITH waiting AS (
        SELECT DISTINCT host FROM pages
        WHERE due_at <= clock_timestamp() AND (leased_until IS NULL OR leased_until < clock_timestamp())
        ORDER BY host
    ), free AS (
        SELECT host FROM waiting LEFT JOIN feed_hosts USING (host)
        WHERE free_at IS NULL OR free_at <= clock_timestamp() ORDER BY random() LIMIT :limit
    ), taken AS (
        INSERT INTO feed_hosts (host, free_at)
        SELECT host, clock_timestamp() + make_interval(secs => :lease_seconds) FROM free ORDER BY host
        ON CONFLICT (host) DO UPDATE SET free_at = excluded.free_at WHERE feed_hosts.free_at <= clock_timestamp()
        RETURNING host
    ), chosen AS (
        SELECT (
            SELECT id FROM pages
            WHERE pages.host = taken.host AND due_at <= clock_timestamp()
              AND (leased_until IS NULL OR leased_until < clock_timestamp())
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS id FROM taken
    )
    UPDATE pages SET attempts = attempts + 1, lease_token = :token,
        leased_until = clock_timestamp() + make_interval(secs => :lease_seconds)
    FROM chosen WHERE pages.id = chosen.id
    RETURNING pages.id, host, url, submission, attempts, lease_token
""")

_TAKE = text("DELETE FROM pages WHERE id = :id AND lease_token = :token RETURNING id")

_POSTPONE = text("""
    UPDATE pages SET due_at = clock_timestamp() + make_interval(secs => :seconds), lease_token = NULL,
        leased_until = NULL
    WHERE id = :id AND lease_token = :token
""")

_FREE = text("""
    UPDATE feed_hosts SET free_at = clock_timestamp() + make_interval(secs => :gap_seconds) WHERE host = :host
""")

_CHOICES = text("SELECT domain, text_from FROM domains WHERE domain = ANY(CAST(:domains AS text[]))")


def put(tx: Transaction, new: Sequence[NewPage]) -> None:
    """Entries to wait; a newer form of one takes its place, and who is reading the older loses it."""
    new = list({page.key: page for page in new}.values())
    if new:
        columns = {"keys": [page.key for page in new], "hosts": [page.host for page in new]}
        submissions = [json.dumps(page.submission) for page in new]
        tx.execute(_PUT, {**columns, "urls": [page.url for page in new], "submissions": submissions})


def claim(tx: Transaction, *, limit: int, lease_seconds: float) -> list[ClaimedPage]:
    """Lease at most one page of each host that nobody reads, and the host with it."""
    rows = tx.execute(_CLAIM, {"limit": limit, "lease_seconds": lease_seconds, "token": uuid4()})
    return [ClaimedPage(*row) for row in rows]


def take(tx: Transaction, page: ClaimedPage) -> bool:
    """Take a page out; False where the lease was lost, and its article is another's to store."""
    return tx.execute(_TAKE, {"id": page.id, "token": page.token}).first() is not None


def postpone(tx: Transaction, page: ClaimedPage, seconds: float) -> None:
    """Give a page back, to be tried again after so many seconds."""
    tx.execute(_POSTPONE, {"id": page.id, "token": page.token, "seconds": seconds})


def free_host(tx: Transaction, host: str, gap_seconds: float) -> None:
    """Say that a host may be asked again after the gap."""
    tx.execute(_FREE, {"host": host, "gap_seconds": gap_seconds})


def find_choices(tx: Transaction, domains: Sequence[str]) -> dict[str, str]:
    """domain -> `feed` or `page`, of those for which somebody has chosen."""
    return {row.domain: row.text_from for row in tx.execute(_CHOICES, {"domains": list(domains)})}
