"""Alerts as the API shows them, and their updates in the order in which streams tell them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Evidence, UpdateReason
from wirewatch.store.alerts import AlertState
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc, utc_or_none

POSITION = re.compile(r"([0-9]{1,18})-([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class UpdateView:
    id: str
    seq: int
    reason: UpdateReason
    changes: list[str]
    article_ids: list[str]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class AlertView:
    """`reason` says why a user dismissed or acknowledged it, where they said so.

    `settles_at`: when what has changed since the last update is told; null: nothing is being collected.
    """

    id: str
    watch_id: str
    watch_name: str
    story_id: str
    story_title: str
    article_ids: list[str]
    state: AlertState
    reason: str | None
    snoozed_until: datetime | None
    settles_at: datetime | None
    created_at: datetime
    updated_at: datetime
    evidence: list[Evidence]
    updates: list[UpdateView]


@dataclass(frozen=True, slots=True)
class AlertFilter:
    state: AlertState | None = None
    watch_id: str | None = None
    story_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Position(NamedTuple):
    """A place in the stream. Updates are told in the order of (transaction, id), which later commits never precede."""

    written_by: int
    update_id: int

    def __str__(self) -> str:
        return f"{self.written_by}-{self.update_id}"


class Told(NamedTuple):
    """An update that streams may tell, and the alert it belongs to."""

    position: Position
    alert_id: int


_FIND_IDS = text("""
    SELECT id FROM alerts
    WHERE (CAST(:before AS bigint) IS NULL OR id < :before) AND (CAST(:state AS text) IS NULL OR state = :state)
      AND (CAST(:watch_id AS bigint) IS NULL OR watch_id = :watch_id)
      AND (CAST(:story_id AS bigint) IS NULL OR story_id = :story_id)
      AND (CAST(:since AS timestamptz) IS NULL OR created_at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR created_at < :until)
      AND EXISTS (SELECT FROM updates u WHERE u.alert_id = alerts.id)
    ORDER BY id DESC LIMIT :limit
""")

_SHOW = text("""
    SELECT a.*, w.name AS watch_name, s.title AS story_title
    FROM alerts a JOIN watches w ON w.id = a.watch_id JOIN stories s ON s.id = a.story_id
    WHERE a.id = ANY(:ids) ORDER BY a.id DESC
""")

_UPDATES = text("""
    SELECT alert_id, id, seq, reason, changes, article_ids, created_at FROM updates
    WHERE alert_id = ANY(:ids) ORDER BY alert_id, seq
""")

_SETTLED = "written_by < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

_AFTER = text(f"""
    SELECT written_by, id, alert_id FROM updates
    WHERE (written_by, id) > (:written_by, :update_id) AND {_SETTLED}
    ORDER BY written_by, id LIMIT :limit
""")  # noqa: S608 (a constant)


# A place from before a dump was restored: store/updates.py has put all that was told by then before what is told now.
_IS_FOREIGN = text("""
    SELECT :written_by >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        OR EXISTS (SELECT FROM updates WHERE written_by = 0 AND id >= :update_id)
