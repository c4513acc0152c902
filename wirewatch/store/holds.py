"""Held deliveries: what an endpoint will be told at a later time, gathered in one row until its body is built."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store.deliveries import NewDelivery


class NewHold(NamedTuple):
    endpoint_id: str
    until: datetime
    why: str
    update_ids: tuple[str, ...]


class HeldUpdate(NamedTuple):
    """An update that waits in a held delivery; `endpoint_id` None: its endpoint was deleted."""

    delivery_id: str
    endpoint_id: str | None
    until: datetime
    why: str
    update_id: str


# Gathered with what already waits for the same time and reason. In one order, as other runs hold the same rows.
_HOLD = text("""
    WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS w (
            endpoint_id bigint, until timestamptz, why text, webhook_id text, update_ids bigint[])
    ), held AS (
        INSERT INTO deliveries (endpoint_id, state, reason, webhook_id, body, next_attempt_at)
        SELECT w.endpoint_id, 'held', w.why, w.webhook_id, '', w.until FROM wanted w
        JOIN endpoints e ON e.id = w.endpoint_id
        ORDER BY w.endpoint_id, w.until, w.why
        ON CONFLICT (endpoint_id, next_attempt_at, reason) WHERE state = 'held'
            DO UPDATE SET reason = excluded.reason
        RETURNING id, endpoint_id, next_attempt_at, reason, xmax = 0 AS is_new
    ), gathered AS (
        INSERT INTO delivery_updates (delivery_id, update_id)
        SELECT h.id, unnest(w.update_ids) FROM held h
        JOIN wanted w ON w.endpoint_id = h.endpoint_id AND w.until = h.next_attempt_at AND w.why = h.reason
    )
    SELECT id, next_attempt_at FROM held WHERE is_new
""")

_LOCK = text("""
    SELECT d.id, d.endpoint_id, d.next_attempt_at, d.reason FROM deliveries d
    WHERE d.state = 'held' AND (d.id = ANY(:ids) OR d.id IN (
        SELECT du.delivery_id FROM delivery_updates du JOIN updates u ON u.id = du.update_id
        JOIN alerts a ON a.id = u.alert_id WHERE a.watch_id = ANY(:watch_ids)))
    ORDER BY d.endpoint_id, d.next_attempt_at, d.reason FOR UPDATE
""")

_UPDATES = text("SELECT delivery_id, update_id FROM delivery_updates WHERE delivery_id = ANY(:ids) ORDER BY update_id")

_TAKE_OUT = text("""
    DELETE FROM delivery_updates du USING unnest(CAST(:deliveries AS bigint[]), CAST(:updates AS bigint[]))
        AS taken (delivery_id, update_id)
    WHERE du.delivery_id = taken.delivery_id AND du.update_id = taken.update_id
""")

_RELEASE = text("""
    WITH released AS (
        UPDATE deliveries d SET state = r.state, reason = r.reason, body = r.body, next_attempt_at = NULL,
            finished_at = CASE WHEN r.state = 'suppressed' THEN clock_timestamp() END
        FROM unnest(CAST(:ids AS bigint[]), CAST(:bodies AS bytea[]), CAST(:states AS text[]),
                    CAST(:reasons AS text[])) AS r (id, body, state, reason)
        WHERE d.id = r.id
    )
    INSERT INTO delivery_updates (delivery_id, update_id)
    SELECT * FROM unnest(CAST(:in_ids AS bigint[]), CAST(:update_ids AS bigint[]))
""")

_DELETE_EMPTY = text("""
    DELETE FROM deliveries d WHERE d.id = ANY(:ids) AND d.state = 'held'
        AND NOT EXISTS (SELECT FROM delivery_updates WHERE delivery_id = d.id)
""")


def hold_all(tx: Transaction, new: Sequence[NewHold]) -> list[tuple[str, datetime]]:
    """Let updates wait. -> (delivery, until) of each held delivery that was made for them: its release is to be due."""
    if not new:
        return []
    rows = [{**one._asdict(), "webhook_id": f"msg_{uuid4().hex}"} for one in new]
    made = tx.execute(_HOLD, {"rows": msgspec.json.encode(rows).decode()})
    return [(str(id_), until) for id_, until in made]


def lock_due(tx: Transaction, delivery_ids: Iterable[str]) -> list[HeldUpdate]:
    """-> what waits in these deliveries, locked until the transaction ends."""
    return _lock(tx, delivery_ids=delivery_ids)


def lock_of_watches(tx: Transaction, watch_ids: Iterable[str]) -> list[HeldUpdate]:
    """-> what waits in deliveries that hold an update of these watches, locked until the transaction ends."""
    return _lock(tx, watch_ids=watch_ids)


def take_out(tx: Transaction, taken: Sequence[HeldUpdate]) -> None:
    """These updates wait there no more."""
    if taken:
        columns = {
            "deliveries": [int(one.delivery_id) for one in taken],
            "updates": [int(one.update_id) for one in taken],
        }
        tx.execute(_TAKE_OUT, columns)


def release_all(tx: Transaction, released: Sequence[tuple[str, NewDelivery]]) -> None:
    """Turn held deliveries into what they become now: each its body, its updates, pending or suppressed."""
    if not released:
        return
    listed = [(int(id_), int(update_id)) for id_, one in released for update_id in one.update_ids]
    columns = {
        "ids": [int(id_) for id_, _ in released],
        "bodies": [one.body for _, one in released],
        "states": [one.state for _, one in released],
        "reasons": [one.reason for _, one in released],
        "in_ids": [delivery_id for delivery_id, _ in listed],
        "update_ids": [update_id for _, update_id in listed],
    }
    tx.execute(_RELEASE, columns)


def delete_empty(tx: Transaction, delivery_ids: Iterable[str]) -> None:
    """Held deliveries in which nothing waits any more."""
    tx.execute(_DELETE_EMPTY, {"ids": [int(id_) for id_ in delivery_ids]})


def _lock(tx: Transaction, *, delivery_ids: Iterable[str] = (), watch_ids: Iterable[str] = ()) -> list[HeldUpdate]:
    wanted = {"ids": [int(id_) for id_ in delivery_ids], "watch_ids": [int(id_) for id_ in watch_ids]}
    held = {row.id: row for row in tx.execute(_LOCK, wanted)}
    waiting = tx.execute(_UPDATES, {"ids": list(held)}).all() if held else []
    return [
        HeldUpdate(
            str(row.id),
            str(row.endpoint_id) if row.endpoint_id else None,
            row.next_attempt_at,
            row.reason,
            str(update_id),
        )
        for delivery_id, update_id in waiting
        for row in [held[delivery_id]]
    ]
