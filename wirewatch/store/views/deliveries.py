"""Deliveries and their attempts as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import ConflictError, NotFoundError
from wirewatch.store.deliveries import DeliveryState
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc, utc_or_none


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One try: the HTTP status, or the error where no answer came; `excerpt` begins the answer's body."""

    number: int
    started_at: datetime
    duration_ms: float
    status: int | None
    error: str | None
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """`endpoint_id` None: the endpoint was deleted. `reason` says why it is not sent, or not yet.

    `next_attempt_at`: when it is looked at again; None for one that is due now, or has ended. `redacted_at`: when what
    its body quoted of erased articles was last taken out; a replay sends what is left.
    """

    id: str
    endpoint_id: str | None
    endpoint_name: str | None
    state: DeliveryState
    reason: str | None
    webhook_id: str
    update_ids: list[str]
    alert_ids: list[str]
    tries: int
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None
    redacted_at: datetime | None
    attempts: list[AttemptView]


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    state: DeliveryState | None = None
    endpoint_id: str | None = None
    alert_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_FIND_IDS = text("""
    SELECT id FROM deliveries
    WHERE (CAST(:before AS bigint) IS NULL OR id < :before) AND (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:endpoint_id AS bigint) IS NULL OR endpoint_id = :endpoint_id)
      AND (CAST(:alert_id AS bigint) IS NULL OR EXISTS (
            SELECT FROM delivery_updates du JOIN updates u ON u.id = du.update_id
            WHERE du.delivery_id = deliveries.id AND u.alert_id = :alert_id))
      AND (CAST(:since AS timestamptz) IS NULL OR created_at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR created_at < :until)
    ORDER BY id DESC LIMIT :limit
""")

_SHOW = text("""
    SELECT d.id, d.endpoint_id, d.state, d.reason, d.webhook_id, d.tries, d.created_at, d.finished_at,
           d.redacted_at,
           e.name AS endpoint_name,
           (SELECT min(due_at) FROM messages WHERE type IN ('DeliveryDue', 'HoldDue') AND subject_id = d.id)
               AS next_attempt_at,
           ARRAY(SELECT update_id FROM delivery_updates WHERE delivery_id = d.id ORDER BY update_id) AS update_ids,
           ARRAY(SELECT DISTINCT u.alert_id FROM delivery_updates du JOIN updates u ON u.id = du.update_id
                 WHERE du.delivery_id = d.id ORDER BY u.alert_id) AS alert_ids
    FROM deliveries d LEFT JOIN endpoints e ON e.id = d.endpoint_id
    WHERE d.id = ANY(:ids) ORDER BY d.id DESC
""")

_ATTEMPTS = text("""
    SELECT delivery_id, number, started_at, duration_ms, status, error, excerpt FROM attempts
    WHERE delivery_id = ANY(:ids) ORDER BY id
""")

_RESTART = text("""
    UPDATE deliveries SET state = 'pending', reason = NULL, step = 0, next_attempt_at = NULL, finished_at = NULL
    WHERE id = :id AND state IN ('sent', 'failed', 'suppressed') AND endpoint_id IS NOT NULL
    RETURNING id
""")

_RESTART_MANY = text("""
    WITH chosen AS (
        SELECT id FROM deliveries
        WHERE state = ANY(:states) AND state IN ('sent', 'failed', 'suppressed') AND endpoint_id IS NOT NULL
          AND (CAST(:endpoint_id AS bigint) IS NULL OR endpoint_id = :endpoint_id)
          AND (CAST(:since AS timestamptz) IS NULL OR created_at >= :since)
          AND (CAST(:until AS timestamptz) IS NULL OR created_at < :until)
        ORDER BY id LIMIT :limit FOR UPDATE
    ), restarted AS (
        UPDATE deliveries d
        SET state = 'pending', reason = NULL, step = 0, next_attempt_at = NULL, finished_at = NULL
        FROM chosen WHERE d.id = chosen.id RETURNING d.id
    )
    INSERT INTO messages (type, subject_id) SELECT 'DeliveryDue', id FROM restarted ORDER BY id
""")


def find_ids(tx: Transaction, wanted: DeliveryFilter, *, before: int | None, limit: int) -> list[int]:
    """The newest deliveries first, below the id `before`."""
    given: dict[str, Any] = {
        "state": wanted.state,
        "endpoint_id": number_of(wanted.endpoint_id, "endpoint") if wanted.endpoint_id else None,
        "alert_id": number_of(wanted.alert_id, "alert") if wanted.alert_id else None,
    }
    given |= {"since": wanted.since, "until": wanted.until}
    return list(tx.execute(_FIND_IDS, {**given, "before": before, "limit": limit}).scalars())


def show(tx: Transaction, ids: Sequence[int]) -> list[DeliveryView]:
    """The deliveries that exist, the newest first."""
    attempts: dict[int, list[AttemptView]] = {}
    for delivery_id, number, started_at, *rest in tx.execute(_ATTEMPTS, {"ids": list(ids)}):
        attempts.setdefault(delivery_id, []).append(AttemptView(number, utc(started_at), *rest))
    return [_view(row, attempts.get(row["id"], [])) for row in tx.execute(_SHOW, {"ids": list(ids)}).mappings()]


def get(tx: Transaction, delivery_id: str) -> DeliveryView:
    """Raises NotFoundError."""
    found = show(tx, [number_of(delivery_id, "delivery")])
    if not found:
        raise NotFoundError("no delivery with this id")
    return found[0]


def restart(tx: Transaction, delivery_id: str) -> None:
    """Make an ended delivery pending again, under the same webhook id. Raises NotFoundError, ConflictError."""
    known = get(tx, delivery_id)
    if known.endpoint_id is None:
        raise ConflictError("its endpoint was deleted")
    if tx.execute(_RESTART, {"id": int(delivery_id)}).first() is None:
        raise ConflictError(f"it has not ended yet: it is {known.state}")


def restart_many(tx: Transaction, wanted: DeliveryFilter, states: Sequence[str], limit: int) -> int:
    """Make ended deliveries in these states pending again, the oldest first, up to `limit`. -> how many."""
    given = {
        "states": list(states),
        "endpoint_id": number_of(wanted.endpoint_id, "endpoint") if wanted.endpoint_id else None,
        "since": wanted.since,
        "until": wanted.until,
        "limit": limit,
    }
    return int(tx.execute(_RESTART_MANY, given).rowcount)


def _view(row: Any, attempts: list[AttemptView]) -> DeliveryView:
    return DeliveryView(
        id=str(row["id"]),
        endpoint_id=str(row["endpoint_id"]) if row["endpoint_id"] else None,
        endpoint_name=row["endpoint_name"],
        state=row["state"],
        reason=row["reason"],
        webhook_id=row["webhook_id"],
        update_ids=[str(id_) for id_ in row["update_ids"]],
        alert_ids=[str(id_) for id_ in row["alert_ids"]],
        tries=row["tries"],
        next_attempt_at=utc_or_none(row["next_attempt_at"]),
        created_at=utc(row["created_at"]),
        finished_at=utc_or_none(row["finished_at"]),
        redacted_at=utc_or_none(row["redacted_at"]),
        attempts=attempts,
    )
