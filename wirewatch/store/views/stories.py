"""Stories as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Claim, Conflict, EntityType, StoryFacts
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc, utc_or_none


@dataclass(frozen=True, slots=True)
class EntityName:
    id: str
    name: str
    type: EntityType


@dataclass(frozen=True, slots=True)
class TopicName:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """An article of the story at the time when it was published, or first seen where that is not known."""

    at: datetime
    article_id: str
    title: str
    source: str | None
    url: str | None
    duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class StoryView:
    """`timeline` begins with the earliest article; entities and topics with those that most articles name."""

    id: str
    title: str
    article_ids: list[str]
    sources: list[str]
    independent_sources: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    entities: list[EntityName]
    topics: list[TopicName]
    claims: list[Claim]
    conflicts: list[Conflict]
    timeline: list[TimelineEntry]
    updated_at: datetime


_FIND_IDS = text("""
    SELECT id FROM stories WHERE merged_into IS NULL AND article_count > 0
      AND (CAST(:before AS bigint) IS NULL OR id < :before)
      AND (CAST(:q AS text) IS NULL OR position(lower(:q) IN lower(title)) > 0)
    ORDER BY id DESC LIMIT :limit
""")

_TIMELINE = text("""
    SELECT a.story_id, a.id, COALESCE(a.published_at, a.first_seen_at) AS at, a.title, s.name, a.url, a.duplicate_of
    FROM articles a LEFT JOIN sources s ON s.id = a.source_id
    WHERE a.story_id = ANY(:ids) ORDER BY at, a.id
""")


def find_ids(tx: Transaction, *, before: int | None, limit: int, q: str | None = None) -> list[int]:
    """The newest stories first, below the id `before`, with `q` in their title."""
    return list(tx.execute(_FIND_IDS, {"before": before, "limit": limit, "q": q}).scalars())


def find_merged_into(tx: Transaction, story_id: str) -> str | None:
    """The story that lives on where this one was merged into another."""
    number = number_of(story_id, "story")
    merged = tx.execute(text("SELECT merged_into FROM stories WHERE id = :id"), {"id": number}).scalar()
    return str(merged) if merged else None


def get(tx: Transaction, story_id: str) -> StoryView:
    """Raises NotFoundError."""
    found = show(tx, [number_of(story_id, "story")])
    if not found:
        raise NotFoundError("no story with this id")
    return found[0]


def show(tx: Transaction, ids: Sequence[int]) -> list[StoryView]:
    """The stories that exist, the newest first."""
    query = text("SELECT id, facts, updated_at FROM stories WHERE id = ANY(:ids) AND facts <> '{}' ORDER BY id DESC")
    rows = [
        (number, msgspec.convert(facts, StoryFacts), updated_at)
        for number, facts, updated_at in tx.execute(query, {"ids": list(ids)})
    ]
    timelines = _timelines(tx, ids)
    entities = _find_named(tx, "entities", [id_ for _, facts, _ in rows for id_ in facts.entity_ids])
    topics = _find_named(tx, "topics", [id_ for _, facts, _ in rows for id_ in facts.topic_ids])
    return [
        StoryView(
            id=str(number),
            title=facts.title,
            article_ids=list(facts.article_ids),
            sources=list(facts.sources),
            independent_sources=facts.independent_sources,
            first_seen_at=utc_or_none(facts.first_seen_at),
            last_seen_at=utc_or_none(facts.last_seen_at),
            entities=[EntityName(*entities[id_]) for id_ in facts.entity_ids if id_ in entities],
            topics=[TopicName(*topics[id_]) for id_ in facts.topic_ids if id_ in topics],
            claims=list(facts.claims),
            conflicts=list(facts.conflicts),
            timeline=timelines.get(number, []),
            updated_at=utc(updated_at),
        )
        for number, facts, updated_at in rows
    ]


def _timelines(tx: Transaction, ids: Sequence[int]) -> dict[int, list[TimelineEntry]]:
    timelines: dict[int, list[TimelineEntry]] = {}
    for story, article, at, title, source, url, original in tx.execute(_TIMELINE, {"ids": list(ids)}):
        entry = TimelineEntry(utc(at), str(article), title, source, url, str(original) if original else None)
        timelines.setdefault(story, []).append(entry)
    return timelines


def _find_named(tx: Transaction, table: str, ids: Sequence[str]) -> dict[str, Any]:
    """id -> (id, name), and for entities the type; also of those that a user has deleted since."""
    columns = "id, name, type" if table == "entities" else "id, name"
    query = f"SELECT {columns} FROM {table} WHERE id = ANY(:ids)"  # noqa: S608 (constants)
    return {row[0]: tuple(row) for row in tx.execute(text(query), {"ids": list(set(ids))})}
