"""Articles as the stages read and mark them. Receiving is in receipts.py, showing in views/articles.py."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text

from wirewatch.db import Transaction
from wirewatch.models import Article
from wirewatch.sql import Sql

ARTICLE_COLUMNS = """
    a.id, a.version, a.title, a.text, COALESCE(a.lang, a.declared_lang), a.url, a.external_id, s.name, s.domain,
    a.published_at, a.first_seen_at, a.duplicate_of, a.story_id, a.stage,
    a.retracted_at IS NOT NULL
"""
ARTICLE_TABLES = "articles a LEFT JOIN sources s ON s.id = a.source_id"

_GET = Sql(f"SELECT {ARTICLE_COLUMNS} FROM {ARTICLE_TABLES} WHERE a.id = ANY(:ids) ORDER BY a.id")  # noqa: S608 (constants)

_GET_OPENINGS = Sql("SELECT id, title, left(text, :chars) FROM articles WHERE id = ANY(:ids)")

_FIND_COPIES = Sql("SELECT id, version, duplicate_of FROM articles WHERE duplicate_of = ANY(:ids) ORDER BY id")


class Checked(NamedTuple):
    """What `dedupe` found: whose copy the article is, and the words by which its publisher takes it back."""

    article_id: str
    duplicate_of: str | None
    similarity: float | None
    retraction: str | None


_MARK_STAGE = Sql("UPDATE articles SET stage = :stage WHERE id = ANY(:ids)")

_MARK_CHECKED = Sql("""
    UPDATE articles SET duplicate_of = new.original, similarity = new.similarity, stage = 'checked',
        retracted_at = CASE WHEN retracted_by = 'user' THEN retracted_at
            WHEN new.retraction IS NOT NULL THEN COALESCE(retracted_at, clock_timestamp()) END,
        retraction = CASE WHEN retracted_by = 'user' THEN articles.retraction ELSE new.retraction END,
        retracted_by = CASE WHEN retracted_by = 'user' THEN retracted_by
            WHEN new.retraction IS NOT NULL THEN 'publisher' END
    FROM unnest(
        CAST(:ids AS bigint[]), CAST(:originals AS bigint[]), CAST(:similarities AS real[]),
        CAST(:retractions AS text[])
    ) AS new (id, original, similarity, retraction)
    WHERE articles.id = new.id
""")

_MARK_DUPLICATES = Sql("""
    UPDATE articles SET duplicate_of = new.original,
        similarity = CASE WHEN articles.id = new.id THEN new.similarity ELSE articles.similarity END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:originals AS bigint[]), CAST(:similarities AS real[]))
         AS new (id, original, similarity)
    WHERE (articles.id = new.id OR articles.duplicate_of = new.id) AND articles.id <> new.original
""")

_MARK_EXTRACTED = Sql("""
    UPDATE articles SET lang = new.lang, stage = 'extracted'
    FROM unnest(CAST(:ids AS bigint[]), CAST(:langs AS text[])) AS new (id, lang) WHERE articles.id = new.id
