"""Articles as the API shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.errors import NotFoundError
from wirewatch.models import Claim, Mention, TopicScore, VersionChanges
from wirewatch.store.ids import number_of
from wirewatch.store.views import lineages
from wirewatch.store.views.lineages import LineageView
from wirewatch.store.views.times import utc, utc_or_none

# Articles may be megabytes long: a page ends where its stored texts reach this.
PAGE_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class SourceView:
    id: str
    name: str
    domain: str | None


@dataclass(frozen=True, slots=True)
class VersionView:
    """What was accepted under one identity, the latest last; the article itself shows the current one.

    `changes`: what is different from the version before; null until it was compared, and of the first version.
    """

    version: int
    title: str
    published_at: datetime | None
    accepted_at: datetime
    changes: VersionChanges | None


@dataclass(frozen=True, slots=True)
class VersionText:
    """One version with its text, as it was accepted."""

    article_id: str
    version: int
    title: str
    text: str
    published_at: datetime | None
    accepted_at: datetime
    changes: VersionChanges | None


@dataclass(frozen=True, slots=True)
class Retraction:
    """Since when the article is taken back, by whom, and the reason or the words that say so."""

    at: datetime
    by: Literal["publisher", "user"]
    reason: str | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """Mentions, topics and claims are those of the current version; before it is extracted there are none.

    `similarity` is how much of the wording it shares with the article in `duplicate_of`; `lineage` lists the articles
    that share sentences with it without being copies.
    `page_state`: what became of the page that a feed's entry links to (`read`, `paywall`, ...); null: none asked for.
    """

    id: str
    version: int
    stage: str
    url: str | None
    external_id: str | None
    source: SourceView | None
    lang: str | None
    title: str
    text: str
    author: str | None
    page_state: str | None
    published_at: datetime | None
    first_seen_at: datetime
    updated_at: datetime
    duplicate_of: str | None
    similarity: float | None
    retraction: Retraction | None
    story_id: str | None
    versions: list[VersionView]
    lineage: list[LineageView]
    mentions: list[Mention]
    topics: list[TopicScore]
    claims: list[Claim]


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """Which articles a list holds; None: any."""

    story_id: str | None = None
    source_id: str | None = None
    stage: str | None = None
    lang: str | None = None
    entity_id: str | None = None
    topic_id: str | None = None
    since: datetime | None = None


_CONDITIONS = {
    "story_id": "a.story_id = :story_id",
    "source_id": "a.source_id = :source_id",
    "stage": "a.stage = :stage",
    "lang": "COALESCE(a.lang, a.declared_lang) = :lang",
    "entity_id": "a.id IN (SELECT article_id FROM analyses WHERE entity_ids @> ARRAY[CAST(:entity_id AS text)])",
    "topic_id": "a.id IN (SELECT article_id FROM analyses WHERE topic_ids @> ARRAY[CAST(:topic_id AS text)])",
    "since": "a.first_seen_at >= :since",
}

_SHOW = text("""
    SELECT a.*, COALESCE(a.lang, a.declared_lang) AS shown_lang, s.name AS source_name, s.domain AS source_domain,
           n.mentions, n.topics, n.claims
    FROM articles a
    LEFT JOIN sources s ON s.id = a.source_id
    LEFT JOIN analyses n ON n.article_id = a.id AND n.version = a.version
    WHERE a.id = ANY(:ids) ORDER BY a.id DESC
""")

_VERSIONS = text("""
    SELECT article_id, version, title, published_at, accepted_at, changes FROM article_versions
    WHERE article_id = ANY(:ids) ORDER BY article_id, version
""")

_VERSION = text("""
    SELECT title, text, published_at, accepted_at, changes FROM article_versions
    WHERE article_id = :id AND version = :version
