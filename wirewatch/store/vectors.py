"""The vectors by which articles find their stories, and what is known of their terms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Statement

MAX_COUNT = 32_767
# Of one term in one week so many articles are looked at: more say nothing about a single event.
HOLDERS = 5000


class StoredVector(NamedTuple):
    """`weights` by term, of unit length; none of an article that an older release placed. `key_terms` are those under
    which later articles find this one.
    """

    article_id: str
    story_id: str
    seen_at: datetime
    counts: Mapping[str, int]
    weights: Mapping[str, float]
    key_terms: Sequence[str]
    transfers: frozenset[str]
    arguments: frozenset[str]


class NewVector(NamedTuple):
    """A placement: `is_first` where the article had none before."""

    vector: StoredVector
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

# Under an index of terms alone a look-up reads all the archive's articles with a term, to throw most away for their
# age; so each key carries the week, and the cost follows what the window holds.
_WEEK_SECONDS = 7 * 24 * 3600
_WEEK = f"CAST(floor(extract(epoch FROM %s) / {_WEEK_SECONDS}) AS bigint)"
_COLUMNS = "article_id, story_id, seen_at, terms, counts, weights, key_terms, transfers, arguments"

_NEAR = text(f"""
    WITH near AS (
        SELECT v.article_id FROM unnest(CAST(:terms AS text[])) AS term
        CROSS JOIN generate_series({_WEEK % ":since"}, {_WEEK % ":until"}) AS week
        CROSS JOIN LATERAL (
            SELECT article_id FROM vectors
            WHERE near_keys && ARRAY[week || ' ' || term] AND seen_at BETWEEN :since AND :until
            LIMIT :holders  -- also keeps the planner from reading all vectors once instead of the index for each key
        ) v
        GROUP BY v.article_id ORDER BY count(*) DESC, v.article_id DESC LIMIT :limit
    )
    SELECT {_COLUMNS} FROM near JOIN vectors USING (article_id)
    UNION ALL SELECT {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))
""")  # noqa: S608 (constants)

_GET = text(f"SELECT {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))")  # noqa: S608 (constants)

# Few are placed while one is looked at.
_NEAR_SINCE = text(f"""
    (SELECT {_COLUMNS} FROM vectors
     WHERE placement > :after AND key_terms && CAST(:terms AS text[]) AND seen_at BETWEEN :since AND :until
     ORDER BY placement DESC LIMIT :limit)
    UNION ALL SELECT {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))
""")  # noqa: S608 (constants)

# Of a text that many print the latest articles are all copies; that many are looked through and no more.
_LATEST = text("""
    SELECT story_id, article_id FROM unnest(CAST(:story_ids AS bigint[])) AS wanted (story_id)
    CROSS JOIN LATERAL (
        SELECT v.article_id FROM (
            SELECT article_id FROM vectors WHERE vectors.story_id = wanted.story_id
            ORDER BY vectors.story_id DESC, article_id DESC LIMIT 4 * :limit
        ) v JOIN articles a ON a.id = v.article_id
        WHERE NOT EXISTS (SELECT FROM articles o WHERE o.id = a.duplicate_of AND o.story_id = wanted.story_id)
        ORDER BY v.article_id DESC LIMIT :limit
    ) AS one ORDER BY article_id
""")

# One round trip: the number of this placement, the vectors, the terms of articles placed for the first time, and the
# articles' stories.
_PLACE = text(f"""
    WITH row AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (
            article_id bigint, story_id bigint, seen_at timestamptz, terms text[], counts smallint[], weights real[],
            key_terms text[], transfers text[], arguments text[], statements jsonb)
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
        INSERT INTO vectors (article_id, story_id, seen_at, terms, counts, weights, key_terms, transfers, arguments,
            statements, placement, near_keys)
        SELECT row.*, placed.value,
            ARRAY(SELECT {_WEEK % "row.seen_at"} || ' ' || term FROM unnest(row.key_terms) AS term)
        FROM row, placed ORDER BY article_id
        ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, seen_at = excluded.seen_at,
            terms = excluded.terms, counts = excluded.counts, weights = excluded.weights,
            key_terms = excluded.key_terms, transfers = excluded.transfers, arguments = excluded.arguments,
            statements = excluded.statements,
            placement = excluded.placement, near_keys = excluded.near_keys
    )
    UPDATE articles SET story_id = row.story_id, stage = 'clustered' FROM row WHERE articles.id = row.article_id
""")  # noqa: S608 (constants)


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
    """-> the placed articles that share most key terms within the window, of those placed after placement `after` the
    latest; and those of the ids in `also` that are placed at all.
    """
    parameters = {
        "terms": sorted(terms),
        "since": window[0],
        "until": window[1],
        "limit": limit,
        "holders": HOLDERS,
        "ids": sorted(int(id_) for id_ in also),
    }
    rows = tx.execute(_NEAR_SINCE, {**parameters, "after": after}) if after else tx.execute(_NEAR, parameters)
    return _stored(rows)


def get_many(tx: Transaction, ids: Iterable[str]) -> list[StoredVector]:
    """-> the vectors of those that are placed."""
    return _stored(tx.execute(_GET, {"ids": sorted(int(id_) for id_ in ids)}))


def find_latest(tx: Transaction, story_ids: Iterable[str], limit: int) -> dict[str, list[str]]:
    """-> of each story the latest articles that are no copies of others in it, in order of acceptance."""
    latest: dict[str, list[str]] = {}
    for story, article in tx.execute(_LATEST, {"story_ids": sorted(int(id_) for id_ in story_ids), "limit": limit}):
        latest.setdefault(str(story), []).append(str(article))
    return latest


def _stored(rows: Iterable[Sequence[Any]]) -> list[StoredVector]:
    return [
        StoredVector(
            str(article),
            str(story),
            seen,
            dict(zip(names, counts, strict=True)),
            dict(zip(names, weights, strict=False)),
            keys,
            frozenset(transfers),
            frozenset(arguments),
        )
        for article, story, seen, names, counts, weights, keys, transfers, arguments in rows
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
            "weights": [vector.weights[term] for term in vector.counts],
            "key_terms": vector.key_terms,
            "transfers": sorted(vector.transfers),
            "arguments": sorted(vector.arguments),
            "statements": statements,
        }
        for vector, statements, _ in placed
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