""")

ARTICLE_MESSAGES = ("ArticleReceived", "ArticleChecked", "ArticleExtracted", "ArticlePlaced", "WatchMatched")


def db_id(value: object) -> str | None:
    return None if value is None else str(value)


def article_of(columns: Sequence[Any]) -> Article:
    """-> the article, from ARTICLE_COLUMNS."""
    (
        id_,
        version,
        title,
        body,
        lang,
        url,
        external_id,
        name,
        domain,
        published,
        seen,
        original,
        story,
        stage,
        gone,
    ) = columns
    return Article(
        id=str(id_),
        version=version,
        title=title,
        text=body,
        lang=lang,
        url=url,
        external_id=external_id,
        source_name=name,
        source_domain=domain,
        published_at=published,
        first_seen_at=seen,
        duplicate_of=db_id(original),
        story_id=db_id(story),
        stage=stage,
        retracted=gone,
    )


def get_many(tx: Transaction, ids: Iterable[str]) -> dict[str, Article]:
    """-> the articles that exist, by id, at their current version."""
    found = (article_of(row) for row in _GET.rows(tx, {"ids": [int(id_) for id_ in ids]}))
    return {article.id: article for article in found}


def get_openings(tx: Transaction, ids: Iterable[str], chars: int) -> dict[str, tuple[str, str]]:
    """-> title and the first `chars` characters of the text of each article that exists."""
    rows = _GET_OPENINGS.rows(tx, {"ids": [int(id_) for id_ in ids], "chars": chars})
    return {str(id_): (title, opening) for id_, title, opening in rows}


def find_copies(tx: Transaction, originals: Iterable[str]) -> list[tuple[str, int, str]]:
    """-> (article id, version, duplicate_of) of the copies of these articles."""
    rows = _FIND_COPIES.rows(tx, {"ids": [int(id_) for id_ in originals]})
    return [(str(id_), version, str(original)) for id_, version, original in rows]


def find_matched(tx: Transaction, since: datetime, *, before: str | None, limit: int) -> list[str]:
    """-> the newest articles, first seen since then, that have gone through matching, below the id `before`."""
    query = text("""
        SELECT id FROM articles
        WHERE stage = 'matched' AND first_seen_at >= :since AND (CAST(:before AS bigint) IS NULL OR id < :before)
        ORDER BY id DESC LIMIT :limit
    """)
    given = {"since": since, "before": before and int(before), "limit": limit}
    return [str(id_) for id_ in tx.execute(query, given).scalars()]


def mark_stage(tx: Transaction, ids: Iterable[str], stage: str) -> None:
    _MARK_STAGE.run(tx, {"ids": sorted(int(id_) for id_ in ids), "stage": stage})


def mark_quarantined(tx: Transaction, quarantined: Sequence[tuple[str, str]]) -> None:
    """The articles whose work was just quarantined, given as (message type, subject id), show it."""
    ids = [subject for type_, subject in quarantined if type_ in ARTICLE_MESSAGES]
    if ids:
        mark_stage(tx, ids, "quarantined")


def mark_retried(tx: Transaction, article_id: str, stage: str) -> None:
    """An article in quarantine waits for this stage again; one that has a later version by now stays where that is."""
    tx.execute(
        text("UPDATE articles SET stage = :stage WHERE id = :id AND stage = 'quarantined'"),
        {"id": int(article_id), "stage": stage},
    )


def mark_checked(tx: Transaction, found: Iterable[Checked]) -> None:
    """Set what `dedupe` found of each article, and its stage. What a user took back stays so."""
    rows = sorted(found, key=lambda row: int(row.article_id))
    _MARK_CHECKED.run(
        tx,
        {
            "ids": [int(row.article_id) for row in rows],
            "originals": [row.duplicate_of and int(row.duplicate_of) for row in rows],
            "similarities": [row.similarity for row in rows],
            "retractions": [row.retraction for row in rows],
        },
    )


def mark_duplicates(tx: Transaction, found: Iterable[tuple[str, str, float]]) -> None:
    """Articles checked earlier turn out to copy one accepted before them: (article id, duplicate_of, similarity).

    What was known as their copy is a copy of that one too.
    """
    rows = sorted(found, key=lambda row: int(row[0]))
    if not rows:
        return
    _MARK_DUPLICATES.run(
        tx,
        {
            "ids": [int(id_) for id_, _, _ in rows],
            "originals": [int(original) for _, original, _ in rows],
            "similarities": [similarity for _, _, similarity in rows],
        },
    )


def mark_extracted(tx: Transaction, langs: Iterable[tuple[str, str | None]]) -> None:
    """Set (article id, language) of each, and its stage."""
    rows = sorted(langs, key=lambda row: int(row[0]))
    _MARK_EXTRACTED.run(tx, {"ids": [int(id_) for id_, _ in rows], "langs": [lang for _, lang in rows]})
