"""Alerts, one row per watch and story, as the stages write them. Showing is in views/alerts.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec
from sqlalchemy import Row, text

from wirewatch import outbox
from wirewatch.db import Transaction
from wirewatch.messages import NewMessage
from wirewatch.models import Evidence, Standing
from wirewatch.sql import Sql

# An alert shows the proof of its first articles; what later ones say is in their own matches.
EVIDENCE_ARTICLES = 20

AlertState = Literal["open", "acknowledged", "dismissed"]


class StoredAlert(NamedTuple):
    """`told`: what its watch was told last (None: told of by a version that did not keep it); `standing`: what its
    articles say now, where that is more.
    """

    id: str
    watch_id: str
    story_id: str
    article_ids: tuple[str, ...] = ()
    last_seq: int = 0
    told: Standing | None = None
    standing: Standing | None = None
    told_at: datetime | None = None
    settles_at: datetime | None = None
    snoozed_until: datetime | None = None
    state: AlertState = "open"


class AlertChange(NamedTuple):
    """What becomes of an alert. `dropped`: articles whose evidence is out of date; `told_at` None: nothing is told."""

    id: str
    joined: tuple[str, ...]
    left: tuple[str, ...]
    dropped: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    last_seq: int
    told: Standing
    standing: Standing | None
    told_at: datetime | None
    settles_at: datetime | None


class _Folding(NamedTuple):
    """An alert of one of two stories that turned out to be one, as _LOCK_STORIES gives it."""

    id: int
    watch_id: int
    story_id: int
    article_ids: list[int]
    evidence: list[Any]
    told: Any
    standing: Any
    last_seq: int
    settles_at: datetime | None


_COLUMNS = (
    """id, watch_id, story_id, article_ids, last_seq, told, standing, told_at, settles_at, snoozed_until, state"""
)

# One that was folded into an alert of another story, from which its own has come apart again, is as new.
_OPEN = text(f"""
    INSERT INTO alerts (watch_id, story_id, article_ids)
    SELECT watch_id, story_id, '{{}}' FROM unnest(CAST(:watches AS bigint[]), CAST(:stories AS bigint[]))
        AS wanted (watch_id, story_id)
    JOIN watches w ON w.id = watch_id
    ORDER BY watch_id, story_id
    ON CONFLICT (watch_id, story_id) DO UPDATE SET folded_into = NULL
    RETURNING {_COLUMNS}
""")  # noqa: S608 (constants)

_LOCK = text(f"SELECT {_COLUMNS} FROM alerts WHERE id = ANY(:ids) ORDER BY watch_id, story_id FOR UPDATE")  # noqa: S608

_SAVE = text("""
    UPDATE alerts a SET last_seq = c.last_seq, told = c.told, standing = c.standing, settles_at = c.settles_at,
        told_at = COALESCE(c.told_at, a.told_at), updated_at = clock_timestamp(),
        article_ids = CASE WHEN c.leaving = '{}' THEN a.article_ids ELSE ARRAY(
            SELECT id FROM unnest(a.article_ids) WITH ORDINALITY AS one (id, place)
            WHERE id <> ALL(c.leaving) ORDER BY place) END || c.joined,
        evidence = CASE WHEN c.dropped = '{}' THEN a.evidence ELSE (
            SELECT COALESCE(jsonb_agg(e ORDER BY place), '[]')
            FROM jsonb_array_elements(a.evidence) WITH ORDINALITY AS one (e, place)
            WHERE e ->> 'article_id' <> ALL(c.dropped)) END || c.evidence
    FROM jsonb_to_recordset(CAST(:changes AS jsonb)) AS c (
        id bigint, joined bigint[], leaving bigint[], dropped text[], evidence jsonb, last_seq int, told jsonb,
        standing jsonb, told_at timestamptz, settles_at timestamptz)
    WHERE a.id = c.id
""")

_LOCK_STORIES = Sql("""
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

_MOVE_MATCHES = Sql("""
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
    rows = [_Folding(*row) for row in _LOCK_STORIES.rows(tx, ids)]
    there = {row.watch_id: row for row in rows if row.story_id == ids["into_id"]}
    coming = [row for row in rows if row.story_id == ids["from_id"]]
    moving = [row for row in coming if row.watch_id not in there]
    if moving:
        tx.execute(_FREE, {"into_id": ids["into_id"], "ids": [row.watch_id for row in moving]})
        tx.execute(_MOVE, {"into_id": ids["into_id"], "ids": [row.id for row in moving]})
    for row in coming:
        if row.watch_id in there:
            _fold_one(tx, row, there[row.watch_id])
    _MOVE_MATCHES.run(tx, ids)


def _fold_one(tx: Transaction, row: _Folding, into: _Folding) -> None:
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


def open_all(tx: Transaction, wanted: Iterable[tuple[str, str]]) -> list[StoredAlert]:
    """The alert of each (watch, story), made where there is none, locked until the transaction ends.

    In one order everywhere, so that two runs that meet on several never wait for each other. One of a watch that was
    deleted meanwhile is left out.
    """
    pairs = sorted({(int(watch), int(story)) for watch, story in wanted})
    if not pairs:
        return []
    columns = {"watches": [watch for watch, _ in pairs], "stories": [story for _, story in pairs]}
    return [_stored(row) for row in tx.execute(_OPEN, columns)]


def lock_all(tx: Transaction, ids: Iterable[str]) -> list[StoredAlert]:
    """The alerts that exist, locked until the transaction ends."""
    wanted = [int(id_) for id_ in ids]
    return [_stored(row) for row in tx.execute(_LOCK, {"ids": wanted})] if wanted else []


def save_all(tx: Transaction, changes: Sequence[AlertChange]) -> None:
    """Write what became of locked alerts."""
    if changes:
        rows = [{**change._asdict(), "leaving": change.left} for change in changes]
        tx.execute(_SAVE, {"changes": msgspec.json.encode(rows).decode()})


def _stored(row: Row[Any]) -> StoredAlert:
    return StoredAlert(
        id=str(row.id),
        watch_id=str(row.watch_id),
        story_id=str(row.story_id),
        article_ids=tuple(map(str, row.article_ids)),
        last_seq=row.last_seq,
        told=read_standing(row.told) if row.told else None,
        standing=None if row.standing is None else read_standing(row.standing),
        told_at=row.told_at,
        settles_at=row.settles_at,
        snoozed_until=row.snoozed_until,
        state=row.state,
    )
