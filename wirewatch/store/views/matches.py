"""What became of each match: whether its watch was told, and otherwise until when or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store.deliveries import DeliveryState
from wirewatch.store.matches import COLLECTED
from wirewatch.store.views.times import utc, utc_or_none

UNADDRESSED = "no endpoint is there to be told"
UNDECIDED = "waits to be decided"

# Of several endpoints the one that was told best. A match without a state was lost: nobody will look at it again.
OUTCOMES = f"""
    SELECT m.watch_id, m.article_id, m.alert_id, m.matched_at, m.score,
        CASE WHEN told.id IS NOT NULL THEN COALESCE(d.state, 'suppressed')
             WHEN m.untold = '{COLLECTED}' THEN 'held'
             WHEN m.untold IS NOT NULL THEN 'suppressed'
             WHEN EXISTS (SELECT FROM messages w WHERE w.type = 'WatchMatched' AND w.subject_id = m.article_id)
                THEN 'pending' END AS state,
        CASE WHEN told.id IS NOT NULL THEN CASE WHEN d.state IS NULL THEN '{UNADDRESSED}' ELSE d.reason END
             ELSE COALESCE(m.untold, '{UNDECIDED}') END AS reason,
        CASE WHEN told.id IS NOT NULL THEN d.next_attempt_at
             WHEN m.untold = '{COLLECTED}' THEN a.settles_at END AS until
    FROM matches m
    LEFT JOIN alerts a ON a.id = m.alert_id
    LEFT JOIN LATERAL (
        SELECT u.id FROM updates u
        WHERE u.alert_id = m.alert_id AND m.article_id = ANY(u.article_ids) AND u.reason <> 'withdrawn'
        ORDER BY u.seq DESC LIMIT 1
    ) AS told ON true
    LEFT JOIN LATERAL (
        SELECT d.state, d.reason, d.next_attempt_at FROM delivery_updates du JOIN deliveries d ON d.id = du.delivery_id
        WHERE du.update_id = told.id
        ORDER BY array_position(CAST('{{sent,pending,held,failed,suppressed}}' AS text[]), d.state), d.id LIMIT 1
    ) AS d ON true
    WHERE m.holds
"""  # noqa: S608 (constants)

_FIND_IDS = text(f"""
    SELECT o.article_id FROM ({OUTCOMES} AND m.watch_id = :watch_id) AS o
    WHERE (CAST(:before AS bigint) IS NULL OR o.article_id < :before)
        AND (CAST(:state AS text) IS NULL OR o.state = :state)
    ORDER BY o.article_id DESC LIMIT :limit
""")  # noqa: S608 (constants)

_SHOW = text(f"""
    SELECT o.*, a.title, a.story_id FROM ({OUTCOMES} AND m.watch_id = :watch_id AND m.article_id = ANY(:ids)) AS o
    JOIN articles a ON a.id = o.article_id
    ORDER BY o.article_id DESC
""")  # noqa: S608 (constants)


@dataclass(frozen=True, slots=True)
class MatchView:
    """`state` and `reason`: what became of it; `held` and `pending` with the time `until` which it waits."""

    watch_id: str
    article_id: str
    article_title: str
    story_id: str | None
    alert_id: str | None
    score: float
    state: DeliveryState
    reason: str | None
    until: datetime | None
    matched_at: datetime


def find_ids(
    tx: Transaction, watch_id: int, state: DeliveryState | None, *, before: int | None, limit: int
) -> list[int]:
    """-> articles that the watch matches, the newest first, below the id `before`."""
    given = {"watch_id": watch_id, "state": state, "before": before, "limit": limit}
    return list(tx.execute(_FIND_IDS, given).scalars())


def show(tx: Transaction, watch_id: int, article_ids: Sequence[int]) -> list[MatchView]:
    """The matches that hold, the newest article first."""
    rows = tx.execute(_SHOW, {"watch_id": watch_id, "ids": list(article_ids)})
    return [
        MatchView(
            watch_id=str(row.watch_id),
            article_id=str(row.article_id),
            article_title=row.title,
            story_id=str(row.story_id) if row.story_id else None,
            alert_id=str(row.alert_id) if row.alert_id else None,
            score=round(row.score, 3),
            state=row.state or "pending",
            reason=row.reason,
            until=utc_or_none(row.until),
            matched_at=utc(row.matched_at),
        )
        for row in rows
    ]
