"""The ledger as the API shows it: how much waits, whether it flows, and what is quarantined."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.messages import MessageType
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc, utc_or_none

# Which stage a message waits for, and what its article's `stage` says meanwhile (worker/pipeline.py has the functions).
STAGES: dict[MessageType, str] = {
    "ArticleReceived": "dedupe",
    "ArticleChecked": "extract",
    "ArticleExtracted": "cluster",
    "ArticlePlaced": "match",
    "StoryChanged": "rematch",
    "WatchMatched": "alert",
    "AlertDue": "settle",
    "HoldDue": "release",
    "WatchChanged": "replan",
    "BackfillDue": "backfill",
    "DeliveryDue": "deliver",
}
ARTICLE_STAGES: dict[str, str] = {
    "ArticleReceived": "received",
    "ArticleChecked": "checked",
    "ArticleExtracted": "extracted",
    "ArticlePlaced": "clustered",
    "WatchMatched": "matched",
}

# What waits for its time is no work yet: deliveries, digests, quiet hours, changes that are being collected.
TIMED: tuple[MessageType, ...] = ("DeliveryDue", "HoldDue", "AlertDue")

# Work that is due and that nobody has touched for so long, while nobody works at anything: it does not flow.
STALLED_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class StageView:
    """`pending`: due, leased or in back-off; `scheduled`: waits for its time; `done`: since the first start."""

    pending: int
    scheduled: int
    quarantined: int
    done: int
    superseded: int
    runs: int


@dataclass(frozen=True, slots=True)
class PipelineView:
    pending: int
    scheduled: int
    quarantined: int
    flow: Literal["ok", "stalled"]
    stalled_since: datetime | None
    stages: dict[str, StageView]


@dataclass(frozen=True, slots=True)
class QuarantinedView:
    """A message whose attempts are used up, with the error of the last one."""

    id: str
    type: str
    stage: str
    subject_id: str
    subject_version: int
    attempts: int
    last_error: str | None
    created_at: datetime
    quarantined_at: datetime


_COUNT = text("""
    SELECT type,
           count(*) FILTER (WHERE quarantined_at IS NULL AND NOT scheduled) AS pending,
           count(*) FILTER (WHERE quarantined_at IS NULL AND scheduled) AS scheduled,
           count(*) FILTER (WHERE quarantined_at IS NOT NULL) AS quarantined
    FROM (
        SELECT type, quarantined_at,
               type = ANY(:timed) AND lease_token IS NULL AND COALESCE(due_at > now(), false) AS scheduled
        FROM messages
    ) AS m
    GROUP BY type
""")

_STALLED_SINCE = text("""
    SELECT min(COALESCE(due_at, created_at)) FROM messages
    WHERE quarantined_at IS NULL AND COALESCE(due_at, created_at) < now() - make_interval(secs => :seconds)
      AND NOT EXISTS (SELECT FROM messages WHERE leased_until > now())
""")

_QUARANTINED = text("""
    SELECT id, type, subject_id, subject_version, attempts, last_error, created_at, quarantined_at FROM messages
    WHERE quarantined_at IS NOT NULL AND id > :after ORDER BY id LIMIT :limit
""")


def get_pipeline(tx: Transaction) -> PipelineView:
    """The state of every stage, and whether work that is due is being done."""
    counts = {row.type: row for row in tx.execute(_COUNT, {"timed": list(TIMED)})}
    done = {row.stage: row for row in tx.execute(text("SELECT stage, done, superseded, runs FROM stage_counts"))}
    stages = {
        stage: _stage(counts.get(type_), done.get(stage))
        for type_, stage in [*STAGES.items(), *((type_, type_) for type_ in counts.keys() - STAGES.keys())]
    }
    since = utc_or_none(tx.execute(_STALLED_SINCE, {"seconds": STALLED_AFTER_SECONDS}).scalar())
    return PipelineView(
        pending=sum(stage.pending for stage in stages.values()),
        scheduled=sum(stage.scheduled for stage in stages.values()),
        quarantined=sum(stage.quarantined for stage in stages.values()),
        flow="stalled" if since else "ok",
        stalled_since=since,
        stages=stages,
    )


def list_quarantined(tx: Transaction, *, after: int | None, limit: int) -> list[QuarantinedView]:
    """Quarantined messages by id after the id `after`."""
    return [
        QuarantinedView(
            id=str(row.id),
            type=row.type,
            stage=STAGES.get(row.type, row.type),
            subject_id=str(row.subject_id),
            subject_version=row.subject_version,
            attempts=row.attempts,
            last_error=row.last_error,
            created_at=utc(row.created_at),
            quarantined_at=utc(row.quarantined_at),
        )
        for row in tx.execute(_QUARANTINED, {"after": after or 0, "limit": limit})
    ]


def message_number(message_id: str) -> int:
    """Raises NotFoundError for what is no message's id."""
    return number_of(message_id, "quarantined message")


def _stage(counts: Any, done: Any) -> StageView:
    return StageView(
        pending=counts.pending if counts else 0,
        scheduled=counts.scheduled if counts else 0,
        quarantined=counts.quarantined if counts else 0,
        done=done.done if done else 0,
        superseded=done.superseded if done else 0,
        runs=done.runs if done else 0,
    )
