"""Stories as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Conflict, EntityType, StoryFacts
from wirewatch.store.ids import number_of
from wirewatch.store.views.times import utc, utc_or_none
from wirewatch.stories.claims import FoldedClaim, fold_claims
from wirewatch.stories.growth import Growth, growth_of

# Of a story with more articles, the latest are shown; GET /v1/articles?story_id= lists them all.
SHOWN_ARTICLES = 1000


@dataclass(frozen=True, slots=True)
class EntityWeight:
    """`articles`: how many of the story's name it."""

    id: str
    name: str
    type: EntityType
    articles: int


@dataclass(frozen=True, slots=True)
class TopicWeight:
    id: str
    name: str
    articles: int


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
    """`timeline` begins with the earliest article; entities, topics and claims with those that most articles name.
    `growth_per_hour`: articles an hour, of late; `is_burst`: far more than before.
    """

    id: str
    title: str
    article_ids: list[str]
    article_count: int
    sources: list[str]
    independent_sources: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    growth_per_hour: float
    is_burst: bool
    entities: list[EntityWeight]
    topics: list[TopicWeight]
    claims: list[FoldedClaim]
    conflicts: list[Conflict]
    timeline: list[TimelineEntry]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class StoryFilter:
    """`q`: words that the title holds; `entity` and `topic`: an id or a name; `since`: seen then or later."""

    q: str | None = None
    entity: str | None = None
    topic: str | None = None
    since: datetime | None = None
    min_independent_sources: int | None = None
    has_conflicts: bool | None = None


_CONDITIONS = {
    "q": "position(lower(:q) IN lower(s.title)) > 0",
    "entity": """EXISTS (
        SELECT 1 FROM entities e
        WHERE (e.id = :entity OR lower(e.name) = lower(:entity)) AND s.facts -> 'entity_ids' ? e.id
    )""",
    "topic": """EXISTS (
        SELECT 1 FROM topics t
        WHERE (t.id = :topic OR lower(t.name) = lower(:topic)) AND s.facts -> 'topic_ids' ? t.id
    )""",
    "since": "s.last_seen_at >= :since",
    "min_independent_sources": "s.independent_sources >= :min_independent_sources",
    "has_conflicts": "s.has_conflicts = :has_conflicts",
}

_TIMELINE = text("""
    SELECT story_id, id, at, title, name, url, duplicate_of FROM (
        SELECT a.story_id, a.id, COALESCE(a.published_at, a.first_seen_at) AS at, a.title, s.name, a.url,
            a.duplicate_of, row_number() OVER (PARTITION BY a.story_id ORDER BY a.id DESC) AS place
        FROM articles a LEFT JOIN sources s ON s.id = a.source_id WHERE a.story_id = ANY(:ids)
    ) AS one WHERE place <= :shown ORDER BY at, id
""")


def find_ids(tx: Transaction, wanted: StoryFilter, *, before: int | None, limit: int) -> list[int]:
    """The newest stories first, below the id `before`."""
    given = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    conditions = ["s.merged_into IS NULL", "s.article_count > 0", *(_CONDITIONS[name] for name in given)]
    if before is not None:
        conditions.append("s.id < :before")
    query = f"SELECT s.id FROM stories s WHERE {' AND '.join(conditions)} ORDER BY s.id DESC LIMIT :limit"  # noqa: S608 (constants)
    return list(tx.execute(text(query), {**given, "before": before, "limit": limit}).scalars())


def find_merged_into(tx: Transaction, story_id: str) -> str | None:
    """The story that lives on where this one was merged into another."""
    number = number_of(story_id, "story")
    merged = tx.execute(text("SELECT merged_into FROM stories WHERE id = :id"), {"id": number}).scalar()
    return str(merged) if merged else None


def get(tx: Transaction, story_id: str, now: datetime) -> StoryView:
    """Raises NotFoundError."""
    found = show(tx, [number_of(story_id, "story")], now)
    if not found:
        raise NotFoundError("no story with this id")
    return found[0]


def show(tx: Transaction, ids: Sequence[int], now: datetime) -> list[StoryView]:
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
        _view(number, facts, updated_at, timelines.get(number, []), growth_of(facts.hours, now), (entities, topics))
        for number, facts, updated_at in rows
    ]


def _view(
    number: int,
    facts: StoryFacts,
    updated_at: datetime,
    timeline: list[TimelineEntry],
    growth: Growth,
    named: tuple[dict[str, Any], dict[str, Any]],
) -> StoryView:
    entities, topics = named
    return StoryView(
        id=str(number),
        title=facts.title,
        article_ids=sorted((entry.article_id for entry in timeline), key=int),
        article_count=facts.article_count or len(facts.article_ids),
        sources=list(facts.sources),
        independent_sources=facts.independent_sources,
        first_seen_at=utc_or_none(facts.first_seen_at),
        last_seen_at=utc_or_none(facts.last_seen_at),
        growth_per_hour=growth.per_hour,
        is_burst=growth.is_burst,
        entities=[
            EntityWeight(id_, entities[id_][1], entities[id_][2], count)
            for id_, count in _weighted(facts.entity_ids, facts.entity_counts)
            if id_ in entities
        ],
        topics=[
            TopicWeight(id_, topics[id_][1], count)
            for id_, count in _weighted(facts.topic_ids, facts.topic_counts)
            if id_ in topics
        ],
        claims=fold_claims(facts.claims, facts.claim_counts, {entry.article_id: entry.source for entry in timeline}),
        conflicts=list(facts.conflicts),
        timeline=timeline,
        updated_at=utc(updated_at),
    )


def _weighted(ids: Sequence[str], counts: Sequence[int]) -> list[tuple[str, int]]:
    """Facts of an older release have no counts: each then counts once."""
    return list(zip(ids, counts if len(counts) == len(ids) else [1] * len(ids), strict=True))


def _timelines(tx: Transaction, ids: Sequence[int]) -> dict[int, list[TimelineEntry]]:
    timelines: dict[int, list[TimelineEntry]] = {}
    rows = tx.execute(_TIMELINE, {"ids": list(ids), "shown": SHOWN_ARTICLES})
    for story, article, at, title, source, url, original in rows:
        entry = TimelineEntry(utc(at), str(article), title, source, url, str(original) if original else None)
        timelines.setdefault(story, []).append(entry)
    return timelines


def _find_named(tx: Transaction, table: str, ids: Sequence[str]) -> dict[str, Any]:
    """id -> (id, name), and for entities the type; also of those that a user has deleted since."""
    columns = "id, name, type" if table == "entities" else "id, name"
    query = f"SELECT {columns} FROM {table} WHERE id = ANY(:ids)"  # noqa: S608 (constants)
    return {row[0]: tuple(row) for row in tx.execute(text(query), {"ids": list(set(ids))})}
