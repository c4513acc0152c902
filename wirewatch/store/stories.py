"""Stories, and the vectors by which articles find theirs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Claim, StoryFacts

PLACEMENTS = "placements"
TERM_ARTICLES = "term_articles"


class StoredVector(NamedTuple):
    article_id: str
    story_id: str
    seen_at: datetime
    counts: Mapping[str, int]
    transfers: frozenset[str]
    arguments: frozenset[str] = frozenset()


class StoryMember(NamedTuple):
    """What an article gives to its story's facts; `opening` is how its text begins, `shares_with` are earlier articles
    of which it holds sentences. One that was taken back gives no claims.
    """

    article_id: str
    title: str
    opening: str
    source: str | None
    seen_at: datetime | None
    duplicate_of: str | None
    entity_ids: Sequence[str] = ()
    topic_ids: Sequence[str] = ()
    claims: tuple[Claim, ...] = ()
    shares_with: Sequence[str] = ()


# No text and no mentions: a story of a thousand articles is folded again whenever one more joins.
_MEMBERS = text("""
    SELECT a.story_id, a.id, a.title, left(a.text, 200), COALESCE(s.name, s.domain),
        COALESCE(a.published_at, a.first_seen_at), a.duplicate_of, COALESCE(n.entity_ids, '{}'),
        COALESCE(n.topic_ids, '{}'), CASE WHEN a.retracted_at IS NULL THEN COALESCE(n.claims, '[]') ELSE '[]' END,
        ARRAY(SELECT CAST(other_id AS text) FROM lineages l WHERE l.article_id = a.id ORDER BY other_id)
    FROM articles a
    LEFT JOIN sources s ON s.id = a.source_id
    LEFT JOIN analyses n ON n.article_id = a.id
    WHERE a.story_id = ANY(:ids) ORDER BY a.id
""")

_NEAR = text("""
    SELECT article_id, story_id, seen_at, terms, counts, transfers, arguments FROM vectors
    WHERE key_terms && CAST(:terms AS text[]) AND seen_at BETWEEN :since AND :until AND placement > :after
    ORDER BY placement DESC LIMIT :limit
""")

_UPSERT_VECTOR = text("""
    INSERT INTO vectors (article_id, story_id, seen_at, terms, counts, key_terms, transfers, arguments, placement)
    VALUES (:article_id, :story_id, :seen_at, :terms, :counts, :key_terms, :transfers, :arguments, :placement)
    ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, seen_at = excluded.seen_at,
        terms = excluded.terms, counts = excluded.counts, key_terms = excluded.key_terms,
        transfers = excluded.transfers, arguments = excluded.arguments, placement = excluded.placement
""")

_COUNT_TERMS = text("""
    INSERT INTO terms (term, articles)
    SELECT term, count(*) FROM unnest(CAST(:terms AS text[])) AS term GROUP BY term ORDER BY term
    ON CONFLICT (term) DO UPDATE SET articles = terms.articles + excluded.articles
""")

_RAISE_COUNTER = text("""
    INSERT INTO counters (name, value) VALUES (:name, :by)
    ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value
""")

_UPDATE_FACTS = text("""
    UPDATE stories SET title = :title, first_seen_at = :first, last_seen_at = :last, article_count = :articles,
        independent_sources = :independent, facts = CAST(:facts AS jsonb), revision = revision + 1,
        updated_at = clock_timestamp()
    WHERE id = :id
""")


def find_near(
    tx: Transaction, terms: Iterable[str], since: datetime, until: datetime, *, after: int, limit: int
) -> list[StoredVector]:
    """-> the latest placed articles that share a key term within the window, placed after placement `after`."""
    parameters = {"terms": sorted(terms), "since": since, "until": until, "after": after, "limit": limit}
    return [
        StoredVector(
            str(article),
            str(story),
            seen,
            dict(zip(names, counts, strict=True)),
            frozenset(transfers),
            frozenset(arguments),
        )
        for article, story, seen, names, counts, transfers, arguments in tx.execute(_NEAR, parameters)
    ]


def find_story_ids(tx: Transaction, article_ids: Iterable[str]) -> dict[str, str]:
    """-> the story of each article that stands in one."""
    rows = tx.execute(
        text("SELECT article_id, story_id FROM vectors WHERE article_id = ANY(:ids)"),
        {"ids": [int(id_) for id_ in article_ids]},
    )
    return {str(article): str(story) for article, story in rows}


def create(tx: Transaction, title: str) -> str:
    """-> the id of a new story; its facts follow in the same transaction."""
    row = tx.execute(text("INSERT INTO stories (title) VALUES (:title) RETURNING id"), {"title": title})
    return str(row.scalar_one())


def get_term_counts(tx: Transaction, terms: Iterable[str]) -> tuple[int, dict[str, int]]:
    """-> how many articles have been counted, and how many of them hold each of these terms."""
    rows = tx.execute(text("SELECT term, articles FROM terms WHERE term = ANY(:terms)"), {"terms": sorted(terms)})
    return get_counter(tx, TERM_ARTICLES), {term: int(articles) for term, articles in rows}


def get_common_terms(tx: Transaction, limit: int) -> dict[str, float]:
    """The share of counted articles that hold each of the commonest terms; none before anything was counted."""
    counted = get_counter(tx, TERM_ARTICLES)
    rows = tx.execute(text("SELECT term, articles FROM terms ORDER BY articles DESC LIMIT :limit"), {"limit": limit})
    return {term: min(1.0, articles / counted) for term, articles in rows} if counted else {}


def count_terms(tx: Transaction, articles: Sequence[Iterable[str]]) -> None:
    """Count the terms of articles placed for the first time."""
    if articles:
        tx.execute(_COUNT_TERMS, {"terms": [term for terms in articles for term in set(terms)]})
        raise_counter(tx, TERM_ARTICLES, len(articles))


def get_counter(tx: Transaction, name: str) -> int:
    value = tx.execute(text("SELECT value FROM counters WHERE name = :name"), {"name": name}).scalar()
    return int(value) if value is not None else 0


def raise_counter(tx: Transaction, name: str, by: int) -> int:
    """-> the counter's new value."""
    return int(tx.execute(_RAISE_COUNTER, {"name": name, "by": by}).scalar_one())


