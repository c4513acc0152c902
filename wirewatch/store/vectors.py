"""The vectors by which articles find their stories, and what is known of their terms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Statement
from wirewatch.sql import Sql
from wirewatch.store import stories

# Of one term so many articles of the window are looked at: more say nothing about a single event.
HOLDERS = 5000


class StoredVector(NamedTuple):
    """`weights` by term, of unit length. `key_terms` are those under which later articles find this one."""

    article_id: str
    story_id: str
    seen_at: datetime
    weights: Mapping[str, float]
    key_terms: Sequence[str]
    transfers: frozenset[str]
    arguments: frozenset[str]


class NewVector(NamedTuple):
    """A placement: `is_first` where the article had none before."""

    vector: StoredVector
    statements: Sequence[Statement]
    is_first: bool


class NearBounds(NamedTuple):
    """For each article at most `limit` that are near are looked at, those first that share most key terms; the vectors
    of at most `compared` are read, that share `fewest` or more.
    """

    limit: int
    compared: int
    fewest: int


class Near(NamedTuple):
    """The vectors to be compared, and the ids of the others that are near."""

    vectors: list[StoredVector]
    others: set[str]


class Ground(NamedTuple):
    """The last placement's number, how many articles have been counted, and how many hold each term asked for."""

    placement: int
    articles: int
    holding: Mapping[str, int]


_GROUND = Sql("""
    SELECT true, name, value FROM counters WHERE name IN ('placements', 'term_articles')
    UNION ALL SELECT false, term, articles FROM terms WHERE term = ANY(:terms)
""")

# Under an index of terms alone a look-up reads all the archive's articles with a term, to throw most away for their
# age; so each key carries the week, and the cost follows what the window holds.
_WEEK_SECONDS = 7 * 24 * 3600
_WEEK = f"CAST(floor(extract(epoch FROM %s) / {_WEEK_SECONDS}) AS bigint)"
_COLUMNS = "article_id, story_id, seen_at, terms, weights, key_terms, transfers, arguments"
_NO_COLUMNS = ", ".join(["NULL"] * len(_COLUMNS.split(", ")))

# Vectors are large: only of those that will be compared are they read. Each article's neighbours are counted by
# themselves: to look up the terms of a batch once, and to rank all pairs together, took 73 ms an article instead of 3
# (64 articles among 100,000), since nothing tells the planner how many hold a term.
_NEAR = Sql(f"""
    WITH near AS MATERIALIZED (
        SELECT found.ids, found.comparable
        FROM (
            SELECT array_agg(term) AS terms
            FROM unnest(CAST(:wanted AS bigint[]), CAST(:terms AS text[])) AS w (id, term) GROUP BY id
        ) AS w
        CROSS JOIN LATERAL (
            SELECT array_agg(article_id) AS ids, count(*) FILTER (WHERE common >= :fewest) AS comparable
            FROM (
                SELECT v.article_id, count(*) AS common
                FROM unnest(w.terms) AS term CROSS JOIN LATERAL (
                    SELECT article_id FROM vectors
                    WHERE near_keys && ARRAY(
                        SELECT week || ' ' || term FROM generate_series({_WEEK % ":since"}, {_WEEK % ":until"}) AS week
                    ) AND seen_at BETWEEN :since AND :until
                    LIMIT :holders  -- also keeps the planner from reading all vectors once, instead of the index
                ) AS v
                GROUP BY v.article_id ORDER BY common DESC, v.article_id DESC LIMIT :limit
            ) AS counted
        ) AS found
    )
    SELECT NULL::bigint[], {_COLUMNS} FROM vectors
        WHERE article_id IN (SELECT unnest(ids[1:LEAST(:compared, comparable)]) FROM near)
    UNION ALL SELECT NULL, {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))
    UNION ALL SELECT ids, {_NO_COLUMNS} FROM near
""").in_binary()  # noqa: S608 (constants)

_GET = Sql(f"SELECT {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))").in_binary()  # noqa: S608 (constants)