""")


def conditions_of(wanted: ArticleFilter) -> tuple[str, dict[str, Any]]:
    """-> the condition on articles `a`, and the values it names."""
    given: dict[str, Any] = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    for name in ("story_id", "source_id"):
        if name in given:
            given[name] = number_of(given[name], name.removesuffix("_id"))
    return " AND ".join(["true", *(_CONDITIONS[name] for name in given)]), given


def find_page(tx: Transaction, wanted: ArticleFilter, *, before: int | None, limit: int) -> tuple[list[int], bool]:
    """The newest articles first, below the id `before`, and whether there are more; fewer where texts are very long."""
    where, given = conditions_of(wanted)
    if before is not None:
        where += " AND a.id < :before"
        given["before"] = before
    query = f"SELECT a.id, pg_column_size(a.text) FROM articles a WHERE {where} ORDER BY a.id DESC LIMIT :limit"  # noqa: S608 (constants)
    rows = tx.execute(text(query), {**given, "limit": limit + 1}).all()
    ids = _within_bounds(rows[:limit])
    return ids, len(rows) > len(ids)


def show(tx: Transaction, ids: Sequence[int]) -> list[ArticleView]:
    """The articles that exist, the newest first."""
    rows = tx.execute(_SHOW, {"ids": list(ids)}).mappings().all()
    versions: dict[int, list[VersionView]] = {}
    for article_id, version, title, published_at, accepted_at, changes in tx.execute(_VERSIONS, {"ids": list(ids)}):
        shown = VersionView(version, title, utc_or_none(published_at), utc(accepted_at), _changes(changes))
        versions.setdefault(article_id, []).append(shown)
    related = lineages.find(tx, {row["id"]: row["text"] for row in rows})
    return [_view(dict(row), versions.get(row["id"], []), related.get(row["id"], [])) for row in rows]


def get(tx: Transaction, article_id: str) -> ArticleView:
    """Raises NotFoundError."""
    found = show(tx, [number_of(article_id, "article")])
    if not found:
        raise NotFoundError("no article with this id")
    return found[0]


def get_version(tx: Transaction, article_id: str, version: int) -> VersionText:
    """Raises NotFoundError."""
    number = number_of(article_id, "article")
    row = tx.execute(_VERSION, {"id": number, "version": version}).first()
    if row is None:
        raise NotFoundError("no such version of an article with this id")
    published_at, accepted_at = utc_or_none(row.published_at), utc(row.accepted_at)
    return VersionText(article_id, version, row.title, row.text, published_at, accepted_at, _changes(row.changes))


def _changes(stored: Any) -> VersionChanges | None:
    return msgspec.convert(stored, VersionChanges) if stored is not None else None


def _retraction(row: dict[str, Any]) -> Retraction | None:
    if row["retracted_at"] is None:
        return None
    return Retraction(utc(row["retracted_at"]), row["retracted_by"], row["retraction"])


def _within_bounds(rows: Sequence[Any]) -> list[int]:
    ids: list[int] = []
    total_bytes = 0
    for article_id, stored_bytes in rows:
        total_bytes += stored_bytes
        if ids and total_bytes > PAGE_BYTES:
            break
        ids.append(article_id)
    return ids


def _view(row: dict[str, Any], versions: list[VersionView], lineage: list[LineageView]) -> ArticleView:
    source = SourceView(str(row["source_id"]), row["source_name"], row["source_domain"]) if row["source_id"] else None
    return ArticleView(
        id=str(row["id"]),
        version=row["version"],
        stage=row["stage"],
        url=row["url"],
        external_id=row["external_id"],
        source=source,
        lang=row["shown_lang"],
        title=row["title"],
        author=row["author"],
        page_state=row["page_state"],
        text=row["text"],
        published_at=utc_or_none(row["published_at"]),
        first_seen_at=utc(row["first_seen_at"]),
        updated_at=utc(row["updated_at"]),
        duplicate_of=str(row["duplicate_of"]) if row["duplicate_of"] else None,
        similarity=row["similarity"],
        retraction=_retraction(row),
        story_id=str(row["story_id"]) if row["story_id"] else None,
        versions=versions,
        lineage=lineage,
        mentions=msgspec.convert(row["mentions"] or [], list[Mention]),
        topics=msgspec.convert(row["topics"] or [], list[TopicScore]),
        claims=msgspec.convert(row["claims"] or [], list[Claim]),
    )