""")


def find_ids(tx: Transaction, wanted: AlertFilter, *, before: int | None, limit: int) -> list[int]:
    """The newest alerts first, below the id `before`."""
    given = {
        "state": wanted.state,
        "watch_id": number_of(wanted.watch_id, "watch") if wanted.watch_id else None,
        "story_id": number_of(wanted.story_id, "story") if wanted.story_id else None,
        "since": wanted.since,
        "until": wanted.until,
    }
    return list(tx.execute(_FIND_IDS, {**given, "before": before, "limit": limit}).scalars())


def show(tx: Transaction, ids: Sequence[int]) -> list[AlertView]:
    """The alerts that exist, the newest first."""
    updates: dict[int, list[UpdateView]] = {}
    for alert_id, number, seq, reason, changes, article_ids, created_at in tx.execute(_UPDATES, {"ids": list(ids)}):
        shown = UpdateView(str(number), seq, reason, changes, [str(id_) for id_ in article_ids], utc(created_at))
        updates.setdefault(alert_id, []).append(shown)
    rows = tx.execute(_SHOW, {"ids": list(ids)}).mappings()
    return [_view(row, updates.get(row["id"], [])) for row in rows]


def get(tx: Transaction, alert_id: str) -> AlertView:
    """The alert, or the one that it was folded into. Raises NotFoundError."""
    found = show(tx, [find_folded(tx, number_of(alert_id, "alert"))])
    if not found:
        raise NotFoundError("no alert with this id")
    return found[0]


def set_state(tx: Transaction, alert_id: str, state: AlertState, reason: str | None) -> None:
    """What a user made of an alert. Raises NotFoundError."""
    _change(tx, alert_id, "state = :state, reason = :reason", {"state": state, "reason": reason})


def snooze(tx: Transaction, alert_id: str, until: datetime | None) -> None:
    """What it has to tell before then waits; None: nothing waits. Raises NotFoundError."""
    _change(tx, alert_id, "snoozed_until = :until", {"until": until})


def _change(tx: Transaction, alert_id: str, assignments: str, values: dict[str, Any]) -> None:
    query = text(f"UPDATE alerts SET {assignments}, updated_at = clock_timestamp() WHERE id = :id RETURNING id")  # noqa: S608 (constants)
    if tx.execute(query, {**values, "id": find_folded(tx, number_of(alert_id, "alert"))}).first() is None:
        raise NotFoundError("no alert with this id")


def find_folded(tx: Transaction, number: int) -> int:
    """The alert itself, or the one that it was folded into."""
    into = tx.execute(text("SELECT folded_into FROM alerts WHERE id = :id"), {"id": number}).scalar()
    return number if into is None else int(into)


def get_last_position(tx: Transaction) -> Position:
    """The end of the stream so far: a reader that starts here is told what comes from now on."""
    query = text(f"SELECT written_by, id FROM updates WHERE {_SETTLED} ORDER BY written_by DESC, id DESC LIMIT 1")  # noqa: S608 (a constant)
    row = tx.execute(query).first()
    return Position(row[0], row[1]) if row else Position(0, 0)


def find_position(tx: Transaction, seen: str) -> Position | None:
    """The place that a reader has come to: a position as text, or an update's id; None where the update is gone.

    Raises NotFoundError for what is neither.
    """
    if found := POSITION.fullmatch(seen):
        place = Position(int(found[1]), int(found[2]))
        is_foreign = tx.execute(_IS_FOREIGN, place._asdict()).scalar_one()
        return place._replace(written_by=0) if is_foreign else place
    number = number_of(seen, "update")
    row = tx.execute(text("SELECT written_by, id FROM updates WHERE id = :id"), {"id": number}).first()
    return Position(row[0], row[1]) if row else None


def list_told_after(tx: Transaction, position: Position, limit: int) -> list[Told]:
    """The updates after a place, up to the oldest transaction still running: none can appear before them later."""
    rows = tx.execute(_AFTER, {"written_by": position.written_by, "update_id": position.update_id, "limit": limit})
    return [Told(Position(written_by, update_id), alert_id) for written_by, update_id, alert_id in rows]


def has_unsettled(tx: Transaction) -> bool:
    """Whether updates are committed that have to wait for an older transaction."""
    return bool(tx.execute(text(f"SELECT EXISTS (SELECT FROM updates WHERE NOT {_SETTLED})")).scalar())  # noqa: S608 (a constant)


def _view(row: Any, updates: list[UpdateView]) -> AlertView:
    return AlertView(
        id=str(row["id"]),
        watch_id=str(row["watch_id"]),
        watch_name=row["watch_name"],
        story_id=str(row["story_id"]),
        story_title=row["story_title"],
        article_ids=[str(id_) for id_ in row["article_ids"]],
        state=row["state"],
        reason=row["reason"],
        snoozed_until=utc_or_none(row["snoozed_until"]),
        settles_at=utc_or_none(row["settles_at"]),
        created_at=utc(row["created_at"]),
        updated_at=utc(row["updated_at"]),
        evidence=msgspec.convert(row["evidence"], list[Evidence]),
        updates=updates,
    )
