"""The vectors by which articles find their stories, and what is known of their terms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Statement

MAX_COUNT = 32_767


class StoredVector(NamedTuple):
    article_id: str
    story_id: str
    seen_at: datetime
    counts: Mapping[str, int]
    transfers: frozenset[str]
    arguments: frozenset[str] = frozenset()


class NewVector(NamedTuple):
    """A placement: `is_first` where the article had none before."""

    vector: StoredVector
    key_terms: Sequence[str]
    statements: Sequence[Statement]
    is_first: bool


class Ground(NamedTuple):
    """The last placement's number, how many articles have been counted, and how many hold each term asked for."""

    placement: int
    articles: int
    holding: Mapping[str, int]


_GROUND = text("""
    SELECT true, name, value FROM counters WHERE name IN ('placements', 'term_articles')
    UNION ALL SELECT false, term, articles FROM terms WHERE term = ANY(:terms)
""")

_NEAR = text("""
    (SELECT article_id, story_id, seen_at, terms, counts, transfers, arguments FROM vectors
     WHERE key_terms && CAST(:terms AS text[]) AND seen_at BETWEEN :since AND :until AND placement > :after
     ORDER BY placement DESC LIMIT :limit)
    UNION ALL
    SELECT article_id, story_id, seen_at, terms, counts, transfers, arguments FROM vectors
    WHERE article_id = ANY(CAST(:ids AS bigint[]))
""")

# One round trip: the number of this placement, the vectors, the terms of articles placed for the first time, and the
# articles' stories.
_PLACE = text("""
    WITH row AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (
            article_id bigint, story_id bigint, seen_at timestamptz, terms text[], counts smallint[], key_terms text[],
            transfers text[], arguments text[], statements jsonb)
    ), placed AS (
        INSERT INTO counters (name, value) VALUES ('placements', 1)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value
    ), counted AS (
        INSERT INTO counters (name, value) VALUES ('term_articles', :first)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
    ), held AS (
        INSERT INTO terms (term, articles)
        SELECT term, count(*) FROM unnest(CAST(:first_terms AS text[])) AS term GROUP BY term ORDER BY term
        ON CONFLICT (term) DO UPDATE SET articles = terms.articles + excluded.articles
    ), stored AS (
        INSERT INTO vectors (article_id, story_id, seen_at, terms, counts, key_terms, transfers, arguments, statements,
            placement)
        SELECT row.*, placed.value FROM row, placed ORDER BY article_id
        ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, seen_at = excluded.seen_at,
            terms = excluded.terms, counts = excluded.counts, key_terms = excluded.key_terms,
            transfers = excluded.transfers, arguments = excluded.arguments, statements = excluded.statements,
            placement = excluded.placement
    )
    UPDATE articles SET story_id = row.story_id, stage = 'clustered' FROM row WHERE articles.id = row.article_id
""")


def read_ground(tx: Transaction, terms: Iterable[str]) -> Ground:
    counters: dict[str, int] = {}
    holding: dict[str, int] = {}
    for is_counter, name, value in tx.execute(_GROUND, {"terms": sorted(terms)}):
        (counters if is_counter else holding)[name] = int(value)
    return Ground(counters.get("placements", 0), counters.get("term_articles", 0), holding)


def find_near(
    tx: Transaction,
    terms: Iterable[str],
    window: tuple[datetime, datetime],
    *,
    after: int,
    limit: int,
    also: Iterable[str] = (),
) -> list[StoredVector]:
    """-> the latest placed articles that share a key term within the window, placed after placement `after`; and those
    of the ids in `also` that are placed at all.
    """
    parameters = {
        "terms": sorted(terms),
        "since": window[0],
        "until": window[1],
        "after": after,
        "limit": limit,
        "ids": sorted(int(id_) for id_ in also),
    }
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


def place(tx: Transaction, placed: Sequence[NewVector]) -> None:
    """Store each vector and its article's story, all under one placement number."""
    first = [one.vector.counts for one in placed if one.is_first]
    rows = [
        {
            "article_id": int(vector.article_id),
            "story_id": int(vector.story_id),
            "seen_at": vector.seen_at,
            "terms": list(vector.counts),
            "counts": [min(count, MAX_COUNT) for count in vector.counts.values()],
            "key_terms": key_terms,
            "transfers": sorted(vector.transfers),
            "arguments": sorted(vector.arguments),
            "statements": statements,
        }
        for vector, key_terms, statements, _ in placed
    ]
    tx.execute(
        _PLACE,
        {
            "rows": msgspec.json.encode(rows).decode(),
            "first": len(first),
            "first_terms": [term for counts in first for term in counts],
        },
    )


def get_common_terms(tx: Transaction, limit: int) -> dict[str, float]:
    """The share of counted articles that hold each of the commonest terms; none before anything was counted."""
    counted = tx.execute(text("SELECT value FROM counters WHERE name = 'term_articles'")).scalar()
    rows = tx.execute(text("SELECT term, articles FROM terms ORDER BY articles DESC LIMIT :limit"), {"limit": limit})
    return {term: min(1.0, articles / counted) for term, articles in rows} if counted else {}
