"""Everything that a story's page shows, read at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.store import corrections
from wirewatch.store.corrections import StoryEvent
from wirewatch.store.ids import number_of
from wirewatch.store.views import stories
from wirewatch.store.views.stories import StoryView
from wirewatch.store.views.times import utc


@dataclass(frozen=True, slots=True)
class Copy:
    """`similarity`: how much of the wording is the same, 0 to 1."""

    article_id: str
    duplicate_of: str
    similarity: float | None


@dataclass(frozen=True, slots=True)
class SharedText:
    """Two articles of the story with sentences in common; `agency_id` where both name the agency."""

    article_id: str
    other_id: str
    agency_id: str | None
    sentences: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RejectedClaim:
    claim: Mapping[str, Any]
    by: str
    note: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoryAlert:
    id: str
    watch_id: str
    watch_name: str
    state: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoryPage:
    """`history`: merges, splits and corrections, the latest first; `merged_ids`: ids that lead here now."""

    story: StoryView
    copies: list[Copy]
    shared_text: list[SharedText]
    rejected_claims: list[RejectedClaim]
    alerts: list[StoryAlert]
    merged_ids: list[str]
    history: list[StoryEvent]


_COPIES = text("""
    SELECT id, duplicate_of, similarity FROM articles WHERE story_id = :id AND duplicate_of IS NOT NULL ORDER BY id
    LIMIT 1000
""")

_SHARED = text("""
    SELECT l.article_id, l.other_id, l.agency_id, l.sentences
    FROM articles a JOIN lineages l ON l.article_id = a.id JOIN articles o ON o.id = l.other_id
    WHERE a.story_id = :id AND o.story_id = :id ORDER BY l.article_id, l.other_id LIMIT 500
""")

_REJECTED = text("""
    SELECT r.claim, r.by, r.note, r.created_at FROM claim_rejections r JOIN articles a ON a.id = r.article_id
    WHERE a.story_id = :id ORDER BY r.id DESC LIMIT 200
""")

_ALERTS = text("""
    SELECT a.id, a.watch_id, w.name, a.state, a.updated_at FROM alerts a JOIN watches w ON w.id = a.watch_id
    WHERE a.story_id = :id AND a.folded_into IS NULL ORDER BY a.id
""")


def get(tx: Transaction, story_id: str, now: datetime) -> StoryPage:
    """Raises NotFoundError."""
    story, wanted = stories.get(tx, story_id, now), {"id": number_of(story_id, "story")}
    merged = tx.execute(text("SELECT id FROM stories WHERE merged_into = :id ORDER BY id"), wanted).scalars()
    return StoryPage(
        story=story,
        copies=[Copy(str(id_), str(original), similarity) for id_, original, similarity in tx.execute(_COPIES, wanted)],
        shared_text=[
            SharedText(str(id_), str(other), agency, sentences)
            for id_, other, agency, sentences in tx.execute(_SHARED, wanted)
        ],
        rejected_claims=[
            RejectedClaim(claim, by, note, utc(at)) for claim, by, note, at in tx.execute(_REJECTED, wanted)
        ],
        alerts=[
            StoryAlert(str(id_), str(watch), name, state, utc(at))
            for id_, watch, name, state, at in tx.execute(_ALERTS, wanted)
        ],
        merged_ids=[str(id_) for id_ in merged],
        history=corrections.list_events(tx, story_id),
    )
