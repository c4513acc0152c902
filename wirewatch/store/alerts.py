"""Alerts (one row per watch and story) and their updates, as the alert stage writes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, text

from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.models import Evidence, Standing, UpdateReason

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
    ON CONFLICT (watch_id, story_id) DO UPDATE SET folded_into = NULL
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
    WITH counted AS (UPDATE alerts SET last_seq = :seq WHERE id = :alert_id)
    INSERT INTO updates (alert_id, seq, reason, changes, article_ids)
    VALUES (:alert_id, :seq, :reason, CAST(:changes AS jsonb), CAST(:article_ids AS bigint[]))
    RETURNING id, created_at
""")


_LOCK_STORIES = text("""
    SELECT id, watch_id, story_id, article_ids, evidence, told, standing, last_seq, settles_at FROM alerts
    WHERE story_id IN (:from_id, :into_id) AND folded_into IS NULL ORDER BY watch_id, story_id FOR UPDATE
""")

# An alert that was folded into one of the older story, and whose story comes apart from it again, is written anew.
_MOVE = text("""
    UPDATE alerts SET story_id = :into_id, updated_at = clock_timestamp() WHERE id = ANY(CAST(:ids AS bigint[]))
""")

_FREE = text("""
    DELETE FROM alerts WHERE story_id = :into_id AND folded_into IS NOT NULL AND watch_id = ANY(CAST(:ids AS bigint[]))
""")

_GROW = text("""
    UPDATE alerts SET article_ids = CAST(:article_ids AS bigint[]), evidence = CAST(:evidence AS jsonb),
        told = CAST(:told AS jsonb), standing = CAST(:standing AS jsonb), last_seq = :last_seq,
        settles_at = :settles_at, updated_at = clock_timestamp()
    WHERE id = :id
""")

_HAND_OVER = text("UPDATE updates SET alert_id = :into_id, seq = seq + :behind WHERE alert_id = :from_id")

_FOLD = text("""
    UPDATE alerts SET folded_into = :into_id, article_ids = '{}', evidence = '[]', told = '{}', standing = NULL,
        last_seq = 0, settles_at = NULL, updated_at = clock_timestamp()
    WHERE id = :from_id OR folded_into = :from_id
""")

_MOVE_MATCHES = text("""
    UPDATE matches SET story_id = :into_id,
        alert_id = COALESCE((SELECT folded_into FROM alerts a WHERE a.id = matches.alert_id), alert_id)
    WHERE story_id = :from_id
""")


def fold(tx: Transaction, from_story_id: str, into_story_id: str) -> None:
    """Two stories turned out to be one: what was told of the first is told of the second; nothing is delivered.

    An alert whose watch has one there as well folds into that: articles, evidence and updates join it behind its own,
    and the state that a user gave it stays. The others move. What a watch knew of either story counts as told.
    """
    ids = {"from_id": int(from_story_id), "into_id": int(into_story_id)}
    rows = tx.execute(_LOCK_STORIES, ids).all()
    there = {row.watch_id: row for row in rows if row.story_id == ids["into_id"]}
    coming = [row for row in rows if row.story_id == ids["from_id"]]
    moving = [row for row in coming if row.watch_id not in there]
    if moving:
        tx.execute(_FREE, {"into_id": ids["into_id"], "ids": [row.watch_id for row in moving]})
        tx.execute(_MOVE, {"into_id": ids["into_id"], "ids": [row.id for row in moving]})
    for row in coming:
        if row.watch_id in there:
            _fold_one(tx, row, there[row.watch_id])
    tx.execute(_MOVE_MATCHES, ids)


def _fold_one(tx: Transaction, row: Row[Any], into: Row[Any]) -> None:
    joined = [*into.article_ids, *(id_ for id_ in row.article_ids if id_ not in into.article_ids)]
    shown = {str(id_) for id_ in joined[:EVIDENCE_ARTICLES]}
    own = {str(id_) for id_ in into.article_ids}
    told = merge_standings(read_standing(into.told), read_standing(row.told))
    is_settling = into.standing is not None or row.standing is not None
    now = merge_standings(read_standing(into.standing or into.told), read_standing(row.standing or row.told))
    settles_at = into.settles_at or row.settles_at
    grown = {
        "id": into.id,
        "article_ids": joined,
        "evidence": msgspec.json.encode(
            into.evidence + [one for one in row.evidence if one["article_id"] in shown - own]
        ).decode(),
        "told": msgspec.json.encode(told).decode(),
        "standing": msgspec.json.encode(now).decode() if is_settling else None,
        "last_seq": into.last_seq + row.last_seq,
        "settles_at": settles_at,
    }
    tx.execute(_HAND_OVER, {"from_id": row.id, "into_id": into.id, "behind": into.last_seq})
    tx.execute(_FOLD, {"from_id": row.id, "into_id": into.id})
    tx.execute(_GROW, grown)
    if into.settles_at is None and settles_at is not None:
        outbox.put(tx, [NewMessage("AlertDue", str(into.id), due_at=settles_at)])


def read_standing(stored: Any) -> Standing:
    """Raises msgspec.ValidationError."""
    return msgspec.convert(stored, Standing)


def merge_standings(one: Standing, other: Standing) -> Standing:
    """What either says: each claim and status once."""
    said = {(claim.kind, claim.supplier, claim.recipient, claim.item, claim.status): claim for claim in other.claims}
    said |= {(claim.kind, claim.supplier, claim.recipient, claim.item, claim.status): claim for claim in one.claims}
    return Standing(
        claims=tuple(said.values()),
        independent_sources=max(one.independent_sources, other.independent_sources),
        amended=tuple(dict.fromkeys((*one.amended, *other.amended))),
    )


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