def upsert_vectors(tx: Transaction, vectors: Sequence[tuple[StoredVector, Sequence[str]]], placement: int) -> None:
    """Store each vector with its key terms, all under one placement number."""
    tx.execute(
        _UPSERT_VECTOR,
        [
            {
                "article_id": int(vector.article_id),
                "story_id": int(vector.story_id),
                "seen_at": vector.seen_at,
                "terms": list(vector.counts),
                "counts": [min(count, 32_767) for count in vector.counts.values()],
                "key_terms": list(keys),
                "transfers": sorted(vector.transfers),
                "arguments": sorted(vector.arguments),
                "placement": placement,
            }
            for vector, keys in vectors
        ],
    )


def get_members(tx: Transaction, story_ids: Iterable[str]) -> dict[str, list[str]]:
    """-> the article ids of each story, in order of acceptance."""
    rows = tx.execute(
        text("SELECT story_id, id FROM articles WHERE story_id = ANY(:ids) ORDER BY id"),
        {"ids": [int(id_) for id_ in story_ids]},
    )
    members: dict[str, list[str]] = {}
    for story, article in rows:
        members.setdefault(str(story), []).append(str(article))
    return members


def get_titles(tx: Transaction, story_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """-> the titles of the articles of each story that has any, by article, in order of acceptance."""
    rows = tx.execute(
        text("SELECT story_id, id, title FROM articles WHERE story_id = ANY(:ids) ORDER BY id"),
        {"ids": [int(id_) for id_ in story_ids]},
    )
    titles: dict[str, dict[str, str]] = {}
    for story, article, title in rows:
        titles.setdefault(str(story), {})[str(article)] = title
    return titles


def read_members(tx: Transaction, story_ids: Iterable[str]) -> dict[str, list[StoryMember]]:
    """-> what the articles of each story give to its facts, in order of acceptance."""
    members: dict[str, list[StoryMember]] = {}
    for story, article, title, opening, source, seen, original, entities, topics, claims, shared in tx.execute(
        _MEMBERS, {"ids": [int(id_) for id_ in story_ids]}
    ):
        found = msgspec.convert(claims, tuple[Claim, ...])
        copied = str(original) if original else None
        member = StoryMember(str(article), title, opening, source, seen, copied, entities, topics, found, shared)
        members.setdefault(str(story), []).append(member)
    return members


def get_facts(tx: Transaction, story_ids: Iterable[str]) -> dict[str, StoryFacts]:
    """-> the facts of the stories that exist."""
    rows = tx.execute(
        text("SELECT id, facts FROM stories WHERE id = ANY(:ids) AND article_count > 0"),
        {"ids": [int(id_) for id_ in story_ids]},
    )
    return {str(id_): msgspec.convert(facts, StoryFacts) for id_, facts in rows}


def update_facts(tx: Transaction, story_id: str, facts: StoryFacts) -> None:
    tx.execute(
        _UPDATE_FACTS,
        {
            "id": int(story_id),
            "title": facts.title,
            "first": facts.first_seen_at,
            "last": facts.last_seen_at,
            "articles": len(facts.article_ids),
            "independent": facts.independent_sources,
            "facts": msgspec.json.encode(facts).decode(),
        },
    )


def erase(tx: Transaction, story_ids: Iterable[str]) -> None:
    """Stories whose last article was erased go too, with their alerts."""
    tx.execute(text("DELETE FROM stories WHERE id = ANY(:ids)"), {"ids": sorted(int(id_) for id_ in story_ids)})