_GET_STORY_IDS = Sql("SELECT article_id, story_id FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))")

_GET_OF_STORIES = Sql(f"""
    SELECT {_COLUMNS} FROM vectors
    WHERE article_id = ANY(CAST(:ids AS bigint[])) AND story_id = ANY(CAST(:story_ids AS bigint[]))
""").in_binary()  # noqa: S608 (constants)

# Few are placed while one is looked at.
_NEAR_SINCE = Sql(f"""
    (SELECT {_COLUMNS} FROM vectors
     WHERE placement > :after AND key_terms && CAST(:terms AS text[]) AND seen_at BETWEEN :since AND :until
     ORDER BY placement DESC LIMIT :limit)
    UNION ALL SELECT {_COLUMNS} FROM vectors WHERE article_id = ANY(CAST(:ids AS bigint[]))
""").in_binary()  # noqa: S608 (constants)

# Of a text that many print the latest articles are all copies; that many are looked through and no more.
_LATEST = Sql("""
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

# The lock, and then the counter as whoever had the lock before has left it.
_TAKE_PLACEMENT = Sql("""
    INSERT INTO counters (name, value)
    SELECT 'placements', 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))) AS held
    ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value
""")

# One round trip: the vectors, the terms of articles placed for the first time, and the articles' stories.
_PLACE = Sql(f"""
    WITH row AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS one (
            article_id bigint, story_id bigint, seen_at timestamptz, terms text[], weights real[], key_terms text[],
            transfers text[], arguments text[], statements jsonb)
    ), counted AS (
        INSERT INTO counters (name, value) VALUES ('term_articles', :first)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value
    ), held AS (
        INSERT INTO terms (term, articles)
        SELECT term, count(*) FROM unnest(CAST(:first_terms AS text[])) AS term GROUP BY term ORDER BY term
        ON CONFLICT (term) DO UPDATE SET articles = terms.articles + excluded.articles
    ), stored AS (
        INSERT INTO vectors (article_id, story_id, seen_at, terms, weights, key_terms, transfers, arguments, statements,
            placement, near_keys)
        SELECT row.*, :placement,
            ARRAY(SELECT {_WEEK % "row.seen_at"} || ' ' || term FROM unnest(row.key_terms) AS term)
        FROM row ORDER BY article_id
        ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, seen_at = excluded.seen_at,
            terms = excluded.terms, weights = excluded.weights, key_terms = excluded.key_terms,
            transfers = excluded.transfers, arguments = excluded.arguments, statements = excluded.statements,
            placement = excluded.placement, near_keys = excluded.near_keys
    )
    UPDATE articles SET story_id = row.story_id, stage = 'clustered' FROM row WHERE articles.id = row.article_id
