"""Deliveries and their attempts, as the alert and deliver stages write them. Showing is in views/deliveries.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction

DeliveryState = Literal["pending", "held", "sent", "suppressed", "failed"]


class NewDelivery(NamedTuple):
    """`body` is what is sent, byte for byte, at every attempt; `webhook_id` names it to the receiver."""

    endpoint_id: str
    webhook_id: str
    body: bytes
    update_ids: tuple[str, ...]
    state: DeliveryState = "pending"
    reason: str | None = None


class DueDelivery(NamedTuple):
    """A delivery to be tried now; `endpoint_id` None: its endpoint was deleted."""

    id: str
    state: DeliveryState
    webhook_id: str
    body: bytes
    tries: int
    created_at: datetime
    endpoint_id: str | None


class NewAttempt(NamedTuple):
    delivery_id: str
    number: int
    started_at: datetime
    duration_ms: float
    status: int | None
    error: str | None
    excerpt: str | None


_INSERT = text("""
    INSERT INTO deliveries (endpoint_id, webhook_id, body, state, reason, finished_at)
    VALUES (:endpoint_id, :webhook_id, :body, :state, :reason,
            CASE WHEN :state = 'suppressed' THEN clock_timestamp() END)
    RETURNING id
""")

_GET_DUE = text("""
    SELECT id, state, webhook_id, body, tries, created_at, endpoint_id FROM deliveries WHERE id = ANY(:ids) ORDER BY id
""")

_UPDATE = text("""
    UPDATE deliveries SET state = :state, reason = :reason, tries = :tries, next_attempt_at = :next_attempt_at,
        finished_at = CASE WHEN :state IN ('sent', 'failed', 'suppressed') THEN clock_timestamp() END
    WHERE id = :id AND state IN ('pending', 'held')
""")


def insert(tx: Transaction, delivery: NewDelivery) -> str:
    """-> the new delivery's id."""
    row = tx.execute(
        _INSERT,
        {
            "endpoint_id": int(delivery.endpoint_id),
            "webhook_id": delivery.webhook_id,
            "body": delivery.body,
            "state": delivery.state,
            "reason": delivery.reason,
        },
    )
    delivery_id = int(row.scalar_one())
    tx.execute(
        text("""
            INSERT INTO delivery_updates (delivery_id, update_id)
            SELECT :delivery_id, * FROM unnest(CAST(:update_ids AS bigint[]))
        """),
        {"delivery_id": delivery_id, "update_ids": [int(id_) for id_ in delivery.update_ids]},
    )
    return str(delivery_id)


def get_due(tx: Transaction, ids: Iterable[str]) -> list[DueDelivery]:
    """-> the deliveries that exist, in order of id."""
    return [
        DueDelivery(str(id_), state, webhook_id, bytes(body), tries, created_at, str(endpoint) if endpoint else None)
        for id_, state, webhook_id, body, tries, created_at, endpoint in tx.execute(
            _GET_DUE, {"ids": [int(id_) for id_ in ids]}
        )
    ]


def insert_attempts(tx: Transaction, attempts: Sequence[NewAttempt]) -> None:
    if attempts:
        tx.execute(
            text("""
                INSERT INTO attempts (delivery_id, number, started_at, duration_ms, status, error, excerpt)
                VALUES (:delivery_id, :number, :started_at, :duration_ms, :status, :error, :excerpt)
            """),
            [{**attempt._asdict(), "delivery_id": int(attempt.delivery_id)} for attempt in attempts],
        )


def update(
    tx: Transaction,
    delivery_id: str,
    state: DeliveryState,
    *,
    tries: int,
    reason: str | None = None,
    next_attempt_at: datetime | None = None,
) -> None:
    """What became of a delivery; one that has ended stays as it ended."""
    tx.execute(
        _UPDATE,
        {
            "id": int(delivery_id),
            "state": state,
            "tries": tries,
            "reason": reason,
            "next_attempt_at": next_attempt_at,
        },
    )
