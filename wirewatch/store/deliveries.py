"""Deliveries and their attempts, as the alert and deliver stages write them. Showing is in views/deliveries.py."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction

# Stands for what a receiver answered, or a service or a parser complained of: that may quote what was sent.
FORGOTTEN = "forgotten with an article that was erased"

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
    """A delivery to be tried now; `endpoint_id` None: its endpoint was deleted.

    `tries` counts all tries, `step` those that count in the retry schedule. `rendered` is what is sent instead of
    `body`, where that has been decided. `redacted_at`: since when `body` lacks what it quoted of an erased article.
    """

    id: str
    state: DeliveryState
    webhook_id: str
    body: bytes
    tries: int
    step: int
    next_attempt_at: datetime | None
    endpoint_id: str | None
    rendered: bytes | None
    redacted_at: datetime | None


class Tried(NamedTuple):
    """One try and what becomes of its delivery; `tries` and `step` include it. `redacted_at`: as the delivery had it
    that was sent.
    """

    delivery_id: str
    tries: int
    started_at: datetime
    duration_ms: float
    status: int | None
    error: str | None
    excerpt: str | None
    state: DeliveryState
    reason: str | None
    step: int
    next_attempt_at: datetime | None
    redacted_at: datetime | None


_INSERT = text("""
    INSERT INTO deliveries (endpoint_id, webhook_id, body, state, reason, finished_at)
    VALUES (:endpoint_id, :webhook_id, :body, :state, :reason,
            CASE WHEN :state = 'suppressed' THEN clock_timestamp() END)
    RETURNING id
""")

_INSERT_ALL = text("""
    WITH made AS (
        INSERT INTO deliveries (endpoint_id, webhook_id, body, state, reason, finished_at)
        SELECT n.endpoint_id, n.webhook_id, n.body, n.state, n.reason,
            CASE WHEN n.state = 'suppressed' THEN clock_timestamp() END
        FROM unnest(CAST(:endpoint_ids AS bigint[]), CAST(:webhook_ids AS text[]), CAST(:bodies AS bytea[]),
                    CAST(:states AS text[]), CAST(:reasons AS text[])) WITH ORDINALITY
            AS n (endpoint_id, webhook_id, body, state, reason, place)
        JOIN endpoints e ON e.id = n.endpoint_id ORDER BY n.place
        RETURNING id, webhook_id
    ), listed AS (
        INSERT INTO delivery_updates (delivery_id, update_id)
        SELECT made.id, l.update_id FROM made
        JOIN unnest(CAST(:in_webhook_ids AS text[]), CAST(:update_ids AS bigint[])) AS l (webhook_id, update_id)
            USING (webhook_id)
    )
    SELECT id, webhook_id FROM made
""")

_GET_DUE = text("""
    SELECT id, state, webhook_id, body, tries, step, next_attempt_at, endpoint_id, rendered, redacted_at
    FROM deliveries
    WHERE id = ANY(:ids) ORDER BY id
""")

# What has ended stays as it ended. What answers a body that was redacted meanwhile may echo what that quoted. An
# endpoint that answers well is well, whatever was thought of it before.
_RECORD = text("""
    WITH tried AS (
        SELECT * FROM unnest(
            CAST(:delivery_id AS bigint[]), CAST(:tries AS int[]), CAST(:started_at AS timestamptz[]),
            CAST(:duration_ms AS float8[]), CAST(:status AS int[]), CAST(:error AS text[]), CAST(:excerpt AS text[]),
            CAST(:state AS text[]), CAST(:reason AS text[]), CAST(:step AS int[]),
            CAST(:next_attempt_at AS timestamptz[]), CAST(:redacted_at AS timestamptz[]))
        AS t (id, tries, started_at, duration_ms, status, error, excerpt, state, reason, step, next_attempt_at,
              redacted_at)
    ), locked AS (
        SELECT id, redacted_at FROM deliveries WHERE id = ANY(CAST(:delivery_id AS bigint[])) ORDER BY id FOR UPDATE
    ), known AS (
        SELECT t.*, t.redacted_at IS DISTINCT FROM locked.redacted_at AS is_forgotten
        FROM tried t JOIN locked USING (id)
    ), logged AS (
        INSERT INTO attempts (delivery_id, number, started_at, duration_ms, status, error, excerpt)
        SELECT id, tries, started_at, duration_ms, status,
            CASE WHEN is_forgotten AND error IS NOT NULL THEN :forgotten ELSE error END,
            CASE WHEN NOT is_forgotten THEN excerpt END
        FROM known ORDER BY id
    ), changed AS (
        UPDATE deliveries d SET state = k.state, tries = k.tries, step = k.step, next_attempt_at = k.next_attempt_at,
            reason = CASE WHEN k.is_forgotten AND k.error IS NOT NULL THEN :forgotten ELSE k.reason END,
            finished_at = CASE WHEN k.state IN ('sent', 'failed', 'suppressed') THEN clock_timestamp() END
        FROM known k WHERE d.id = k.id AND d.state IN ('pending', 'held')
    ), before AS (
        SELECT id, open_until FROM endpoints
        WHERE id = ANY(CAST(:well AS bigint[])) AND (failing_since IS NOT NULL OR open_until IS NOT NULL) FOR UPDATE
    ), healed AS (
        UPDATE endpoints e SET failing_since = NULL, failures_in_row = 0, open_until = NULL, warned_at = NULL
        FROM before WHERE e.id = before.id
        RETURNING e.id, before.open_until IS NOT NULL AS was_open
    )
    SELECT id FROM healed WHERE was_open