""")  # noqa: S608 (constants)


def take_placement(tx: Transaction) -> int:
    """Wait until nobody else places or moves articles, and keep everybody from it until this transaction ends.

    -> the number of this placement. One that began to look at a lower number has nothing to look at again if it is the
    next. Statements after this one see all that was placed and moved before.
    """
    ((number,),) = _TAKE_PLACEMENT.rows(tx, {"lock": stories.LOCK})
    return int(number)


def read_ground(tx: Transaction, terms: Iterable[str]) -> Ground:
    counters: dict[str, int] = {}
    holding: dict[str, int] = {}
    for is_counter, name, value in _GROUND.rows(tx, {"terms": sorted(terms)}):
        (counters if is_counter else holding)[name] = int(value)
    return Ground(counters.get("placements", 0), counters.get("term_articles", 0), holding)


def find_near(
    tx: Transaction,
    wanted: Mapping[str, Sequence[str]],
    window: tuple[datetime, datetime],
    *,
    bounds: NearBounds,
) -> Near:
    """Who stands near articles, given by their key terms; and those of them that are placed themselves."""
    rows = _NEAR.rows(
        tx,
        {
            "ids": [int(id_) for id_ in wanted],
            "wanted": [int(id_) for id_, terms in wanted.items() for _ in terms],
            "terms": [term for terms in wanted.values() for term in terms],
            "since": window[0],
            "until": window[1],
            "holders": HOLDERS,
            **bounds._asdict(),
        },
    )
    found = _stored(columns for _, *columns in rows if columns[0] is not None)
    others = {str(id_) for ids, *_ in rows for id_ in ids or ()}
    return Near(found, others - {one.article_id for one in found})


def find_near_since(
    tx: Transaction,
    wanted: Mapping[str, Sequence[str]],
    window: tuple[datetime, datetime],
    *,
    after: int,
    limit: int,
) -> list[StoredVector]:
    """-> of those placed after placement `after` the latest that share key terms with these articles within the window,
    and those of these that are placed themselves.
    """
    parameters = {
        "ids": [int(id_) for id_ in wanted],
        "terms": sorted({term for terms in wanted.values() for term in terms}),
        "since": window[0],
        "until": window[1],
        "after": after,
        "limit": limit,
    }
    return _stored(_NEAR_SINCE.rows(tx, parameters))


def get_many(tx: Transaction, ids: Iterable[str]) -> list[StoredVector]:
    """-> the vectors of those that are placed."""
    return _stored(_GET.rows(tx, {"ids": sorted(int(id_) for id_ in ids)}))


def get_story_ids(tx: Transaction, ids: Iterable[str]) -> dict[str, str]:
    """-> the story of each of those that are placed."""
    return {str(id_): str(story) for id_, story in _GET_STORY_IDS.rows(tx, {"ids": [int(id_) for id_ in ids]})}


def get_of_stories(tx: Transaction, ids: Iterable[str], story_ids: Iterable[str]) -> list[StoredVector]:
    """-> the vectors of those that are placed in one of these stories."""
    wanted = {"ids": sorted(int(id_) for id_ in ids), "story_ids": sorted(int(id_) for id_ in story_ids)}
    return _stored(_GET_OF_STORIES.rows(tx, wanted))


def find_latest(tx: Transaction, story_ids: Iterable[str], limit: int) -> dict[str, list[str]]:
    """-> of each story the latest articles that are no copies of others in it, in order of acceptance."""
    latest: dict[str, list[str]] = {}
    for story, article in _LATEST.rows(tx, {"story_ids": sorted(int(id_) for id_ in story_ids), "limit": limit}):
        latest.setdefault(str(story), []).append(str(article))
    return latest


def _stored(rows: Iterable[Sequence[Any]]) -> list[StoredVector]:
    return [
        StoredVector(
            str(article),
            str(story),
            seen,
            dict(zip(names, weights, strict=True)),
            keys,
            frozenset(transfers),
            frozenset(arguments),
        )
        for article, story, seen, names, weights, keys, transfers, arguments in rows
    ]


def place(tx: Transaction, placed: Sequence[NewVector], placement: int) -> None:
    """Store each vector and its article's story, all under this placement's number."""
    first = [one.vector.weights for one in placed if one.is_first]
    rows = [
        {
            "article_id": int(vector.article_id),
            "story_id": int(vector.story_id),
            "seen_at": vector.seen_at,
            "terms": list(vector.weights),
            "weights": list(vector.weights.values()),
            "key_terms": vector.key_terms,
            "transfers": sorted(vector.transfers),
            "arguments": sorted(vector.arguments),
            "statements": statements,
        }
        for vector, statements, _ in placed
    ]
    _PLACE.run(
        tx,
        {
            "rows": msgspec.json.encode(rows).decode(),
            "first": len(first),
            "placement": placement,
            "first_terms": [term for weights in first for term in weights],
        },
    )


def get_common_terms(tx: Transaction, limit: int) -> dict[str, float]:
    """The share of counted articles that hold each of the commonest terms; none before anything was counted."""
    counted = tx.execute(text("SELECT value FROM counters WHERE name = 'term_articles'")).scalar()
    rows = tx.execute(text("SELECT term, articles FROM terms ORDER BY articles DESC LIMIT :limit"), {"limit": limit})
    return {term: min(1.0, articles / counted) for term, articles in rows} if counted else {}
