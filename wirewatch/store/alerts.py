"""Alerts (one row per watch and story) and their updates, as the alert stage writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Evidence, UpdateReason

# An alert shows the proof of its first articles; what later ones say is in their own matches.
EVIDENCE_ARTICLES = 20


class StoredAlert(NamedTuple):
    id: str
    watch_id: str
    story_id: str
    article_ids: tuple[str, ...]
    is_new: bool
    last_seq: int


class NewUpdate(NamedTuple):
    alert_id: str
    seq: int
    reason: UpdateReason
    changes: tuple[str, ...]
    article_ids: tuple[str, ...]


class StoredUpdate(NamedTuple):
    id: str
    created_at: datetime
    new: NewUpdate


_OPEN = text("""
    INSERT INTO alerts (watch_id, story_id, article_ids) VALUES (:watch_id, :story_id, '{}')
    ON CONFLICT (watch_id, story_id) DO UPDATE SET watch_id = excluded.watch_id
    RETURNING id, article_ids
""")

# A statement of its own: one that waits for the lock still sees the updates as they were before it waited.
_LAST_SEQ = text("SELECT COALESCE(max(seq), 0) FROM updates WHERE alert_id = :alert_id")

_ADD = text("""
    UPDATE alerts SET article_ids = CAST(:article_ids AS bigint[]), evidence = evidence || CAST(:evidence AS jsonb),
        updated_at = clock_timestamp()
    WHERE id = :id
""")

_INSERT_UPDATE = text("""
    INSERT INTO updates (alert_id, seq, reason, changes, article_ids)
    VALUES (:alert_id, :seq, :reason, CAST(:changes AS jsonb), CAST(:article_ids AS bigint[]))
    RETURNING id, created_at
""")


def open_alert(tx: Transaction, watch_id: str, story_id: str) -> StoredAlert:
    """The alert of this watch and story, made if there is none, locked until the transaction ends.

    Callers open alerts in the order of (watch, story), so that two of them never wait for each other.
    """
    row = tx.execute(_OPEN, {"watch_id": int(watch_id), "story_id": int(story_id)}).one()
    ids = tuple(str(id_) for id_ in row[1])
    last_seq: int = tx.execute(_LAST_SEQ, {"alert_id": row[0]}).scalar_one()
    return StoredAlert(str(row[0]), watch_id, story_id, ids, is_new=last_seq == 0, last_seq=last_seq)


def add_articles(tx: Transaction, alert: StoredAlert, article_ids: Sequence[str], evidence: Sequence[Evidence]) -> None:
    """Join articles that the alert does not hold yet, with the spans that prove their match."""
    joined = (*alert.article_ids, *article_ids)
    shown = {id_ for id_ in article_ids if id_ in joined[:EVIDENCE_ARTICLES]}
    kept = [one for one in evidence if one.article_id in shown]
    tx.execute(
        _ADD,
        {
            "id": int(alert.id),
            "article_ids": [int(id_) for id_ in joined],
            "evidence": msgspec.json.encode(kept).decode(),
        },
    )


def insert_update(tx: Transaction, update: NewUpdate) -> StoredUpdate:
    row = tx.execute(
        _INSERT_UPDATE,
        {
            "alert_id": int(update.alert_id),
            "seq": update.seq,
            "reason": update.reason,
            "changes": msgspec.json.encode(update.changes).decode(),
            "article_ids": [int(id_) for id_ in update.article_ids],
        },
    ).one()
    return StoredUpdate(str(row[0]), row[1], update)