""")

_SUPPRESS = text("""
    UPDATE deliveries d SET state = 'suppressed', reason = s.reason, next_attempt_at = NULL,
        finished_at = clock_timestamp()
    FROM unnest(CAST(:ids AS bigint[]), CAST(:reasons AS text[])) AS s (id, reason)
    WHERE d.id = s.id AND d.state IN ('pending', 'held')
""")

_EXPLAIN = text("""
    UPDATE deliveries SET state = 'pending', reason = :reason
    WHERE id = ANY(:ids) AND (state = 'held' OR state = 'pending' AND reason IS DISTINCT FROM :reason)
""")

_KEEP_RENDERED = text("""
    UPDATE deliveries d SET rendered = r.rendered
    FROM unnest(CAST(:ids AS bigint[]), CAST(:rendered AS bytea[]), CAST(:redacted_at AS timestamptz[]))
        AS r (id, rendered, redacted_at)
    WHERE d.id = r.id AND d.rendered IS NULL AND d.redacted_at IS NOT DISTINCT FROM r.redacted_at
    RETURNING d.id
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


def insert_all(tx: Transaction, new: Sequence[NewDelivery]) -> list[tuple[str, NewDelivery]]:
    """-> each with its id; one whose endpoint was deleted meanwhile is left out."""
    if not new:
        return []
    listed = [(one.webhook_id, int(id_)) for one in new for id_ in one.update_ids]
    made = tx.execute(
        _INSERT_ALL,
        {
            "endpoint_ids": [int(one.endpoint_id) for one in new],
            "webhook_ids": [one.webhook_id for one in new],
            "bodies": [one.body for one in new],
            "states": [one.state for one in new],
            "reasons": [one.reason for one in new],
            "in_webhook_ids": [webhook_id for webhook_id, _ in listed],
            "update_ids": [update_id for _, update_id in listed],
        },
    )
    ids = {webhook_id: str(id_) for id_, webhook_id in made}
    return [(ids[one.webhook_id], one) for one in new if one.webhook_id in ids]


def get_due(tx: Transaction, ids: Iterable[str]) -> list[DueDelivery]:
    """-> the deliveries that exist, in order of id."""
    return [
        DueDelivery(
            id=str(row.id),
            state=row.state,
            webhook_id=row.webhook_id,
            body=bytes(row.body),
            tries=row.tries,
            step=row.step,
            next_attempt_at=row.next_attempt_at,
            endpoint_id=str(row.endpoint_id) if row.endpoint_id else None,
            rendered=None if row.rendered is None else bytes(row.rendered),
            redacted_at=row.redacted_at,
        )
        for row in tx.execute(_GET_DUE, {"ids": [int(id_) for id_ in ids]})
    ]


def record_tries(tx: Transaction, tried: Sequence[Tried], well: Iterable[str]) -> list[str]:
    """Log the tries and what became of their deliveries. `well`: endpoints that have only answered well.

    -> those of them whose circuit was open, and is closed now.
    """
    columns = {name: [getattr(one, name) for one in tried] for name in Tried._fields}
    columns["delivery_id"] = [int(one.delivery_id) for one in tried]
    rows = tx.execute(_RECORD, {**columns, "well": [int(id_) for id_ in well], "forgotten": FORGOTTEN})
    return [str(id_) for id_ in rows.scalars()]


def suppress(tx: Transaction, reasons: Mapping[str, str]) -> None:
    """End deliveries that are not to be sent at all, by id, each for its reason."""
    tx.execute(_SUPPRESS, {"ids": [int(id_) for id_ in reasons], "reasons": list(reasons.values())})


def explain_waiting(tx: Transaction, ids: Iterable[str], reason: str) -> None:
    """Say why these are not sent yet."""
    tx.execute(_EXPLAIN, {"ids": [int(id_) for id_ in ids], "reason": reason})


def keep_rendered(tx: Transaction, rendered: Sequence[tuple[DueDelivery, bytes]]) -> frozenset[str]:
    """What is sent at every try. -> of which deliveries it was kept: not where it was decided before, or where what
    the body quoted has been erased since the delivery was read.
    """
    rows = tx.execute(
        _KEEP_RENDERED,
        {
            "ids": [int(due.id) for due, _ in rendered],
            "rendered": [sent for _, sent in rendered],
            "redacted_at": [due.redacted_at for due, _ in rendered],
        },
    )
    return frozenset(str(id_) for id_ in rows.scalars())
